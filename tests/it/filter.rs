//! Filters of lists: comparators, `and` and `or`, and their bounds.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Caller, Server, commit_plan, open_meeting, propose};

/// What a list holds under a filter, as one field of each node, and the same as counted.
async fn listed(caller: &Caller, list: &str, field: &str, filter: &Value) -> Vec<String> {
    let kind = if list == "meetings" { "MeetingFilter" } else { "RenegotiationFilter" };
    let query =
        format!("query($filter: {kind}) {{ {list}(filter: $filter) {{ totalCount nodes {{ found: {field} }} }} }}");
    let answer = caller.ask(&query, json!({ "filter": filter })).await;
    let found = &answer.data()[list];
    let nodes: Vec<_> = found["nodes"].as_array().unwrap().iter().map(|node| text(&node["found"])).collect();
    assert_eq!(found["totalCount"], nodes.len(), "{filter}");
    nodes
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn meetings_are_found_by_every_field_and_by_both_connectives() {
    let server = Server::start().await;
    let planner = server.planner();
    for team in ["PAY", "OPS"] {
        server.admin().done("teamCreate", json!({ "key": team, "name": team }), "team { id }").await;
    }
    let at = |day: u32| format!("2026-11-{day:02}T09:00:00Z");
    let table = [
        json!({ "team": "PAY", "kind": "STATUS", "title": "Weekly 50%", "scheduledFor": at(10), "boundary": { "informationOnly": true } }),
        json!({ "team": "PAY", "kind": "PLANNING", "title": "Next quarter", "format": "ASYNC" }),
        json!({ "team": "OPS", "kind": "STATUS", "title": "weekly", "scheduledFor": at(12), "quarter": "2027-Q1" }),
    ];
    for input in table {
        planner.done("meetingPrepare", input, "meeting { id }").await;
    }
    let (weekly, next, ops) = ("Weekly 50%", "Next quarter", "weekly");

    let table = [
        (json!({}), vec![ops, next, weekly]),
        (json!({ "team": "PAY" }), vec![next, weekly]),
        (json!({ "team": "NONE" }), vec![]),
        (json!({ "quarter": "2027-Q1" }), vec![ops]),
        (json!({ "kind": { "nin": ["STATUS"] } }), vec![next]),
        (json!({ "kind": { "eq": "STATUS", "in": ["PLANNING"] } }), vec![]),
        (json!({ "kind": { "in": [] } }), vec![]),
        (json!({ "status": { "eq": "PREPARED", "nin": ["OPEN"] } }), vec![ops, next, weekly]),
        (json!({ "format": { "eq": "ASYNC" } }), vec![next]),
        (json!({ "scheduledFor": { "null": true } }), vec![next]),
        (json!({ "scheduledFor": { "null": false } }), vec![ops, weekly]),
        (json!({ "scheduledFor": { "gt": at(10), "lte": at(12) } }), vec![ops]),
        (json!({ "scheduledFor": { "gte": at(10), "lt": at(12) } }), vec![weekly]),
        (json!({ "title": { "contains": "eekly" } }), vec![ops, weekly]),
        (json!({ "title": { "contains": "weekly" } }), vec![ops]),
        (json!({ "title": { "contains": "0%" } }), vec![weekly]),
        (json!({ "title": { "contains": "_" } }), vec![]),
        (json!({ "title": { "contains": "" } }), vec![ops, next, weekly]),
        (json!({ "title": { "in": [ops, next] } }), vec![ops, next]),
        (json!({ "or": [{ "team": "OPS" }, { "kind": { "eq": "PLANNING" } }] }), vec![ops, next]),
        (json!({ "team": "PAY", "or": [{ "team": "OPS" }, { "kind": { "eq": "PLANNING" } }] }), vec![next]),
        (json!({ "and": [{ "team": "PAY" }, { "kind": { "eq": "STATUS" } }] }), vec![weekly]),
        (
            json!({ "or": [{ "and": [{ "team": "PAY" }, { "format": { "eq": "LIVE" } }] }, { "quarter": "2027-Q1" }] }),
            vec![ops, weekly],
        ),
        (json!({ "and": [], "or": [] }), vec![ops, next, weekly]),
    ];
    for (filter, expected) in table {
        assert_eq!(listed(&planner, "meetings", "title", &filter).await, expected, "{filter}");
    }
    let restricted = server.caller("planner", Role::Planner, "PAY");
    let everything = json!({ "or": [{ "team": "OPS" }, { "title": { "contains": "" } }] });
    assert_eq!(listed(&restricted, "meetings", "title", &everything).await, [next, weekly]);
}

#[tokio::test]
async fn renegotiations_are_found_by_every_field_and_by_both_connectives() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let drop =
        |place: usize| json!([{ "dropKeyResult": { "keyResult": committed.key_results[place], "why": "It waits." } }]);
    let (approved, digest) = propose(&server, &committed.plan, drop(0)).await;
    let (expired, _) = propose(&server, &committed.plan, drop(2)).await;
    let meeting = open_meeting(&server, "PAY", &[&approved]).await;
    let decision = json!({ "renegotiation": approved, "meeting": meeting, "outcome": "APPROVED", "rationale": "r", "digest": digest });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    let input = json!({ "plan": committed.plan, "trigger": "A Deal asks", "reason": "It pays" });
    let drafted = planner.done("renegotiationDraft", input, "renegotiation { id }").await;
    let draft = text(&drafted["renegotiation"]["id"]);
    server.set_clock("2026-11-20T09:00:00Z");
    let (approved, expired, draft) = (approved.as_str(), expired.as_str(), draft.as_str());

    let ends = "2026-11-16T09:30:00Z";
    let table = [
        (json!({}), vec![draft, expired, approved]),
        (json!({ "team": "PAY", "plan": committed.plan, "quarter": "2026-Q4" }), vec![draft, expired, approved]),
        (json!({ "team": "NONE" }), vec![]),
        (json!({ "status": { "eq": "EXPIRED" } }), vec![expired]),
        (json!({ "status": { "in": ["APPROVED", "DRAFT"] } }), vec![draft, approved]),
        (json!({ "status": { "nin": ["APPROVED", "REJECTED"] } }), vec![draft, expired]),
        (json!({ "status": { "eq": "PROPOSED" } }), vec![]),
        (json!({ "proposedAt": { "null": true } }), vec![draft]),
        (json!({ "proposedAt": { "lt": ends } }), vec![expired, approved]),
        (json!({ "decideBy": { "gt": ends } }), vec![]),
        (json!({ "decideBy": { "lte": ends } }), vec![draft, expired, approved]),
        (json!({ "trigger": { "contains": "deals" } }), vec![expired, approved]),
        (json!({ "reason": { "eq": "It pays" } }), vec![draft]),
        (json!({ "or": [{ "status": { "eq": "DRAFT" } }, { "status": { "eq": "APPROVED" } }] }), vec![draft, approved]),
        (
            json!({ "and": [{ "trigger": { "contains": "deals" } }, { "status": { "nin": ["EXPIRED"] } }] }),
            vec![approved],
        ),
    ];
    for (filter, expected) in table {
        assert_eq!(listed(&planner, "renegotiations", "id", &filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_is_bounded_in_depth_and_in_breadth() {
    let server = Server::start().await;
    let planner = server.planner();
    let nest = |deep: usize| (1..deep).fold(json!({ "team": "PAY" }), |inner, _| json!({ "or": [inner] }));
    let wide = |count: usize| json!({ "title": { "in": vec!["x"; count] } });
    let many = |count: usize| json!({ "or": vec![json!({ "team": "PAY" }); count] });
    let ask = async |filter: &Value| {
        let query = "query($filter: MeetingFilter) { meetings(filter: $filter) { totalCount nodes { id } } }";
        planner.ask(query, json!({ "filter": filter })).await
    };

    for within in [nest(5), wide(498), many(166), json!({ "and": vec![json!({}); 499] })] {
        assert_eq!(ask(&within).await.data()["meetings"]["totalCount"], 0);
    }
    for beyond in [nest(6), wide(499), many(167), wide(20_000), json!({ "and": vec![json!({}); 20_000] })] {
        let answer = ask(&beyond).await;
        assert_eq!((answer.code(), &answer.body["errors"][0]["extensions"]["field"]), ("INVALID", &json!("filter")));
    }
    for (field, bad) in [
        ("filter.title", json!({ "title": { "contains": "\u{0}" } })),
        ("quarter", json!({ "or": [{ "quarter": "soon" }] })),
    ] {
        let answer = ask(&bad).await;
        assert_eq!((answer.code(), &answer.body["errors"][0]["extensions"]["field"]), ("INVALID", &json!(field)));
    }
}
