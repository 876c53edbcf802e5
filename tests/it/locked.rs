//! Every mutation in the schema that could touch a committed plan is refused, whoever asks. The list is the schema's
//! own, so that a new mutation cannot be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Committed, Server, but, codes, commit_plan, deal, open_meeting, propose};

const MUTATIONS: &str = "{ __schema { mutationType { fields { name } } } }";
const STATE: &str = r#"{ plan(team: "PAY") { revision digest capacity objectives { id title keyResults { id title } } revisions { totalCount } } }"#;

/// What each mutation is tried with, and what it answers: the rule that fits, or nothing where it may go through
/// because it cannot touch a commitment.
fn attempts(
    committed: &Committed,
    proposal: &str,
    digest: &str,
    meeting: &str,
    item: &str,
    said: &str,
) -> BTreeMap<&'static str, (Value, Option<&'static str>)> {
    let (plan, objective, key_result) = (&committed.plan, &committed.objectives[0], &committed.key_results[0]);
    let owner = json!({ "name": "lead" });
    let locked = Some("COMMITMENT_LOCKED");
    BTreeMap::from([
        ("planUpdate", (json!({ "plan": plan, "capacity": "99" }), locked)),
        ("planCommit", (json!({ "plan": plan, "digest": "0".repeat(64) }), locked)),
        ("planDraft", (json!({ "team": "PAY", "quarter": "2026-Q4" }), Some("CONFLICT"))),
        ("planClose", (json!({ "plan": plan }), Some("PLAN_CLOSED"))),
        (
            "objectiveAdd",
            (json!({ "plan": plan, "title": "One more", "rationale": "Quick thought.", "owner": owner }), locked),
        ),
        ("objectiveUpdate", (json!({ "objective": objective, "title": "Otherwise" }), locked)),
        ("objectiveRemove", (json!({ "objective": objective }), locked)),
        (
            "keyResultAdd",
            (
                json!({ "objective": objective, "title": "One more", "owner": owner, "unit": "%", "baseline": "0", "target": "1" }),
                locked,
            ),
        ),
        ("keyResultUpdate", (json!({ "keyResult": key_result, "target": "1" }), locked)),
        ("keyResultRemove", (json!({ "keyResult": key_result }), locked)),
        ("teamArchive", (json!({ "team": "PAY", "reason": "Gone." }), locked)),
        (
            "renegotiationDecide",
            (
                json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "rationale": "Mine.", "digest": digest }),
                Some("NO_SELF_APPROVAL"),
            ),
        ),
        ("renegotiationUpdate", (json!({ "renegotiation": proposal, "changes": [] }), Some("INVALID"))),
        ("renegotiationPropose", (json!({ "renegotiation": proposal }), Some("INVALID"))),
        ("teamCreate", (json!({ "key": "PAY", "name": "Again" }), Some("CONFLICT"))),
        ("meetingUpdate", (json!({ "meeting": meeting, "agenda": [] }), Some("MEETING_KIND_FIXED"))),
        ("meetingOpen", (json!({ "meeting": meeting }), Some("MEETING_KIND_FIXED"))),
        (
            "roadmapItemAdd",
            (json!({ "team": "PAY", "title": "Quick thought", "horizon": "NOW" }), Some("NOW_SERVES_COMMITMENT")),
        ),
        ("roadmapItemMove", (json!({ "roadmapItem": item, "horizon": "NOW" }), Some("NOW_SERVES_COMMITMENT"))),
        // None of these reaches a commitment: they may go through, and the plan is compared after each.
        ("teamUpdate", (json!({ "team": "PAY", "name": "Payments" }), None)),
        ("checkInRecord", (json!({ "keyResult": key_result, "kind": "PROGRESS", "value": "1" }), None)),
        (
            "renegotiationDraft",
            (json!({ "plan": plan, "changes": [{ "dropObjective": { "objective": objective, "why": "No." } }] }), None),
        ),
        ("renegotiationRebase", (json!({ "renegotiation": proposal }), None)),
        ("meetingPrepare", (json!({ "team": "PAY", "kind": "STATUS", "title": "Status" }), None)),
        ("meetingJoin", (json!({ "meeting": meeting, "person": owner, "ask": "INPUT" }), None)),
        ("meetingAcknowledge", (json!({ "meeting": meeting, "person": owner, "planRevision": 1 }), None)),
        (
            "meetingInputRecord",
            (json!({ "meeting": meeting, "by": owner, "text": "Quick thought: should we move it up?" }), None),
        ),
        (
            "meetingInputDispose",
            (
                json!({ "meetingInput": said, "renegotiationDraft": { "plan": plan, "changes": [{ "dropObjective": { "objective": objective, "why": "No." } }] } }),
                None,
            ),
        ),
        ("meetingClose", (json!({ "meeting": meeting }), None)),
        ("roadmapItemUpdate", (json!({ "roadmapItem": item, "keyResults": [] }), None)),
        ("roadmapItemShip", (json!({ "roadmapItem": item }), None)),
        ("roadmapItemDrop", (json!({ "roadmapItem": item, "reason": "Done." }), None)),
        ("tokenRevoke", (json!({ "token": "01a186e3-36ad-7673-a050-3cf39e307f9f" }), None)),
        ("personErase", (json!({ "person": "person_01h455vb4pex5vsknk084sn02q", "reason": "Asked." }), None)),
        ("hookEventRetry", (json!({ "hookEvent": HOOK_EVENT }), Some("NOT_FOUND"))),
        ("hookEventDiscard", (json!({ "hookEvent": HOOK_EVENT }), Some("NOT_FOUND"))),
        ("publishedLinkCreate", (json!({ "team": "PAY", "name": "The board" }), None)),
        ("publishedLinkRevoke", (json!({ "publishedLink": LINK }), Some("NOT_FOUND"))),
        ("webhookCreate", (json!({ "url": "http://127.0.0.1:9/nobody" }), None)),
        ("webhookUpdate", (json!({ "webhook": WEBHOOK, "enabled": false }), Some("NOT_FOUND"))),
        ("webhookRotateSecret", (json!({ "webhook": WEBHOOK }), Some("NOT_FOUND"))),
        ("webhookDelete", (json!({ "webhook": WEBHOOK }), Some("NOT_FOUND"))),
        ("webhookRedeliver", (json!({ "webhook": WEBHOOK }), Some("NOT_FOUND"))),
        ("meetingCancel", (json!({ "meeting": meeting, "reason": "Done." }), None)),
        ("renegotiationWithdraw", (json!({ "renegotiation": proposal, "reason": "Done." }), None)),
    ])
    .into_iter()
    .chain(backlog())
    .collect()
}

const HOOK_EVENT: &str = "hook_01h455vb4pex5vsknk084sn02q";
const LINK: &str = "link_01h455vb4pex5vsknk084sn02q";
const WEBHOOK: &str = "webhook_01h455vb4pex5vsknk084sn02q";
const IDEA: &str = "idea_01h455vb4pex5vsknk084sn02q";
const OTHER: &str = "idea_01h455vb4pex5vsknk084sn03q";

/// The backlog takes every new ask, and no ask reaches a commitment.
fn backlog() -> BTreeMap<&'static str, (Value, Option<&'static str>)> {
    let request = "request_01h455vb4pex5vsknk084sn04q";
    let asked = json!({ "idea": { "id": IDEA }, "deal": deal("1", "1000", None), "note": "This quarter!" });
    let first = but(asked.clone(), json!({ "id": request }));
    BTreeMap::from([
        ("ideaSubmit", (json!({ "team": "PAY", "title": "Quick thought: move the reporting work up" }), None)),
        ("ideaUpdate", (json!({ "idea": IDEA, "title": "Add one more key result" }), None)),
        ("ideaReview", (json!({ "idea": IDEA }), None)),
        ("ideaDecline", (json!({ "idea": IDEA, "reason": "Next quarter." }), None)),
        ("ideaPromote", (json!({ "idea": IDEA, "horizon": "NOW" }), Some("NOW_SERVES_COMMITMENT"))),
        ("ideaMerge", (json!({ "idea": OTHER, "into": IDEA }), None)),
        ("customerRequestUpsert", (first, None)),
        ("customerRequestWithdraw", (json!({ "customerRequest": request, "reason": "A mistake." }), None)),
        ("customerRequestsUpsert", (json!({ "requests": [asked] }), None)),
    ])
}

#[tokio::test]
async fn every_mutation_that_could_touch_a_committed_plan_is_refused_for_everybody() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (proposal, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    // The author of the proposal, now with every scope there is, and at the table as an approver.
    let everything = server.caller_with("planner", &Scope::ALL, "*");
    everything
        .done(
            "meetingJoin",
            json!({ "meeting": meeting, "person": { "subject": "planner" }, "ask": "APPROVAL" }),
            "meeting { id }",
        )
        .await;
    let spoken = json!({ "meeting": meeting, "by": { "name": "sales" }, "text": "Just one more thing." });
    let said = everything.done("meetingInputRecord", spoken, "meetingInput { id }").await;
    let said = said["meetingInput"]["id"].as_str().unwrap();
    for idea in [IDEA, OTHER] {
        everything.done("ideaSubmit", json!({ "id": idea, "team": "PAY", "title": "Reporting" }), "idea { id }").await;
    }
    let schema = everything.query(MUTATIONS).await;
    let names: BTreeSet<_> = schema["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["name"].as_str().unwrap().to_owned())
        .collect();
    let later = json!({ "team": "PAY", "title": "Quick thought", "horizon": "LATER" });
    let added = everything.done("roadmapItemAdd", later, "roadmapItem { id }").await;
    let item = added["roadmapItem"]["id"].as_str().unwrap();
    let attempts = attempts(&committed, &proposal, &digest, &meeting, item, said);
    let tried: BTreeSet<_> = attempts.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(names, tried, "a mutation without an attempt on a committed plan");

    let callers = [
        ("everything", everything),
        ("administrator", server.admin()),
        ("approver", server.caller("second", Role::Approver, "*")),
    ];
    let before = server.planner().query(STATE).await;
    for (who, caller) in &callers {
        // What may go through ends the meeting and the proposal, so only the caller with every scope goes on to it.
        let expected = attempts.iter().filter(|(_, (_, rule))| rule.is_some() || *who == "everything");
        let (refused, allowed): (Vec<_>, Vec<_>) = expected.partition(|(_, (_, rule))| rule.is_some());
        for (name, (input, rule)) in refused.into_iter().chain(allowed) {
            let answer = caller.try_mutate(name, input.clone(), "__typename").await;
            match rule {
                Some(rule) if answer.body.get("errors").is_none() => {
                    assert!(
                        codes(&answer.data()[*name]).contains(&(*rule).to_owned()) || *who != "everything",
                        "{who} {name}: {:#}",
                        answer.body
                    );
                    assert!(!codes(&answer.data()[*name]).is_empty(), "{who} {name} went through");
                }
                Some(_) => assert_eq!(answer.code(), "FORBIDDEN", "{who} {name}"),
                None => {
                    answer.data();
                }
            }
            assert_eq!(server.planner().query(STATE).await, before, "{who} {name}");
        }
    }
}
