//! What people write is text on every page, whatever it looks like; and every page is fenced in.

use super::{entries_of, of_team};
use crate::{
    support::{Page, Server, Visitor},
    world::World,
};

/// Looks like markup, an attribute's end, a script, an entity and a template at once.
const CANARY: &str = "<script>canary()</script><img src=x onerror=canary()>\"'onload='canary()&lt;{{7*7}}${7*7}";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn fenced(path: &str, page: &Page) {
    assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
    assert_eq!(page.header("cache-control"), "no-store", "{path}");
    assert!(page.text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{path}");
    for script in page.text.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"/assets/") && script.contains("\" defer></script>"), "{path}: {script}");
    }
    for hook in [" onclick", " onload=\"", " style=", "javascript:"] {
        assert!(!page.text.contains(hook), "{path} has {hook}");
    }
}

fn harmless(path: &str, page: &Page) {
    fenced(path, page);
    for live in ["<script>canary", "<img", "'onload=", "\"'", "49${"] {
        assert!(!page.text.contains(live), "{path} has {live} as it was written");
    }
}

#[tokio::test]
async fn every_text_that_somebody_wrote_is_shown_as_text() {
    let server = Server::start().await;
    let world = World::furnish(&server, "PAY", CANARY, None).await;
    let everybody = crate::world::everything(&server);
    let visitor = Visitor::signed_in(&server, &everybody).await;
    let mut paths = of_team(&world);
    paths.push("/".to_owned());
    paths.extend(entries_of(&server, "PAY").await.iter().map(|seq| format!("/audit/{seq}")));

    let mut shown = String::new();
    for path in &paths {
        let page = visitor.sees(path).await;
        harmless(path, &page);
        shown.push_str(&page.words());
    }
    let refused =
        visitor.post(&format!("/meetings/{}/record", world.id("meeting")), &[("text", ""), ("name", CANARY)]).await;
    assert_eq!(refused.status, 422);
    harmless("a refused form", &refused);

    // Each kind of text is somewhere, in full.
    let told = [
        "team",
        "objective",
        "rationale",
        "key result",
        "owner",
        "item",
        "trigger",
        "reason",
        "trade-off",
        "meeting",
        "subject",
        "why",
        "question",
        "matter",
        "decision",
        "cause",
        "status",
        "speaker",
        "input",
        "dissent",
        "idea",
        "body",
        "wish",
        "account",
        "stage",
        "note",
        "problem",
        "draft",
        "result",
    ];
    for what in told {
        assert!(shown.contains(&world.says(what)) || shown.contains(&json_of(&world.says(what))), "{what} is nowhere");
    }
}

/// A text as it stands in a state of the log.
fn json_of(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted.trim_matches('"').to_owned()
}

#[tokio::test]
async fn what_leads_nowhere_is_a_page_for_people_and_json_for_programs() {
    let server = Server::start().await;
    crate::support::commit_plan(&server, "PAY").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;

    for path in [
        "/nothing",
        "/teams/%ff",
        "/meetings/%ff",
        "/teams/NONE",
        "/meetings/meeting_01h455vb4pex5vsknk084sn02q",
        "/assets/none.css",
        "/published/link_01h455vb4pex5vsknk084sn02q/AAAAAAAAAAAAAAAAAAAAAA",
        "/published/x/y",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        fenced(path, &page);
    }
    for path in [
        "/teams/%3Cb%3E",
        "/meetings/plan_x",
        "/audit/-1",
        "/audit/999999999999",
        "/teams/PAY?asOf=soon",
        "/teams/PAY?asOf=2126-01-01",
        "/teams/PAY?asOf=2026-10-29&asOf=2026-10-30",
        "/teams/PAY?quarter=2026-Q9",
    ] {
        let page = visitor.get(path).await;
        assert!([400, 403].contains(&page.status), "{path}: {} {}", page.status, page.words());
        fenced(path, &page);
    }
    let json = reqwest::get(server.url.replace("/graphql", "/nothing")).await.unwrap();
    assert_eq!(json.headers()["content-type"], "application/json; charset=utf-8");
}

#[tokio::test]
async fn the_files_of_the_pages_are_kept_by_browsers_under_addresses_that_change_with_them() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    let page = visitor.sees("/sign-in").await;

    let mut found = 0;
    for address in page.text.split("\"/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let file = visitor.get(&format!("/assets/{address}")).await;
        assert_eq!(file.status, 200, "{address}");
        assert!(address.contains('?'), "{address} names its version");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        found += 1;
    }
    assert_eq!(found, 3, "an icon, a stylesheet and a script");
}
