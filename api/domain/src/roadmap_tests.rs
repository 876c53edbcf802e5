//! The rule tables of the roadmap: NOW_SERVES_COMMITMENT, REASON_REQUIRED there, neighbours, and what takes no step.

use crate::{
    facts::Facts,
    ids::{KeyResultId, MeetingId},
    plan::Plan,
    rank::{Gap, Rank},
    refusal::Code,
    roadmap::{Horizon, RoadmapContent, RoadmapItem, RoadmapStatus, now_serves_commitment},
    roadmap_change::{Addition, Course, Place},
    story_tests::{
        AFTERWARDS, PLANNER, codes, commitment, committed, day, draft_of, drop_key_result, id, line, moved, permit,
        prose, quantity, team,
    },
    team::Team,
};

fn content(key_results: &[u128]) -> RoadmapContent {
    let key_results = key_results.iter().map(|number| id(*number)).collect();
    RoadmapContent { title: line("Reports by mail"), problem: None, effort: Some(quantity("3")), key_results }
}

fn item(number: u128, horizon: Horizon, key_results: &[u128]) -> RoadmapItem {
    let (rank, content) = (Rank::behind(None), content(key_results));
    RoadmapItem { id: id(number), team: team().id, content, horizon, status: RoadmapStatus::InPlan, rank, version: 1 }
}

fn shipped() -> RoadmapItem {
    item(500, Horizon::Now, &[11]).ship(&permit(PLANNER)).unwrap().into_state().item
}

fn closed() -> Plan {
    let finals = [11, 12, 21].map(id).into();
    let change = committed().close(&permit(PLANNER), &finals, Vec::new(), day(AFTERWARDS)).unwrap();
    Plan::Closed(change.into_state().plan)
}

fn end_of(horizon: Horizon) -> Place {
    Place { horizon, after: None, before: None, gap: Gap::default() }
}

/// A name, the horizon, the key results, the current quarter's plan, and what is said.
type Case<'a> = (&'a str, Horizon, &'a [u128], Option<&'a Plan>, Vec<Code>);

#[test]
fn now_serves_a_live_key_result_once_the_quarters_plan_is_committed() {
    let plan = Plan::Committed(committed());
    let without_eleven = Plan::Committed(moved(&committed(), vec![drop_key_result(11)]));
    let draft = Plan::Draft(draft_of(commitment()));
    let stray = vec![Code::NowServesCommitment];
    let over = closed();
    let table: [Case<'_>; 11] = [
        ("no plan", Horizon::Now, &[], None, vec![]),
        ("a draft", Horizon::Now, &[], Some(&draft), vec![]),
        ("committed, served", Horizon::Now, &[11], Some(&plan), vec![]),
        ("committed, one of several", Horizon::Now, &[99, 21], Some(&plan), vec![]),
        ("committed, none", Horizon::Now, &[], Some(&plan), stray.clone()),
        ("committed, another plan's", Horizon::Now, &[99], Some(&plan), stray.clone()),
        ("committed, dropped", Horizon::Now, &[11], Some(&without_eleven), stray.clone()),
        ("closed, served", Horizon::Now, &[11], Some(&over), vec![]),
        ("closed, none", Horizon::Now, &[], Some(&over), stray),
        ("NEXT", Horizon::Next, &[], Some(&plan), vec![]),
        ("LATER", Horizon::Later, &[], Some(&plan), vec![]),
    ];

    for (name, horizon, key_results, current, expected) in table {
        let course = Course { current, meeting: None };
        let said = Addition { id: id(500), content: content(key_results), horizon, rank: Rank::behind(None) };
        let refusal = now_serves_commitment(horizon, &content(key_results), current);
        let elsewhere = item(500, Horizon::Later, key_results);
        let there = item(500, horizon, &[]);

        assert_eq!(refusal.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), expected, "{name}");
        assert!(refusal.is_none_or(|refusal| refusal.message.contains("2026-Q4")), "{name}");
        assert_eq!(codes(RoadmapItem::add(&permit(PLANNER), &team(), said, course)), expected, "add: {name}");
        assert_eq!(codes(elsewhere.move_to(&permit(PLANNER), &end_of(horizon), course)), expected, "move: {name}");
        assert_eq!(codes(there.update(&permit(PLANNER), content(key_results), course)), expected, "update: {name}");
    }
}

#[test]
fn an_orphan_in_now_is_not_even_renamed_but_leaves_now_at_any_time() {
    let plan = Plan::Committed(committed());
    let course = Course { current: Some(&plan), meeting: None };
    let orphan = || item(500, Horizon::Now, &[99]);
    let renamed = RoadmapContent { title: line("Reports by post"), ..content(&[99]) };

    assert_eq!(codes(orphan().update(&permit(PLANNER), renamed, course)), [Code::NowServesCommitment]);
    assert_eq!(codes(orphan().move_to(&permit(PLANNER), &end_of(Horizon::Next), course)), []);
    assert_eq!(codes(orphan().ship(&permit(PLANNER))), []);
    assert_eq!(codes(orphan().drop_for(&permit(PLANNER), Some(prose("nobody asks")))), []);
}

#[test]
fn content_is_checked_wherever_it_is_stated() {
    let with = |change: fn(&mut RoadmapContent)| {
        let mut said = content(&[11]);
        change(&mut said);
        said
    };
    let many = |said: &mut RoadmapContent| said.key_results = (0..51).map(id::<KeyResultId>).collect();
    let table = [
        ("as it should be", with(|_| ()), vec![]),
        ("no effort", with(|said| said.effort = None), vec![]),
        ("an effort of nothing", with(|said| said.effort = Some(quantity("0"))), vec![]),
        ("a negative effort", with(|said| said.effort = Some(quantity("-1"))), vec![Code::Invalid]),
        ("a key result twice", with(|said| said.key_results.push(id(11))), vec![Code::Invalid]),
        ("too many key results", with(many), vec![Code::Invalid]),
    ];

    for (name, said, expected) in table {
        let addition =
            Addition { id: id(500), content: said.clone(), horizon: Horizon::Later, rank: Rank::behind(None) };
        let updated = item(500, Horizon::Later, &[]).update(&permit(PLANNER), said, Course::default());

        assert_eq!(codes(updated), expected, "update: {name}");
        assert_eq!(
            codes(RoadmapItem::add(&permit(PLANNER), &team(), addition, Course::default())),
            expected,
            "add: {name}"
        );
    }
}

#[test]
fn an_item_that_is_over_takes_no_step_and_a_drop_says_why() {
    let dropped = || item(500, Horizon::Now, &[11]).drop_for(&permit(PLANNER), Some(prose("nobody asks"))).unwrap();
    let invalid = [Code::Invalid];

    for over in [shipped(), dropped().into_state().item] {
        let course = Course::default();
        assert_eq!(codes(over.clone().update(&permit(PLANNER), content(&[]), course)), invalid);
        assert_eq!(codes(over.clone().move_to(&permit(PLANNER), &end_of(Horizon::Next), course)), invalid);
        assert_eq!(codes(over.clone().ship(&permit(PLANNER))), invalid);
        assert_eq!(codes(over.clone().drop_for(&permit(PLANNER), Some(prose("again")))), invalid);
    }
    assert_eq!(codes(item(500, Horizon::Now, &[]).drop_for(&permit(PLANNER), None)), [Code::ReasonRequired]);
    assert_eq!(dropped().entry().reason.as_deref(), Some("nobody asks"));
}

#[test]
fn an_archived_team_takes_nothing_new() {
    let archived = Team { archived_at: Some(day(1)), ..team() };
    let said = Addition { id: id(500), content: content(&[]), horizon: Horizon::Later, rank: Rank::behind(None) };

    assert_eq!(codes(RoadmapItem::add(&permit(PLANNER), &archived, said, Course::default())), [Code::Invalid]);
}

/// A name, the item in after, the item in before, and the fields at fault.
type Neighbours<'a> = (&'a str, Option<&'a RoadmapItem>, Option<&'a RoadmapItem>, &'a [&'a str]);

#[test]
fn neighbours_stand_in_plan_in_the_same_horizon_of_the_same_team_and_in_their_order() {
    let (low, high) = (Rank::behind(None), Rank::behind(Some(&Rank::behind(None))));
    let at = |number, rank: &Rank| RoadmapItem { rank: rank.clone(), ..item(number, Horizon::Next, &[]) };
    let (first, second) = (at(1, &low), at(2, &high));
    let gap = Gap { lower: Some(low.clone()), upper: Some(high.clone()) };
    let foreign = RoadmapItem { team: id(101), ..first.clone() };
    let elsewhere = RoadmapItem { horizon: Horizon::Later, ..first.clone() };
    let over = RoadmapItem { status: RoadmapStatus::Shipped, ..first.clone() };
    let table: [Neighbours<'_>; 9] = [
        ("both", Some(&first), Some(&second), &[]),
        ("only after", Some(&first), None, &[]),
        ("only before", None, Some(&second), &[]),
        ("itself", Some(&at(500, &low)), None, &["after"]),
        ("a foreign team's", Some(&foreign), None, &["after"]),
        ("another horizon's", None, Some(&elsewhere), &["before"]),
        ("one that is over", Some(&over), None, &["after"]),
        ("the wrong way round", Some(&second), Some(&first), &["after"]),
        ("both wrong", Some(&over), Some(&elsewhere), &["after", "before"]),
    ];

    for (name, after, before, fields) in table {
        let (after, before) = (after.cloned(), before.cloned());
        let place = Place { horizon: Horizon::Next, after, before, gap: gap.clone() };
        let moved = item(500, Horizon::Later, &[]).move_to(&permit(PLANNER), &place, Course::default());
        match moved {
            Ok(change) => {
                let rank = &change.state().item.rank;
                assert!(fields.is_empty() && low < *rank && *rank < high, "{name}: {rank}");
            }
            Err(refusals) => {
                let named: Vec<_> = refusals.list().iter().flat_map(|refusal| refusal.field.clone()).collect();
                assert_eq!(named, fields, "{name}");
            }
        }
    }
}

#[test]
fn an_entry_tells_where_it_stood_where_it_stands_and_in_which_meeting() {
    let course = Course { current: None, meeting: Some(id::<MeetingId>(300)) };

    let change = item(500, Horizon::Later, &[11]).move_to(&permit(PLANNER), &end_of(Horizon::Next), course).unwrap();

    let entry = change.entry();
    let horizon = |facts: &Facts| match facts {
        Facts::Map(facts) => facts["horizon"].clone(),
        _ => Facts::Null,
    };
    assert_eq!((entry.team, entry.meeting), (Some(team().id), course.meeting));
    assert_eq!((horizon(&entry.before), horizon(&entry.after)), (Facts::text("LATER"), Facts::text("NEXT")));
    assert_eq!((change.state().item.version, change.state().key_results_stated), (2, false));
}
