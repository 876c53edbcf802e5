//! A team's page as of another day: what was in effect then, and no doubt about which day it is.

use serde_json::json;

use crate::support::{Server, Visitor, commit_plan, open_meeting, propose};

#[tokio::test]
async fn a_past_day_shows_what_was_promised_then_under_a_plain_banner() {
    let server = Server::start().await;
    server.set_clock("2026-10-05T09:00:00Z");
    let plan = commit_plan(&server, "PAY").await;
    server.set_clock("2026-11-10T09:00:00Z");
    let amended =
        json!([{ "amendKeyResult": { "keyResult": plan.key_results[0], "title": "Share settled within a day" } }]);
    let (proposal, seen) = propose(&server, &plan.plan, amended).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "digest": seen, "rationale": "Yes." });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    server.set_clock("2026-11-11T09:00:00Z");
    let visitor = Visitor::signed_in(&server, &server.planner()).await;

    let now = visitor.sees("/teams/PAY").await.words();
    assert!(
        now.contains("Share settled within a day") && now.contains("Revision 2") && !now.contains("not as it is now")
    );
    let then = visitor.sees("/teams/PAY?asOf=2026-11-09").await.words();
    assert!(then.contains("Share of settled payments") && then.contains("Revision 1"), "{then}");
    assert!(then.contains("This is the plan as it was on 9 November 2026, 23:59 UTC , not as it is now."), "{then}");
    assert_eq!(visitor.sees("/teams/PAY?asOf=2026-11-11").await.words(), now, "today is read as it is now");
    let before = visitor.sees("/teams/PAY?asOf=2026-10-01").await.words();
    assert!(before.contains("Nothing was committed for this quarter by then."), "{before}");

    // After the quarter is over, a day in it shows that quarter's plan without being asked for it.
    server.set_clock("2027-01-20T09:00:00Z");
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let then = visitor.sees("/teams/PAY?asOf=2026-11-09").await.words();
    assert!(then.contains("Committed for 2026-Q4") && then.contains("Revision 1"), "{then}");
    assert!(visitor.sees("/teams/PAY").await.words().contains("There is no plan for this quarter yet."));
}
