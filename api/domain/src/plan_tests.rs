//! The rule tables of a plan's states and of its commit.
//! COMMITMENT_LOCKED, PLAN_INCOMPLETE, PLAN_UNSEEN, OVER_CAPACITY, QUARTER_ENDED, PLAN_CLOSED and LINEAGE_CYCLE there.

use std::collections::BTreeSet;

use crate::{
    commitment::Commitment,
    facts::Facts,
    key_result::Measure,
    lineage::Lineage,
    plan::{CommittedPlan, Plan},
    refusal::Code,
    story_tests::{
        AFTERWARDS, PLANNER, codes, commit_of, commitment, committed, day, draft_of, id, line, objective, permit,
        quantity,
    },
};

fn closed() -> Plan {
    let finals: BTreeSet<_> = [11, 12, 21].map(id).into();
    let change = committed().close(&permit(PLANNER), &finals, Vec::new(), day(AFTERWARDS)).unwrap();
    Plan::Closed(change.into_state().plan)
}

fn draft() -> Plan {
    Plan::Draft(draft_of(commitment()))
}

#[test]
fn only_a_draft_whose_quarter_has_not_ended_is_edited() {
    let table = [
        ("a draft before its quarter", draft(), -5, vec![]),
        ("a draft on the last day", draft(), AFTERWARDS - 1, vec![]),
        ("a draft that lapsed", draft(), AFTERWARDS, vec![Code::QuarterEnded]),
        ("a committed plan", Plan::Committed(committed()), 1, vec![Code::CommitmentLocked]),
        ("a committed plan of the past", Plan::Committed(committed()), AFTERWARDS, vec![Code::CommitmentLocked]),
        ("a closed plan", closed(), AFTERWARDS, vec![Code::PlanClosed]),
    ];

    for (name, plan, now, expected) in table {
        assert_eq!(codes(plan.into_draft(day(now))), expected, "{name}");
    }
}

#[test]
fn only_a_committed_plan_is_renegotiated_or_closed() {
    let table = [
        ("a committed plan", Plan::Committed(committed()), vec![]),
        ("a draft", draft(), vec![Code::Invalid]),
        ("a closed plan", closed(), vec![Code::PlanClosed]),
    ];

    for (name, plan, expected) in table {
        assert_eq!(codes(plan.into_committed()), expected, "{name}");
    }
}

#[test]
fn a_version_that_was_not_seen_is_a_conflict() {
    let table = [(None, vec![]), (Some(1), vec![]), (Some(0), vec![Code::Conflict]), (Some(2), vec![Code::Conflict])];

    for (expected_version, expected) in table {
        assert_eq!(codes(draft().expect_version(expected_version)), expected, "{expected_version:?}");
    }
}

fn with(change: impl FnOnce(&mut Commitment)) -> Commitment {
    let mut commitment = commitment();
    change(&mut commitment);
    commitment
}

fn aimless() -> Measure {
    Measure { unit: line("%"), baseline: quantity("80"), target: quantity("80") }
}

#[test]
fn a_commit_needs_a_complete_plan_within_its_capacity_and_without_a_loop() {
    let unweighed = |commitment: &mut Commitment| commitment.objectives[1].terms.load = None;
    let table = [
        ("the story's plan", commitment(), vec![]),
        ("no objective", with(|c| c.objectives.clear()), vec![Code::PlanIncomplete]),
        ("no key result", with(|c| c.objectives[1].key_results.clear()), vec![Code::PlanIncomplete]),
        (
            "no way to go",
            with(|c| c.objectives[0].key_results[0].terms.measure = aimless()),
            vec![Code::PlanIncomplete],
        ),
        ("a capacity and no load", with(unweighed), vec![Code::PlanIncomplete]),
        ("neither capacity nor load", with(|c| (unweighed(c), c.capacity = None).1), vec![]),
        (
            "two objectives incomplete",
            with(|c| c.objectives.iter_mut().for_each(|o| o.key_results.clear())),
            vec![Code::PlanIncomplete, Code::PlanIncomplete],
        ),
        ("loads as high as the capacity", with(|c| c.capacity = Some(quantity("7"))), vec![]),
        ("loads above the capacity", with(|c| c.capacity = Some(quantity("6.999999"))), vec![Code::OverCapacity]),
        ("loads without a capacity", with(|c| c.capacity = None), vec![]),
        ("a parent in the plan", with(|c| c.objectives[1].terms.contributes_to = Some(id(1))), vec![]),
        ("its own parent", with(|c| c.objectives[0].terms.contributes_to = Some(id(1))), vec![Code::LineageCycle]),
    ];

    for (name, commitment, expected) in table {
        let draft = draft_of(commitment);
        let commit = commit_of(draft.commitment.digest(draft.head.id));
        assert_eq!(codes(draft.commit(&permit(PLANNER), commit, &Lineage::default(), day(-5))), expected, "{name}");
    }
}

#[test]
fn a_commit_names_the_digest_that_was_seen() {
    let draft = draft_of(commitment());
    let other = with(|c| c.objectives[0].terms.title = line("another"));
    let table = [
        ("what is there", commitment().digest(draft.head.id), vec![]),
        ("another commitment", other.digest(draft.head.id), vec![Code::PlanUnseen]),
        ("the same of another plan", commitment().digest(id(999)), vec![Code::PlanUnseen]),
        ("anything", Facts::Null.digest(), vec![Code::PlanUnseen]),
    ];

    for (name, seen, expected) in table {
        let commit = draft.clone().commit(&permit(PLANNER), commit_of(seen), &Lineage::default(), day(-5));
        assert_eq!(codes(commit), expected, "{name}");
    }
}

#[test]
fn a_commit_is_refused_from_the_first_instant_after_the_quarter() {
    let table = [(0, vec![]), (AFTERWARDS - 1, vec![]), (AFTERWARDS, vec![Code::QuarterEnded])];

    for (now, expected) in table {
        let draft = draft_of(commitment());
        let commit = commit_of(draft.commitment.digest(draft.head.id));
        assert_eq!(codes(draft.commit(&permit(PLANNER), commit, &Lineage::default(), day(now))), expected, "{now}");
    }
}

#[test]
fn a_commit_says_all_that_is_broken_in_the_order_of_the_rules() {
    let broken = with(|c| {
        c.capacity = Some(quantity("1"));
        c.objectives.push(objective(3, None, &[]));
        c.objectives[0].terms.contributes_to = Some(id(2));
        c.objectives[1].terms.contributes_to = Some(id(1));
    });
    let unseen = commit_of(Facts::Null.digest());

    let refused = draft_of(broken).commit(&permit(PLANNER), unseen, &Lineage::default(), day(AFTERWARDS));

    let expected = [
        Code::PlanIncomplete,
        Code::PlanIncomplete,
        Code::PlanUnseen,
        Code::OverCapacity,
        Code::QuarterEnded,
        Code::LineageCycle,
        Code::LineageCycle,
    ];
    assert_eq!(codes(refused), expected);
}

#[test]
fn a_commit_makes_revision_1_of_what_was_seen() {
    let draft = draft_of(commitment());
    let seen = draft.commitment.digest(draft.head.id);

    let change = draft.commit(&permit(PLANNER), commit_of(seen), &Lineage::default(), day(-5)).unwrap();

    let CommittedPlan { revision, commitment: promised, head } = change.state().plan.clone();
    assert_eq!((revision, promised, head.version), (1, commitment(), 2));
    assert_eq!((change.state().revision.number, change.state().digest), (1, seen));
    assert_eq!(change.entry().digest, Some(seen));
}
