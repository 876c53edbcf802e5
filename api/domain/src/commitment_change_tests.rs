//! What holds of every difference between two commitments, found with random ones.
//! `apply` after `diff` leads there, a difference names each subject once, and touching is mutual.

use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};

use crate::{
    commitment::Commitment,
    commitment_change::{ChangeSubject, CommitmentChange, apply, diff, overlap},
    key_result::KeyResult,
    objective::Objective,
    story_tests::{id, key_result, line, objective, quantity},
};

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

fn amount(most: u32) -> impl Strategy<Value = Option<String>> {
    proptest::option::of((0..most).prop_map(|amount| amount.to_string()))
}

fn a_key_result(number: u128) -> impl Strategy<Value = KeyResult> {
    (1_u32..4, 0_u32..2).prop_map(move |(target, wording)| {
        let mut found = key_result(number);
        found.terms.measure.target = quantity(&target.to_string());
        found.terms.title = line(&format!("wording {wording}"));
        found
    })
}

/// An objective of a number with `least` to 3 of its three key results, in any order.
fn an_objective(number: u128, least: usize) -> impl Strategy<Value = Objective> {
    let key_results = [1, 2, 3].map(|place| a_key_result(number * 10 + place));
    (amount(4), 0_u32..2, key_results.prop_map(Vec::from).prop_shuffle(), least..=3).prop_map(
        move |(load, wording, mut key_results, count)| {
            key_results.truncate(count);
            let mut found = objective(number, load.as_deref(), &[]);
            found.terms.title = line(&format!("wording {wording}"));
            found.key_results = key_results;
            found
        },
    )
}

/// A commitment of up to four objectives, in any order, each with at least so many key results.
fn a_commitment(least: usize) -> impl Strategy<Value = Commitment> {
    let objectives = [1, 2, 3, 4].map(|number| an_objective(number, least));
    (amount(20), objectives.prop_map(Vec::from).prop_shuffle(), 0..=4_usize).prop_map(
        |(capacity, mut objectives, count)| {
            objectives.truncate(count);
            let capacity = capacity.as_deref().map(quantity);
            placed(Commitment { capacity, capacity_unit: Some(line("points")), objectives })
        },
    )
}

/// Gives each its place.
fn placed(mut commitment: Commitment) -> Commitment {
    for (place, objective) in (0..).zip(&mut commitment.objectives) {
        objective.position = place;
        (0..).zip(&mut objective.key_results).for_each(|(place, key_result)| key_result.position = place);
    }
    commitment
}

/// The same commitment in the order of its ids: equal where two are equal up to positions.
fn sorted(mut commitment: Commitment) -> Commitment {
    commitment.objectives.sort_by_key(|objective| objective.id);
    commitment.objectives.iter_mut().for_each(|objective| objective.key_results.sort_by_key(|kr| kr.id));
    placed(commitment)
}

fn a_subject() -> impl Strategy<Value = ChangeSubject> {
    (0_u32..3, 1_u128..4, 1_u128..4).prop_map(|(kind, number, place)| match kind {
        0 => ChangeSubject::Capacity,
        1 => ChangeSubject::Objective(id(number)),
        _ => ChangeSubject::KeyResult { id: id(number * 10 + place), objective: id(number) },
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn applying_the_difference_leads_to_the_other_commitment(a in a_commitment(0), b in a_commitment(1)) {
        prop_assert_eq!(sorted(apply(&a, &diff(&a, &b))), sorted(b));
    }

    #[test]
    fn nothing_differs_from_itself(a in a_commitment(0)) {
        prop_assert_eq!(diff(&a, &a), vec![]);
    }

    #[test]
    fn what_differs_in_order_alone_does_not_differ(a in a_commitment(0)) {
        prop_assert_eq!(diff(&a, &sorted(a.clone())), vec![]);
    }

    #[test]
    fn a_difference_names_each_subject_once(a in a_commitment(0), b in a_commitment(0)) {
        let mut subjects: Vec<_> = diff(&a, &b).iter().map(CommitmentChange::subject).collect();
        let all = subjects.len();
        subjects.sort_unstable();
        subjects.dedup();
        prop_assert_eq!(subjects.len(), all);
    }

    #[test]
    fn what_holds_has_a_key_result_under_each_objective(a in a_commitment(0), b in a_commitment(0)) {
        let after = apply(&a, &diff(&a, &b));
        prop_assert!(after.objectives.iter().all(|objective| !objective.key_results.is_empty()));
        prop_assert_eq!(apply(&after, &[]), after);
    }

    #[test]
    fn positions_are_taken_once(a in a_commitment(1), b in a_commitment(1)) {
        let after = apply(&a, &diff(&a, &b));
        let once = |mut places: Vec<u32>| {
            let all = places.len();
            places.sort_unstable();
            places.dedup();
            places.len() == all
        };
        prop_assert!(once(after.objectives.iter().map(|objective| objective.position).collect()));
        for objective in &after.objectives {
            prop_assert!(once(objective.key_results.iter().map(|key_result| key_result.position).collect()));
        }
    }

    #[test]
    fn touching_is_mutual_and_each_subject_touches_itself(one in a_subject(), other in a_subject()) {
        prop_assert_eq!(one.touches(other), other.touches(one));
        prop_assert!(one.touches(one));
    }

    #[test]
    fn overlapping_is_mutual(base in a_commitment(0), one in a_commitment(1), other in a_commitment(1)) {
        let (ours, theirs) = (diff(&base, &one), diff(&base, &other));
        prop_assert_eq!(overlap(&ours, &theirs), overlap(&theirs, &ours));
        prop_assert_eq!(overlap(&ours, &ours), !ours.is_empty());
    }
}
