//! Signing in: a token becomes a session that no script reads, no other site uses, and nothing outlives.

use holdline_domain::permission::Role;
use serde_json::json;

use crate::support::{Server, Visitor, commit_plan};

#[tokio::test]
async fn a_token_begins_a_session_that_no_script_reads_and_that_leads_back_to_where_it_was_wanted() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let mut visitor = Visitor::new(&server);

    let turned = visitor.get("/teams/PAY?asOf=2026-10-29").await;
    assert_eq!(
        (turned.status, turned.header("location")),
        (303, "/sign-in?next=%2Fteams%2FPAY%3FasOf%3D2026%2D10%2D29")
    );
    let asked = visitor.sees(turned.header("location")).await;
    let (viewer, next) = (server.caller("viewer", Role::Viewer, "PAY"), asked.field("next"));
    assert_eq!(next, "/teams/PAY?asOf=2026-10-29");
    let begun = visitor.post("/sign-in", &[("token", viewer.token()), ("next", &next)]).await;

    assert_eq!((begun.status, begun.header("location")), (303, next.as_str()));
    let (pair, attributes) = begun.header("set-cookie").split_once("; ").unwrap();
    let life = attributes.strip_prefix("Path=/; Max-Age=").unwrap().strip_suffix("; HttpOnly; SameSite=Lax").unwrap();
    let days_90 = 90 * 24 * 60 * 60;
    assert!((days_90 - 2..=days_90).contains(&life.parse::<i32>().unwrap()), "it ends with its token: {life}");
    visitor.cookie = Some(pair.to_owned());
    assert!(visitor.sees("/teams/PAY").await.words().contains("Payments settle"));
    let left = visitor.post("/sign-out", &[]).await;
    assert!(left.header("set-cookie").starts_with("holdline-session=; Path=/; Max-Age=0;"));
}

#[tokio::test]
async fn a_token_that_is_no_good_begins_nothing_and_says_why() {
    let server = Server::start().await;
    let visitor = Visitor::new(&server);
    let foreign = Server::start().await.admin();

    for (token, status, why) in [
        ("", 422, "Paste the token"),
        ("nonsense", 401, "This is no token"),
        (foreign.token(), 401, "signed with a key that this server does not have"),
        (&"a".repeat(4_000), 422, "Browsers keep no token of more than 3800 bytes"),
    ] {
        let refused = visitor.post("/sign-in", &[("token", token), ("next", "//evil.example")]).await;
        assert_eq!(refused.status, status);
        assert!(refused.words().contains(why), "{}", refused.words());
        assert_eq!((refused.header("set-cookie"), refused.field("next").as_str()), ("", "/"));
    }
}

#[tokio::test]
async fn a_session_ends_when_its_token_does_or_is_revoked() {
    let server = Server::start().await;
    let caller = server.caller("viewer", Role::Viewer, "*");
    let visitor = Visitor::signed_in(&server, &caller).await;
    visitor.sees("/").await;

    let revoked = json!({ "token": caller.token_id(), "reason": "Lost." });
    server.admin().done("tokenRevoke", revoked, "__typename").await;

    let turned = visitor.get("/").await;
    assert_eq!((turned.status, turned.header("location")), (303, "/sign-in?next=%2F"));
    let later = Visitor::signed_in(&server, &server.caller("viewer", Role::Viewer, "*")).await;
    server.pass(91 * 24 * 60 * 60);
    assert_eq!(later.get("/").await.status, 303);
}

#[tokio::test]
async fn what_other_sites_send_is_refused_and_the_api_knows_no_cookie() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = super::status_check(&server, "PAY").await;
    let planner = server.planner();
    let visitor = Visitor::signed_in(&server, &planner).await;
    let said = [("text", "Forged"), ("name", "Nobody")];

    for site in ["cross-site", "same-site", "none"] {
        let refused = visitor.post_from(site, &format!("/meetings/{meeting}/record"), &said).await;
        assert_eq!(refused.status, 403, "{site}");
        assert!(refused.words().contains("not sent from one of our own pages"), "{}", refused.words());
        let refused = visitor.post_from(site, "/sign-in", &[("token", planner.token())]).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (403, ""));
        assert_eq!(visitor.post_from(site, "/sign-out", &[]).await.status, 403);
    }
    let shown = visitor.sees(&format!("/meetings/{meeting}")).await;
    assert!(!shown.words().contains("Forged"));

    let cookie = visitor.cookie.clone().unwrap();
    let asked = reqwest::Client::new()
        .post(&server.url)
        .header("Cookie", cookie)
        .json(&json!({ "query": "{ viewer { scopes } }" }));
    assert_eq!(asked.send().await.unwrap().status(), 401, "GraphQL is for who sends a token");
}

#[tokio::test]
async fn a_link_puts_nobody_in_the_place_of_who_is_signed_in() {
    let server = Server::start().await;
    let nobody = Visitor::new(&server).sees("/sign-in").await;
    let somebody = Visitor::signed_in(&server, &server.planner()).await.sees("/sign-in").await;

    assert!(nobody.text.contains(" data-at-once>"), "a script sends the link's token at once");
    assert!(
        !somebody.text.contains(" data-at-once") && somebody.words().contains("Somebody is signed in here already.")
    );
}

#[tokio::test]
async fn what_a_neighbour_host_sets_beside_the_session_keeps_nobody_out() {
    let server = Server::start().await;
    let mut visitor = Visitor::signed_in(&server, &server.planner()).await;
    visitor.cookie = Some(format!("x=\u{e9}; holdline-session=bad; {}", visitor.cookie.unwrap()));

    visitor.sees("/").await;
}

#[tokio::test]
async fn whoever_fills_the_room_for_tokens_keeps_nobody_from_their_forms() {
    use tokio::io::AsyncWriteExt as _;
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = super::status_check(&server, "PAY").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;
    let address = server.url.strip_prefix("http://").unwrap().strip_suffix("/graphql").unwrap();
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16384\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&[b'a'; 16_383]).await.unwrap();
        slow.push(socket);
    }

    let said = [("text", "Still here"), ("name", "sales")];
    assert_eq!(visitor.post(&format!("/meetings/{meeting}/record"), &said).await.status, 303);
    let long = [("token", "a".repeat(20_000))];
    let refused =
        Visitor::new(&server).post("/sign-in", &long.each_ref().map(|(name, token)| (*name, token.as_str()))).await;
    assert!([413, 503].contains(&refused.status), "{}", refused.status);
}

#[tokio::test]
async fn over_tls_the_cookie_is_kept_to_this_very_host() {
    let mut http = crate::support::roomy();
    http.public_url = Some("https://holdline.example.com".to_owned());
    let server = Server::behind(http).await;
    let token = server.caller("viewer", Role::Viewer, "*");

    let begun = Visitor::new(&server).post("/sign-in", &[("token", token.token())]).await;

    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-holdline-session=") && cookie.ends_with("; Secure"), "{cookie}");
    let mut plain = Visitor::new(&server);
    plain.cookie = Some(format!("holdline-session={}", token.token()));
    assert_eq!(plain.get("/").await.status, 303, "a plain cookie, which a neighbour host can set, is not believed");
}
