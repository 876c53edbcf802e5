//! What a receiver is told: an entry of the log, byte for byte, with the proof that it is in the log. Version 1 is
//! written down in api/docs/webhooks.md.

use holdline_domain::{actor::Teams, facts::Digest};
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    record::inclusion,
    store::{Database, Reader, StoredEntry},
};

/// The version of the format.
const VERSION: u32 = 1;

/// What is told, and under which id: the same at every attempt and for every webhook.
pub(super) struct Payload {
    pub(super) id: String,
    pub(super) body: String,
    /// Whether a checkpoint covers the entry.
    pub(super) is_proved: bool,
}

impl Payload {
    /// The payload of an entry, as far as it is signed.
    pub(super) async fn of(database: &Database, seq: i64) -> Result<Self, Failure> {
        let reader = Reader::new(database.clone(), Teams::All);
        let missing = || Failure::internal("an entry that is to be told is missing");
        let entry = reader.entries(&[seq]).await?.pop().ok_or_else(missing)?;
        let team = match entry.team {
            Some(team) => reader.teams_by_id(&[team]).await?.pop().map(|team| team.key.to_string()),
            None => None,
        };
        let proof = proof(&reader, &entry).await?;
        let data = std::str::from_utf8(&entry.body).map_err(Failure::internal)?;
        let (kind, id) = (json!(kind(&entry.action)), json!(entry.id.to_string()));
        let (at, team) = (json!(entry.recorded_at.to_string()), json!(team));
        // The entry stands in it as it stands in the log, so that its bytes can be checked.
        let body = format!(
            "{{\"type\":{kind},\"version\":{VERSION},\"id\":{id},\"timestamp\":{at},\"team\":{team},\"data\":{data},\"proof\":{proof}}}"
        );
        Ok(Self { id: entry.id.to_string(), body, is_proved: !proof.is_null() })
    }
}

async fn proof(reader: &Reader, entry: &StoredEntry) -> Result<Value, Failure> {
    let seq = entry.seq.unsigned_abs();
    let Some(head) = reader.checkpoint().await?.filter(|head| head.size > seq) else { return Ok(Value::Null) };
    let Some(proof) = inclusion(seq, head.size) else { return Ok(Value::Null) };
    let (hashes, _) = reader.prove(&proof).await?;
    let hashes: Vec<_> = hashes.iter().map(Digest::to_string).collect();
    Ok(json!({
        "leafHash": entry.leaf_hash.to_string(),
        "treeSize": head.size.to_string(),
        "inclusionProof": hashes,
        "checkpoint": head.note,
    }))
}

/// The type of an action, as Standard Webhooks writes one: RENEGOTIATION_DECIDED is `renegotiation.decided`.
fn kind(action: &str) -> String {
    let lower = action.to_lowercase();
    lower.rsplit_once('_').map_or(lower.clone(), |(noun, verb)| format!("{noun}.{verb}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_the_noun_and_what_happened_to_it() {
        assert_eq!(kind("RENEGOTIATION_DECIDED"), "renegotiation.decided");
        assert_eq!(kind("CUSTOMER_REQUEST_UPSERTED"), "customer_request.upserted");
    }
}
