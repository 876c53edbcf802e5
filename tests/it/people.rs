//! Who may do what: scopes first, then the teams that a token holds.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Server, commit_plan, open_meeting, propose};

fn nothing_seen(answer: &Answer) -> bool {
    answer.data().as_object().unwrap().values().all(Value::is_null)
}

#[tokio::test]
async fn a_missing_scope_is_forbidden_before_anything_is_loaded() {
    let server = Server::start().await;
    let table = [
        (Role::Viewer, "teamCreate", json!({ "key": "PAY", "name": "Payments" }), "admin"),
        (Role::Admin, "planDraft", json!({ "team": "NONE", "quarter": "2026-Q4" }), "plans:write"),
        (
            Role::Admin,
            "renegotiationDecide",
            json!({ "renegotiation": "x", "meeting": "y", "outcome": "APPROVED", "digest": "z" }),
            "renegotiations:decide",
        ),
        (Role::Contributor, "renegotiationPropose", json!({ "renegotiation": "x" }), "renegotiations:propose"),
        (
            Role::Planner,
            "renegotiationDecide",
            json!({ "renegotiation": "x", "meeting": "y", "outcome": "APPROVED", "digest": "z" }),
            "renegotiations:decide",
        ),
        (Role::Approver, "personErase", json!({ "person": "x", "reason": "y" }), "admin"),
        (Role::Auditor, "checkInRecord", json!({ "keyResult": "x", "kind": "FINAL", "value": "1" }), "checkins:write"),
        (
            Role::Integration,
            "meetingPrepare",
            json!({ "team": "PAY", "kind": "STATUS", "title": "t" }),
            "meetings:write",
        ),
    ];
    for (role, mutation, input, scope) in table {
        let answer = server.caller("somebody", role, "*").try_mutate(mutation, input, "__typename").await;
        assert_eq!(
            (answer.code(), &answer.body["errors"][0]["extensions"]["scope"]),
            ("FORBIDDEN", &json!(scope)),
            "{mutation}"
        );
    }
    let queries = [
        (Role::Integration, "{ teams { totalCount } }", "read"),
        (Role::Planner, "{ auditLog { totalCount } }", "audit:read"),
    ];
    for (role, query, scope) in queries {
        let answer = server.caller("somebody", role, "*").ask(query, json!({})).await;
        assert_eq!(
            (answer.code(), &answer.body["errors"][0]["extensions"]["scope"]),
            ("FORBIDDEN", &json!(scope)),
            "{query}"
        );
    }
}

/// Invariant 10: a token restricted to some teams sees and touches nothing of the others, by any path.
#[tokio::test]
async fn invariant_10_a_foreign_team_looks_exactly_like_none() {
    let server = Server::start().await;
    let ours = commit_plan(&server, "PAY").await;
    let theirs = commit_plan(&server, "OPS").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": theirs.key_results[0], "why": "It waits." } }]);
    let (proposal, digest) = propose(&server, &theirs.plan, changes).await;
    let meeting = open_meeting(&server, "OPS", &[&proposal]).await;
    let restricted = server.caller("planner-of-pay", Role::Approver, "PAY");
    let auditor = server.caller("auditor-of-pay", Role::Auditor, "PAY");

    let node = "query($id: ID!) { node(id: $id) { __typename } }";
    for id in [&theirs.plan, &theirs.objectives[0], &theirs.key_results[0], &proposal, &meeting] {
        assert!(nothing_seen(&restricted.ask(node, json!({ "id": id })).await), "{id}");
        let pinned = format!("{id}~r1");
        assert!(nothing_seen(&restricted.ask(node, json!({ "id": pinned })).await), "{pinned}");
    }
    let named = restricted.query(r#"{ team(key: "OPS") { id } plan(team: "OPS") { id } }"#).await;
    assert_eq!(named, json!({ "team": null, "plan": null }));
    let lists = restricted
        .query("{ teams { totalCount nodes { key } } renegotiations { totalCount } meetings { totalCount } }")
        .await;
    assert_eq!(
        lists,
        json!({ "teams": { "totalCount": 1, "nodes": [{ "key": "PAY" }] }, "renegotiations": { "totalCount": 0 }, "meetings": { "totalCount": 0 } })
    );
    let log = auditor.query(r#"{ auditLog(first: 250) { nodes { team { key } } } all: auditLog(filter: { team: { eq: "OPS" } }) { totalCount } }"#).await;
    assert!(log["auditLog"]["nodes"].as_array().unwrap().iter().all(|entry| entry["team"]["key"] == "PAY"));
    assert_eq!(log["all"]["totalCount"], 0);

    let unknown = "obj_01h455vb4pex5vsknk084sn02q";
    for (mutation, field, foreign) in [
        ("objectiveUpdate", "objective", &theirs.objectives[0]),
        ("objectiveRemove", "objective", &theirs.objectives[0]),
    ] {
        let of = async |id: &str| restricted.mutate(mutation, json!({ field: id }), "__typename").await;
        let (ours, theirs) = (of(unknown).await, of(foreign).await);
        let blind = |payload: &Value, id: &str| payload.to_string().replace(id, "ID");
        assert_eq!(blind(&ours, unknown), blind(&theirs, foreign));
    }
    let decide = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "rationale": "So.", "digest": digest });
    assert_eq!(restricted.refused("renegotiationDecide", decide).await, ["NOT_FOUND"]);
    let lineage = json!({ "plan": ours.plan, "changes": [{ "amendObjective": { "objective": ours.objectives[0], "contributesTo": theirs.objectives[0] } }] });
    assert_eq!(restricted.refused("renegotiationDraft", lineage).await, ["NOT_FOUND"]);
}

#[tokio::test]
async fn the_viewer_is_whom_the_token_stands_for() {
    let server = Server::start().await;

    let viewer = server
        .caller("somebody", Role::Viewer, "PAY,OPS")
        .query("{ viewer { person { subject kind } scopes teams allTeams } }")
        .await;

    assert_eq!(
        viewer["viewer"],
        json!({ "person": { "subject": "somebody", "kind": "PERSON" }, "scopes": ["read"], "teams": ["OPS", "PAY"], "allTeams": false })
    );
}

#[tokio::test]
async fn a_revoked_token_is_not_accepted_from_the_next_request_on() {
    let server = Server::start().await;
    let somebody = server.caller("somebody", Role::Viewer, "*");
    somebody.query("{ viewer { allTeams } }").await;

    let revoked =
        server.admin().done("tokenRevoke", json!({ "token": somebody.token_id(), "reason": "Lost." }), "token").await;
    let answer = somebody.ask("{ viewer { allTeams } }", json!({})).await;

    assert_eq!(revoked["token"], somebody.token_id());
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(server.admin().refused("tokenRevoke", json!({ "token": somebody.token_id() })).await, ["CONFLICT"]);
}
