//! What a dashboard needs of HTTP: answers that are compressed, that pages of other origins may read where they are
//! allowed, that are asked for by a document's hash, and that say when nothing has changed.

use std::sync::Arc;

use holdline::http::{Documents, HttpSettings};
use holdline_domain::{facts::Digest, permission::Role};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Caller, Server, teams};

const TEAMS: &str = "query Teams($first: Int) { teams(first: $first) { nodes { key name } } }";

fn hash(document: &str) -> String {
    Digest::from(<[u8; 32]>::from(Sha256::digest(document))).to_string()
}

fn documents() -> Documents {
    Documents::read(&json!({ hash(TEAMS): TEAMS }).to_string()).unwrap()
}

async fn with_documents(only: bool) -> Server {
    let documents = Arc::new(documents().only(only));
    Server::behind(HttpSettings { documents, ..HttpSettings::default() }).await
}

fn address(server: &Server, parameters: &[(&str, &str)]) -> Url {
    Url::parse_with_params(&server.url, parameters).unwrap()
}

fn get(server: &Server, caller: &Caller, parameters: &[(&str, &str)]) -> RequestBuilder {
    reqwest::Client::new().get(address(server, parameters)).bearer_auth(caller.token())
}

async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_document_is_asked_for_by_its_hash_and_an_answer_that_is_known_is_not_sent_again() {
    let server = with_documents(false).await;
    teams(&server, &["PAY"]).await;
    let viewer = server.caller("v", Role::Viewer, "*");
    let id = format!("sha256:{}", hash(TEAMS));
    let asked = [("documentId", id.as_str()), ("variables", r#"{"first":5}"#)];

    let first = get(&server, &viewer, &asked).send().await.unwrap();
    assert_eq!(first.headers()["cache-control"], "private, no-cache");
    let tag = first.headers()["etag"].clone();
    assert_eq!(body(first).await["data"]["teams"]["nodes"][0]["key"], "PAY");

    let again = get(&server, &viewer, &asked).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!((again.status(), &again.headers()["etag"]), (StatusCode::NOT_MODIFIED, &tag));
    assert_eq!(again.text().await.unwrap(), "");

    teams(&server, &["OPS"]).await;
    let changed = get(&server, &viewer, &asked).header("if-none-match", &tag).send().await.unwrap();
    assert!(changed.status() == 200 && changed.headers()["etag"] != tag);
    let nobody = reqwest::Client::new().get(address(&server, &asked)).header("if-none-match", &tag);
    assert_eq!(nobody.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_answer_with_errors_has_no_tag_and_an_unknown_hash_is_not_found() {
    let server = with_documents(false).await;
    let viewer = server.caller("v", Role::Viewer, "*");

    let refused = get(&server, &viewer, &[("query", "{ teams(first: 251) { nodes { key } } }")]).send().await.unwrap();
    assert!(refused.headers().get("etag").is_none() && refused.headers()["cache-control"] == "no-store");

    let other = format!("sha256:{}", hash("{ a }"));
    let unknown = get(&server, &viewer, &[("documentId", &other)]).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(body(unknown).await["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let both = get(&server, &viewer, &[("documentId", &other), ("query", "{ a }")]).send().await.unwrap();
    assert_eq!(
        (both.status(), body(both).await["errors"][0]["extensions"]["field"].clone()),
        (StatusCode::BAD_REQUEST, json!("documentId"))
    );
}

#[tokio::test]
async fn where_only_the_list_is_run_nothing_else_is() {
    let server = with_documents(true).await;
    let viewer = server.caller("v", Role::Viewer, "*");

    let known = viewer.ask(TEAMS, json!({ "first": 1 })).await;
    assert_eq!(known.data()["teams"]["nodes"], json!([]));
    for other in ["{ viewer { allTeams } }", "{ __schema { types { name } } }", "mutation { a }"] {
        let answer = viewer.ask(other, json!({})).await;
        assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"), "{other}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_answers_and_another_does_not() {
    let dashboard = "https://dashboard.example.com";
    let allowed_origins = vec![dashboard.to_owned()];
    let server = Server::behind(HttpSettings { allowed_origins, ..HttpSettings::default() }).await;
    let viewer = server.caller("v", Role::Viewer, "*");
    let asks = |origin: &str| {
        let request = reqwest::Client::new().request(Method::OPTIONS, &server.url).header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
    };

    let preflight = asks(dashboard).send().await.unwrap();
    let headers = preflight.headers();
    assert_eq!(headers["access-control-allow-origin"], dashboard);
    assert!(headers["access-control-allow-headers"].to_str().unwrap().contains("idempotency-key"), "{headers:?}");
    assert!(headers.get("access-control-allow-credentials").is_none());
    let answer = get(&server, &viewer, &[("query", "{ viewer { allTeams } }")])
        .header("origin", dashboard)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["access-control-allow-origin"]),
        (StatusCode::OK, &dashboard.parse().unwrap())
    );

    let other = "https://elsewhere.example.com";
    assert!(asks(other).send().await.unwrap().headers().get("access-control-allow-origin").is_none());
    let refused =
        get(&server, &viewer, &[("query", "{ viewer { allTeams } }")]).header("origin", other).send().await.unwrap();
    assert_eq!((refused.status(), refused.headers().get("access-control-allow-origin")), (StatusCode::FORBIDDEN, None));
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_who_asks_for_it() {
    let server = Server::start().await;
    let viewer = server.caller("v", Role::Viewer, "*");
    let long = [("query", "{ __schema { types { name description } } }")];

    let plain = get(&server, &viewer, &long).send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let text = plain.text().await.unwrap();
    let packed = get(&server, &viewer, &long).header(header::ACCEPT_ENCODING, "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.headers().get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("accept-encoding")));
    let packed = packed.bytes().await.unwrap();
    assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() * 2 < text.len(), "{} of {}", packed.len(), text.len());
    let short = get(&server, &viewer, &[("query", "{ __typename }")]).header(header::ACCEPT_ENCODING, "gzip");
    assert!(short.send().await.unwrap().headers().get("content-encoding").is_none());
}
