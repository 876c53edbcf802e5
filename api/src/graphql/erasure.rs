//! Erasure in the API: taking a person's name and identity out of a running service.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::PersonId, permission::action::ErasePeople};

use super::{
    fault::Fault,
    ids::parse,
    input::{Fields, prose_maybe},
    person::{self, Person},
    session::session,
    user_error::UserError,
};

/// What `personErase` takes.
#[derive(InputObject)]
struct PersonEraseInput {
    /// Who: a person, a service, or somebody named by an input, such as a deal's contact.
    person: ID,
    /// Why. It stays in the log, so leave the name out. Left out or blank it is refused with REASON_REQUIRED.
    reason: Option<String>,
}

/// What `personErase` answers.
#[derive(SimpleObject)]
struct PersonErasePayload {
    /// The person, now without name, subject and issuer; null where it was refused.
    person: Option<Person>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// The mutation that erases.
#[derive(Default)]
pub(super) struct ErasureMutation;

#[Object]
impl ErasureMutation {
    /// Erases a person: name, subject, issuer and the salt of their commitments go for good. The id stays wherever the
    /// record has it, and the log stays as it was, byte for byte. What people wrote is not searched for names, and
    /// copies handed out before are out of reach. A token that is still good stands for a new person from its next
    /// request on, so revoke it first (`tokenRevoke`). Whoever wrote a renegotiation that waits for a decision is not
    /// erased until it is decided or withdrawn.
    async fn person_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who and why.")] input: PersonEraseInput,
    ) -> Result<PersonErasePayload, Fault> {
        let session = session(ctx);
        // A snapshot that an earlier part of the request left open would keep the journal from being emptied.
        session.reader().refresh().await;
        let job = async {
            let mut fields = Fields::default();
            let id: Option<PersonId> = fields.keep(parse(&input.person, &["person"]));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let (id, reason) = fields.finish(|| Some((id?, reason?)))?;
            session.app().person_erase(session.caller(), id, reason).await.map(|_| id)
        };
        let (erased, user_errors) = session.mutate::<ErasePeople, _>(job).await?;
        Ok(PersonErasePayload { person: person::load_maybe(ctx, erased).await?, user_errors })
    }
}
