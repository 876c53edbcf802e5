//! Bad input: a clear error with the field, nothing half done.

use serde_json::{Value, json};

use crate::support::{Server, codes, commit_plan};

async fn counts(server: &Server) -> Value {
    server.auditor().query("{ auditLog { totalCount } teams { totalCount } }").await
}

#[tokio::test]
async fn malformed_inputs_name_their_fields_and_change_nothing() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let before = counts(&server).await;
    let everyone = server.caller_with("planner", &holdline_domain::permission::Scope::ALL, "*");
    let owner = json!({ "name": "lead" });
    let unknown_meeting = "meeting_01h455vb4pex5vsknk084sn02q";
    let huge = "x".repeat(10_000);
    let table = [
        ("teamCreate", json!({ "key": "", "name": "" }), vec!["key", "name"]),
        ("teamCreate", json!({ "key": "A B", "name": "a\u{0}b" }), vec!["key", "name"]),
        ("teamCreate", json!({ "key": "OK", "name": huge }), vec!["name"]),
        ("planDraft", json!({ "team": "PAY", "quarter": "2026-Q5" }), vec!["quarter"]),
        ("planDraft", json!({ "team": "PAY", "quarter": "next", "capacity": "-1" }), vec!["quarter"]),
        ("planDraft", json!({ "team": "PAY", "quarter": "2027-Q1", "capacity": "-1" }), vec!["capacity"]),
        ("objectiveUpdate", json!({ "objective": "kr_01h455vb4pex5vsknk084sn02q" }), vec!["objective"]),
        ("objectiveUpdate", json!({ "objective": "nonsense", "title": "\u{7}" }), vec!["objective", "title"]),
        ("objectiveUpdate", json!({ "objective": format!("{}~r1", committed.objectives[0]) }), vec!["objective"]),
        (
            "keyResultAdd",
            json!({ "objective": "obj_", "title": " ", "owner": owner, "unit": "", "baseline": "0", "target": "1" }),
            vec!["objective", "title", "unit"],
        ),
        (
            "planCommit",
            json!({ "plan": committed.plan, "digest": "abc", "expectedVersion": -1 }),
            vec!["digest", "expectedVersion"],
        ),
        (
            "meetingPrepare",
            json!({ "team": "PAY", "kind": "STATUS", "title": "t", "durationMinutes": -5 }),
            vec!["durationMinutes"],
        ),
        (
            "meetingPrepare",
            json!({ "team": "PAY", "kind": "PLANNING", "title": "t", "boundary": { "decided": [{ "subject": { "text": "" }, "why": "" }] } }),
            vec!["boundary.decided.0.subject.text", "boundary.decided.0.why"],
        ),
        (
            "meetingInputRecord",
            json!({ "meeting": "input_", "by": { "name": "" }, "text": " ", "question": committed.plan }),
            vec!["meeting", "by.name", "text", "question"],
        ),
        ("meetingInputRecord", json!({ "meeting": unknown_meeting, "by": owner, "text": huge }), vec!["text"]),
        ("meetingInputDispose", json!({ "meetingInput": "nonsense", "noted": false }), vec!["meetingInput", "noted"]),
        (
            "meetingInputDispose",
            json!({ "meetingInput": unknown_meeting, "renegotiationDraft": { "plan": "plan", "trigger": "\u{7}" } }),
            vec!["meetingInput", "renegotiationDraft.plan", "renegotiationDraft.trigger"],
        ),
        (
            "renegotiationDraft",
            json!({ "plan": committed.plan, "changes": [{ "addKeyResult": { "objective": committed.objectives[0], "title": "Same", "owner": owner, "unit": "%", "baseline": "5", "target": "5.0", "objectiveLoad": "1" } }] }),
            vec!["target"],
        ),
        (
            "renegotiationDraft",
            json!({ "plan": committed.plan, "changes": [{ "dropObjective": { "keyResult": committed.key_results[0], "why": "x" } }] }),
            vec!["changes.0.dropObjective.objective"],
        ),
        (
            "renegotiationDraft",
            json!({ "plan": committed.plan, "changes": [{ "addKeyResult": { "objective": committed.objectives[0], "title": "No load", "owner": owner, "unit": "%", "baseline": "5", "target": "6" } }] }),
            vec!["changes.0.objectiveLoad"],
        ),
        ("renegotiationDraft", json!({ "plan": committed.plan, "decideBy": "2027-02-01T00:00:00Z" }), vec!["decideBy"]),
    ];
    for (mutation, input, fields) in table {
        let payload = everyone.mutate(mutation, input.clone(), "__typename").await;
        let found: Vec<_> = payload["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                let path = error["field"].as_array().unwrap_or_else(|| panic!("no field: {payload}"));
                path.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
            })
            .collect();
        assert_eq!(found, fields, "{mutation} {input}");
        assert!(codes(&payload).iter().all(|code| code == "INVALID"), "{payload}");
    }
    assert_eq!(counts(&server).await, before);
}

#[tokio::test]
async fn malformed_scalars_and_arguments_are_coded_and_name_what_fits() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let auditor = server.auditor();
    let table = [
        r#"{ plan(team: "PAY", asOf: "2026-02-30T00:00:00Z") { id } }"#,
        r#"{ plan(team: "PAY", asOf: "yesterday") { id } }"#,
        r#"{ plan(team: "PAY", quarter: "2026-13") { id } }"#,
        r#"{ plan(team: "") { id } }"#,
        r#"{ node(id: "") { id } }"#,
        r#"{ node(id: "plan_8zzzzzzzzzzzzzzzzzzzzzzzzz") { id } }"#,
        r#"{ node(id: "plan_01h455vb4pex5vsknk084sn02q~t") { id } }"#,
        r#"{ node(id: "nobody_01h455vb4pex5vsknk084sn02q") { id } }"#,
        r#"{ quarters(from: "2000-Q1", to: "2026-Q1") { id } }"#,
        "{ teams(first: -1) { totalCount } }",
        "{ teams(first: 251) { totalCount } }",
        "{ teams(first: 1, last: 1) { totalCount } }",
        r#"{ teams(after: "00000000.x") { totalCount } }"#,
        r#"{ rules { refusals(since: "2026-02-30") } }"#,
        r#"{ plan(team: "PAY") { diff(from: 0, to: 9) { __typename } } }"#,
        r#"{ auditLog(filter: { subject: { eq: "x" } }) { totalCount } }"#,
        r#"{ auditLog(filter: { reason: { contains: "\u0000" } }) { totalCount } }"#,
    ];
    for query in table {
        let answer = auditor.ask(query, json!({})).await;
        assert!(["INVALID", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()), "{query}: {:#}", answer.body);
        assert!(answer.status < 500, "{query}");
    }
    let literal = r#"{ auditLog(filter: { reason: { contains: "100%_\\' OR 1=1 --" } }) { totalCount } }"#;
    assert_eq!(auditor.query(literal).await["auditLog"]["totalCount"], 0);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let auditor = server.auditor();
    let page = auditor
        .query("{ auditLog(first: 2) { pageInfo { endCursor hasNextPage hasPreviousPage } nodes { seq } } }")
        .await["auditLog"]
        .clone();
    let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();

    let next = auditor.ask("query($after: String) { auditLog(first: 2, after: $after) { pageInfo { hasPreviousPage } nodes { seq } } }", json!({ "after": cursor })).await;
    let astray = auditor
        .ask(
            "query($after: String) { auditLog(first: 2, after: $after, orderBy: SEQ_ASC) { nodes { seq } } }",
            json!({ "after": cursor }),
        )
        .await;
    let back = auditor
        .ask(
            "query($before: String) { auditLog(last: 1, before: $before) { nodes { seq } } }",
            json!({ "before": cursor }),
        )
        .await;

    let seqs = |value: &Value| -> Vec<i64> {
        value["auditLog"]["nodes"].as_array().unwrap().iter().map(|node| node["seq"].as_i64().unwrap()).collect()
    };
    let first = page["nodes"][0]["seq"].as_i64().unwrap();
    assert_eq!(seqs(next.data()), [first - 2, first - 3]);
    assert_eq!(next.data()["auditLog"]["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(seqs(back.data()), [first]);
    assert_eq!(astray.code(), "INVALID");
}
