//! The Wednesday story: a status check in which somebody asks for more, and what becomes of the ask. Read it top down:
//! it is what Holdline is for.

use serde_json::{Value, json};

use crate::support::{Caller, Committed, Server, commit_plan, digest, verified};

const DEALS: [(&str, &str, &str); 2] = [("deal-1", "Acme", "120000"), ("deal-2", "Globex", "80000.50")];

fn id(payload: &Value, subject: &str) -> String {
    payload[subject]["id"].as_str().unwrap().to_owned()
}

/// The two enterprise deals, asking for reporting.
fn deals() -> Vec<Value> {
    let deal = |(external_id, account, amount): (&str, &str, &str)| {
        json!({ "deal": { "system": "hubspot", "externalId": external_id, "account": account, "status": "OPEN",
                          "amount": { "amount": amount, "currency": "USD" } },
                "note": "Their board wants reports before they sign." })
    };
    DEALS.into_iter().map(deal).collect()
}

/// A status check of the payments team, prepared with what is decided and what is asked, and opened.
async fn open_status_check(team: &Caller) -> (String, String) {
    let prepared = team
        .done(
            "meetingPrepare",
            json!({
                "team": "PAY", "kind": "STATUS", "title": "Wednesday status check", "durationMinutes": 30,
                "attendees": [
                    { "person": { "name": "head of sales" }, "ask": "INPUT" },
                    { "person": { "name": "head of support" }, "ask": "INFORM" },
                ],
                "boundary": {
                    "open": [{ "question": "What could still delay settlement?", "wanted": "RISKS" }],
                    "outOfScope": ["The pricing of next year"],
                },
            }),
            "meeting { id brief boundary { open { id } decided { why subject { ... on Objective { title } } } } }",
        )
        .await;
    let (meeting, question) = (id(&prepared, "meeting"), &prepared["meeting"]["boundary"]["open"][0]["id"]);
    let decided = prepared["meeting"]["boundary"]["decided"].as_array().unwrap();
    assert_eq!(decided.len(), 2, "the committed objectives stand under decided");
    let brief = prepared["meeting"]["brief"].as_str().unwrap();
    let place = |words: &str| brief.find(words).unwrap_or_else(|| panic!("{words} is not in\n{brief}"));
    assert!(place("Payments settle") < place("What could still delay settlement?"), "the plan comes first");
    team.done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    (meeting, question.as_str().unwrap().to_owned())
}

async fn say(team: &Caller, meeting: &str, words: &str) -> String {
    let input = json!({ "meeting": meeting, "by": { "name": "head of sales" }, "text": words });
    id(&team.done("meetingInputRecord", input, "meetingInput { id }").await, "meetingInput")
}

/// The ask goes to the backlog, with both deals behind it.
async fn to_the_backlog(team: &Caller, ask: &str) -> String {
    let disposed = team
        .done(
            "meetingInputDispose",
            json!({ "meetingInput": ask, "backlog": { "title": "Reporting for enterprise accounts",
                                                      "customerRequests": deals() } }),
            "meetingInput { disposition outcome { ... on Idea { id title demand { requests accounts
               open { requests amounts { amount currency } } }
               customerRequests { nodes { note deal { externalId account } } } } } }",
        )
        .await;
    let (input, idea) = (&disposed["meetingInput"], &disposed["meetingInput"]["outcome"]);
    assert_eq!(input["disposition"], "BACKLOG");
    assert_eq!(
        idea["demand"],
        json!({ "requests": 2, "accounts": 2,
                "open": { "requests": 2, "amounts": [{ "amount": "200000.5", "currency": "USD" }] } })
    );
    let asking: Vec<_> = idea["customerRequests"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| &request["deal"]["account"])
        .collect();
    assert_eq!(asking, ["Acme", "Globex"]);
    idea["id"].as_str().unwrap().to_owned()
}

/// A renegotiation, with the idea as evidence and what gives way.
async fn propose(team: &Caller, plan: &Committed, idea: &str) -> (String, String) {
    let changes = json!([
        { "dropKeyResult": { "keyResult": plan.key_results[1], "why": "Complaints wait until January." } },
        { "addKeyResult": { "objective": plan.objectives[1], "title": "Accounts with reports", "unit": "accounts",
                            "owner": { "name": "lead" }, "baseline": "0", "target": "2", "objectiveLoad": "4" } },
    ]);
    let drafted = team
        .done(
            "renegotiationDraft",
            json!({ "plan": plan.plan, "evidence": [idea], "changes": changes,
                    "trigger": "Two enterprise deals ask for reporting.",
                    "reason": "Both decide before the quarter ends.",
                    "tradeOff": "The complaints of small accounts wait until January." }),
            "renegotiation { id evidence { id } givesWay { __typename } }",
        )
        .await;
    assert_eq!(drafted["renegotiation"]["evidence"], json!([{ "id": idea }]));
    assert_eq!(drafted["renegotiation"]["givesWay"], json!([{ "__typename": "KeyResultDropped" }]));
    let proposal = id(&drafted, "renegotiation");
    let proposed =
        team.done("renegotiationPropose", json!({ "renegotiation": proposal }), "renegotiation { digest }").await;
    (proposal, proposed["renegotiation"]["digest"].as_str().unwrap().to_owned())
}

/// Another person decides it, in a meeting of its own.
async fn decide(server: &Server, proposal: &str, seen: &str) {
    let (team, approver) = (server.planner(), server.approver());
    let input = json!({
        "team": "PAY", "kind": "RENEGOTIATION", "title": "Reporting this quarter?", "agenda": [proposal],
        "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }],
        "boundary": { "decided": [{ "subject": { "text": "Settlement stays" }, "why": "It is half done." }] },
    });
    let meeting = id(&team.done("meetingPrepare", input, "meeting { id }").await, "meeting");
    team.done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "digest": seen,
                           "rationale": "Two accounts are worth the wait." });
    assert_eq!(team.try_mutate("renegotiationDecide", decision.clone(), "__typename").await.code(), "FORBIDDEN");
    let decided = approver.done("renegotiationDecide", decision, "plan { revision } receipt { seq leafHash }").await;
    assert_eq!(decided["plan"]["revision"], 2);
    team.done("meetingClose", json!({ "meeting": meeting }), "meeting { status }").await;
}

#[tokio::test]
async fn on_wednesday_two_deals_ask_for_reporting_and_the_quarter_holds_until_it_is_renegotiated() {
    let server = Server::start().await;
    let plan = commit_plan(&server, "PAY").await;
    let team = server.planner();
    let promise = digest(&server, &plan.plan).await;
    let (meeting, _) = open_status_check(&team).await;

    // Twenty minutes in: "Quick thought: should we move the reporting work up? Two enterprise deals are asking."
    let ask = say(&team, &meeting, "Should we move the reporting work up? Two enterprise deals are asking.").await;

    // Moving it into NOW is refused, and so is changing the key result.
    let straight = json!({ "meetingInput": ask, "roadmap": { "add": { "title": "Reporting", "horizon": "NOW" } } });
    assert_eq!(team.refused("meetingInputDispose", straight).await, ["INPUT_OUT_OF_BOUNDS", "NOW_SERVES_COMMITMENT"]);
    let into_now = json!({ "team": "PAY", "title": "Reporting", "horizon": "NOW" });
    assert_eq!(team.refused("roadmapItemAdd", into_now).await, ["NOW_SERVES_COMMITMENT"]);
    let rewritten = json!({ "keyResult": plan.key_results[1], "target": "2" });
    assert_eq!(team.refused("keyResultUpdate", rewritten).await, ["COMMITMENT_LOCKED"]);

    // It goes to the backlog, with both deals behind it. A second ask has no home yet, and the meeting does not close.
    let idea = to_the_backlog(&team, &ask).await;
    let second = say(&team, &meeting, "And could we have it in French?").await;
    assert_eq!(team.refused("meetingClose", json!({ "meeting": meeting })).await, ["INPUT_UNDISPOSED"]);
    team.done("meetingInputDispose", json!({ "meetingInput": second, "noted": true }), "meetingInput { disposition }")
        .await;
    team.done("meetingClose", json!({ "meeting": meeting }), "meeting { status }").await;
    assert_eq!(digest(&server, &plan.plan).await, promise, "the quarter is what it was on Tuesday");

    // Afterwards: a renegotiation with the idea as evidence, decided by another person in a meeting of its own.
    let (proposal, seen) = propose(&team, &plan, &idea).await;
    assert_eq!(digest(&server, &plan.plan).await, promise, "the old plan holds until it is decided");
    decide(&server, &proposal, &seen).await;

    // The plan, its diff and its drift tell the whole story.
    let told = team.query(STORY).await;
    let plan_now = &told["plan"];
    assert_eq!(plan_now["revision"], 2);
    let kinds: Vec<_> = plan_now["diff"].as_array().unwrap().iter().map(|change| &change["__typename"]).collect();
    assert_eq!(kinds, ["KeyResultAdded", "KeyResultDropped"]);
    let drift = &plan_now["drift"];
    let figures = ["keyResultsAdded", "keyResultsDropped", "refusals"].map(|figure| drift[figure].as_i64().unwrap());
    assert_eq!(figures, [1, 1, 5], "one in, one out, and the line was held five times");
    let why = &drift["renegotiations"][0];
    assert_eq!(why["reason"], "Both decide before the quarter ends.");
    assert_eq!(why["decision"]["by"]["name"], "approver");
    assert_eq!(why["meeting"]["title"], "Reporting this quarter?");
    let deals = why["evidence"][0]["customerRequests"]["nodes"].as_array().unwrap();
    let deals: Vec<_> = deals.iter().map(|request| &request["deal"]["externalId"]).collect();
    assert_eq!(deals, ["deal-1", "deal-2"]);

    // And so does the log.
    let log = server.auditor().query(LOG).await;
    let actions: Vec<_> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    let wednesday = [
        "MEETING_INPUT_RECORDED",
        "IDEA_SUBMITTED",
        "CUSTOMER_REQUEST_UPSERTED",
        "CUSTOMER_REQUEST_UPSERTED",
        "MEETING_INPUT_DISPOSED",
        "MEETING_INPUT_RECORDED",
        "MEETING_INPUT_DISPOSED",
        "MEETING_CLOSED",
        "RENEGOTIATION_DRAFTED",
        "RENEGOTIATION_PROPOSED",
        "MEETING_PREPARED",
        "MEETING_OPENED",
        "RENEGOTIATION_DECIDED",
        "MEETING_CLOSED",
    ];
    let after_opening = actions.iter().position(|action| **action == "MEETING_OPENED").unwrap() + 1;
    assert_eq!(actions[after_opening..], wednesday);
    let submitted = &log["auditLog"]["nodes"][after_opening + 1];
    assert_eq!(submitted["meeting"]["title"], "Wednesday status check");
    verified(&server).await;
}

const STORY: &str = r#"{ plan(team: "PAY") { revision diff(from: 1, to: 2) { __typename }
    drift { keyResultsAdded keyResultsDropped refusals
      renegotiations { trigger reason tradeOff decision { rationale by { name } } meeting { title }
        evidence { title customerRequests { nodes { deal { externalId } } } } } } } }"#;

const LOG: &str = "{ auditLog(orderBy: SEQ_ASC) { nodes { action reason actor { name } meeting { title } } } }";
