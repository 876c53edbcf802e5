//! The table of what a request's parameters may look like, and what each wrong one is told.

use axum::http::HeaderValue;

use super::*;

#[test]
fn a_body_gives_its_parameters_and_null_counts_as_absent() {
    let params = from_body(br#"{"query":"{a}","operationName":null,"variables":{"n":1},"extensions":{}}"#);

    let (said, params) = params.expect("accepted");
    assert_eq!((said, params.operation_name), (Said::Document("{a}".into()), None));
    assert_eq!(params.variables["n"], ConstValue::from(1));
}

#[test]
fn every_wrong_body_is_told_what_is_wrong() {
    let deep = format!("{{\"query\":\"{{a}}\",\"variables\":{{\"x\":{}1{}}}}}", "[".repeat(70), "]".repeat(70));
    let table: [(&[u8], &str); 15] = [
        (b"", "not valid JSON"),
        (b"{ \"not a JSON", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "Batches"),
        (b"[{\"query\":\"{a}\"}]", "Batches"),
        (b"\"{a}\"", "must be a JSON object"),
        (b"{}", "`query` must be given"),
        (b"{\"query\":null}", "`query` must be given"),
        (b"{\"query\":{}}", "`query` must be given"),
        (b"{\"documentId\":7}", "`documentId` must be"),
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

    let (said, params) = params.expect("accepted");
    assert_eq!((said, params.operation_name.as_deref()), (Said::Document("{a b}".into()), Some("Q")));
    assert_eq!(params.variables["n"], ConstValue::from(1));

    let by_id = from_query_string("documentId=sha256:ab").expect("accepted");
    assert_eq!(by_id.0, Said::Id("sha256:ab".into()));

    for (text, expected) in [
        ("query=a&documentId=b", "and not both"),
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
    let room = Room::new(1);
    let read = async |len: usize| room.read(Body::from(vec![b' '; len]), Duration::from_secs(5)).await;

    assert_eq!(read(MAX_BODY).await.map(|body| body.bytes.len()).ok(), Some(MAX_BODY));

    let refusal = read(MAX_BODY + 1).await.expect_err("refused");
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn bodies_have_so_much_room_together_and_leave_it_again() {
    let room = Room::new(2);
    let read = async || room.read(Body::from(vec![b' '; MAX_BODY]), Duration::from_secs(5)).await;
    let (first, second) = (read().await, read().await);

    let refusal = read().await.expect_err("refused");
    assert_eq!(
        (refusal.status, refusal.errors[0].message.contains("in a moment")),
        (StatusCode::SERVICE_UNAVAILABLE, true)
    );
    drop(first);
    assert!(read().await.is_ok() && second.is_ok());
}
