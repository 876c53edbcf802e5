//! The promise, found with random stories: what was committed changes only through a decided renegotiation.
//! People draft, propose, rebase, withdraw and decide in any order; each step is checked against the plan before it.

use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest},
    prop_oneof,
    test_runner::TestCaseResult,
};

use crate::{
    commitment::Commitment,
    commitment_change::{apply, overlap},
    lineage::Lineage,
    meeting::{Ask, Attendee, Meeting},
    plan::CommittedPlan,
    renegotiation::{Outcome, Proposed, Renegotiation, Status},
    renegotiation_decide::Decided,
    renegotiation_draft::Origin,
    renegotiation_request::ChangeRequest,
    story_tests::{
        committed, day, drop_key_result, id, key_result, meeting, objective, permit, prose, quantity, reload, retarget,
        retitle, verdict, wish,
    },
};

/// What somebody wants to change; what is added gets an id of its own.
#[derive(Debug, Clone)]
enum Want {
    Exactly(ChangeRequest),
    FurtherKeyResult(u128),
    FurtherObjective(u32),
}

/// What somebody does, to the renegotiation that is the `nth` counted around.
#[derive(Debug, Clone)]
enum Step {
    Draft(Vec<Want>),
    Propose(usize),
    Rebase(usize),
    Withdraw(usize),
    Decide(usize, bool),
}

fn a_want() -> impl Strategy<Value = Want> {
    let known = || (0_usize..3).prop_map(|place| [11, 12, 21][place]);
    prop_oneof![
        (1_u128..3, 0_u32..5).prop_map(|(of, words)| Want::Exactly(retitle(of, &format!("words {words}")))),
        (1_u128..3, 1_u32..7).prop_map(|(of, load)| Want::Exactly(reload(of, &load.to_string()))),
        (known(), 60_u32..70).prop_map(|(of, target)| Want::Exactly(retarget(of, &target.to_string()))),
        known().prop_map(|of| Want::Exactly(drop_key_result(of))),
        (6_u32..14).prop_map(|most| Want::Exactly(ChangeRequest::SetCapacity(Some(quantity(&most.to_string()))))),
        (1_u128..3).prop_map(Want::FurtherKeyResult),
        (1_u32..4).prop_map(Want::FurtherObjective),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let nth = || 0_usize..6;
    prop_oneof![
        3 => vec(a_want(), 1..3).prop_map(Step::Draft),
        3 => nth().prop_map(Step::Propose),
        2 => nth().prop_map(Step::Rebase),
        1 => nth().prop_map(Step::Withdraw),
        4 => (nth(), any::<bool>()).prop_map(|(nth, approve)| Step::Decide(nth, approve)),
    ]
}

/// A plan with all that was ever proposed on it.
struct Story {
    now: i64,
    next_id: u128,
    plan: CommittedPlan,
    revisions: Vec<Commitment>,
    renegotiations: Vec<Renegotiation>,
}

impl Story {
    fn new() -> Self {
        let plan = committed();
        Self { now: 1, next_id: 1_000, revisions: vec![plan.commitment.clone()], plan, renegotiations: vec![] }
    }

    fn fresh(&mut self) -> u128 {
        self.next_id += 1;
        self.next_id
    }

    fn request(&mut self, want: Want) -> ChangeRequest {
        match want {
            Want::Exactly(request) => request,
            Want::FurtherKeyResult(of) => {
                let number = self.fresh();
                let (terms, objective_load) = (key_result(number).terms, Some(quantity("4")));
                ChangeRequest::AddKeyResult { objective: id(of), id: id(number), terms, objective_load }
            }
            Want::FurtherObjective(load) => {
                let (number, of) = (self.fresh(), self.fresh());
                let terms = objective(number, Some(&load.to_string()), &[]).terms;
                let key_results = vec![(id(of), key_result(of).terms)];
                ChangeRequest::AddObjective { id: id(number), terms, key_results }
            }
        }
    }

    fn open(&self) -> Vec<Proposed> {
        let open = self.renegotiations.iter().filter_map(|one| match (one.status(day(self.now)), one) {
            (Status::Proposed, Renegotiation::Proposed(proposed)) => Some(proposed.clone()),
            _ => None,
        });
        open.collect()
    }

    /// The nth of those that stand so, or of all where none does: most steps then find what they ask for.
    fn place(&self, nth: usize, status: Status) -> Option<usize> {
        let stands = |place: &usize| self.renegotiations[*place].status(day(self.now)) == status;
        let found: Vec<_> = (0..self.renegotiations.len()).filter(stands).collect();
        match nth.checked_rem(found.len()) {
            Some(nth) => Some(found[nth]),
            None => nth.checked_rem(self.renegotiations.len()),
        }
    }

    fn draft(&mut self, by: u128, wants: Vec<Want>) {
        let number = self.fresh();
        let requests = wants.into_iter().map(|want| self.request(want)).collect();
        let lineage = Lineage::default();
        let drafted = Renegotiation::draft(
            &permit(by),
            id(number),
            &self.plan,
            Origin::default(),
            wish(requests),
            &lineage,
            day(self.now),
        );
        self.renegotiations.extend(drafted.map(crate::change::Change::into_state));
    }

    /// Does what is not a decision.
    fn prepare(&mut self, by: u128, step: &Step) {
        let (now, open) = (day(self.now), self.open());
        let (status, nth) = match step {
            Step::Propose(nth) => (Status::Draft, *nth),
            Step::Rebase(nth) | Step::Withdraw(nth) | Step::Decide(nth, _) => (Status::Proposed, *nth),
            Step::Draft(_) => return,
        };
        let Some(place) = self.place(nth, status) else { return };
        let one = self.renegotiations[place].clone();
        let base = usize::try_from(one.record().terms.base_revision).unwrap() - 1;
        let change = match step {
            Step::Propose(_) => one.propose(&permit(by), &self.plan, &open, now),
            Step::Rebase(_) => one.rebase(&permit(by), &self.plan, &self.revisions[base], &open, now),
            _ => one.withdraw(&permit(by), Some(prose("no need")), now),
        };
        if let Ok(change) = change {
            self.renegotiations[place] = change.into_state();
        }
    }

    /// Decides, in a meeting where everybody is asked for approval; says what came of it.
    fn decide(&mut self, by: u128, nth: usize, approve: bool) -> Option<Decided> {
        let place = self.place(nth, Status::Proposed)?;
        let on = self.renegotiations[place].clone().into_proposed(day(self.now)).ok()?;
        let attendees = vec![Attendee { person: id(by), ask: Ask::Approval }];
        let meeting = Meeting { attendees, ..meeting(vec![on.record.id]) };
        let verdict = verdict(&on, if approve { Outcome::Approved } else { Outcome::Rejected });
        let plan = self.plan.clone();
        let change = on.decide(&permit(by), plan, &meeting, verdict, &Lineage::default(), day(self.now)).ok()?;
        let decided = change.into_state();
        self.renegotiations[place] = Renegotiation::Decided(decided.proposed.clone(), decided.decision.clone());
        self.plan = decided.plan.clone();
        self.revisions.extend(decided.revision.as_ref().map(|revision| revision.commitment.clone()));
        Some(decided)
    }

    fn step(&mut self, by: u128, step: Step) -> Option<Decided> {
        self.now += 1;
        match step {
            Step::Draft(wants) => self.draft(by, wants),
            Step::Decide(nth, approve) => return self.decide(by, nth, approve),
            other => self.prepare(by, &other),
        }
        None
    }
}

fn check_approval(before: &CommittedPlan, by: u128, decided: &Decided) -> TestCaseResult {
    let (record, after) = (&decided.proposed.record, &decided.plan);
    prop_assert_eq!(after.revision, before.revision + 1);
    prop_assert_eq!(after.head.version, before.head.version + 1);
    prop_assert_eq!(&after.commitment, &apply(&before.commitment, &record.terms.changes));
    prop_assert_eq!(record.terms.base_revision, before.revision);
    prop_assert_eq!(decided.decision.by, Some(id(by)));
    prop_assert_eq!(decided.decision.digest, record.digest());
    prop_assert_eq!(after.commitment.incomplete().count(), 0);
    prop_assert_eq!(after.commitment.over_capacity(), None);
    let revision = decided.revision.as_ref().map(|revision| (revision.number, &revision.commitment));
    prop_assert_eq!(revision, Some((after.revision, &after.commitment)));
    Ok(())
}

fn check_step(story: &Story, before: &CommittedPlan, by: u128, decided: Option<&Decided>) -> TestCaseResult {
    let digest = |plan: &CommittedPlan| plan.commitment.digest(plan.head.id);
    match decided {
        Some(decided) if decided.decision.outcome == Outcome::Approved => check_approval(before, by, decided)?,
        _ => prop_assert_eq!(&story.plan, before),
    }
    if let Some(decided) = decided {
        prop_assert!(!decided.proposed.record.authors.contains(&id(by)));
    }
    let unchanged = story.plan.commitment == before.commitment;
    prop_assert_eq!(digest(&story.plan) == digest(before), unchanged);
    prop_assert_eq!(story.revisions.len(), usize::try_from(story.plan.revision).unwrap());
    let open = story.open();
    for (place, one) in open.iter().enumerate() {
        let clash = open[..place].iter().find(|other| overlap(&one.record.terms.changes, &other.record.terms.changes));
        prop_assert!(clash.is_none(), "two open renegotiations touch the same subject");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_committed_changes_only_through_a_decided_renegotiation(
        steps in vec((1_u128..5, a_step()), 20..60),
    ) {
        let mut story = Story::new();
        let mut earlier: Vec<Commitment> = Vec::new();
        for (by, step) in steps {
            let before = story.plan.clone();
            let decided = story.step(by, step);
            check_step(&story, &before, by, decided.as_ref())?;
            prop_assert_eq!(&story.revisions[..earlier.len()], &earlier[..]);
            earlier.clone_from(&story.revisions);
        }
    }
}
