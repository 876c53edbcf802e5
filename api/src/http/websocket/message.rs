//! The protocol's messages: reading those of a client, and writing the service's. What does not read as one is said in
//! the words of a close reason; what reads as an operation and is none is that operation's error.

use async_graphql::{Response as Executed, ServerError};
use axum::extract::ws::Utf8Bytes;
use serde_json::{Map, Value, json};

use super::{
    super::{
        door::bearer_of,
        errors::is_request_error,
        refusal::Refusal,
        request::{self, Params, Said},
        response,
        scan::scan_json,
    },
    closing::Closing,
};

/// The longest id of an operation, in bytes.
const LONGEST_ID: usize = 80;

/// What a client says.
#[derive(Debug)]
pub(super) enum Message {
    /// Who it is, where it says so here.
    Init { token: Option<String> },
    /// Whether anybody is there.
    Ping,
    /// That it is there.
    Pong,
    /// What it wants to be told, under an id of its choice.
    Subscribe { id: String, asked: Result<(Said, Params), Refusal> },
    /// That it has heard enough.
    Complete { id: String },
}

impl Message {
    pub(super) fn parse(text: &str) -> Result<Self, Closing> {
        let malformed = |why: &str| Closing::malformed(why.to_owned());
        scan_json(text).map_err(|_| malformed("The message nests too deep."))?;
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(malformed("The message is no JSON object."));
        };
        let kind = message.remove("type");
        match kind.as_ref().and_then(Value::as_str) {
            Some("connection_init") => Ok(Self::Init { token: token(payload(&mut message)?.as_ref()) }),
            Some("ping") => payload(&mut message).map(|_| Self::Ping),
            Some("pong") => payload(&mut message).map(|_| Self::Pong),
            Some("complete") => Ok(Self::Complete { id: id(&mut message)? }),
            Some("subscribe") => {
                let (id, payload) = (id(&mut message)?, payload(&mut message)?);
                let payload = payload.ok_or_else(|| malformed("The message subscribe has no payload."))?;
                Ok(Self::Subscribe { id, asked: request::from_map(payload) })
            }
            Some(_) => Err(malformed("The message has an unknown type.")),
            None => Err(malformed("The message has no type.")),
        }
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Closing> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Ok(id),
        _ => Err(Closing::malformed(format!("The message has no id of 1 to {LONGEST_ID} bytes."))),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Closing> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Closing::malformed("The message's payload is no JSON object.".to_owned())),
    }
}

/// `authorization`, as the header has it, or `token` alone.
fn token(payload: Option<&Map<String, Value>>) -> Option<String> {
    let said = |name: &str| payload?.get(name)?.as_str();
    let header = said("authorization").or_else(|| said("Authorization"));
    header.and_then(bearer_of).or_else(|| said("token")).map(str::to_owned)
}

/// That the client is let in.
pub(super) const ACK: Utf8Bytes = Utf8Bytes::from_static("{\"type\":\"connection_ack\"}");

/// That the service is there.
pub(super) const PONG: Utf8Bytes = Utf8Bytes::from_static("{\"type\":\"pong\"}");

/// An answer, and whether it ends its operation.
pub(super) fn answer(id: &str, answer: &Executed) -> (Utf8Bytes, bool) {
    if is_request_error(answer) {
        return (error(id, &answer.errors), true);
    }
    let id = Value::from(id);
    let body = String::from_utf8(response::body(answer)).unwrap_or_default();
    (format!("{{\"id\":{id},\"type\":\"next\",\"payload\":{body}}}").into(), false)
}

/// That an operation ends, because it cannot be carried out.
pub(super) fn error(id: &str, errors: &[ServerError]) -> Utf8Bytes {
    json!({ "id": id, "type": "error", "payload": errors }).to_string().into()
}

/// That an operation has come to its end.
pub(super) fn complete(id: &str) -> Utf8Bytes {
    json!({ "id": id, "type": "complete" }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        match Message::parse(text) {
            Ok(Message::Init { token }) => format!("init {token:?}"),
            Ok(Message::Subscribe { id, asked }) => format!("subscribe {id} {}", asked.is_ok()),
            Ok(Message::Complete { id }) => format!("complete {id}"),
            Ok(other) => format!("{other:?}"),
            Err(closing) => closing.frame().code.to_string(),
        }
    }

    #[test]
    fn each_message_of_the_protocol_is_understood_and_everything_else_closes_the_socket() {
        let table = [
            (r#"{"type":"connection_init"}"#, "init None"),
            (r#"{"type":"connection_init","payload":null}"#, "init None"),
            (r#"{"type":"connection_init","payload":{"authorization":"Bearer a.b.c"}}"#, "init Some(\"a.b.c\")"),
            (r#"{"type":"connection_init","payload":{"Authorization":"bearer a.b.c"}}"#, "init Some(\"a.b.c\")"),
            (r#"{"type":"connection_init","payload":{"token":"a.b.c"}}"#, "init Some(\"a.b.c\")"),
            (r#"{"type":"connection_init","payload":{"authorization":"Basic a"}}"#, "init None"),
            (r#"{"type":"connection_init","payload":7}"#, "4400"),
            (r#"{"type":"ping"}"#, "Ping"),
            (r#"{"type":"ping","payload":{"a":1}}"#, "Ping"),
            (r#"{"type":"ping","payload":[1]}"#, "4400"),
            (r#"{"type":"pong"}"#, "Pong"),
            (r#"{"type":"complete","id":"1"}"#, "complete 1"),
            (r#"{"type":"complete"}"#, "4400"),
            (r#"{"type":"complete","id":1}"#, "4400"),
            (r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }"}}"#, "subscribe 1 true"),
            (r#"{"type":"subscribe","id":"1","payload":{}}"#, "subscribe 1 false"),
            (r#"{"type":"subscribe","id":"1"}"#, "4400"),
            (r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#, "4400"),
            (r#"{"type":"start","id":"1","payload":{"query":"{ a }"}}"#, "4400"),
            (r#"{"type":7}"#, "4400"),
            ("{}", "4400"),
            (r#"[{"type":"ping"}]"#, "4400"),
            ("ping", "4400"),
            ("", "4400"),
        ];
        for (text, expected) in table {
            assert_eq!(parsed(text), expected, "{text}");
        }
        let deep = format!(r#"{{"type":"ping","payload":{}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(parsed(&deep), "4400");
        assert_eq!(parsed(&format!(r#"{{"type":"complete","id":"{}"}}"#, "a".repeat(81))), "4400");
    }
}
