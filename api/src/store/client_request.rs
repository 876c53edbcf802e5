//! Ids that callers choose: the same request again is answered with what it made, and no rule is asked a second time.
//! What a request said is kept as a digest, in the transaction that made the thing. A digest under another caller's
//! name, of a team that the token does not hold or of something that is gone is like any other used id: CONFLICT.

use holdline_domain::{
    change::Change,
    facts::Digest,
    ids::{Id, Kind},
    refusal::{Code, Refusal},
};
use holdline_entity::client_request;
use sea_orm::{ActiveValue::Set, EntityTrait as _, FromQueryResult};
use uuid::Uuid;

use super::{
    Apply,
    row::{self, counted, rows},
    tx::{Receipt, Tx},
};
use crate::failure::Failure;

/// An id that a caller chose, with the digest of the request that it came with.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<I> {
    /// The id.
    pub id: I,
    /// What the request said, whoever sent it.
    pub digest: Digest,
}

/// What an id is to a request that would make something.
#[derive(Debug, Clone, Copy)]
pub enum Claim<I> {
    /// Nobody used it: make the thing.
    Free(I),
    /// This very request made it before, and this is its entry.
    Made(I, Receipt),
}

#[derive(FromQueryResult)]
struct Made {
    seq: i64,
    leaf_hash: Vec<u8>,
    team_id: Option<Uuid>,
}

/// The entry that this request made. What was taken out of a draft again is not there to be answered with.
const MADE: &str =
    "SELECT e.seq, e.leaf_hash, e.team_id FROM client_request c JOIN audit_entry e ON e.seq = c.audit_seq
  WHERE c.id = $1 AND c.mutation = $2 AND c.digest = $3 AND e.actor_id = $4
    AND (e.subject_kind NOT IN ('OBJECTIVE', 'KEY_RESULT')
      OR EXISTS (SELECT 1 FROM objective_draft o WHERE o.objective_id = c.id)
      OR EXISTS (SELECT 1 FROM key_result_draft k WHERE k.key_result_id = c.id))";

/// What has this id, made by itself or as part of something else.
const USED: &str = "SELECT COUNT(*) AS found FROM (
  SELECT subject_id AS id FROM audit_entry WHERE subject_id = $1 UNION ALL SELECT id FROM objective WHERE id = $1
  UNION ALL SELECT id FROM key_result WHERE id = $1 UNION ALL SELECT id FROM plan WHERE id = $1
  UNION ALL SELECT id FROM team WHERE id = $1) used";

impl Tx {
    /// The id of what is to be made: a fresh one, or the one that the caller chose, unless it was used before.
    pub async fn claim<K: Kind>(&self, chosen: Option<Chosen<Id<K>>>) -> Result<Claim<Id<K>>, Failure> {
        let Some(Chosen { id, digest }) = chosen else { return Ok(Claim::Free(self.id())) };
        let said = [self.mutation.into(), digest.to_string().into(), self.actor.person.id.uuid().into()];
        let made = rows::<Made>(&self.db, MADE, [id.uuid().into()].into_iter().chain(said)).await?.pop();
        if let Some(made) = made.filter(|made| made.team_id.is_none_or(|team| self.access().holds(team.into()))) {
            let leaf: [u8; 32] = made.leaf_hash.try_into().map_err(|_| row::altered("leaf hash", "is not 32 bytes"))?;
            return Ok(Claim::Made(id, Receipt { seq: made.seq, leaf_hash: leaf.into() }));
        }
        self.unused(id.uuid()).await?;
        Ok(Claim::Free(id))
    }

    /// CONFLICT where anything has this id already.
    pub async fn unused(&self, id: Uuid) -> Result<(), Failure> {
        if counted(&self.db, USED, [id.into()]).await? > 0 { Err(Self::used().into()) } else { Ok(()) }
    }

    /// What stands against an id that something has already.
    #[must_use]
    pub fn used() -> Refusal {
        let message = "The id was used before with other content.";
        let remedy = "Leave the id out, or choose another one.";
        Refusal::new(Code::Conflict, message).at(&["id"]).remedy(remedy)
    }

    /// Applies a change that makes something; where the caller chose its id, a retry will be known by its digest.
    pub async fn create<T: Apply, K: Kind>(
        &self,
        change: Change<T>,
        chosen: Option<Chosen<Id<K>>>,
    ) -> Result<(T, Receipt), Failure> {
        let (state, receipt) = self.apply(change).await?;
        if let Some(Chosen { id, digest }) = chosen {
            let row = client_request::ActiveModel {
                id: Set(id.uuid()),
                mutation: Set(self.mutation.to_owned()),
                digest: Set(digest.to_string()),
                audit_seq: Set(receipt.seq),
            };
            client_request::Entity::insert(row).exec_without_returning(&self.db).await?;
        }
        Ok((state, receipt))
    }
}
