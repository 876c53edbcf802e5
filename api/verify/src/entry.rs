//! An entry of the log, read from its body: the nineteen members of format 1.
//! Refuses a body that is not canonical or has other members; what the members mean for a plan is `promise`'s matter.

use crate::{instant, json::Json};

/// The members of a body, in the order of the canonical form.
const MEMBERS: [&str; 19] = [
    "action",
    "after",
    "before",
    "by",
    "digest",
    "format",
    "id",
    "imported",
    "meeting",
    "occurredAt",
    "plan",
    "quarter",
    "reason",
    "recordedAt",
    "renegotiation",
    "requestId",
    "seq",
    "subject",
    "team",
];

/// An entry.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// Its position, as its body says.
    pub(crate) seq: u64,
    /// When it took effect, in microseconds since 1970.
    pub(crate) occurred_at: i64,
    /// When it was written.
    pub(crate) recorded_at: i64,
    /// Whether it came from a file of history.
    pub(crate) imported: bool,
    body: Json<'a>,
}

impl<'a> Entry<'a> {
    /// Reads a body; the error completes a sentence that begins with "the body".
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let body = Json::canonical(bytes)?;
        let Json::Map(members) = &body else { return Err("is no JSON object".into()) };
        if !members.iter().map(|(name, _)| name.as_ref()).eq(MEMBERS) {
            return Err("does not have exactly the members of format 1".into());
        }
        if body.get("format").int() != Some(1) {
            return Err("is not of format 1".into());
        }
        let instant = |name: &str| {
            body.get(name).text().and_then(instant::read).ok_or_else(|| format!("has no instant in {name}"))
        };
        let seq = body.get("seq").text().and_then(decimal).ok_or("has no position in seq")?;
        let Json::Bool(imported) = *body.get("imported") else { return Err("has no yes or no in imported".into()) };
        for name in ["action", "id"] {
            body.get(name).text().ok_or_else(|| format!("has no text in {name}"))?;
        }
        for name in ["team", "quarter", "plan", "reason", "renegotiation", "meeting", "digest", "requestId"] {
            if !matches!(body.get(name), Json::Null | Json::Text(_)) {
                return Err(format!("has neither a text nor null in {name}"));
            }
        }
        Ok(Self { seq, occurred_at: instant("occurredAt")?, recorded_at: instant("recordedAt")?, imported, body })
    }

    /// A member.
    pub(crate) fn get(&self, name: &str) -> &Json<'a> {
        self.body.get(name)
    }

    /// What happened.
    pub(crate) fn action(&self) -> &str {
        self.text("action").unwrap_or_default()
    }

    /// A member that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).text()
    }

    /// The plan it belongs to.
    pub(crate) fn plan(&self) -> Option<&str> {
        self.text("plan")
    }

    /// The id of what it is about.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.body.get("subject").get("id").text()
    }

    /// Who acted; none where an imported file does not say.
    pub(crate) fn person(&self) -> Option<&str> {
        self.body.get("by").get("person").text()
    }

    /// The state that it left behind.
    pub(crate) fn after(&self) -> &Json<'a> {
        self.body.get("after")
    }
}

/// A whole number as the log writes it: digits alone, no zero in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = canonical && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The bytes of a body: the members that are given, and what is usual for the others.
    pub(crate) fn body(members: &Value) -> Vec<u8> {
        let mut body = json!({
            "action": "TEAM_CREATED", "after": null, "before": null, "by": null, "digest": null, "format": 1,
            "id": "audit_01h455vb4pex5vsknk084sn02q", "imported": false, "meeting": null,
            "occurredAt": "2026-11-02T09:00:00.000000Z", "plan": null, "quarter": null, "reason": null,
            "recordedAt": "2026-11-02T09:00:00.000000Z", "renegotiation": null, "requestId": null, "seq": "0",
            "subject": { "id": null, "kind": "SERVICE" }, "team": null,
        });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        // Names sorted, nothing between: what serde_json writes of our ASCII names is canonical.
        serde_json::to_vec(&body).unwrap()
    }

    #[test]
    fn a_body_of_format_1_is_read() {
        let bytes = body(&json!({ "seq": "17", "plan": "plan_x", "by": { "person": "person_x" } }));
        let entry = Entry::read(&bytes).unwrap();
        assert_eq!((entry.seq, entry.plan(), entry.person()), (17, Some("plan_x"), Some("person_x")));
        assert_eq!(entry.occurred_at, 1_793_610_000_000_000);
    }

    #[test]
    fn a_body_that_is_not_of_format_1_says_what_is_wrong() {
        let table = [
            (json!({ "format": 2 }), "is not of format 1"),
            (json!({ "seq": 17 }), "has no position in seq"),
            (json!({ "seq": "017" }), "has no position in seq"),
            (json!({ "seq": "99999999999999999999" }), "has no position in seq"),
            (json!({ "imported": null }), "has no yes or no in imported"),
            (json!({ "recordedAt": "2026-11-02" }), "has no instant in recordedAt"),
            (json!({ "action": null }), "has no text in action"),
            (json!({ "plan": 1 }), "has neither a text nor null in plan"),
            (json!({ "more": 1 }), "does not have exactly the members of format 1"),
        ];
        for (members, said) in table {
            assert_eq!(Entry::read(&body(&members)).unwrap_err(), said, "{members}");
        }
        assert_eq!(Entry::read(b"[]").unwrap_err(), "is no JSON object");
    }
}
