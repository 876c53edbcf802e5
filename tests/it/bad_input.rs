//! Bad input: a clear error with the field, nothing half done.

use serde_json::{Value, json};

use crate::support::{Caller, Server, but, codes, commit_plan, deal, keeper, submit, teams};

async fn counts(server: &Server) -> Value {
    server.auditor().query("{ auditLog { totalCount } teams { totalCount } ideas { totalCount } }").await
}

#[tokio::test]
async fn invariant_4_malformed_inputs_name_their_fields_and_change_nothing() {
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
        ("personErase", json!({ "person": committed.plan, "reason": "a\u{0}b" }), vec!["person", "reason"]),
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
    all_invalid(&everyone, &table).await;
    assert_eq!(counts(&server).await, before);
}

/// Each mutation is refused with `INVALID` alone, at these fields.
async fn all_invalid(caller: &Caller, table: &[(&str, Value, Vec<&str>)]) {
    for (mutation, input, fields) in table {
        let payload = caller.mutate(mutation, input.clone(), "__typename").await;
        let found: Vec<_> = payload["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                let path = error["field"].as_array().unwrap_or_else(|| panic!("no field: {payload}"));
                path.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
            })
            .collect();
        assert_eq!(&found, fields, "{mutation} {input}");
        assert!(codes(&payload).iter().all(|code| code == "INVALID"), "{payload}");
    }
}

#[tokio::test]
async fn malformed_ideas_and_posts_name_their_fields_and_change_nothing() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let everyone = server.caller_with("planner", &holdline_domain::permission::Scope::ALL, "*");
    let idea = submit(&everyone, "PAY", "Export").await;
    let before = counts(&server).await;
    let post = |fields: Value| json!({ "idea": { "id": idea }, "deal": but(deal("1", "1", None), fields) });
    let worth = |amount: &str| post(json!({ "amount": { "amount": amount, "currency": "USD" } }));
    let external = |system: &str| json!({ "system": system, "externalId": " ", "title": "\n", "team": "-" });
    let many: Vec<_> = (0..101).map(|place| json!({ "account": place.to_string() })).collect();
    let table = [
        (
            "ideaSubmit",
            json!({ "team": "-", "title": " ", "body": "a\u{0}b", "impact": 0, "effort": 6, "external": { "system": "", "externalId": "x" } }),
            vec!["team", "title", "body", "external.system", "impact", "effort"],
        ),
        (
            "ideaSubmit",
            json!({ "id": "request_01h455vb4pex5vsknk084sn02q", "team": "PAY", "title": "x".repeat(301) }),
            vec!["id", "title"],
        ),
        ("ideaSubmit", json!({ "team": "PAY", "title": "t", "customerRequests": many }), vec!["customerRequests"]),
        (
            "ideaSubmit",
            json!({ "team": "PAY", "title": "t", "customerRequests": [{ "account": "a" }, { "deal": but(deal("", "1", None), json!({ "stage": "\u{7}" })) }] }),
            vec!["customerRequests.1.deal.externalId", "customerRequests.1.deal.stage"],
        ),
        (
            "ideaUpdate",
            json!({ "idea": idea, "impact": -1, "effort": 100, "title": "" }),
            vec!["title", "impact", "effort"],
        ),
        ("ideaMerge", json!({ "idea": "", "into": "plan_01h455vb4pex5vsknk084sn02q" }), vec!["idea", "into"]),
        ("ideaDecline", json!({ "idea": idea, "reason": "x".repeat(8_001) }), vec!["reason"]),
        ("customerRequestUpsert", worth("-0.01"), vec!["deal.amount.amount"]),
        ("customerRequestUpsert", worth("0.00001"), vec!["deal.amount.amount"]),
        ("customerRequestUpsert", worth("100000000000000"), vec!["deal.amount.amount"]),
        (
            "customerRequestUpsert",
            post(json!({ "system": " ", "externalId": "" })),
            vec!["deal.system", "deal.externalId"],
        ),
        ("customerRequestUpsert", json!({ "idea": { "id": idea } }), vec!["deal"]),
        ("customerRequestUpsert", json!({ "idea": { "id": idea }, "account": " " }), vec!["deal"]),
        (
            "customerRequestUpsert",
            json!({ "idea": { "external": external("") }, "account": "a" }),
            vec!["idea.external.system", "idea.external.externalId", "idea.external.title", "idea.external.team"],
        ),
        ("customerRequestWithdraw", json!({ "customerRequest": idea, "reason": "r" }), vec!["customerRequest"]),
    ];
    all_invalid(&everyone, &table).await;
    assert_eq!(counts(&server).await, before);
}

#[tokio::test]
async fn what_a_crm_says_is_read_strictly_and_what_it_leaves_empty_is_left_out() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let everyone = keeper(&server);
    let idea = submit(&everyone, "PAY", "Export").await;
    let before = counts(&server).await;
    let post = |fields: Value| json!({ "idea": { "id": idea }, "deal": but(deal("1", "1", None), fields) });
    let coerced = [
        json!({ "amount": { "amount": "1e3", "currency": "USD" } }),
        json!({ "amount": { "amount": "NaN", "currency": "USD" } }),
        json!({ "amount": { "amount": "1,000", "currency": "USD" } }),
        json!({ "amount": { "amount": 1.5, "currency": "USD" } }),
        json!({ "amount": { "amount": "1", "currency": "usd" } }),
        json!({ "amount": { "amount": "1", "currency": "US$" } }),
        json!({ "amount": { "amount": "1" } }),
        json!({ "status": "Closed Won" }),
        json!({ "openedOn": "2026-02-30" }),
        json!({ "openedOn": "22-11-26" }),
        json!({ "closedOn": "+12026-01-01" }),
        json!({ "closedOn": "2026-1-1" }),
        json!({ "sourceUpdatedAt": "yesterday" }),
        json!({ "sourceUpdatedAt": "2026-10-01" }),
        json!({ "owner": "nobody" }),
    ];
    for fields in coerced {
        let answer = everyone.try_mutate("customerRequestUpsert", post(fields.clone()), "__typename").await;
        assert!(["INVALID", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()), "{fields}: {:#}", answer.body);
    }
    assert_eq!(counts(&server).await, before);

    let blanks = json!({ "account": " ", "stage": "", "contact": " ", "url": "" });
    let posted = everyone
        .done(
            "customerRequestUpsert",
            post(blanks),
            "customerRequest { account deal { account stage url contact { name } } }",
        )
        .await;
    let nothing = json!({ "account": null, "stage": null, "url": null, "contact": null });
    assert_eq!(
        posted["customerRequest"],
        json!({ "account": null, "deal": nothing }),
        "what a CRM leaves empty is left out"
    );
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
