//! Random commands through the API: after each step invariants 1 to 6 of the record hold, and the same trace gives
//! the same answers on both databases.

use std::collections::BTreeMap;

use holdline_domain::permission::Scope;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::support::{Caller, Server, codes, on_postgres};

/// How many traces, of how many steps.
const TRACES: u32 = 6;
const STEPS: usize = 40;

#[derive(Debug, Clone)]
enum Step {
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

fn step() -> impl Strategy<Value = Step> {
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

/// A server under test, with what the trace has made on it.
struct World {
    server: Server,
    planner: Caller,
    approver: Caller,
    auditor: Caller,
    plan: String,
    renegotiations: Vec<String>,
    /// Each meeting with the renegotiation on its agenda.
    meetings: Vec<(String, String)>,
    day: u32,
    past: Vec<(String, Value)>,
    digests: BTreeMap<i64, String>,
}

const PLAN: &str = r#"{ plan(team: "PAY") { id revision digest objectives { id title keyResults { id title measure { target } } }
    revisions { nodes { number changes { __typename } plan { digest } auditEntry { seq }
      renegotiation { id status changes { __typename } authors { id } decision { outcome by { id } } } } } } }"#;

impl World {
    async fn new(embedded: bool) -> Self {
        let server = if embedded { Server::start_embedded().await } else { Server::start().await };
        server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
        let (planner, approver) =
            (server.caller_with("planner", &Scope::ALL, "*"), server.caller_with("approver", &Scope::ALL, "*"));
        let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
        let plan = drafted["plan"]["id"].as_str().unwrap().to_owned();
        let auditor = server.caller_with("auditor", &Scope::ALL, "*");
        Self {
            server,
            planner,
            approver,
            auditor,
            plan,
            renegotiations: Vec::new(),
            meetings: Vec::new(),
            day: 2,
            past: Vec::new(),
            digests: BTreeMap::new(),
        }
    }

    async fn state(&self) -> Value {
        self.auditor.query(PLAN).await["plan"].clone()
    }

    async fn entries(&self) -> i64 {
        self.auditor.query("{ auditLog(first: 0) { totalCount } }").await["auditLog"]["totalCount"].as_i64().unwrap()
    }

    /// Runs a step; answers with its codes, or nothing where there was nothing to do it on.
    async fn run(&mut self, step: &Step) -> Option<Vec<String>> {
        let state = self.state().await;
        let objectives = ids(&state["objectives"]);
        let key_results: Vec<_> =
            state["objectives"].as_array()?.iter().flat_map(|objective| ids(&objective["keyResults"])).collect();
        let pick = |of: &[String], place: usize| -> Option<String> {
            (!of.is_empty()).then(|| of[of.len() - 1 - place % of.len()].clone())
        };
        let owner = json!({ "name": "lead" });
        let (caller, name, input, fields) = match step {
            Step::AddObjective => (
                &self.planner,
                "objectiveAdd",
                json!({ "plan": self.plan, "title": "Objective", "rationale": "Because.", "owner": owner }),
                "__typename",
            ),
            Step::AddKeyResult(place) => (
                &self.planner,
                "keyResultAdd",
                json!({ "objective": pick(&objectives, *place)?, "title": "Key result", "owner": owner, "unit": "%", "baseline": "0", "target": "9" }),
                "__typename",
            ),
            Step::EditObjective(place) => (
                &self.planner,
                "objectiveUpdate",
                json!({ "objective": pick(&objectives, *place)?, "title": "Otherwise" }),
                "__typename",
            ),
            Step::RemoveKeyResult(place) => {
                (&self.planner, "keyResultRemove", json!({ "keyResult": pick(&key_results, *place)? }), "__typename")
            }
            Step::Commit => {
                (&self.planner, "planCommit", json!({ "plan": self.plan, "digest": state["digest"] }), "__typename")
            }
            Step::CheckIn(place) => (
                &self.planner,
                "checkInRecord",
                json!({ "keyResult": pick(&key_results, *place)?, "kind": "PROGRESS", "value": "4" }),
                "__typename",
            ),
            Step::Draft(kind, place) => {
                let change = match (kind + place) % 4 {
                    0 => json!({ "dropKeyResult": { "keyResult": pick(&key_results, *place)?, "why": "It waits." } }),
                    1 => {
                        json!({ "amendKeyResult": { "keyResult": pick(&key_results, *place)?, "target": format!("{}", 10 + place) } })
                    }
                    2 => {
                        json!({ "addKeyResult": { "objective": pick(&objectives, *place)?, "title": "One more", "owner": owner, "unit": "%", "baseline": "0", "target": "3" } })
                    }
                    _ => json!({ "dropObjective": { "objective": pick(&objectives, *place)?, "why": "It waits." } }),
                };
                (
                    &self.planner,
                    "renegotiationDraft",
                    json!({ "plan": self.plan, "changes": [change], "trigger": "t", "reason": "r", "tradeOff": "o" }),
                    "renegotiation { id }",
                )
            }
            Step::Propose(place) => (
                &self.planner,
                "renegotiationPropose",
                json!({ "renegotiation": pick(&self.renegotiations, *place)? }),
                "__typename",
            ),
            Step::Withdraw(place) => (
                &self.planner,
                "renegotiationWithdraw",
                json!({ "renegotiation": pick(&self.renegotiations, *place)?, "reason": "r" }),
                "__typename",
            ),
            Step::Rebase(place) => (
                &self.planner,
                "renegotiationRebase",
                json!({ "renegotiation": pick(&self.renegotiations, *place)? }),
                "__typename",
            ),
            Step::Prepare(place) => (
                &self.planner,
                "meetingPrepare",
                json!({ "team": "PAY", "kind": "RENEGOTIATION", "title": "Decide", "agenda": [pick(&self.renegotiations, *place)?],
                "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }, { "person": { "subject": "planner" }, "ask": "APPROVAL" }],
                "boundary": { "decided": [{ "subject": { "text": "The goal" }, "why": "Agreed." }] } }),
                "meeting { id }",
            ),
            Step::Open(place) => (
                &self.planner,
                "meetingOpen",
                json!({ "meeting": pick(&self.meetings.iter().map(|(meeting, _)| meeting.clone()).collect::<Vec<_>>(), *place)? }),
                "__typename",
            ),
            Step::Decide { by_author, renegotiation, meeting, approve } => {
                let (meeting, agenda) = (!self.meetings.is_empty())
                    .then(|| self.meetings[self.meetings.len() - 1 - meeting % self.meetings.len()].clone())?;
                // Mostly what the meeting is about; now and then something else.
                let renegotiation = if *renegotiation == 0 { pick(&self.renegotiations, 0)? } else { agenda };
                let digest = crate::support::digest(&self.server, &renegotiation).await;
                let outcome = if *approve { "APPROVED" } else { "REJECTED" };
                let input = json!({ "renegotiation": renegotiation, "meeting": meeting, "outcome": outcome, "rationale": "So.", "digest": digest });
                (if *by_author { &self.planner } else { &self.approver }, "renegotiationDecide", input, "__typename")
            }
            Step::Wait(days) => {
                self.day += u32::from(*days);
                self.server.set_clock(&format!("2026-{:02}-{:02}T09:00:00Z", 11 + self.day / 31, 1 + self.day % 28));
                return None;
            }
        };
        let payload = caller.mutate(name, input, fields).await;
        self.renegotiations.extend(payload["renegotiation"]["id"].as_str().map(ToOwned::to_owned));
        if let (Step::Prepare(place), Some(meeting)) = (step, payload["meeting"]["id"].as_str()) {
            self.meetings.push((meeting.to_owned(), pick(&self.renegotiations, *place)?));
        }
        Some(codes(&payload))
    }

    async fn check(&mut self, entries_before: i64, answer: Option<&Vec<String>>) {
        let state = self.state().await;
        self.invariants_1_to_3(&state);
        let grown = self.entries().await - entries_before;
        let expected = i64::from(answer.is_some_and(Vec::is_empty));
        assert_eq!(grown, expected, "invariant 4: one entry for a change, none for a refusal: {answer:?}");
        self.invariant_5(&state).await;
        self.invariant_6(&state).await;
    }

    fn invariants_1_to_3(&mut self, state: &Value) {
        let revisions = state["revisions"]["nodes"].as_array().unwrap();
        for (place, revision) in revisions.iter().enumerate() {
            let number = revision["number"].as_i64().unwrap();
            assert_eq!(usize::try_from(number).unwrap(), place + 1, "invariant 3: without gaps");
            let digest = revision["plan"]["digest"].as_str().unwrap();
            let first_seen = self.digests.entry(number).or_insert_with(|| digest.to_owned());
            assert_eq!(first_seen, digest, "invariant 3: none altered");
            if number == 1 {
                continue;
            }
            let renegotiation = &revision["renegotiation"];
            assert_eq!(renegotiation["status"], "APPROVED", "invariant 1");
            assert_eq!(renegotiation["changes"], revision["changes"], "invariant 1: it equals the change");
            let decider = &renegotiation["decision"]["by"];
            assert!(!renegotiation["authors"].as_array().unwrap().contains(decider), "invariant 2");
        }
        let mut made: Vec<_> =
            revisions.iter().filter_map(|revision| revision["renegotiation"]["id"].as_str()).collect();
        made.sort_unstable();
        assert!(made.windows(2).all(|pair| pair[0] != pair[1]), "invariant 1: one renegotiation, one revision");
        assert_eq!(usize::try_from(state["revision"].as_i64().unwrap()).unwrap(), revisions.len());
    }

    async fn invariant_5(&mut self, state: &Value) {
        let as_of = |at: &str| {
            format!(
                r#"{{ plan(team: "PAY", asOf: "{at}") {{ revision digest objectives {{ title keyResults {{ title current }} }} }} }}"#
            )
        };
        if let Some((at, seen)) = self.past.last() {
            assert_eq!(&self.auditor.query(&as_of(at)).await, seen, "invariant 5: the past stays");
        }
        let now = self.server.now();
        let seen = self.auditor.query(&as_of(&now)).await;
        if state["revision"] != 0 {
            assert_eq!(seen["plan"]["digest"], state["digest"], "invariant 5: as of now is now");
        }
        self.past.push((now, seen));
    }

    /// The state that the log alone leads to equals the state in the tables.
    async fn invariant_6(&self, state: &Value) {
        let query = "query($after: String) { auditLog(first: 250, after: $after, orderBy: SEQ_ASC) { pageInfo { hasNextPage endCursor } nodes { action after } } }";
        let (mut after, mut commitment) = (Value::Null, Value::Null);
        loop {
            let page = self.auditor.ask(query, json!({ "after": after })).await.data()["auditLog"].clone();
            for entry in page["nodes"].as_array().unwrap() {
                let told = &entry["after"]["commitment"];
                if !told.is_null() {
                    commitment = told.clone();
                }
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        if state["revision"] == 0 {
            assert!(commitment.is_null());
            return;
        }
        let told: Vec<_> = commitment["objectives"]
            .as_array()
            .unwrap()
            .iter()
            .map(|objective| {
                let members: Vec<_> = objective["keyResults"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|kr| json!([kr["keyResult"], kr["title"], kr["target"]]))
                    .collect();
                json!([objective["terms"]["objective"], objective["terms"]["title"], members])
            })
            .collect();
        let kept: Vec<_> = state["objectives"]
            .as_array()
            .unwrap()
            .iter()
            .map(|objective| {
                let members: Vec<_> = objective["keyResults"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|kr| json!([kr["id"], kr["title"], kr["measure"]["target"]]))
                    .collect();
                json!([objective["id"], objective["title"], members])
            })
            .collect();
        assert_eq!(told, kept, "invariant 6: the log leads to the state");
    }
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn play(trace: &[Step], embedded: bool) -> Vec<Option<Vec<String>>> {
    let mut world = World::new(embedded).await;
    let mut answers = Vec::new();
    for step in trace {
        let before = world.entries().await;
        let answer = world.run(step).await;
        world.check(before, answer.as_ref()).await;
        answers.push(answer);
    }
    answers
}

#[test]
fn invariants_1_to_6_hold_after_every_step_of_random_traces() {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, b"holdline holds the line, always.");
    let config = Config { cases: TRACES, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let approved = std::cell::Cell::new(0);
    TestRunner::new_with_rng(config, seed)
        .run(&prop::collection::vec(step(), STEPS), |trace| {
            // Every trace begins with a committed plan and an open meeting, so that most of it is about what holds then.
            let begin = [
                Step::AddObjective,
                Step::AddKeyResult(0),
                Step::AddKeyResult(0),
                Step::AddObjective,
                Step::AddKeyResult(0),
                Step::AddKeyResult(0),
                Step::Commit,
                Step::Draft(1, 0),
                Step::Propose(0),
                Step::Prepare(0),
                Step::Open(0),
            ];
            let trace: Vec<_> = begin.into_iter().chain(trace).collect();
            let answers = runtime.block_on(play(&trace, true));
            if on_postgres() {
                prop_assert_eq!(&answers, &runtime.block_on(play(&trace, false)), "the same on both databases");
            }
            let decided = trace.iter().zip(&answers).filter(|(step, answer)| {
                matches!(step, Step::Decide { approve: true, .. }) && **answer == Some(Vec::new())
            });
            approved.set(approved.get() + decided.count());
            Ok(())
        })
        .unwrap();
    assert!(approved.get() > 0, "no trace ever approved anything");
}
