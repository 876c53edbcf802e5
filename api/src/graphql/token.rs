//! Tokens in the API: taking one back while the service runs. Issuing is the command line's, which holds the key.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use holdline_domain::permission::action::Administer;

use super::{
    fault::Fault,
    input::{Fields, line, prose_maybe},
    session::session,
    user_error::UserError,
};

/// What `tokenRevoke` takes.
#[derive(InputObject)]
struct TokenRevokeInput {
    /// The token's id: its claim `jti`, which `holdline token issue` says beside the token.
    token: String,
    /// Why it is revoked.
    reason: Option<String>,
}

/// What `tokenRevoke` answers.
#[derive(SimpleObject)]
struct TokenRevokePayload {
    /// The token's id; null where it was refused.
    token: Option<String>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// Mutations about tokens.
#[derive(Default)]
pub(super) struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Revokes a token by its id; from the next request on it is not accepted.
    async fn token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token and why.")] input: TokenRevokeInput,
    ) -> Result<TokenRevokePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(line(&input.token, "token"));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let (id, reason) = fields.finish(|| Some((id?, reason?)))?;
            session.service().token_revoke(session.caller(), id.clone(), reason).await.map(|()| id.to_string())
        };
        let (token, user_errors) = session.mutate::<Administer, _>(job).await?;
        Ok(TokenRevokePayload { token, user_errors })
    }
}
