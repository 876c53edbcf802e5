//! Settings that the record keeps, and the revoking of tokens.

use std::sync::mpsc;

use holdline_domain::{
    permission::{Permit, action::Administer},
    refusal::{Code, Refusal},
    settings::{LogKey, RevokedToken, Setting},
    text::{Line, Prose},
};

use super::{Caller, Service};
use crate::{
    failure::Failure,
    record::{CheckpointKey, LogKeys},
    store::Tx,
};

impl Service {
    /// What a start of the service says: records settings that differ from what they were at the last start, and names
    /// the key that signs, like `log_key_seen`. Where that is refused, nothing is recorded.
    pub async fn start_seen(&self, caller: &Caller, keys: &LogKeys) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        let (settings, key) = (self.settings(), Named::of(keys)?);
        let (tell, told) = mpsc::channel();
        let write = self.write(caller, "settings", move |tx| {
            Box::pin(async move {
                for setting in settings {
                    let stored = tx.setting(setting.name).await?;
                    if let Some(before) = stored.as_ref().filter(|before| **before != setting.value) {
                        let _ =
                            tell.send(format!("{} is {} from now on and was {before}", setting.name, setting.value));
                    }
                    if let Some(change) = setting.change(&permit, stored) {
                        tx.apply(change).await?;
                    }
                }
                key.seen(tx, &permit).await
            })
        });
        write.await?;
        for change in told.try_iter() {
            tracing::warn!("{change}: each process must be started with the same");
        }
        Ok(())
    }

    /// What a command says that reads dates: it must read time as the service does. Records the settings where none are
    /// yet, and refuses others than those of the last start.
    pub async fn settings_agree(&self, caller: &Caller) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        let settings = self.settings();
        self.write(caller, "settings", move |tx| {
            Box::pin(async move {
                for setting in settings {
                    match tx.setting(setting.name).await? {
                        Some(stored) if stored != setting.value => return Err(disagree(&setting, &stored).into()),
                        stored => {
                            if let Some(change) = setting.change(&permit, stored) {
                                tx.apply(change).await?;
                            }
                        }
                    }
                }
                Ok(())
            })
        })
        .await
    }

    fn settings(&self) -> [Setting; 2] {
        [
            Setting { name: "fiscalStartMonth", value: self.calendar.start_month().to_string() },
            Setting { name: "timeZone", value: self.calendar.zone().name().to_owned() },
        ]
    }

    /// Names the key that signs the log's checkpoints, where that is the first one or takes over from the named one;
    /// refuses a key that the log does not know.
    pub async fn log_key_seen(&self, caller: &Caller, keys: &LogKeys) -> Result<(), Failure> {
        let permit = caller.actor.require::<Administer>()?;
        let key = Named::of(keys)?;
        self.write(caller, "settings", move |tx| Box::pin(async move { key.seen(tx, &permit).await })).await
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

/// A key by what its signatures are checked with, and the one that it takes over from.
struct Named {
    verifier: Line,
    retiring: Option<String>,
}

impl Named {
    fn of(keys: &LogKeys) -> Result<Self, Failure> {
        let verifier = Line::parse(&keys.current().verifier()).map_err(Failure::internal)?;
        Ok(Self { verifier, retiring: keys.retiring().map(CheckpointKey::verifier) })
    }

    async fn seen(self, tx: &Tx, permit: &Permit<Administer>) -> Result<(), Failure> {
        let stored = tx.log_key().await?;
        match &stored {
            Some(known) if known == self.verifier.as_str() => return Ok(()),
            Some(known) if Some(known) != self.retiring.as_ref() => return Err(LogKeys::unfit(known).into()),
            _ => {}
        }
        tx.apply(LogKey::set(permit, self.verifier, stored)).await?;
        Ok(())
    }
}

fn disagree(said: &Setting, stored: &str) -> Refusal {
    let (name, flag) = match said.name {
        "timeZone" => ("time zone", "--time-zone (HOLDLINE_TIME_ZONE)"),
        _ => ("first month of the fiscal year", "--fiscal-start-month (HOLDLINE_FISCAL_START_MONTH)"),
    };
    let message = format!("The service was started with the {name} {stored}, and this command with {}.", said.value);
    let remedy = format!(
        "Give it the same, with {flag}. If that is to change, start the service with it first: the log keeps the change."
    );
    Refusal::new(Code::Conflict, message).remedy(remedy)
}
