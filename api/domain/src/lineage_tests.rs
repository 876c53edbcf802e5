//! The rule tables of lineage: chains of goals across teams, plans and quarters.
//! LINEAGE_CYCLE, the order of quarters, and what is not there, in a plan and in a renegotiation of it.

use std::collections::BTreeMap;

use crate::{
    commitment::Commitment,
    lineage::{Ancestor, Lineage},
    refusal::{Code, Refusal},
    renegotiation::{Outcome, Renegotiation},
    renegotiation_draft::Origin,
    renegotiation_request::ChangeRequest,
    story_tests::{
        APPROVER, PLANNER, codes, commitment, committed, day, draft_of, id, meeting, permit, span, span_of, verdict,
        wish,
    },
};

/// Stored objectives: number, quarter, what it contributes to.
fn stored(rows: &[(u128, &str, Option<u128>)]) -> Lineage {
    let ancestor = |quarter: &str, parent: Option<u128>| Ancestor {
        quarter_starts: span_of(quarter).starts_at,
        visible: true,
        contributes_to: parent.map(id),
    };
    let rows = rows.iter().map(|(number, quarter, parent)| (id(*number), ancestor(quarter, *parent)));
    Lineage::new(rows.collect::<BTreeMap<_, _>>())
}

fn plan(first: Option<u128>, second: Option<u128>) -> Commitment {
    let mut commitment = commitment();
    commitment.objectives[0].terms.contributes_to = first.map(id);
    commitment.objectives[1].terms.contributes_to = second.map(id);
    commitment
}

type Row<'a> = (&'a str, Option<u128>, Option<u128>, &'a [(u128, &'a str, Option<u128>)], Vec<Code>);

#[test]
fn an_objective_contributes_to_one_of_the_same_or_an_earlier_quarter_that_does_not_lead_back() {
    let table: [Row<'_>; 13] = [
        ("nothing", None, None, &[], vec![]),
        ("an earlier quarter", Some(50), None, &[(50, "2026-Q3", None)], vec![]),
        ("the same quarter", Some(50), None, &[(50, "2026-Q4", None)], vec![]),
        ("a later quarter", Some(50), None, &[(50, "2027-Q1", None)], vec![Code::Invalid]),
        ("nothing that is there", Some(50), None, &[], vec![Code::NotFound]),
        ("its neighbour", Some(2), None, &[], vec![]),
        ("itself", Some(1), None, &[], vec![Code::LineageCycle]),
        ("its neighbour, which leads back", Some(2), Some(1), &[], vec![Code::LineageCycle]),
        ("a long chain", Some(50), None, &[(50, "2026-Q4", Some(51)), (51, "2026-Q3", Some(52))], vec![]),
        (
            "a long chain that leads back",
            Some(50),
            None,
            &[(50, "2026-Q4", Some(51)), (51, "2026-Q4", Some(52)), (52, "2026-Q4", Some(1))],
            vec![Code::LineageCycle],
        ),
        ("a loop of others", Some(50), None, &[(50, "2026-Q3", Some(51)), (51, "2026-Q3", Some(50))], vec![]),
        (
            "a chain that led back before the neighbour let go",
            Some(50),
            None,
            &[(50, "2026-Q4", Some(2)), (2, "2026-Q4", Some(1))],
            vec![],
        ),
        (
            "a chain that leads back since the neighbour took hold",
            Some(50),
            Some(1),
            &[(50, "2026-Q4", Some(2)), (2, "2026-Q4", None)],
            vec![Code::LineageCycle],
        ),
    ];

    for (name, first, second, rows, expected) in table {
        let refusals = stored(rows).refusals(&plan(first, second), span().starts_at, &[id(1)]);
        assert_eq!(refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn only_what_is_changed_is_asked_about() {
    let loops = plan(Some(2), Some(1));

    for (changed, expected) in [(vec![], 0), (vec![1], 1), (vec![1, 2], 2), (vec![9], 0)] {
        let changed: Vec<_> = changed.into_iter().map(id).collect();
        let refusals = Lineage::default().refusals(&loops, span().starts_at, &changed);
        assert_eq!(
            refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>(),
            vec![Code::LineageCycle; expected],
            "{changed:?}"
        );
    }
}

#[test]
fn a_draft_is_edited_without_closing_a_loop() {
    let table =
        [(None, vec![]), (Some(2), vec![]), (Some(1), vec![Code::LineageCycle]), (Some(9), vec![Code::NotFound])];

    for (parent, expected) in table {
        let terms = plan(parent, None).objectives[0].terms.clone();
        let edited = draft_of(commitment()).update_objective(&permit(PLANNER), id(1), terms, &Lineage::default());
        assert_eq!(codes(edited), expected, "{parent:?}");
    }
}

#[test]
fn lineage_that_stands_is_not_asked_for_sight_again_and_lineage_that_is_set_is() {
    let row = |visible, quarter: &str, parent: Option<u128>| {
        let quarter_starts = span_of(quarter).starts_at;
        Lineage::new([(id(50), Ancestor { quarter_starts, contributes_to: parent.map(id), visible })].into())
    };
    let table = [
        ("seen", row(true, "2026-Q4", None), vec![], vec![]),
        ("of a team that the caller does not hold", row(false, "2026-Q4", None), vec![Code::NotFound], vec![]),
        ("foreign and later", row(false, "2027-Q1", None), vec![Code::NotFound], vec![Code::Invalid]),
        ("foreign and back", row(false, "2026-Q4", Some(1)), vec![Code::NotFound], vec![Code::LineageCycle]),
        ("gone", Lineage::default(), vec![Code::NotFound], vec![Code::NotFound]),
    ];
    let plan = plan(Some(50), None);
    let codes_of = |refusals: Vec<Refusal>| refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>();

    for (name, lineage, set, stands) in table {
        assert_eq!(codes_of(lineage.refusals(&plan, span().starts_at, &[id(1)])), set, "{name}, set");
        assert_eq!(codes_of(lineage.standing(&plan, span().starts_at, &[id(1)])), stands, "{name}, standing");
        assert_eq!(codes(lineage.named(&[id(50)])), set, "{name}, named, whatever stands");
        let same = plan.objectives[0].terms.clone();
        let edited = draft_of(plan.clone()).update_objective(&permit(PLANNER), id(1), same, &lineage);
        assert_eq!(codes(edited), stands, "{name}, an edit of the rest");
        let anew = draft_of(commitment()).update_objective(
            &permit(PLANNER),
            id(1),
            plan.objectives[0].terms.clone(),
            &lineage,
        );
        assert_eq!(codes(anew), set, "{name}, an edit that sets it");
    }
}

fn contribute(objective: u128, parent: u128) -> ChangeRequest {
    ChangeRequest::AmendObjective {
        id: id(objective),
        title: None,
        rationale: None,
        owner: None,
        load: None,
        contributes_to: Some(Some(id(parent))),
    }
}

#[test]
fn a_renegotiation_closes_no_loop_when_it_is_drafted_nor_when_it_is_approved() {
    let (free, loops) = (stored(&[(50, "2026-Q4", None)]), stored(&[(50, "2026-Q4", Some(1))]));
    let draft = |lineage| {
        let wish = wish(vec![contribute(1, 50)]);
        Renegotiation::draft(&permit(PLANNER), id(10), &committed(), Origin::default(), wish, lineage, day(1))
    };
    let on = draft(&free)
        .and_then(|change| change.into_state().propose(&permit(PLANNER), &committed(), &[], day(1)))
        .and_then(|change| change.into_state().into_proposed(day(2)))
        .unwrap();
    let table = [
        ("free", Outcome::Approved, &free, vec![]),
        ("leads back since", Outcome::Approved, &loops, vec![Code::LineageCycle]),
        ("leads back since", Outcome::Rejected, &loops, vec![]),
    ];

    assert_eq!(codes(draft(&loops)), [Code::LineageCycle]);
    for (name, outcome, lineage, expected) in table {
        let verdict = verdict(&on, outcome);
        let meeting = meeting(vec![id(10)]);
        let decided = on.clone().decide(&permit(APPROVER), committed(), &meeting, verdict, lineage, day(2));
        assert_eq!(codes(decided), expected, "{name}, {}", outcome.name());
    }
}
