//! From the backlog to the roadmap: the mutation that promotes an idea.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{
    permission::action::{KeepBacklog, MoveRoadmap},
    refusal::Refusal,
};

use super::{
    fault::Fault,
    idea::{self, Idea},
    ids::{parse, parse_all},
    input::{Fields, expected},
    roadmap::{self, Horizon, RoadmapItem},
    session::session,
    user_error::UserError,
};
use crate::{failure::Failure, service::Promotion};

/// What `ideaPromote` takes: a horizon for an item of its own, or an item that is there.
#[derive(InputObject)]
struct IdeaPromoteInput {
    /// The idea.
    idea: ID,
    /// Where a new item begins: `NEXT` or `LATER`.
    horizon: Option<Horizon>,
    /// The key results that a new item serves, each once, at most 50.
    key_results: Option<Vec<ID>>,
    /// An item that is there, in `NEXT` or `LATER`.
    roadmap_item: Option<ID>,
    /// The idea's version that you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `ideaPromote` answers.
#[derive(SimpleObject)]
struct IdeaPromotePayload {
    /// The idea as it is now; null where it was refused.
    idea: Option<Idea>,
    /// The item that it is now; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

type Parsed = (holdline_domain::ids::IdeaId, Promotion, Option<u32>);

impl IdeaPromoteInput {
    fn parse(self) -> Result<Parsed, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.idea, &["idea"]));
        let version = fields.keep(expected(self.expected_version));
        let key_results = fields.keep(self.key_results.map(|ids| parse_all(&ids, "keyResults")).transpose());
        let item = fields.keep(self.roadmap_item.map(|id| parse(&id, &["roadmapItem"])).transpose());
        let wrong = |field: &str, message: &str| Refusal::invalid(&[field], message);
        let to = match (item, self.horizon, key_results) {
            (Some(Some(item)), None, Some(None)) => fields.keep(Ok(Promotion::Existing(item))),
            (Some(None), Some(horizon), Some(key_results)) => fields
                .keep(Ok(Promotion::New { horizon: horizon.into(), key_results: key_results.unwrap_or_default() })),
            (Some(None), None, _) => fields.keep(Err(wrong("horizon", "Give horizon for a new item, or roadmapItem."))),
            (Some(Some(_)), _, _) => fields.keep(Err(wrong(
                "roadmapItem",
                "An item that is there keeps its horizon and key results: give roadmapItem alone.",
            ))),
            _ => None,
        };
        fields.finish(|| Some((id?, to?, version?)))
    }
}

/// Promoting ideas.
#[derive(Default)]
pub(super) struct IdeaPromotion;

#[Object]
impl IdeaPromotion {
    /// Puts an idea on the roadmap, as an item of its own or as part of one that is there; never straight into NOW.
    async fn idea_promote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to promote, and to where.")] input: IdeaPromoteInput,
    ) -> Result<IdeaPromotePayload, Fault> {
        let session = session(ctx);
        session.require::<KeepBacklog>()?;
        let job = async {
            let (id, to, version) = input.parse()?;
            session.service().idea_promote(session.caller(), id, to, version).await
        };
        let (done, user_errors) = session.mutate::<MoveRoadmap, _>(job).await?;
        let Some((id, item)) = done else {
            return Ok(IdeaPromotePayload { idea: None, roadmap_item: None, user_errors });
        };
        let (idea, roadmap_item) = (idea::load_maybe(ctx, Some(id)).await?, roadmap::load(ctx, item, None).await?);
        Ok(IdeaPromotePayload { idea, roadmap_item, user_errors })
    }
}
