//! What the page says: all of it once, with texts that would be markup, and a meeting about which little is known.

use holdline_domain::{
    check_in::Confidence,
    commitment_change::CommitmentChange,
    ids::Id,
    key_result::{KeyResult, KeyResultTerms, Measure},
    meeting::Attendee,
    meeting_boundary::{Boundary, BoundarySubject, DecidedSubject, InputWanted, OpenQuestion},
    meeting_input::Disposition,
    objective::{Objective, ObjectiveTerms},
    quantity::Quantity,
    renegotiation::Terms,
    text::Prose,
    time::{FiscalCalendar, Quarter},
};
use uuid::Uuid;

use super::*;

fn id<K: holdline_domain::ids::Kind>(number: u128) -> Id<K> {
    Uuid::from_u128(number).into()
}

fn words(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn prose(text: &str) -> Prose {
    Prose::parse(text).unwrap()
}

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// So many days after 2 November 2026, 09:00 UTC.
fn day(number: u32) -> Timestamp {
    Timestamp::from_micros(1_793_610_000_000_000).unwrap().plus_days(number)
}

fn key_result(number: u128, title: &str) -> KeyResult {
    let measure = Measure::new(words("% | share"), quantity("0"), quantity("80")).unwrap();
    KeyResult { id: id(number), position: 0, terms: KeyResultTerms { title: words(title), owner: id(1), measure } }
}

fn objective() -> Objective {
    let terms = ObjectiveTerms {
        title: words("# Reports are *trusted*"),
        rationale: prose("Customers ask for it.\n- Twice a week\n<b>each</b>"),
        owner: id(1),
        load: Some(quantity("4")),
        contributes_to: None,
    };
    let key_results = vec![key_result(11, "Settled | share"), key_result(12, "Complaints [a week](https://a.test)")];
    Objective { id: id(10), position: 0, terms, key_results }
}

fn commitment() -> Commitment {
    let (capacity, unit) = (Some(quantity("10")), Some(words("points")));
    Commitment { capacity, capacity_unit: unit, objectives: vec![objective()] }
}

fn record() -> Record {
    let (from, dropped) = (objective().terms, key_result(12, "Complaints a week").terms);
    let to = ObjectiveTerms { owner: id(2), load: Some(quantity("3")), ..from.clone() };
    let terms = Terms {
        trigger: Some(prose("Two deals ask.")),
        reason: Some(prose("1. They decide\n2. this quarter")),
        trade_off: None,
        evidence: vec![],
        changes: vec![
            CommitmentChange::ObjectiveAmended { id: id(10), from, to },
            CommitmentChange::KeyResultDropped {
                objective: id(10),
                id: id(12),
                terms: dropped,
                why: Some(prose("It waits.")),
            },
            CommitmentChange::CapacityChanged { from: Some(quantity("10")), to: None },
        ],
        decide_by: day(10),
        base_revision: 1,
    };
    let calendar = FiscalCalendar::new(1, Tz::UTC).unwrap();
    let span = calendar.span(Quarter::parse("2026-Q4").unwrap());
    let (authors, plan, team) = ([id(1)].into(), id(40), id(100));
    Record { id: id(50), plan, team, span, terms, authors, version: 2, imported: false }
}

fn meeting() -> Meeting {
    let decided = DecidedSubject { subject: BoundarySubject::Text(words("scope")), why: prose("Agreed in October.") };
    let open = OpenQuestion {
        id: id(60),
        question: words("Which first?"),
        wanted: InputWanted::Sequencing,
        subject: Some(BoundarySubject::Objective(id(10))),
    };
    Meeting {
        id: id(30),
        team: id(100),
        quarter: Quarter::parse("2026-Q4").unwrap(),
        status: MeetingStatus::Open,
        kind: MeetingKind::Renegotiation,
        format: MeetingFormat::Live,
        title: words("What gives way? <img src=x>"),
        scheduled_for: Some(day(2)),
        duration_minutes: Some(30),
        attendees: vec![Attendee { person: id(2), ask: Ask::Approval }, Attendee { person: id(1), ask: Ask::Inform }],
        boundary: Boundary {
            decided: vec![decided],
            open: vec![open],
            out_of_scope: vec![words("Hiring")],
            information_only: false,
        },
        agenda: vec![id(50)],
        imported: false,
        version: 2,
    }
}

fn said(question: Option<u128>, text: &str, disposition: Option<Disposition>, outcome: Option<&str>) -> Said {
    let question = question.map(id);
    let input = MeetingInput { id: id(70), meeting: id(30), by: id(1), text: prose(text), question, disposition };
    Said { input, outcome: outcome.map(str::to_owned) }
}

fn brief() -> Brief {
    let standing = Standing { current: Some(quantity("30")), projected: None, confidence: Some(Confidence::AtRisk) };
    let plan = Committed {
        revision: 2,
        since: day(1),
        commitment: Arc::new(commitment()),
        standings: [(id(11), standing)].into(),
        open: vec![record()],
    };
    Brief {
        meeting: meeting(),
        opened: true,
        team: words("Reports & Co"),
        zone: Tz::Europe__Berlin,
        plan: Some(plan),
        agenda: vec![(record(), Arc::new(commitment()))],
        decided: vec!["scope".into()],
        asked: vec![Some("# Reports are *trusted*".into())],
        said: vec![
            said(Some(60), "Reporting first!\n# Really", None, None),
            said(None, "Two deals ask.", Some(Disposition::RenegotiationDraft(id(50))), Some("Two deals ask.")),
            said(None, "Thanks.", Some(Disposition::Noted), None),
        ],
        more_said: false,
        names: [(id(1), "lead_one".into()), (id(2), "Ann [x](y)".into())].into(),
    }
}

#[test]
fn the_page_says_plan_reasoning_and_boundary_in_that_order() {
    let page = brief().markdown();

    assert_eq!(page, include_str!("page.md"), "{page}");
}

#[test]
fn a_meeting_about_which_little_is_known_says_so() {
    let meeting = Meeting {
        status: MeetingStatus::Prepared,
        kind: MeetingKind::Planning,
        title: words("Next"),
        scheduled_for: None,
        duration_minutes: None,
        attendees: vec![],
        boundary: Boundary { information_only: true, ..Boundary::default() },
        agenda: vec![],
        ..meeting()
    };
    let brief = Brief {
        meeting,
        opened: false,
        plan: None,
        agenda: vec![],
        decided: vec![],
        asked: vec![],
        said: vec![],
        ..brief()
    };

    let page = brief.markdown();

    for sentence in [
        "Nobody is named as attending.",
        "There is no committed plan for 2026-Q4.",
        "None is stated.",
        "Nothing is stated as decided.",
        "Nothing: this is for information only.",
    ] {
        assert!(page.contains(sentence), "{sentence}\n{page}");
    }
    assert!(!page.contains("What was said"), "{page}");
}
