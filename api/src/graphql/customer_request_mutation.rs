//! Mutations about customer requests: what integrations post, one by one or hundreds at once, and taking one back.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use holdline_domain::{permission::action::PostRequests, refusal::Refusal};

use super::{
    customer_request::{self, CustomerRequest},
    customer_request_input::CustomerRequestUpsertInput,
    fault::Fault,
    ids::parse,
    input::{Fields, prose_maybe},
    session::session,
    user_error::UserError,
};
use crate::{failure::Failure, service::PostMode};

/// How many requests one mutation takes at most.
const MOST: usize = 500;

/// What becomes of the others where one request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum OnError {
    /// Nothing is kept.
    RejectAll,
    /// The others are kept.
    SkipFailed,
}

impl OnError {
    const fn mode(self) -> PostMode {
        match self {
            Self::RejectAll => PostMode::RejectAll,
            Self::SkipFailed => PostMode::SkipFailed,
        }
    }
}

/// What `customerRequestUpsert` answers.
#[derive(SimpleObject)]
struct CustomerRequestUpsertPayload {
    /// The request as it is now; null where it was refused.
    customer_request: Option<CustomerRequest>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `customerRequestsUpsert` takes.
#[derive(InputObject)]
struct CustomerRequestsUpsertInput {
    /// The requests, at most 500; a later one of the same deal and idea sees what an earlier one left.
    requests: Vec<CustomerRequestUpsertInput>,
    /// What becomes of the others where one is refused; `REJECT_ALL` where left out.
    on_error: Option<OnError>,
}

/// What became of one request of many.
#[derive(SimpleObject)]
struct CustomerRequestResult {
    /// Its place in the input, from 0.
    index: i32,
    /// The request as it is now; null where it was refused.
    customer_request: Option<CustomerRequest>,
    /// What stood against it; the field's path begins inside the request.
    user_errors: Vec<UserError>,
}

/// What `customerRequestsUpsert` answers.
#[derive(SimpleObject)]
struct CustomerRequestsUpsertPayload {
    /// What became of each request, in their order; empty where all were refused.
    results: Vec<CustomerRequestResult>,
    /// What stood against it, under `REJECT_ALL`; the field's path names the request's place.
    user_errors: Vec<UserError>,
}

/// What `customerRequestWithdraw` takes.
#[derive(InputObject)]
struct CustomerRequestWithdrawInput {
    /// The request.
    customer_request: ID,
    /// Why it is withdrawn.
    reason: Option<String>,
}

/// What `customerRequestWithdraw` answers.
#[derive(SimpleObject)]
struct CustomerRequestWithdrawPayload {
    /// The request; null where it was refused.
    customer_request: Option<CustomerRequest>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// Mutations about customer requests.
#[derive(Default)]
pub(super) struct CustomerRequestMutation;

#[Object]
impl CustomerRequestMutation {
    /// Posts that a deal or an account asks for an idea: made where it is new, updated where it says something newer,
    /// and nothing where it does not. Safe to repeat, in any order.
    async fn customer_request_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks for what.")] input: CustomerRequestUpsertInput,
    ) -> Result<CustomerRequestUpsertPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().customer_request_upsert(session.caller(), input.parse()?).await };
        let (written, user_errors) = session.mutate::<PostRequests, _>(job).await?;
        let customer_request = customer_request::written(ctx, written).await?;
        Ok(CustomerRequestUpsertPayload { customer_request, user_errors })
    }

    /// Posts up to 500 requests in one transaction, as `customerRequestUpsert` would one after the other.
    async fn customer_requests_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks for what.")] input: CustomerRequestsUpsertInput,
    ) -> Result<CustomerRequestsUpsertPayload, Fault> {
        let session = session(ctx);
        let job = async {
            if input.requests.len() > MOST {
                let message = format!("At most {MOST} requests are posted at once, not {}.", input.requests.len());
                return Err(Refusal::invalid(&["requests"], message).into());
            }
            let posts: Result<Vec<_>, Failure> =
                input.requests.into_iter().map(CustomerRequestUpsertInput::checked).collect();
            let mode = input.on_error.map_or(PostMode::RejectAll, OnError::mode);
            session.service().customer_requests_upsert(session.caller(), posts?, mode).await
        };
        let (posted, user_errors) = session.mutate::<PostRequests, _>(job).await?;
        let Some(posted) = posted else {
            return Ok(CustomerRequestsUpsertPayload { results: Vec::new(), user_errors });
        };
        let mut results = Vec::with_capacity(posted.results.len());
        for (index, result) in (0..).zip(posted.results) {
            let (customer_request, refused) = match result {
                Ok(request) => (Some(CustomerRequest(Arc::new(request))), Vec::new()),
                Err(refused) => (None, refused.into_list()),
            };
            let user_errors = refused.into_iter().map(Into::into).collect();
            results.push(CustomerRequestResult { index, customer_request, user_errors });
        }
        Ok(CustomerRequestsUpsertPayload { results, user_errors })
    }

    /// Withdraws a request: it no longer counts as demand. Posts that the CRM made before do not bring it back.
    async fn customer_request_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to withdraw.")] input: CustomerRequestWithdrawInput,
    ) -> Result<CustomerRequestWithdrawPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.customer_request, &["customerRequest"]));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let (id, reason) = fields.finish(|| Some((id?, reason?)))?;
            session.service().customer_request_withdraw(session.caller(), id, reason).await
        };
        let (written, user_errors) = session.mutate::<PostRequests, _>(job).await?;
        let customer_request = customer_request::written(ctx, written).await?;
        Ok(CustomerRequestWithdrawPayload { customer_request, user_errors })
    }
}
