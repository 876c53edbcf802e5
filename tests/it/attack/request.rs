//! Requests that another site could have a browser send, that are none, or that are too long.

use reqwest::{Method, Url};
use serde_json::json;

use super::{Attack, QUERY};

const MUTATION: &str = "mutation { teamCreate(input: { key: \"EVIL\", name: \"Evil\" }) { team { id } } }";

pub(super) fn attacks(token: &str) -> Vec<Attack> {
    let mut all = forged(token);
    all.extend(malformed(token));
    all
}

fn forged(token: &str) -> Vec<Attack> {
    let body = json!({ "query": MUTATION }).to_string();
    let post = |name: &str| Attack::post(name, token, body.clone());
    let kind = |name: &str, kind: &'static str| post(name).with("content-type", kind).refused(415, "INVALID");
    let get = |name: &str, target: &str| Attack::document(name, token, QUERY).by(Method::GET, target);
    let mutation = Url::parse_with_params("http://any/graphql", [("query", MUTATION)]).unwrap();
    let mutation = format!("/graphql?{}", mutation.query().unwrap());
    vec![
        kind("a form", "application/x-www-form-urlencoded"),
        kind("a form of parts", "multipart/form-data; boundary=x"),
        kind("a text", "text/plain"),
        kind("GraphQL itself", "application/graphql"),
        kind("JSON in another encoding", "application/json; charset=utf-16"),
        kind("an empty type", ""),
        post("a body that is packed").with("content-encoding", "gzip").refused(415, "INVALID"),
        post("no type").without("content-type").refused(415, "INVALID"),
        post("from a page of another site").with("origin", "https://elsewhere.example").refused(403, "FORBIDDEN"),
        post("from a page without a site").with("origin", "null").refused(403, "FORBIDDEN"),
        post("from a site named like this one")
            .with("origin", "http://127.0.0.1.elsewhere.example")
            .refused(403, "FORBIDDEN"),
        get("a mutation by GET", &mutation).refused(405, "INVALID"),
        get("a mutation by DELETE", "/graphql").by(Method::DELETE, "/graphql").refused(405, "INVALID"),
        get("a mutation by PUT", "/graphql").by(Method::PUT, "/graphql").refused(405, "INVALID"),
        get("a mutation by HEAD's neighbour", "/graphql").by(Method::PATCH, "/graphql").refused(405, "INVALID"),
        get("a preflight where none is allowed", "/graphql").by(Method::OPTIONS, "/graphql").refused(405, "INVALID"),
        get("a method of another's making", "/graphql")
            .by(Method::from_bytes(b"PROPFIND").unwrap(), "/graphql")
            .refused(405, "INVALID"),
        post("an answer that nobody has").with("accept", "application/xml").refused(406, "INVALID"),
        get("a path beside", "/graphql/../signing.key").refused(404, "NOT_FOUND"),
        get("a path beside, encoded", "/graphql/assets/..%2f..%2fsigning.key").refused(404, "NOT_FOUND"),
    ]
}

fn malformed(token: &str) -> Vec<Attack> {
    let bad = |name: &str, body: &[u8]| Attack::post(name, token, body).refused(400, "INVALID");
    let long = |bytes: usize| json!({ "query": QUERY, "variables": { "x": "y".repeat(bytes) } }).to_string();
    let nested = |levels: usize| {
        format!("{{\"query\":\"{QUERY}\",\"variables\":{{\"x\":{}{}}}}}", "[".repeat(levels), "]".repeat(levels))
    };
    vec![
        bad("an empty body", b""),
        bad("half a body", b"{\"query\":"),
        bad("broken UTF-8", b"{\"query\":\"\xff\"}"),
        bad("a batch", format!("[{{\"query\":\"{QUERY}\"}}]").as_bytes()),
        bad("a number for a document", b"{\"query\":1}"),
        bad("a list for variables", b"{\"query\":\"{ __typename }\",\"variables\":[]}"),
        bad("a document and the id of one", b"{\"query\":\"{ __typename }\",\"documentId\":\"sha256:00\"}"),
        Attack::post("the id of a document that is not known", token, "{\"documentId\":\"sha256:00\"}")
            .refused(404, "NOT_FOUND"),
        Attack::post("a body just too long", token, long(1_100_000)).refused(413, "QUERY_TOO_LARGE"),
        Attack::post("a body of seven megabytes", token, long(7_000_000)).refused(413, "QUERY_TOO_LARGE"),
        Attack::post("a long body without a token", "x.y.z", long(7_000_000)).refused(401, "UNAUTHENTICATED"),
        Attack::post("variables nested deep", token, nested(20_000)).refused(400, "QUERY_TOO_DEEP"),
        Attack::document("a key of many lines", token, MUTATION).with("idempotency-key", "a b").refused(400, "INVALID"),
    ]
}
