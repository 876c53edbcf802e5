//! Messages of CRMs that were refused: read again, or forgotten. Neither changes a record, so neither is in a log; each has
//! one effect under one idempotency key, like every write.

use holdline_domain::{ids::HookEventId, permission::action::ManageHooks, refusal::Refusal};

use super::{Caller, Service};
use crate::{failure::Failure, store::Tx};

impl Service {
    /// Has a refused message read again.
    pub async fn hook_event_retry(&self, caller: &Caller, id: HookEventId) -> Result<HookEventId, Failure> {
        caller.actor.require::<ManageHooks>()?;
        self.write(caller, "hookEventRetry", move |tx| {
            Box::pin(async move {
                refused(tx, id).await?;
                tx.hook_retry(id).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Forgets a refused message.
    pub async fn hook_event_discard(&self, caller: &Caller, id: HookEventId) -> Result<HookEventId, Failure> {
        caller.actor.require::<ManageHooks>()?;
        self.write(caller, "hookEventDiscard", move |tx| {
            Box::pin(async move {
                refused(tx, id).await?;
                tx.hook_discard(id).await?;
                Ok(id)
            })
        })
        .await
    }
}

/// Refuses what is no refused message of a team that the caller holds.
async fn refused(tx: &Tx, id: HookEventId) -> Result<(), Failure> {
    if tx.hook_is_refused(id).await? {
        return Ok(());
    }
    Err(Refusal::not_found(&["hookEvent"], "refused message", &id.to_string()).into())
}
