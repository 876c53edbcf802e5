//! The commands of a trace, and how each becomes a request on what the trace has made so far.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::World;
use crate::support::codes;

/// A command of a trace; the numbers pick a subject, counted from the newest.
#[derive(Debug, Clone)]
pub(super) enum Step {
    AddObjective,
    AddKeyResult(usize),
    EditObjective(usize),
    RemoveKeyResult(usize),
    Commit,
    CheckIn(usize),
    Draft(usize, usize),
    Propose(usize),
    Withdraw(usize),
    Rebase(usize),
    Prepare(usize),
    Open(usize),
    Decide { by_author: bool, renegotiation: usize, meeting: usize, approve: bool },
    Wait(u8),
}

/// Any command.
pub(super) fn step() -> impl Strategy<Value = Step> {
    // Few places, counted from the newest, so that steps meet what the steps before them made.
    let place = 0..3_usize;
    prop_oneof![
        1 => Just(Step::AddObjective),
        1 => place.clone().prop_map(Step::AddKeyResult),
        1 => place.clone().prop_map(Step::EditObjective),
        1 => place.clone().prop_map(Step::RemoveKeyResult),
        1 => Just(Step::Commit),
        2 => place.clone().prop_map(Step::CheckIn),
        9 => (place.clone(), place.clone()).prop_map(|(kind, place)| Step::Draft(kind, place)),
        7 => place.clone().prop_map(Step::Propose),
        1 => place.clone().prop_map(Step::Withdraw),
        3 => place.clone().prop_map(Step::Rebase),
        6 => place.clone().prop_map(Step::Prepare),
        8 => place.clone().prop_map(Step::Open),
        12 => (any::<bool>(), place.clone(), place, any::<bool>()).prop_map(|(by_author, renegotiation, meeting, approve)| {
            Step::Decide { by_author, renegotiation, meeting, approve }
        }),
        1 => (1..6_u8).prop_map(Step::Wait),
    ]
}

/// A mutation to run, by whom, with the fields that the trace needs back.
struct Request {
    by_approver: bool,
    name: &'static str,
    input: Value,
    fields: &'static str,
}

fn planned(name: &'static str, input: Value) -> Request {
    Request { by_approver: false, name, input, fields: "__typename" }
}

fn pick<T: Clone>(of: &[T], place: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[of.len() - 1 - place % of.len()].clone())
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

impl World {
    /// Runs a step; answers with its codes, or nothing where there was nothing to do it on.
    pub(super) async fn run(&mut self, step: &Step) -> Option<Vec<String>> {
        let state = self.state().await;
        let request = match step {
            Step::Wait(days) => {
                self.wait(*days);
                return None;
            }
            Step::Decide { .. } => self.decision(step).await?,
            Step::Draft(..) => self.proposal(step, &state)?,
            Step::Propose(_) | Step::Withdraw(_) | Step::Rebase(_) | Step::Prepare(_) | Step::Open(_) => {
                self.meeting_step(step)?
            }
            _ => self.draft_step(step, &state)?,
        };
        let caller = if request.by_approver { &self.approver } else { &self.planner };
        let payload = caller.mutate(request.name, request.input, request.fields).await;
        self.renegotiations.extend(payload["renegotiation"]["id"].as_str().map(ToOwned::to_owned));
        if let (Step::Prepare(place), Some(meeting)) = (step, payload["meeting"]["id"].as_str()) {
            self.meetings.push((meeting.to_owned(), pick(&self.renegotiations, *place)?));
        }
        Some(codes(&payload))
    }

    fn wait(&mut self, days: u8) {
        self.day = (self.day + u32::from(days)).min(60);
        let (month, day) = if self.day <= 30 { (11, self.day) } else { (12, self.day - 30) };
        self.server.set_clock(&format!("2026-{month}-{day:02}T10:00:00Z"));
    }

    fn members(state: &Value) -> Option<(Vec<String>, Vec<String>)> {
        let key_results = state["objectives"].as_array()?.iter().flat_map(|objective| ids(&objective["keyResults"]));
        Some((ids(&state["objectives"]), key_results.collect()))
    }

    fn draft_step(&self, step: &Step, state: &Value) -> Option<Request> {
        let (objectives, key_results) = Self::members(state)?;
        let owner = json!({ "name": "lead" });
        Some(match step {
            Step::AddObjective => {
                let input = json!({ "plan": self.plan, "title": "Objective", "rationale": "Because.", "owner": owner });
                planned("objectiveAdd", input)
            }
            Step::AddKeyResult(place) => {
                let objective = pick(&objectives, *place)?;
                let input = json!({ "objective": objective, "title": "Key result", "owner": owner, "unit": "%",
                                    "baseline": "0", "target": "9" });
                planned("keyResultAdd", input)
            }
            Step::EditObjective(place) => {
                planned("objectiveUpdate", json!({ "objective": pick(&objectives, *place)?, "title": "Otherwise" }))
            }
            Step::RemoveKeyResult(place) => {
                planned("keyResultRemove", json!({ "keyResult": pick(&key_results, *place)? }))
            }
            Step::Commit => planned("planCommit", json!({ "plan": self.plan, "digest": state["digest"] })),
            Step::CheckIn(place) => {
                let key_result = pick(&key_results, *place)?;
                planned("checkInRecord", json!({ "keyResult": key_result, "kind": "PROGRESS", "value": "4" }))
            }
            _ => return None,
        })
    }

    fn proposal(&self, step: &Step, state: &Value) -> Option<Request> {
        let Step::Draft(kind, place) = step else { return None };
        let (objectives, key_results) = Self::members(state)?;
        let change = match (kind + place) % 4 {
            0 => json!({ "dropKeyResult": { "keyResult": pick(&key_results, *place)?, "why": "It waits." } }),
            1 => {
                let target = format!("{}", 10 + place);
                json!({ "amendKeyResult": { "keyResult": pick(&key_results, *place)?, "target": target } })
            }
            2 => json!({ "addKeyResult": { "objective": pick(&objectives, *place)?, "title": "One more",
                         "owner": { "name": "lead" }, "unit": "%", "baseline": "0", "target": "3" } }),
            _ => json!({ "dropObjective": { "objective": pick(&objectives, *place)?, "why": "It waits." } }),
        };
        let input = json!({ "plan": self.plan, "changes": [change], "trigger": "t", "reason": "r", "tradeOff": "o" });
        Some(Request { fields: "renegotiation { id }", ..planned("renegotiationDraft", input) })
    }

    fn meeting_step(&self, step: &Step) -> Option<Request> {
        let of = |place: usize| pick(&self.renegotiations, place);
        Some(match step {
            Step::Propose(place) => planned("renegotiationPropose", json!({ "renegotiation": of(*place)? })),
            Step::Withdraw(place) => {
                planned("renegotiationWithdraw", json!({ "renegotiation": of(*place)?, "reason": "r" }))
            }
            Step::Rebase(place) => planned("renegotiationRebase", json!({ "renegotiation": of(*place)? })),
            Step::Open(place) => planned("meetingOpen", json!({ "meeting": pick(&self.meetings, *place)?.0 })),
            Step::Prepare(place) => {
                let attendee = |subject: &str| json!({ "person": { "subject": subject }, "ask": "APPROVAL" });
                let input = json!({
                    "team": "PAY", "kind": "RENEGOTIATION", "title": "Decide", "agenda": [of(*place)?],
                    "attendees": [attendee("approver"), attendee("planner")],
                    "boundary": { "decided": [{ "subject": { "text": "The goal" }, "why": "Agreed." }] },
                });
                Request { fields: "meeting { id }", ..planned("meetingPrepare", input) }
            }
            _ => return None,
        })
    }

    async fn decision(&self, step: &Step) -> Option<Request> {
        let Step::Decide { by_author, renegotiation, meeting, approve } = step else { return None };
        let (meeting, agenda) = pick(&self.meetings, *meeting)?;
        // Mostly what the meeting is about; now and then something else.
        let renegotiation = if *renegotiation == 0 { pick(&self.renegotiations, 0)? } else { agenda };
        let digest = crate::support::digest(&self.server, &renegotiation).await;
        let outcome = if *approve { "APPROVED" } else { "REJECTED" };
        let input = json!({ "renegotiation": renegotiation, "meeting": meeting, "outcome": outcome,
                            "rationale": "So.", "digest": digest });
        Some(Request { by_approver: !by_author, ..planned("renegotiationDecide", input) })
    }
}
