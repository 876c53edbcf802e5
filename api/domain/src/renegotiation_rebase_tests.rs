//! The rule tables of rebasing a renegotiation onto the plan's latest revision, and of copying one.
//! CONFLICTING_RENEGOTIATION where its own subject moved, and who stays an author.

use crate::{
    commitment::Commitment,
    commitment_change::{ChangeSubject, CommitmentChange},
    lineage::Lineage,
    refusal::Code,
    renegotiation::{Outcome, Renegotiation, Status},
    renegotiation_draft::{Origin, Wish},
    renegotiation_request::ChangeRequest,
    story_tests::{
        AFTERWARDS, APPROVER, OWNER, PLANNER, codes, committed, day, decided, drafted, drop_key_result, id, key_result,
        moved, permit, proposed, prose, quantity, reload, retarget, retitle,
    },
};

fn capacity(amount: &str) -> ChangeRequest {
    ChangeRequest::SetCapacity(Some(quantity(amount)))
}

/// A further key result under objective 1, whose load stays.
fn further() -> ChangeRequest {
    let objective_load = Some(quantity("4"));
    ChangeRequest::AddKeyResult { objective: id(1), id: id(13), terms: key_result(13).terms, objective_load }
}

#[test]
fn a_rebase_is_refused_where_its_own_subject_moved() {
    let table = [
        ("another objective", retitle(1, "better"), reload(2, "2"), vec![]),
        ("its sibling", retarget(11, "70"), retarget(12, "70"), vec![]),
        ("the capacity beside a load", reload(1, "3"), capacity("12"), vec![]),
        ("its sibling, so that it is the last", drop_key_result(11), drop_key_result(12), vec![]),
        ("itself", retarget(11, "70"), retarget(11, "60"), vec![Code::ConflictingRenegotiation]),
        ("its objective", retarget(11, "70"), retitle(1, "better"), vec![Code::ConflictingRenegotiation]),
        ("its key result", retitle(1, "better"), retarget(11, "70"), vec![Code::ConflictingRenegotiation]),
        ("its key result, gone", retarget(11, "70"), drop_key_result(11), vec![Code::ConflictingRenegotiation]),
        ("its objective, gone", retarget(21, "70"), drop_key_result(21), vec![Code::ConflictingRenegotiation]),
        ("the capacity", capacity("9"), capacity("12"), vec![Code::ConflictingRenegotiation]),
    ];

    for (name, own, theirs, expected) in table {
        let plan = committed();
        let later = moved(&plan, vec![theirs]);
        let ours = Renegotiation::Proposed(proposed(10, &plan, vec![own]));
        let rebased = ours.rebase(&permit(PLANNER), &later, &plan.commitment, &[], day(3));
        assert_eq!(codes(rebased), expected, "{name}");
    }
}

#[test]
fn a_rebase_moves_base_and_digest_and_makes_an_author() {
    let plan = committed();
    let later = moved(&plan, vec![reload(2, "2")]);
    let ours = proposed(10, &plan, vec![retitle(1, "better")]);
    let change = Renegotiation::Proposed(ours.clone()).rebase(&permit(OWNER), &later, &plan.commitment, &[], day(3));

    let rebased = change.unwrap().into_state();

    let (before, after) = (&ours.record, rebased.record());
    assert_eq!(rebased.status(day(3)), Status::Proposed);
    assert_eq!((before.terms.base_revision, after.terms.base_revision), (1, 2));
    assert_eq!((&after.terms.changes, after.version), (&before.terms.changes, before.version + 1));
    assert_eq!(after.authors, [PLANNER, OWNER].map(id).into());
    assert_ne!(after.digest(), before.digest());
    assert_eq!(rebased.proposal(), Some(&ours.proposal));
}

#[test]
fn the_last_key_result_takes_its_objective_along_and_then_touches_all_of_it() {
    let plan = committed();
    let later = moved(&plan, vec![drop_key_result(12)]);
    let open = [proposed(20, &plan, vec![further()])];
    let ours = || drafted(10, &plan, vec![drop_key_result(11)]);
    let proposal = ours().propose(&permit(PLANNER), &plan, &open, day(1)).unwrap().into_state();

    let alone = proposal.clone().rebase(&permit(PLANNER), &later, &plan.commitment, &[], day(3)).unwrap().into_state();
    let beside = proposal.rebase(&permit(PLANNER), &later, &plan.commitment, &open, day(3));
    let as_draft = ours().rebase(&permit(PLANNER), &later, &plan.commitment, &open, day(3));

    let subjects: Vec<_> = alone.record().terms.changes.iter().map(CommitmentChange::subject).collect();
    let gone = [ChangeSubject::Objective(id(1)), ChangeSubject::KeyResult { id: id(11), objective: id(1) }];
    assert_eq!(subjects, gone);
    assert_eq!(codes(beside), [Code::ConflictingRenegotiation]);
    assert_eq!(codes(as_draft), []);
}

#[test]
fn only_what_waits_is_rebased() {
    let plan = committed();
    let later = moved(&plan, vec![reload(2, "2")]);
    let words = || vec![retitle(1, "better")];
    let open = || Renegotiation::Proposed(proposed(10, &plan, words()));
    let concluded = |outcome| {
        let decided = decided(proposed(10, &plan, words()), &plan, outcome);
        Renegotiation::Decided(decided.proposed, decided.decision)
    };
    let withdrawn = open().withdraw(&permit(PLANNER), Some(prose("no need")), day(1)).unwrap().into_state();
    let table = [
        ("a draft", drafted(10, &plan, words()), 3, vec![]),
        ("a draft that lapsed", drafted(10, &plan, words()), AFTERWARDS, vec![Code::QuarterEnded]),
        ("a proposal", open(), 14, vec![]),
        ("a proposal that expired", open(), 15, vec![Code::Expired]),
        ("an approved one", concluded(Outcome::Approved), 3, vec![Code::AlreadyDecided]),
        ("a rejected one", concluded(Outcome::Rejected), 3, vec![Code::AlreadyDecided]),
        ("a withdrawn one", withdrawn, 3, vec![Code::AlreadyDecided]),
    ];

    for (name, renegotiation, now, expected) in table {
        let rebased = renegotiation.rebase(&permit(PLANNER), &later, &plan.commitment, &[], day(now));
        assert_eq!(codes(rebased), expected, "{name}");
    }
}

fn copied<'a>(original: &'a Renegotiation, stood_on: &'a Commitment) -> Origin<'a> {
    Origin { copied: Some((original, stood_on)), ..Origin::default() }
}

#[test]
fn a_copy_stands_on_the_plan_as_it_is_and_keeps_words_changes_and_authors() {
    let plan = committed();
    let later = moved(&plan, vec![reload(2, "2")]);
    let original = Renegotiation::Proposed(proposed(10, &plan, vec![drop_key_result(11)]));
    let (permit, lineage) = (permit(APPROVER), Lineage::default());

    let change = Renegotiation::draft(
        &permit,
        id(11),
        &later,
        copied(&original, &plan.commitment),
        Wish::default(),
        &lineage,
        day(3),
    );

    let copy = change.unwrap().into_state();
    assert_eq!(copy.record().terms.changes, original.record().terms.changes);
    assert_eq!(copy.record().terms.reason, original.record().terms.reason);
    assert_eq!((copy.record().terms.base_revision, copy.record().version), (2, 1));
    assert_eq!(copy.record().authors, [PLANNER, APPROVER].map(id).into());
}

#[test]
fn a_copy_of_what_moved_since_is_refused_unless_it_names_its_changes_anew() {
    let plan = committed();
    let original = Renegotiation::Proposed(proposed(10, &plan, vec![retitle(1, "Better words")]));
    let anew = || Wish { changes: Some(vec![retitle(1, "Other words")]), ..Wish::default() };
    let table = [
        ("nothing moved", plan.clone(), Wish::default(), vec![]),
        ("another subject moved", moved(&plan, vec![reload(2, "2")]), Wish::default(), vec![]),
        ("its own moved", moved(&plan, vec![reload(1, "2")]), Wish::default(), vec![Code::ConflictingRenegotiation]),
        ("its own moved, changes anew", moved(&plan, vec![reload(1, "2")]), anew(), vec![]),
    ];

    for (name, later, wish, expected) in table {
        let from = copied(&original, &plan.commitment);
        let copy = Renegotiation::draft(&permit(PLANNER), id(11), &later, from, wish, &Lineage::default(), day(3));
        assert_eq!(codes(copy), expected, "{name}");
    }
}
