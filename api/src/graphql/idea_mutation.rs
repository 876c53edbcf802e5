//! Mutations about ideas: into the backlog, through it, and out of it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::IdeaId, permission::action::KeepBacklog};

use super::{
    fault::Fault,
    idea::{self, Idea},
    idea_input::{IdeaSubmitInput, IdeaUpdateInput},
    ids::parse,
    input::{Fields, expected, named, prose_maybe},
    session::session,
    user_error::UserError,
};
use crate::failure::Failure;

/// What a mutation about one idea answers.
#[derive(SimpleObject)]
#[graphql(concrete(name = "IdeaSubmitPayload", params(Submit)))]
#[graphql(concrete(name = "IdeaUpdatePayload", params(Update)))]
#[graphql(concrete(name = "IdeaReviewPayload", params(Review)))]
#[graphql(concrete(name = "IdeaDeclinePayload", params(Decline)))]
#[graphql(concrete(name = "IdeaMergePayload", params(Merge)))]
struct IdeaPayload<M: Send + Sync> {
    /// The idea as it is now; null where it was refused.
    idea: Option<Idea>,
    /// What stood against it.
    user_errors: Vec<UserError>,
    #[graphql(skip)]
    mutation: std::marker::PhantomData<M>,
}

struct Submit;
struct Update;
struct Review;
struct Decline;
struct Merge;

/// What `ideaReview` takes.
#[derive(InputObject)]
struct IdeaReviewInput {
    /// The idea, new or declined.
    idea: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `ideaDecline` takes.
#[derive(InputObject)]
struct IdeaDeclineInput {
    /// The idea.
    idea: ID,
    /// Why it will not be done.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `ideaMerge` takes.
#[derive(InputObject)]
struct IdeaMergeInput {
    /// The idea that ends.
    idea: ID,
    /// The idea of the same team that takes its requests.
    into: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// Mutations about ideas.
#[derive(Default)]
pub(super) struct IdeaMutation;

#[Object]
impl IdeaMutation {
    /// Puts an idea into a team's backlog, with those who ask for it.
    async fn idea_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to submit.")] input: IdeaSubmitInput,
    ) -> Result<IdeaPayload<Submit>, Fault> {
        let session = session(ctx);
        answer(ctx, async { session.service().idea_submit(session.caller(), input.parse()?).await }).await
    }

    /// Edits an idea's words, ratings or external identity.
    async fn idea_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: IdeaUpdateInput,
    ) -> Result<IdeaPayload<Update>, Fault> {
        let session = session(ctx);
        answer(ctx, async { session.service().idea_update(session.caller(), input.parse()?).await }).await
    }

    /// Takes an idea under review, also one that was declined.
    async fn idea_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to review.")] input: IdeaReviewInput,
    ) -> Result<IdeaPayload<Review>, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.idea, "idea", input.expected_version)?;
            session.service().idea_review(session.caller(), id, version).await
        };
        answer(ctx, job).await
    }

    /// Declines an idea, with the reason; its requests still count as demand.
    async fn idea_decline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to decline.")] input: IdeaDeclineInput,
    ) -> Result<IdeaPayload<Decline>, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let named = fields.under(&[], named(&input.idea, "idea", input.expected_version))?;
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let ((id, version), reason) = fields.finish(|| Some((named?, reason?)))?;
            session.service().idea_decline(session.caller(), id, reason, version).await
        };
        answer(ctx, job).await
    }

    /// Merges an idea into another of the same team: its requests move along, and posts to it go there from now on.
    async fn idea_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to merge.")] input: IdeaMergeInput,
    ) -> Result<IdeaPayload<Merge>, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.idea, &["idea"]));
            let into = fields.keep(parse(&input.into, &["into"]));
            let version = fields.keep(expected(input.expected_version));
            let (id, into, version) = fields.finish(|| Some((id?, into?, version?)))?;
            session.service().idea_merge(session.caller(), id, into, version).await
        };
        answer(ctx, job).await
    }
}

async fn answer<M: Send + Sync>(
    ctx: &Context<'_>,
    job: impl Future<Output = Result<IdeaId, Failure>>,
) -> Result<IdeaPayload<M>, Fault> {
    let (id, user_errors) = session(ctx).mutate::<KeepBacklog, _>(job).await?;
    let idea = idea::load_maybe(ctx, id).await?;
    Ok(IdeaPayload { idea, user_errors, mutation: std::marker::PhantomData })
}
