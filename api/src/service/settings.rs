//! Settings that the record keeps, and the revoking of tokens.

use holdline_domain::{
    permission::action::Administer,
    refusal::{Code, Refusal},
    settings::{RevokedToken, Setting},
    text::{Line, Prose},
};

use super::{Caller, Service};
use crate::failure::Failure;

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
