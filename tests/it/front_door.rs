//! The front door: what the HTTP specification asks, and what would take a plain server down.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::Server;

struct Door {
    server: Server,
    client: reqwest::Client,
}

impl Door {
    async fn open() -> Self {
        Self { server: Server::start().await, client: reqwest::Client::new() }
    }

    async fn post(&self, token: Option<&str>, body: String) -> (u16, Value) {
        let mut request = self.client.post(&self.server.url).header("content-type", "application/json").body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let sent = request.send().await.unwrap();
        (sent.status().as_u16(), sent.json().await.unwrap())
    }

    async fn alive(&self) {
        let answer = self.server.planner().query("{ viewer { allTeams } }").await;
        assert_eq!(answer["viewer"]["allTeams"], true);
    }
}

fn nested(open: &str, levels: usize, close: &str) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

fn doubling(levels: usize) -> String {
    let mut text = String::from("{ ...f0 }");
    for n in 0..levels {
        let _ = write!(text, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1);
    }
    text + &format!(" fragment f{levels} on Query {{ __typename }}")
}

/// Traps 1 and 2 of the stack's notes, and deeper: each is refused before it is parsed or validated.
fn bombs() -> Vec<String> {
    let mut bombs = Vec::new();
    for levels in [65, 1_500, 2_000, 20_000] {
        for value in [nested("[", levels, "]"), nested("{a:", levels, "}")] {
            bombs.push(format!("{{ team(key: {value}) {{ id }} }}"));
            bombs.push(format!("{{ viewer @skip(if: {value}) {{ allTeams }} }}"));
            bombs.push(format!("query($v: [Int] = {value}) {{ viewer {{ allTeams }} }}"));
        }
        bombs.push(format!("query($v: {}Int{}) {{ __typename }}", "[".repeat(levels), "]".repeat(levels)));
        bombs.push(format!("{} id {}", "{ plan ".repeat(levels), "}".repeat(levels)));
        bombs.push("{".repeat(levels));
    }
    bombs.extend([10, 20, 25, 29, 100].map(doubling));
    bombs.push(format!("{{ {} }}", "__typename ".repeat(5_000)));
    let aliases: Vec<_> = (0..31).map(|n| format!("a{n}: __typename")).collect();
    bombs.push(format!("{{ {} }}", aliases.join(" ")));
    bombs.push(format!("{{ __typename {} }}", "@x ".repeat(21)));
    bombs.push("{ teams(first: 250) { nodes { plans(first: 250) { nodes { id } } } } }".to_owned());
    bombs.push(" ".repeat(70_000));
    bombs
}

#[tokio::test]
async fn invariant_12_every_bomb_is_refused_and_the_server_is_alive_after_each() {
    let door = Door::open().await;
    let token = door.server.planner().token().to_owned();
    for bomb in bombs() {
        let shown: String = bomb.chars().take(60).collect();
        let body = json!({ "query": bomb }).to_string();

        let (status, answer) = door.post(Some(&token), body.clone()).await;
        let (anonymous, unknown) = door.post(None, body).await;

        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert!(code.starts_with("QUERY_TOO_") || code == "GRAPHQL_PARSE_FAILED", "{shown}: {answer}");
        assert!(status < 500 && answer.get("data").is_none(), "{shown}");
        assert_eq!(
            (anonymous, &unknown["errors"][0]["extensions"]["code"]),
            (401, &json!("UNAUTHENTICATED")),
            "{shown}"
        );
        door.alive().await;
    }
}

#[tokio::test]
async fn nothing_is_read_without_a_good_token() {
    let door = Door::open().await;
    let good = door.server.planner().token().to_owned();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let query = json!({ "query": "{ viewer { allTeams } }" }).to_string();
    for token in [None, Some("nonsense"), Some("a.b.c"), Some(forged.as_str())] {
        let (status, answer) = door.post(token, query.clone()).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")), "{token:?}");
        assert!(!answer.to_string().contains(token.unwrap_or("\0")), "{answer}");
    }
    door.server.set_clock("2027-06-01T00:00:00Z");
    let (status, answer) = door.post(Some(&good), query).await;
    assert_eq!(status, 401, "{answer}");
}

#[tokio::test]
async fn requests_that_another_site_could_forge_are_refused() {
    let door = Door::open().await;
    let token = door.server.planner().token().to_owned();
    let post = |kind: &'static str, body: &'static str| {
        door.client.post(&door.server.url).bearer_auth(&token).header("content-type", kind).body(body)
    };
    let body = r#"{"query":"{ __typename }"}"#;
    let statuses = [
        (post("text/plain", body), 415),
        (post("application/x-www-form-urlencoded", "query={__typename}"), 415),
        (post("multipart/form-data; boundary=x", body), 415),
        (post("application/json", body).header("origin", "https://elsewhere.example"), 403),
        (post("application/json", "[]"), 400),
        (post("application/json", "{"), 400),
        (post("application/json", r#"{"query":1}"#), 400),
        (door.client.get(format!("{}?query=mutation{{__typename}}", door.server.url)).bearer_auth(&token), 405),
        (door.client.delete(&door.server.url).bearer_auth(&token), 405),
        (door.client.get(format!("{}?query={{__typename}}", door.server.url)).bearer_auth(&token), 200),
    ];
    for (place, (request, expected)) in statuses.into_iter().enumerate() {
        let sent = request.send().await.unwrap();
        assert_eq!(sent.status().as_u16(), expected, "request {place}");
        assert_eq!(sent.headers()["x-content-type-options"], "nosniff");
    }
    let huge = json!({ "query": "{ __typename }", "variables": { "x": "y".repeat(1_100_000) } }).to_string();
    assert_eq!(door.post(Some(&token), huge).await.0, 413);
    door.alive().await;
}

#[tokio::test]
async fn invariant_11_errors_say_nothing_of_the_inside() {
    let door = Door::open().await;
    let token = door.server.planner().token().to_owned();
    let secret = "correct_horse_battery";
    let table = [
        (format!("{{ viewer {{ {secret} }} }}"), "GRAPHQL_VALIDATION_FAILED"),
        (format!("{{ viewer \u{7f} {secret} "), "GRAPHQL_PARSE_FAILED"),
    ];
    for (query, expected) in table {
        let (_, answer) = door.post(Some(&token), json!({ "query": query }).to_string()).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], expected, "{answer}");
        assert!(!answer.to_string().contains("Did you mean"), "{answer}");
        assert!(answer.get("data").is_none());
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_whose_assets_come_from_here() {
    let door = Door::open().await;

    let page = door.client.get(&door.server.url).header("accept", "text/html").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let text = page.text().await.unwrap();

    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src 'self' 'unsafe"), "{policy}");
    let base = door.server.url.strip_suffix("/graphql").unwrap();
    let sources: Vec<_> = text.split('"').filter(|part| part.starts_with("/graphql/assets/")).collect();
    assert!(sources.len() >= 4, "{text}");
    for source in sources {
        let asset = door.client.get(format!("{base}{source}")).send().await.unwrap();
        assert_eq!(asset.status().as_u16(), 200, "{source}");
    }
}
