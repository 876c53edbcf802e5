//! The promise, broken in each way that a log alone can show: a sound story, and what one edit of it is told as.

use serde_json::{Value, json};

use super::Promise;
use crate::{
    entry::{Entry, tests::body},
    finding::Findings,
    json::{self, Json},
    tree::hex,
};

fn objective(title: &str) -> Value {
    json!({ "objective": "obj_1", "title": title, "rationale": "Why.", "owner": "person_l", "load": null, "contributesTo": null })
}

fn key_result(id: &str, target: &str) -> Value {
    json!({ "keyResult": id, "title": "Share", "owner": "person_l", "unit": "%", "baseline": "0", "target": target })
}

fn commitment(target: &str) -> Value {
    let objectives = json!([{ "terms": objective("Settle"), "keyResults": [key_result("kr_1", target)] }]);
    json!({ "capacity": null, "capacityUnit": null, "objectives": objectives })
}

fn entry(action: &str, subject: &str, after: &Value) -> Value {
    let by = json!({ "person": "person_p", "role": "planner" });
    json!({ "action": action, "subject": { "id": subject, "kind": "PLAN" }, "team": "team_1", "quarter": "2026-Q4",
            "plan": "plan_1", "by": by, "after": after })
}

fn renegotiation(action: &str, status: &str) -> Value {
    let change = json!({ "change": "KEY_RESULT_AMENDED", "before": key_result("kr_1", "100"), "after": key_result("kr_1", "80"), "why": null });
    let terms = json!({ "trigger": "T", "reason": "R", "tradeOff": null, "evidence": [], "changes": [change],
                        "decideBy": "2026-12-01T00:00:00.000000Z", "baseRevision": 1 });
    let mut said = entry(action, "reneg_1", &json!({ "status": status, "terms": terms, "authors": ["person_p"] }));
    said["renegotiation"] = json!("reneg_1");
    said
}

fn meeting(action: &str, status: &str) -> Value {
    let after = json!({ "status": status, "kind": "RENEGOTIATION", "agenda": ["reneg_1"], "boundary": { "decided": [] },
                        "attendees": [{ "person": "person_a", "ask": "APPROVAL" }] });
    let mut said = entry(action, "meeting_1", &after);
    (said["plan"], said["meeting"]) = (Value::Null, json!("meeting_1"));
    said
}

const DRAFTED: usize = 0;
const COMMITTED: usize = 3;
const PROPOSED: usize = 5;
const PREPARED: usize = 6;
const OPENED: usize = 7;
const DECIDED: usize = 8;

/// A plan that is drafted, committed, renegotiated once, checked in on, and closed.
fn story() -> Vec<Value> {
    let stated = renegotiation("RENEGOTIATION_DECIDED", "APPROVED")["after"].clone();
    let decision = json!({ "outcome": "APPROVED", "rationale": "So.", "revision": 2, "commitment": commitment("80"), "renegotiation": stated });
    let mut decided = entry("RENEGOTIATION_DECIDED", "reneg_1", &decision);
    decided["by"] = json!({ "person": "person_a", "role": "approver" });
    (decided["renegotiation"], decided["meeting"]) = (json!("reneg_1"), json!("meeting_1"));
    decided["before"] = json!({ "revision": 1 });
    vec![
        entry("PLAN_DRAFTED", "plan_1", &json!({ "capacity": null, "capacityUnit": null })),
        entry("OBJECTIVE_ADDED", "obj_1", &objective("Settle")),
        entry("KEY_RESULT_ADDED", "kr_1", &json!({ "objective": "obj_1", "terms": key_result("kr_1", "100") })),
        entry("PLAN_COMMITTED", "plan_1", &json!({ "revision": 1, "commitment": commitment("100") })),
        renegotiation("RENEGOTIATION_DRAFTED", "DRAFT"),
        renegotiation("RENEGOTIATION_PROPOSED", "PROPOSED"),
        meeting("MEETING_PREPARED", "PREPARED"),
        meeting("MEETING_OPENED", "OPEN"),
        decided,
        entry("CHECK_IN_RECORDED", "checkin_1", &json!({ "kind": "FINAL", "keyResult": "kr_1", "value": "80" })),
        entry("PLAN_CLOSED", "plan_1", &json!({ "closed": true, "withoutFinal": [] })),
    ]
}

fn digest(members: &[(&str, &Value)]) -> Value {
    let texts: Vec<_> = members.iter().map(|(name, value)| (*name, serde_json::to_vec(value).unwrap())).collect();
    let parsed: Vec<_> = texts.iter().map(|(name, bytes)| (*name, Json::canonical(bytes).unwrap())).collect();
    let members: Vec<_> = parsed.iter().map(|(name, value)| (*name, value)).collect();
    json!(hex(&json::digest(&members)))
}

/// Puts in every digest that the story does not state otherwise, as whoever writes a log would.
fn sealed(mut story: Vec<Value>) -> Vec<Value> {
    let mut promised = Value::Null;
    for (seq, entry) in story.iter_mut().enumerate() {
        entry["seq"] = json!(seq.to_string());
        let commitment = entry["after"]["commitment"].clone();
        let own = digest(&[("commitment", &commitment), ("plan", &entry["plan"])]);
        let decided = entry["action"] == "RENEGOTIATION_DECIDED";
        let subject = entry["subject"]["id"].clone();
        let stated = if decided { &mut entry["after"]["renegotiation"] } else { &mut entry["after"] };
        let terms = stated["terms"].clone();
        let said = digest(&[("plan", &json!("plan_1")), ("renegotiation", &subject), ("terms", &terms)]);
        if !terms.is_null() && stated.get("digest").is_none() {
            stated["digest"] = said.clone();
        }
        if entry["action"] == "PLAN_COMMITTED" && entry.get("digest").is_none() {
            entry["digest"] = own.clone();
        }
        if matches!(entry["action"].as_str(), Some("RENEGOTIATION_PROPOSED" | "RENEGOTIATION_DECIDED")) {
            entry["digest"] = said;
        }
        if decided && entry["before"].get("digest").is_none() {
            entry["before"]["digest"] = promised.clone();
        }
        if !commitment.is_null() {
            promised = own;
        }
    }
    story
}

fn told(story: Vec<Value>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut out = |finding: &crate::Finding| lines.push(finding.to_string());
    let mut findings = Findings::new(&mut out);
    let mut promise = Promise::default();
    for entry in sealed(story) {
        let bytes = body(&entry);
        promise.observe(&Entry::read(&bytes).unwrap(), &mut findings);
    }
    lines
}

/// What one edit of the story is told as: the first line.
fn broken_by(edit: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut story = story();
    edit(&mut story);
    told(story).into_iter().next().unwrap_or_default()
}

#[test]
fn a_sound_story_is_told_nothing_of() {
    assert_eq!(told(story()), Vec::<String>::new());
}

type Edit = fn(&mut Vec<Value>);

#[test]
fn a_commitment_that_changes_otherwise_than_by_a_renegotiation_is_told() {
    let edits: [(Edit, &str); 9] = [
        (
            |story| story.insert(4, entry("KEY_RESULT_UPDATED", "kr_1", &key_result("kr_1", "1"))),
            "promise-broken: entry 4, plan plan_1, revision 1: KEY_RESULT_UPDATED changes what is committed, without a",
        ),
        (
            |story| story.insert(4, story[COMMITTED].clone()),
            "promise-broken: entry 4, plan plan_1, revision 1: the plan was committed before",
        ),
        (
            |story| story.insert(1, story[DRAFTED].clone()),
            "promise-broken: entry 1, plan plan_1: the plan was begun before",
        ),
        (
            |story| story[COMMITTED]["after"]["commitment"] = commitment("99"),
            "promise-broken: entry 3, plan plan_1, revision 1: what is committed is not what was drafted: the key result kr_1",
        ),
        (
            |story| story[COMMITTED]["digest"] = json!("00"),
            "promise-broken: entry 3, plan plan_1, revision 1: the digest is not that of what is committed",
        ),
        (
            |story| story[DECIDED]["after"]["commitment"] = commitment("70"),
            "promise-broken: entry 8, plan plan_1, revision 2: the plan changed otherwise than was approved: the key result kr_1",
        ),
        (
            |story| story[DECIDED]["after"]["commitment"]["capacity"] = json!("9"),
            "promise-broken: entry 8, plan plan_1, revision 2: the plan changed otherwise than was approved: the capacity",
        ),
        (
            |story| story[DECIDED]["after"]["revision"] = json!(3),
            "promise-broken: entry 8, plan plan_1, revision 2: revisions are not numbered without gaps",
        ),
        (
            |story| story[DECIDED]["before"] = json!({ "revision": 1, "digest": "00" }),
            "promise-broken: entry 8, plan plan_1, revision 2: what held before the decision is not what the revision",
        ),
    ];
    for (edit, line) in edits {
        let told = broken_by(edit);
        assert!(told.starts_with(line), "{line}: {told}");
    }
}

#[test]
fn a_decision_that_broke_a_rule_is_told() {
    let broken = "promise-broken: entry 8, plan plan_1, revision 1: ";
    let edits: [(Edit, &str); 12] = [
        (|story| story[DECIDED]["by"]["person"] = json!("person_p"), "an author decided their own renegotiation"),
        (|story| story[DECIDED]["by"]["role"] = json!("planner"), "whoever decided held the role planner"),
        (|story| story[DECIDED]["by"] = Value::Null, "the entry does not say who decided"),
        (|story| story[OPENED]["after"]["status"] = json!("PREPARED"), "it was decided in a meeting that was not open"),
        (|story| story[DECIDED]["meeting"] = json!("meeting_2"), "the decision names no meeting"),
        (
            |story| (PREPARED..=OPENED).for_each(|place| story[place]["after"]["agenda"] = json!([])),
            "it was decided in a meeting that did not have it on its agenda",
        ),
        (
            |story| {
                (PREPARED..=OPENED).for_each(|place| story[place]["after"]["attendees"][0]["ask"] = json!("INFORM"));
            },
            "whoever decided was not asked for approval",
        ),
        (
            |story| (PREPARED..=OPENED).for_each(|place| story[place]["team"] = json!("team_2")),
            "it was decided in a meeting of another team",
        ),
        (
            |story| story[DECIDED]["after"]["renegotiation"]["terms"]["reason"] = json!("Another"),
            "what is decided is not what was proposed: the digests differ",
        ),
        (|story| story[PROPOSED]["action"] = json!("RENEGOTIATION_UPDATED"), "what is decided is not proposed"),
        (
            |story| story[DECIDED]["imported"] = json!(true),
            "the entry is marked as imported, and the plan was live already",
        ),
        (
            |story| story[DECIDED]["after"]["outcome"] = json!("MAYBE"),
            "the outcome and the renegotiation's status differ",
        ),
    ];
    for (edit, line) in edits {
        let mut story = story();
        edit(&mut story);
        let told = told(story);
        assert!(told.iter().any(|told| told.starts_with(&format!("{broken}{line}"))), "{line}: {told:#?}");
    }
}

#[test]
fn a_renegotiation_makes_one_revision_and_a_rejected_one_none() {
    let twice = broken_by(|story| story.insert(DECIDED + 1, story[DECIDED].clone()));
    assert!(twice.ends_with("what is decided is not proposed, or was decided before."), "{twice}");
    let rejected = broken_by(|story| {
        story[DECIDED]["after"]["outcome"] = json!("REJECTED");
        story[DECIDED]["after"]["renegotiation"]["status"] = json!("REJECTED");
    });
    assert!(rejected.ends_with("a rejection makes a revision."), "{rejected}");
}

#[test]
fn of_two_open_renegotiations_none_touches_what_the_other_touches() {
    let other = |action: &str, status: &str, change: &Value| {
        let mut said = renegotiation(action, status);
        (said["subject"]["id"], said["renegotiation"]) = (json!("reneg_2"), json!("reneg_2"));
        said["after"]["terms"]["changes"] = json!([change]);
        said
    };
    let beside = |change: &Value| {
        let (drafted, proposed) =
            (other("RENEGOTIATION_DRAFTED", "DRAFT", change), other("RENEGOTIATION_PROPOSED", "PROPOSED", change));
        let after = PROPOSED + 1;
        broken_by(|story| drop(story.splice(after..after, [drafted.clone(), proposed.clone()])))
    };
    let same =
        json!({ "change": "KEY_RESULT_DROPPED", "before": key_result("kr_1", "100"), "after": null, "why": null });
    let above =
        json!({ "change": "OBJECTIVE_AMENDED", "before": objective("Settle"), "after": objective("Pay"), "why": null });
    let added = json!({ "change": "KEY_RESULT_ADDED", "before": null, "why": null,
                        "after": { "objective": "obj_1", "terms": key_result("kr_2", "1") } });
    let capacity = json!({ "change": "CAPACITY_CHANGED", "before": null, "after": "9", "why": null });
    let line = "promise-broken: entry 7, plan plan_1, revision 1: it was proposed while reneg_1, which touches the same \
                subject, was open.";
    assert_eq!([beside(&same), beside(&above)], [line, line]);
    assert_eq!([beside(&added), beside(&capacity)], ["", ""]);
    // One that was withdrawn, or that nobody decided in time, is in nobody's way.
    for over in ["withdrawn", "expired"] {
        let told = broken_by(|story| {
            if over == "expired" {
                story[PROPOSED - 1]["after"]["terms"]["decideBy"] = json!("2026-11-02T09:00:00.000000Z");
                story[PROPOSED]["after"]["terms"]["decideBy"] = json!("2026-11-02T09:00:00.000000Z");
            }
            let mut more = vec![
                renegotiation("RENEGOTIATION_WITHDRAWN", "WITHDRAWN"),
                other("RENEGOTIATION_DRAFTED", "DRAFT", &same),
                other("RENEGOTIATION_PROPOSED", "PROPOSED", &same),
            ];
            more.drain(..usize::from(over == "expired"));
            story.splice(PROPOSED + 1.., more);
        });
        assert_eq!(told, "", "{over}");
    }
}

#[test]
fn a_boundary_that_moved_once_the_meeting_was_open_is_told() {
    let moved = broken_by(|story| story[OPENED]["after"]["boundary"] = json!({ "decided": [1] }));
    assert!(moved.contains("the meeting's kind, boundary or agenda changed"), "{moved}");
    let restated = broken_by(|story| story.insert(DECIDED, meeting("MEETING_UPDATED", "OPEN")));
    assert!(restated.contains("MEETING_UPDATED does not follow from where the meeting stood"), "{restated}");
}

#[test]
fn a_closed_plan_takes_nothing_but_corrections() {
    let check_in = |kind: &str| {
        let mut said =
            entry("CHECK_IN_RECORDED", "checkin_2", &json!({ "kind": kind, "keyResult": "kr_1", "value": "1" }));
        said["reason"] = json!("Miscounted.");
        said
    };
    assert_eq!(broken_by(|story| story.push(check_in("CORRECTION"))), "");
    let late = broken_by(|story| story.push(check_in("FINAL")));
    assert_eq!(late, "promise-broken: entry 11, plan plan_1, revision 2: a closed plan takes corrections only.");
    let reopened = broken_by(|story| story.push(renegotiation("RENEGOTIATION_DRAFTED", "DRAFT")));
    assert!(reopened.contains("RENEGOTIATION_DRAFTED comes after the plan was closed"), "{reopened}");
    let early = broken_by(|story| story[9]["after"]["kind"] = json!("PROGRESS"));
    assert!(early.contains("the key result kr_1 has neither a FINAL check-in nor a reason"), "{early}");
}

#[test]
fn an_imported_revision_is_listed_and_an_unknown_action_is_said_to_be_unknown() {
    let mut imported = story()[COMMITTED].clone();
    (imported["imported"], imported["by"]) = (json!(true), Value::Null);
    assert_eq!(
        told(vec![imported]),
        [
            "notice imported-revision: entry 0, plan plan_1, revision 1: imported from a file of history, which does not say who decided and why."
        ]
    );
    let unknown = told(vec![entry("PLAN_BLESSED", "plan_1", &Value::Null)]);
    assert!(unknown[0].starts_with("notice action-unknown: entry 0, plan plan_1: "), "{unknown:?}");
}
