//! Receipts: where a change stands in the log, and the proof that it is under a signed checkpoint.
//! Holds the waiting for the signer, which signs after the commit; refuses to wait long.

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, Object};
use holdline_domain::facts::Digest;
use tokio::sync::OnceCell;

use super::{fault::Fault, session::session};
use crate::{
    record::{SignedHead, inclusion},
    store::Receipt,
};

/// How long a payload waits for the signature of what it tells of.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a change stands in the audit log.
pub(super) struct AuditReceipt {
    receipt: Receipt,
    /// The checkpoint that all of the receipt is about, once it was waited for.
    head: OnceCell<Option<Arc<SignedHead>>>,
}

impl From<Receipt> for AuditReceipt {
    fn from(receipt: Receipt) -> Self {
        Self { receipt, head: OnceCell::new() }
    }
}

impl AuditReceipt {
    async fn head(&self, ctx: &Context<'_>) -> Option<&SignedHead> {
        let signer = session(ctx).signer();
        let covering = || signer.covering(self.receipt.seq.unsigned_abs() + 1, PATIENCE);
        self.head.get_or_init(covering).await.as_deref()
    }
}

/// Where a change stands in the audit log. Keep it: it proves later that the change was in the log, against whoever
/// runs the server too.
#[Object]
impl AuditReceipt {
    /// Its position, from 0.
    async fn seq(&self) -> i64 {
        self.receipt.seq
    }
    /// The hash of its leaf, 64 hexadecimal digits.
    async fn leaf_hash(&self) -> String {
        self.receipt.leaf_hash.to_string()
    }
    /// A signed note (c2sp.org/tlog-checkpoint) over a tree that holds the change. It is signed a moment after the
    /// commit; null where that took more than a second: `auditInclusionProof` gives it later.
    async fn checkpoint(&self, ctx: &Context<'_>) -> Option<String> {
        self.head(ctx).await.map(|head| head.note.clone())
    }
    /// The hashes that lead from the leaf to the checkpoint's root (RFC 6962, 2.1.1), each 64 hexadecimal digits; null
    /// where the checkpoint is.
    async fn inclusion_proof(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>, Fault> {
        let Some(head) = self.head(ctx).await else { return Ok(None) };
        let Some(proof) = inclusion(self.receipt.seq.unsigned_abs(), head.size) else { return Ok(None) };
        let reader = session(ctx).reader();
        if reader.log_size().await? < head.size {
            // The checkpoint covers what was committed after the snapshot that the payload is read from. That one is let
            // go of first: whoever holds a connection waits for no other.
            reader.refresh().await;
        }
        let (hashes, _) = reader.prove(&proof).await?;
        Ok(Some(hexadecimal(&hashes)))
    }
}

pub(super) fn hexadecimal(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}
