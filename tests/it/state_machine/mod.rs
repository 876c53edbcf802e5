//! Random commands through the API: after each step invariants 1 to 6 of the record hold, the same trace gives the
//! same answers on both databases, and in the end the verifier finds nothing.

mod steps;

use std::collections::BTreeMap;

use holdline_domain::permission::Scope;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use self::steps::{Step, step};
use crate::support::{Caller, Server, on_postgres, verified};

/// How many traces, of how many steps.
const TRACES: u32 = 6;
const STEPS: usize = 40;

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

async fn play(trace: &[Step], embedded: bool) -> Vec<Option<Vec<String>>> {
    let mut world = World::new(embedded).await;
    let mut answers = Vec::new();
    for step in trace {
        let before = world.entries().await;
        let answer = world.run(step).await;
        world.check(before, answer.as_ref()).await;
        answers.push(answer);
    }
    verified(&world.server).await;
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
