//! A meeting from its page: what is said is recorded and sent where it belongs, in two clicks, and a rule that says no says
//! it there, with the way that is open.

use std::time::Duration;

use serde_json::json;

use super::status_check;
use crate::support::{Server, Visitor, commit_plan, open_meeting, propose, verified};

const ASK: &str = "Should we move the reporting work up? Two enterprise deals are asking.";

#[tokio::test]
async fn an_ask_is_recorded_and_sent_to_the_backlog_in_two_clicks() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = status_check(&server, "PAY").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let path = format!("/meetings/{meeting}");

    let form = visitor.sees(&path).await;
    let said = [("id", &*form.field("id")), ("text", ASK), ("name", "head of sales"), ("by", "")];
    let recorded = visitor.post(&format!("{path}/record"), &said).await;
    assert_eq!((recorded.status, recorded.header("location").to_owned()), (303, format!("{path}#record")));
    // Sent twice, as an impatient click does, it is recorded once.
    assert_eq!(visitor.post(&format!("{path}/record"), &said).await.status, 303);
    let form = visitor.sees(&path).await;
    assert_eq!(form.words().matches("waits for its place").count(), 1);
    let input = form.field("input");
    let sent = [("input", &*input), ("way", "BACKLOG")];
    assert_eq!(visitor.post(&format!("{path}/dispose"), &sent).await.status, 303);

    let shown = visitor.sees(&path).await.words();
    assert!(shown.contains(&format!("backlog the idea “{ASK}”")), "{shown}");
    assert!(
        shown.contains("Payments settle Committed for 2026-Q4 (revision 1); it changes only by a renegotiation."),
        "{shown}"
    );
    verified(&server).await;
}

#[tokio::test]
async fn a_rule_that_says_no_says_it_on_the_page_with_the_way_that_is_open() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = status_check(&server, "PAY").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let path = format!("/meetings/{meeting}");
    let said = [("text", ASK), ("name", "head of sales")];
    assert_eq!(visitor.post(&format!("{path}/record"), &said).await.status, 303);
    let input = visitor.sees(&path).await.field("input");

    let into_now =
        [("input", &*input), ("title", "Reporting"), ("way", "ROADMAP"), ("horizon", "NOW"), ("keyResult", "")];
    let refused = visitor.post(&format!("{path}/dispose"), &into_now).await;

    assert_eq!(refused.status, 422);
    let words = refused.words();
    for told in ["Not done", "INPUT_OUT_OF_BOUNDS", "NOW_SERVES_COMMITMENT", "Instead:"] {
        assert!(words.contains(told), "{told} is missing: {words}");
    }
    let refused = visitor.post(&format!("{path}/close"), &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.words().contains("INPUT_UNDISPOSED"), "{}", refused.words());
    let empty = visitor.post(&format!("{path}/record"), &[("text", " "), ("name", "Somebody")]).await;
    assert_eq!(empty.status, 422);
    assert_eq!(empty.field("name"), "Somebody", "what was filled in is still there");

    assert_eq!(visitor.post(&format!("{path}/dispose"), &[("input", &input), ("way", "NOTED")]).await.status, 303);
    let understood =
        visitor.post(&format!("{path}/acknowledge"), &[("revision", "1"), ("dissent", "I would wait.")]).await;
    assert_eq!(understood.status, 303, "{}", understood.words());
    assert_eq!(visitor.post(&format!("{path}/close"), &[]).await.status, 303);
    let team = visitor.sees("/teams/PAY").await.words();
    assert!(team.contains("would have chosen otherwise: I would wait."), "{team}");
}

#[tokio::test]
async fn a_renegotiation_is_decided_on_the_page_by_who_had_no_hand_in_it() {
    let server = Server::start().await;
    let plan = commit_plan(&server, "PAY").await;
    let dropped = json!([{ "dropKeyResult": { "keyResult": plan.key_results[1], "why": "It waits." } }]);
    let (proposal, digest) = propose(&server, &plan.plan, dropped).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let path = format!("/meetings/{meeting}");
    let (author, approver) = (
        Visitor::signed_in(&server, &server.caller("planner", holdline_domain::permission::Role::Approver, "*")).await,
        Visitor::signed_in(&server, &server.approver()).await,
    );
    let decided = [
        ("renegotiation", &*proposal),
        ("digest", &*digest),
        ("outcome", "APPROVED"),
        ("rationale", "Two accounts are worth it."),
    ];

    assert!(author.sees(&path).await.words().contains("You had a hand in this, so somebody else decides it."));
    let refused = author.post(&format!("{path}/decide"), &decided).await;
    assert!(refused.words().contains("NO_SELF_APPROVAL"), "{}", refused.words());
    for unsaid in [vec![], vec![("outcome", "PERHAPS")]] {
        let half = [vec![("renegotiation", &*proposal), ("digest", &*digest), ("rationale", "Yes?")], unsaid].concat();
        let refused = approver.post(&format!("{path}/decide"), &half).await;
        assert_eq!(refused.status, 400, "neither yes nor no decides nothing");
    }
    let form = approver.sees(&path).await;
    assert!(form.text.contains("<textarea id=\"rationale-"), "no key sends a decision by itself");
    assert_eq!((form.field("renegotiation"), form.field("digest")), (proposal.clone(), digest.clone()));
    assert_eq!(approver.post(&format!("{path}/decide"), &decided).await.status, 303);

    let shown = approver.sees(&path).await.words();
    assert!(shown.contains("approved Two accounts are worth it. (approver)"), "{shown}");
    assert!(approver.sees("/teams/PAY").await.words().contains("Revision 2"));
}

#[tokio::test]
async fn what_was_said_first_is_found_however_much_was_said_since() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = status_check(&server, "PAY").await;
    for number in 0..65 {
        let said = json!({ "meeting": meeting, "by": { "name": "sales" }, "text": format!("Ask number {number:02}") });
        server.planner().done("meetingInputRecord", said, "meetingInput { id }").await;
    }
    let visitor = Visitor::signed_in(&server, &server.planner()).await;

    let newest = visitor.sees(&format!("/meetings/{meeting}")).await;
    assert!(!newest.words().contains("Ask number 04") && newest.words().contains("Ask number 64"));
    let link = newest.text.split("href=\"").find(|link| link.contains("?before=")).unwrap().split('#').next().unwrap();
    let earlier = visitor.sees(&link.replace("&#38;", "&")).await;

    assert!(earlier.words().contains("Ask number 04") && !earlier.words().contains("Ask number 05"));
    let first = [("input", &*earlier.field("input")), ("way", "NOTED")];
    assert_eq!(visitor.post(&format!("/meetings/{meeting}/dispose"), &first).await.status, 303);
}

#[tokio::test]
async fn a_form_is_paid_for_and_its_address_leads_back_to_the_meeting() {
    let mut http = crate::support::roomy();
    let number = |n| std::num::NonZeroU32::new(n).unwrap();
    http.allowance = holdline::http::Allowance { limit: number(20_000), restored: number(1) };
    let server = Server::behind(http).await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let nowhere = "/meetings/meeting_01h455vb4pex5vsknk084sn02q";

    let back = visitor.get(&format!("{nowhere}/record")).await;
    assert_eq!((back.status, back.header("location")), (303, nowhere));
    // One that says the same twice is no form, and is paid for all the same.
    let words = "a".repeat(300_000);
    let mut sent = 0;
    while visitor.post(&format!("{nowhere}/nothing"), &[("text", &words), ("text", "again")]).await.status != 429 {
        sent += 1;
        assert!(sent < 100, "nobody ever pays for what they send");
    }
}

#[tokio::test]
async fn an_open_meeting_tells_what_happens_in_it_as_it_happens() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = status_check(&server, "PAY").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let address = server.url.replace("/graphql", &format!("/meetings/{meeting}/events"));
    let request = reqwest::Client::new().get(address).header("Accept", "text/event-stream");
    let mut stream = request.header("Cookie", visitor.cookie.clone().unwrap()).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream; charset=utf-8");

    let mut heard = String::new();
    for told in 1..=2 {
        while heard.matches("event: next").count() < told {
            let chunk = tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await.expect("something is told");
            heard.push_str(std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap());
        }
        let said = [("text", ASK), ("name", "head of sales")];
        visitor.post(&format!("/meetings/{meeting}/record"), &said).await;
    }
    let nobody = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let turned =
        nobody.get(server.url.replace("/graphql", &format!("/meetings/{meeting}/events"))).send().await.unwrap();
    assert_eq!(turned.status(), 303);
}
