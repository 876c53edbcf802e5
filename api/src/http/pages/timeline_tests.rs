//! Where the picture of a quarter puts things.

use super::*;

fn at(text: &str) -> Moment {
    Moment::try_from(text.to_owned()).unwrap()
}

fn canvas() -> Canvas {
    Canvas::new(
        at("2026-09-30T22:00:00Z"),
        at("2026-12-31T23:00:00Z"),
        FiscalCalendar::new(1, Tz::Europe__Berlin).unwrap(),
    )
}

fn member() -> Member {
    Member {
        title: "Median time".into(),
        objective: "Fast".into(),
        from: at("2026-10-02T08:00:00Z"),
        came: 1,
        until: None,
        amended: Vec::new(),
        checks: vec![
            (at("2026-10-02T08:00:00Z"), 0.0),
            (at("2026-11-15T22:30:00Z"), 0.5),
            (at("2027-02-01T00:00:00Z"), 3.0),
        ],
    }
}

#[test]
fn the_months_of_the_organizations_zone_are_the_axis() {
    let drawn = canvas().draw(vec![member()], &[(at("2026-11-15T22:30:00Z"), 2)], at("2026-11-15T22:30:00Z"));

    let ticks: Vec<_> = drawn.ticks.iter().map(|tick| tick.text.as_str()).collect();
    assert_eq!(ticks, ["1 Oct", "1 Nov", "1 Dec"]);
    assert_eq!(drawn.ticks[0].x, "0");
    assert_eq!(drawn.revisions[0].text, "r2");
    assert_eq!(
        (drawn.revisions[0].x.as_str(), drawn.now.as_deref()),
        ("480", Some("480")),
        "half of the quarter is gone"
    );
}

#[test]
fn progress_is_drawn_within_its_lane_and_the_quarter() {
    let drawn = canvas().draw(vec![member(), member()], &[], at("2027-03-01T00:00:00Z"));

    assert_eq!(drawn.now, None);
    let (first, second) = (&drawn.lanes[0], &drawn.lanes[1]);
    assert_eq!(
        first.dots.last().unwrap(),
        &("960".to_owned(), "66".to_owned()),
        "no further than its target, nor than the end"
    );
    assert_eq!(first.dots[1].1, "75", "half way up");
    assert_eq!((first.high.as_str(), second.high.as_str()), ("64", "116"), "one beneath the other");
    assert_eq!((first.left.as_str(), first.width.as_str()), ("14.8", "945.2"), "from when it came to the end");
}

#[test]
fn what_came_changed_and_went_is_said_in_words_too() {
    let changed = Member {
        came: 2,
        until: Some((at("2026-12-01T00:00:00Z"), 4)),
        amended: vec![(at("2026-11-20T00:00:00Z"), 3)],
        ..member()
    };
    let drawn = canvas().draw(vec![changed], &[], at("2026-12-24T00:00:00Z"));

    let lane = &drawn.lanes[0];
    assert_eq!(lane.came, "came with revision 2, 2 Oct");
    assert_eq!(lane.changed, "changed with revision 3, 20 Nov");
    assert_eq!(lane.went, "went with revision 4, 1 Dec");
    assert_eq!((lane.marks.len(), lane.last.as_deref()), (3, Some("100")));
}

#[test]
fn revisions_close_together_share_a_mark_and_a_long_title_is_cut() {
    let revisions: Vec<_> = (2..=6).map(|number| (at(&format!("2026-11-0{number}T00:00:00Z")), number)).collect();
    let later = [revisions, vec![(at("2026-12-15T00:00:00Z"), 7)]].concat();
    let long = Member { title: "é".repeat(200), ..member() };
    let drawn = canvas().draw(vec![long], &later, at("2026-12-24T00:00:00Z"));

    let marks: Vec<_> = drawn.revisions.iter().map(|mark| mark.text.as_str()).collect();
    assert_eq!(marks, ["r2–r6", "r7"]);
    assert_eq!(drawn.lanes[0].called.chars().count(), 100);
    assert!(drawn.lanes[0].called.ends_with('…'));
}
