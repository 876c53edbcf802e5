//! Settings that the record keeps, and the revoking of tokens.

use holdline_domain::{
    permission::action::Administer,
    refusal::{Code, Refusal},
    settings::{LogKey, RevokedToken, Setting},
    text::{Line, Prose},
};

use super::{Caller, Service};
use crate::{
    failure::Failure,
    record::{CheckpointKey, LogKeys},
};

impl Service {
    /// Records settings that differ from what they were at the last start.
    pub async fn settings_seen(&self, caller: &Caller) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        let settings = [
            Setting { name: "fiscalStartMonth", value: self.calendar.start_month().to_string() },
            Setting { name: "timeZone", value: self.calendar.zone().name().to_owned() },
        ];
        self.write(caller, "settings", move |tx| {
            Box::pin(async move {
                for setting in settings {
                    let stored = tx.setting(setting.name).await?;
                    if let Some(change) = setting.change(&permit, stored) {
                        tx.apply(change).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    /// Names the key that signs the log's checkpoints, where that is the first one or takes over from the named one;
    /// refuses a key that the log does not know.
    pub async fn log_key_seen(&self, caller: &Caller, keys: &LogKeys) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        let verifier = Line::parse(&keys.current().verifier()).map_err(Failure::internal)?;
        let retiring = keys.retiring().map(CheckpointKey::verifier);
        self.write(caller, "settings", move |tx| {
            Box::pin(async move {
                let stored = tx.log_key().await?;
                match &stored {
                    Some(known) if known == verifier.as_str() => return Ok(()),
                    Some(known) if Some(known) != retiring.as_ref() => return Err(unknown_key(known).into()),
                    _ => {}
                }
                tx.apply(LogKey::set(&permit, verifier, stored)).await?;
                Ok(())
            })
        })
        .await
    }

    /// Revokes a token by its id.
    pub async fn token_revoke(&self, caller: &Caller, id: Line, reason: Option<Prose>) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        self.write(caller, "tokenRevoke", move |tx| {
            Box::pin(async move {
                if tx.token_revoked(id.as_str()).await? {
                    return Err(Refusal::new(Code::Conflict, format!("The token {id} is revoked already.")).into());
                }
                tx.apply(RevokedToken::revoke(&permit, id, reason)).await?;
                Ok(())
            })
        })
        .await
    }
}

fn unknown_key(known: &str) -> Refusal {
    let message = format!("The log names the checkpoint key {known}, and the data folder holds another.");
    let remedy = "Put that key's file, checkpoint.key, back into the data folder; every process of this log shares it.";
    Refusal::new(Code::Conflict, message).remedy(remedy)
}
