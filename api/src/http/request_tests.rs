//! The table of what a request's parameters may look like, and what each wrong one is told.

use axum::http::HeaderValue;

use super::*;

#[test]
fn a_body_gives_its_parameters_and_null_counts_as_absent() {
    let params = from_body(br#"{"query":"{a}","operationName":null,"variables":{"n":1},"extensions":{}}"#);

    let params = params.expect("accepted");
    assert_eq!((params.query.as_str(), params.operation_name), ("{a}", None));
    assert_eq!(params.variables["n"], ConstValue::from(1));
}

#[test]
fn every_wrong_body_is_told_what_is_wrong() {
    let deep = format!("{{\"query\":\"{{a}}\",\"variables\":{{\"x\":{}1{}}}}}", "[".repeat(70), "]".repeat(70));
    let table: [(&[u8], &str); 14] = [
        (b"", "not valid JSON"),
        (b"{ \"not a JSON", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "Batches"),
        (b"[{\"query\":\"{a}\"}]", "Batches"),
        (b"\"{a}\"", "must be a JSON object"),
        (b"{}", "`query` must be given"),
        (b"{\"query\":null}", "`query` must be given"),
        (b"{\"query\":{}}", "`query` must be given"),
        (b"{\"query\":\"{a}\",\"operationName\":1}", "`operationName` must be"),
        (b"{\"query\":\"{a}\",\"variables\":[]}", "`variables` must be"),
        (b"{\"query\":\"{a}\",\"variables\":\"{}\"}", "`variables` must be"),
        (b"{\"query\":\"{a}\",\"extensions\":false}", "`extensions` must be"),
        (deep.as_bytes(), "nest 72 deep"),
    ];
    for (body, expected) in table {
        let refusal = from_body(body).expect_err("refused");
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
        assert!(refusal.errors[0].message.contains(expected), "{} / {expected}", refusal.errors[0].message);
    }
}

#[test]
fn a_query_string_is_decoded_as_a_form_and_refused_when_ambiguous() {
    let params = from_query_string("query=%7Ba+b%7D&variables=%7B%22n%22%3A1%7D&other=1&operationName=Q");

    let params = params.expect("accepted");
    assert_eq!((params.query.as_str(), params.operation_name.as_deref()), ("{a b}", Some("Q")));
    assert_eq!(params.variables["n"], ConstValue::from(1));

    for (text, expected) in [
        ("", "`query` must be given"),
        ("query=%ff", "not UTF-8"),
        ("query=a&query=b", "given twice"),
        ("query=a&variables=x", "`variables` is not valid JSON"),
        ("query=a&variables=[]", "`variables` must be"),
        ("query=a&extensions=1", "`extensions` must be"),
    ] {
        let refusal = from_query_string(text).expect_err("refused");
        assert!(refusal.errors[0].message.contains(expected), "{text}: {}", refusal.errors[0].message);
    }
}

#[test]
fn only_json_in_utf8_is_a_content_type_for_post() {
    for (value, expected) in [
        ("application/json", true),
        ("Application/JSON; charset=UTF-8", true),
        ("application/json;charset=\"utf-8\"; profile=x", true),
        ("application/json; charset=utf-16", false),
        ("application/graphql", false),
        ("text/plain", false),
        ("application/x-www-form-urlencoded", false),
        ("multipart/form-data; boundary=x", false),
        ("", false),
    ] {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
        assert_eq!(check_content_type(&headers).is_ok(), expected, "{value}");
    }
    assert!(check_content_type(&HeaderMap::new()).is_err());
}

#[tokio::test]
async fn a_body_is_read_to_the_limit_and_not_one_byte_further() {
    let read = |len: usize| read_body(Body::from(vec![b' '; len]), Duration::from_secs(5));

    assert_eq!(read(MAX_BODY).await.map(|body| body.len()).ok(), Some(MAX_BODY));

    let refusal = read(MAX_BODY + 1).await.expect_err("refused");
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
}
