//! The rule tables of ideas: what each transition answers from each state.
//! REASON_REQUIRED as it bears on a decline, merges, and external identities that are taken.

use crate::{
    audit::{AuditAction, Subject},
    change::Change,
    idea::{External, Idea, IdeaChanged, IdeaStatus, IdeaTerms, Rating},
    ids::IdeaId,
    permission::{Permit, action::KeepBacklog},
    rank::Rank,
    refusal::{Code, Refusals},
    roadmap::{Horizon, RoadmapContent, RoadmapItem, RoadmapStatus},
    story_tests::{PLANNER, codes, day, id, line, permit, prose, team},
};

fn keep() -> Permit<KeepBacklog> {
    permit(PLANNER)
}

fn terms(title: &str) -> IdeaTerms {
    IdeaTerms { title: line(title), body: None, external: None, impact: None, effort: None }
}

fn external() -> External {
    External { system: line("tracker"), external_id: line("7"), url: None }
}

/// Idea 1, as it stands.
fn idea(status: IdeaStatus) -> Idea {
    Idea { id: id(1), team: team().id, terms: terms("Export to CSV"), status, created_at: day(1), version: 3 }
}

fn other() -> Idea {
    Idea { id: id(2), ..idea(IdeaStatus::New) }
}

fn every_state() -> [IdeaStatus; 6] {
    [
        IdeaStatus::New,
        IdeaStatus::UnderReview,
        IdeaStatus::Planned(id(8)),
        IdeaStatus::Declined(prose("too small")),
        IdeaStatus::Merged(id(9)),
        IdeaStatus::Shipped(id(8)),
    ]
}

type Transition = fn(Idea) -> Result<Change<IdeaChanged>, Refusals>;

#[test]
fn each_transition_is_open_from_the_states_that_fit_it() {
    let (invalid, conflict) = (Some(Code::Invalid), Some(Code::Conflict));
    // In the order of `every_state`.
    let table: [(&str, Transition, [Option<Code>; 6]); 4] = [
        ("update", |idea| idea.update(&keep(), terms("Other"), None), [None, None, None, None, invalid, None]),
        ("review", |idea| idea.review(&keep()), [None, conflict, invalid, None, invalid, invalid]),
        ("decline", |idea| idea.decline(&keep(), Some(prose("no"))), [None, None, invalid, conflict, invalid, invalid]),
        ("merge", |idea| idea.merge(&keep(), &other()), [None, None, invalid, None, invalid, invalid]),
    ];

    for (name, transition, expected) in table {
        for (status, expected) in every_state().into_iter().zip(expected) {
            let from = status.name();
            assert_eq!(codes(transition(idea(status))), Vec::from_iter(expected), "{name} from {from}");
        }
    }
}

#[test]
fn each_transition_leads_to_its_state_with_one_entry_of_its_own() {
    let ends: [(Transition, AuditAction, IdeaStatus, Option<&str>); 4] = [
        (|idea| idea.update(&keep(), terms("Other"), None), AuditAction::IdeaUpdated, IdeaStatus::New, None),
        (|idea| idea.review(&keep()), AuditAction::IdeaReviewed, IdeaStatus::UnderReview, None),
        (
            |idea| idea.decline(&keep(), Some(prose("no"))),
            AuditAction::IdeaDeclined,
            IdeaStatus::Declined(prose("no")),
            Some("no"),
        ),
        (|idea| idea.merge(&keep(), &other()), AuditAction::IdeaMerged, IdeaStatus::Merged(id(2)), None),
    ];

    for (transition, action, status, reason) in ends {
        let change = transition(idea(IdeaStatus::New)).unwrap();

        let entry = change.entry();
        assert_eq!((entry.action, entry.reason.as_deref(), entry.team), (action, reason, Some(team().id)));
        assert!(matches!(entry.subject, Subject::Idea(subject) if subject == id(1)));
        assert_eq!(entry.before.canonical(), idea(IdeaStatus::New).facts().canonical());
        assert_eq!(entry.after.canonical(), change.state().idea.facts().canonical());
        assert_eq!((change.state().idea.status.clone(), change.state().idea.version), (status, 4));
    }
}

#[test]
fn a_decline_says_why_and_hears_of_everything_at_once() {
    let table = [
        (IdeaStatus::New, vec![Code::ReasonRequired]),
        (IdeaStatus::Planned(id(8)), vec![Code::Invalid, Code::ReasonRequired]),
        (IdeaStatus::Declined(prose("too small")), vec![Code::Conflict, Code::ReasonRequired]),
        (IdeaStatus::Merged(id(9)), vec![Code::Invalid, Code::ReasonRequired]),
    ];

    for (status, expected) in table {
        let from = status.name();
        assert_eq!(codes(idea(status).decline(&keep(), None)), expected, "{from}");
    }
}

#[test]
fn a_merge_is_into_another_idea_of_the_same_team() {
    let elsewhere = Idea { team: id(101), ..other() };
    let table = [
        ("another, whatever its state", idea(IdeaStatus::New), other(), vec![]),
        ("one that was declined", idea(IdeaStatus::New), Idea { status: every_state()[3].clone(), ..other() }, vec![]),
        ("itself", idea(IdeaStatus::New), idea(IdeaStatus::New), vec![Code::Invalid]),
        ("another team's", idea(IdeaStatus::New), elsewhere.clone(), vec![Code::Invalid]),
        ("both at once", idea(IdeaStatus::Planned(id(8))), elsewhere, vec![Code::Invalid, Code::Invalid]),
    ];

    for (name, from, into, expected) in table {
        assert_eq!(codes(from.merge(&keep(), &into)), expected, "{name}");
    }
    let merged = idea(IdeaStatus::New).merge(&keep(), &other()).unwrap().into_state();
    assert_eq!(merged.requests_to, Some(id(2)));
}

#[test]
fn an_external_identity_is_one_ideas_only() {
    let said = IdeaTerms { external: Some(external()), ..terms("Export") };
    let submit = |taken: Option<IdeaId>| Idea::submit(&keep(), id(1), team().id, said.clone(), taken, None, day(1));
    let update = |taken: Option<IdeaId>| idea(IdeaStatus::New).update(&keep(), said.clone(), taken);

    assert_eq!(codes(submit(None)), []);
    assert_eq!(codes(submit(Some(id(2)))), [Code::Conflict]);
    assert_eq!(codes(update(None)), []);
    assert_eq!(codes(update(Some(id(1)))), [], "its own");
    assert_eq!(codes(update(Some(id(2)))), [Code::Conflict]);
}

#[test]
fn a_score_is_impact_by_effort_and_none_without_both() {
    let table =
        [(Some(5), Some(1), Some(300)), (Some(1), Some(3), Some(20)), (Some(5), None, None), (None, None, None)];

    for (impact, effort, expected) in table {
        let rating = |number: Option<i64>| number.map(|number| Rating::new(number).unwrap());
        let terms = IdeaTerms { impact: rating(impact), effort: rating(effort), ..terms("Export") };
        assert_eq!(terms.score(), expected, "{impact:?} {effort:?}");
    }
    for outside in [0, 6, -1, i64::MAX] {
        assert!(Rating::new(outside).is_err(), "{outside}");
    }
}

#[test]
fn a_new_idea_is_new_and_another_version_than_expected_is_a_conflict() {
    let made = Idea::submit(&keep(), id(1), team().id, terms("Export"), None, None, day(1)).unwrap().into_state().idea;

    assert_eq!((made.status.clone(), made.version, made.created_at), (IdeaStatus::New, 1, day(1)));
    assert_eq!(codes(made.expect_version(None)), []);
    assert_eq!(codes(made.expect_version(Some(1))), []);
    assert_eq!(codes(made.expect_version(Some(2))), [Code::Conflict]);
}

/// Item 8 of the roadmap.
fn item(horizon: Horizon, status: RoadmapStatus) -> RoadmapItem {
    let content = RoadmapContent { title: line("Exports"), problem: None, effort: None, key_results: Vec::new() };
    RoadmapItem { id: id(8), team: team().id, content, horizon, status, rank: Rank::behind(None), version: 1 }
}

#[test]
fn an_idea_is_promoted_once_to_next_or_later_and_never_straight_into_now() {
    let shipped = || RoadmapStatus::Shipped;
    // In the order of `every_state`: what is new, under review or declined may go.
    let open = |refused: Vec<Code>| {
        let over = |more: Code| [vec![more], refused.clone()].concat();
        [
            refused.clone(),
            refused.clone(),
            over(Code::Invalid),
            refused.clone(),
            over(Code::Invalid),
            over(Code::Invalid),
        ]
    };
    let table = [
        (item(Horizon::Next, RoadmapStatus::InPlan), open(vec![])),
        (item(Horizon::Later, RoadmapStatus::InPlan), open(vec![])),
        (item(Horizon::Now, RoadmapStatus::InPlan), open(vec![Code::BacklogFirst])),
        (RoadmapItem { team: id(99), ..item(Horizon::Next, RoadmapStatus::InPlan) }, open(vec![Code::Invalid])),
        (item(Horizon::Next, shipped()), open(vec![Code::Invalid])),
    ];

    for (item, expected) in table {
        for (status, expected) in every_state().into_iter().zip(expected) {
            let name = format!("{status:?} to {item:?}");
            let promoted = idea(status).promote(&keep(), &item);
            if let Ok(change) = &promoted {
                assert_eq!(change.state().idea.status, IdeaStatus::Planned(item.id));
            }
            assert_eq!(codes(promoted), expected, "{name}");
        }
    }
}

#[test]
fn an_idea_ends_with_its_item_or_comes_back_where_that_is_dropped() {
    let table = [
        (RoadmapStatus::InPlan, None),
        (RoadmapStatus::Shipped, Some((IdeaStatus::Shipped(id(8)), AuditAction::IdeaShipped, None))),
        (
            RoadmapStatus::Dropped(prose("too dear")),
            Some((IdeaStatus::UnderReview, AuditAction::IdeaReturned, Some("too dear".to_owned()))),
        ),
    ];

    for (status, expected) in table {
        let ended = idea(IdeaStatus::Planned(id(8))).with_item(&permit(PLANNER), &item(Horizon::Now, status));
        let said = ended
            .map(|change| (change.state().idea.status.clone(), change.entry().action, change.entry().reason.clone()));
        assert_eq!(said, expected);
    }
}
