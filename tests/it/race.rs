//! Many at once: one wins, the others get their error, no revision is lost or doubled.

use serde_json::{Value, json};

use crate::support::{Server, codes, commit_plan, open_meeting, propose, verified};

const REVISIONS: &str =
    r#"{ plan(team: "PAY") { revision revisions { totalCount nodes { number renegotiation { id } } } } }"#;

async fn all(answers: Vec<tokio::task::JoinHandle<Value>>) -> Vec<Vec<String>> {
    let mut ended = Vec::new();
    for answer in answers {
        ended.push(codes(&answer.await.unwrap()));
    }
    ended.sort();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_deciders_one_decides() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (id, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&id]).await;

    let mut racing = Vec::new();
    for place in 0..8 {
        let approver = server.approver();
        let outcome = if place % 2 == 0 { "APPROVED" } else { "REJECTED" };
        let input = json!({ "renegotiation": id, "meeting": meeting, "outcome": outcome, "rationale": "So.", "digest": digest });
        racing.push(tokio::spawn(
            async move { approver.mutate("renegotiationDecide", input, "plan { revision }").await },
        ));
    }
    let ended = all(racing).await;

    assert_eq!(ended[0], Vec::<String>::new());
    assert!(ended[1..].iter().all(|codes| codes == &["ALREADY_DECIDED"]), "{ended:?}");
    let log = "{ auditLog(filter: { action: { eq: RENEGOTIATION_DECIDED } }) { totalCount } }";
    assert_eq!(server.auditor().query(log).await["auditLog"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_or_rebase_while_it_is_decided_leaves_one_of_them() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    for round in 0..4 {
        let changes = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "target": format!("{}", 50 + round) } }]);
        let (id, digest) = propose(&server, &committed.plan, changes).await;
        let meeting = open_meeting(&server, "PAY", &[&id]).await;
        let before = server.planner().query(REVISIONS).await["plan"]["revision"].as_i64().unwrap();
        let decide = json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "So.", "digest": digest });
        let (approver, planner) = (server.approver(), server.planner());
        let other = if round % 2 == 0 {
            ("renegotiationWithdraw", json!({ "renegotiation": id, "reason": "No." }))
        } else {
            ("renegotiationRebase", json!({ "renegotiation": id }))
        };

        let decided =
            tokio::spawn(
                async move { codes(&approver.mutate("renegotiationDecide", decide, "plan { revision }").await) },
            );
        let moved =
            tokio::spawn(async move { codes(&planner.mutate(other.0, other.1, "renegotiation { status }").await) });
        let (decided, moved) = (decided.await.unwrap(), moved.await.unwrap());

        let after = server.planner().query(REVISIONS).await["plan"]["revision"].as_i64().unwrap();
        assert_eq!(after - before, i64::from(decided.is_empty()), "{decided:?} {moved:?}");
        // A rebase onto the same revision moves nothing, so a decision may follow it; a withdrawal never.
        assert!(decided.is_empty() != moved.is_empty() || round % 2 == 1, "{decided:?} {moved:?}");
    }
    let plan = server.planner().query(REVISIONS).await["plan"].clone();
    assert_eq!(plan["revision"], plan["revisions"]["totalCount"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_races_the_commit_is_in_it_or_refused() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
    let plan = drafted["plan"]["id"].as_str().unwrap().to_owned();
    let owner = json!({ "name": "lead" });
    let input = json!({ "plan": plan, "title": "Settle", "rationale": "Because.", "owner": owner });
    let objective = planner.done("objectiveAdd", input, "objective { id }").await["objective"]["id"].clone();
    let input = json!({ "objective": objective, "title": "Share", "owner": owner, "unit": "%", "baseline": "0", "target": "9" });
    planner.done("keyResultAdd", input, "keyResult { id }").await;
    let digest = crate::support::digest(&server, &plan).await;

    let mut racing = Vec::new();
    for place in 0..8 {
        let caller = server.planner();
        let (name, input) = if place % 4 == 3 {
            ("planCommit", json!({ "plan": plan, "digest": digest }))
        } else {
            ("objectiveUpdate", json!({ "objective": objective, "title": format!("Settle {place}") }))
        };
        racing.push(tokio::spawn(async move { json!([name, codes(&caller.mutate(name, input, "__typename").await)]) }));
    }
    let mut commits = 0;
    for ended in racing {
        let ended = ended.await.unwrap();
        let codes: Vec<_> = ended[1].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        match (ended[0].as_str().unwrap(), codes.as_slice()) {
            ("planCommit", []) => commits += 1,
            ("planCommit", [code]) => assert!(["PLAN_UNSEEN", "COMMITMENT_LOCKED"].contains(&code.as_str()), "{code}"),
            ("objectiveUpdate", []) => {}
            ("objectiveUpdate", [code]) => assert_eq!(code, "COMMITMENT_LOCKED"),
            other => panic!("{other:?}"),
        }
    }

    let read = planner.query(r#"{ plan(team: "PAY") { revision digest } }"#).await;
    assert_eq!(read["plan"]["revision"], commits);
    if commits == 1 {
        assert_eq!(read["plan"]["digest"], digest.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_3_eight_clients_writing_at_once_leave_a_log_without_gaps() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let mut racing = Vec::new();
    for client in 0..8 {
        let (caller, key_result) = (server.planner(), committed.key_results[client % 4].clone());
        racing.push(tokio::spawn(async move {
            for value in 0..10 {
                let input = json!({ "keyResult": key_result, "kind": "PROGRESS", "value": format!("{value}") });
                caller.done("checkInRecord", input, "checkIn { id }").await;
            }
        }));
    }
    for client in racing {
        client.await.unwrap();
    }

    let query = "{ auditLog(first: 250, orderBy: SEQ_ASC) { totalCount nodes { seq recordedAt } } }";
    let log = server.auditor().query(query).await["auditLog"].clone();
    let nodes = log["nodes"].as_array().unwrap();
    assert!(nodes.len() >= 80);
    assert!(nodes.iter().enumerate().all(|(place, node)| node["seq"] == place));
    assert!(nodes.is_sorted_by_key(|node| node["recordedAt"].as_str().unwrap()));
    verified(&server).await;
}

/// Invariant 5: what is answered as of an instant is answered so for ever, also while writes are under way.
#[tokio::test(flavor = "multi_thread")]
async fn invariant_5_an_instant_asked_about_during_a_write_keeps_its_answer() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let (caller, key_result) = (server.planner(), committed.key_results[0].clone());
    let writing = tokio::spawn(async move {
        for value in 0..40 {
            let input = json!({ "keyResult": key_result, "kind": "PROGRESS", "value": format!("{value}") });
            caller.done("checkInRecord", input, "checkIn { id }").await;
        }
    });
    let reader = server.planner();
    let ask =
        |at: &str| format!(r#"{{ plan(team: "PAY", asOf: "{at}") {{ objectives {{ keyResults {{ current }} }} }} }}"#);
    let mut answers = Vec::new();
    while !writing.is_finished() {
        let at = server.now();
        let answer = reader.query(&ask(&at)).await;
        answers.push((at, answer));
    }
    writing.await.unwrap();

    assert!(answers.len() > 10);
    for (at, answer) in answers {
        assert_eq!(reader.query(&ask(&at)).await, answer, "{at}");
    }
}
