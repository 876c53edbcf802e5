//! Erasing a person: their name, their identity and the salt of their commitments.

use holdline_domain::{ids::PersonId, permission::action::ErasePeople, text::Prose};

use super::{Caller, Service, found};
use crate::failure::Failure;

impl Service {
    /// Erases a person, a service or somebody named.
    pub async fn person_erase(&self, caller: &Caller, id: PersonId, reason: Option<Prose>) -> Result<(), Failure> {
        let permit = caller.actor.require::<ErasePeople>()?;
        self.write(caller, "personErase", move |tx| {
            Box::pin(async move {
                let person = found(tx.person(id).await?, "person", "person", id)?;
                let written = tx.renegotiations_written_by(id).await?;
                tx.apply(person.erase(&permit, reason, &written, tx.now())?).await?;
                Ok(())
            })
        })
        .await
    }
}
