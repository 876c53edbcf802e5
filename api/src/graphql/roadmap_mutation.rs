//! The mutations of the roadmap: add, state anew, move, ship, drop.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{
    ids::RoadmapItemId,
    permission::action::MoveRoadmap,
    roadmap::{Horizon as Soon, RoadmapContent},
};

use super::{
    chosen::chosen,
    fault::Fault,
    ids::{parse, parse_all},
    input::{Fields, edit, expected, line, line_maybe, named, prose, prose_maybe, team_key},
    roadmap::{Horizon, RoadmapItem, load},
    scalars::Decimal,
    session::session,
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::{RoadmapItemAdd, RoadmapItemEdit, RoadmapItemMove},
};

/// What `roadmapItemAdd` takes.
#[derive(InputObject)]
pub(super) struct RoadmapItemAddInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The team's key.
    team: String,
    /// What it is called.
    title: String,
    /// The problem that it solves.
    problem: Option<String>,
    /// How soon it is to be done; it goes to the end of this horizon.
    horizon: Horizon,
    /// What it takes, 0 or more, in the team's own unit.
    effort: Option<Decimal>,
    /// The key results that it serves, each once, at most 50; NOW needs a live one of the quarter's committed plan.
    key_results: Option<Vec<ID>>,
}

/// What `roadmapItemUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
pub(super) struct RoadmapItemUpdateInput {
    /// The item, in plan.
    roadmap_item: ID,
    /// What it is called.
    title: Option<String>,
    /// The problem that it solves.
    problem: MaybeUndefined<String>,
    /// What it takes, 0 or more, in the team's own unit.
    effort: MaybeUndefined<Decimal>,
    /// All the key results that it serves, each once, at most 50.
    key_results: Option<Vec<ID>>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `roadmapItemMove` takes; without a neighbour it goes to the end of the horizon.
#[derive(InputObject)]
pub(super) struct RoadmapItemMoveInput {
    /// The item, in plan.
    roadmap_item: ID,
    /// Into which horizon; its own where left out.
    horizon: Option<Horizon>,
    /// The item that it is to stand directly before.
    before: Option<ID>,
    /// The item that it is to stand directly behind.
    after: Option<ID>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `roadmapItemShip` takes.
#[derive(InputObject)]
struct RoadmapItemShipInput {
    /// The item, in plan.
    roadmap_item: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `roadmapItemDrop` takes.
#[derive(InputObject)]
struct RoadmapItemDropInput {
    /// The item, in plan.
    roadmap_item: ID,
    /// Why it will not be done.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `roadmapItemAdd` answers.
#[derive(SimpleObject)]
struct RoadmapItemAddPayload {
    /// The item; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `roadmapItemUpdate` answers.
#[derive(SimpleObject)]
struct RoadmapItemUpdatePayload {
    /// The item; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `roadmapItemMove` answers.
#[derive(SimpleObject)]
struct RoadmapItemMovePayload {
    /// The item; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `roadmapItemShip` answers.
#[derive(SimpleObject)]
struct RoadmapItemShipPayload {
    /// The item; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `roadmapItemDrop` answers.
#[derive(SimpleObject)]
struct RoadmapItemDropPayload {
    /// The item; null where it was refused.
    roadmap_item: Option<RoadmapItem>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl RoadmapItemAddInput {
    pub(super) fn parse(self) -> Result<RoadmapItemAdd, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(team_key(&self.team, "team"));
        let title = fields.keep(line(&self.title, "title"));
        let problem = fields.keep(prose_maybe(self.problem.as_deref(), "problem"));
        let key_results = fields.keep(parse_all(&self.key_results.unwrap_or_default(), "keyResults"));
        let (horizon, effort): (Soon, _) = (self.horizon.into(), self.effort.map(|effort| effort.0));
        fields.finish(|| {
            let content = RoadmapContent { title: title?, problem: problem?, effort, key_results: key_results? };
            Some(RoadmapItemAdd { id: id?, team: team?, horizon, content })
        })
    }
}

impl RoadmapItemUpdateInput {
    pub(super) fn parse(self) -> Result<RoadmapItemEdit, Failure> {
        let mut fields = Fields::default();
        let roadmap_item = fields.keep(parse(&self.roadmap_item, &["roadmapItem"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let problem = fields.keep(edit(self.problem, |text| prose(&text, "problem")));
        let effort = fields.keep(edit(self.effort, |effort| Ok(effort.0)));
        let key_results = fields.keep(self.key_results.map(|ids| parse_all(&ids, "keyResults")).transpose());
        let expected = fields.keep(expected(self.expected_version));
        fields.finish(|| {
            let (title, problem, effort) = (title?, problem?, effort?);
            let (roadmap_item, key_results, expected) = (roadmap_item?, key_results?, expected?);
            Some(RoadmapItemEdit { roadmap_item, title, problem, effort, key_results, expected })
        })
    }
}

impl RoadmapItemMoveInput {
    pub(super) fn parse(self) -> Result<RoadmapItemMove, Failure> {
        let mut fields = Fields::default();
        let roadmap_item = fields.keep(parse(&self.roadmap_item, &["roadmapItem"]));
        let before = fields.keep(self.before.map(|id| parse(&id, &["before"])).transpose());
        let after = fields.keep(self.after.map(|id| parse(&id, &["after"])).transpose());
        let expected = fields.keep(expected(self.expected_version));
        let horizon = self.horizon.map(Into::into);
        fields.finish(|| {
            let (roadmap_item, after, before, expected) = (roadmap_item?, after?, before?, expected?);
            Some(RoadmapItemMove { roadmap_item, horizon, after, before, expected })
        })
    }
}

async fn moved(
    ctx: &Context<'_>,
    job: impl Future<Output = Result<RoadmapItemId, Failure>>,
) -> Result<(Option<RoadmapItem>, Vec<UserError>), Fault> {
    let (id, user_errors) = session(ctx).mutate::<MoveRoadmap, _>(job).await?;
    let item = match id {
        Some(id) => load(ctx, id, None).await?,
        None => None,
    };
    Ok((item, user_errors))
}

/// Mutations about the roadmap.
#[derive(Default)]
pub(super) struct RoadmapMutation;

#[Object]
impl RoadmapMutation {
    /// Adds an item to the end of a horizon.
    async fn roadmap_item_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item to add.")] input: RoadmapItemAddInput,
    ) -> Result<RoadmapItemAddPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().roadmap_item_add(session.caller(), input.parse()?).await };
        let (roadmap_item, user_errors) = moved(ctx, job).await?;
        Ok(RoadmapItemAddPayload { roadmap_item, user_errors })
    }

    /// States an item anew; where it stands is moved with `roadmapItemMove`.
    async fn roadmap_item_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item and what to state anew.")] input: RoadmapItemUpdateInput,
    ) -> Result<RoadmapItemUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().roadmap_item_update(session.caller(), input.parse()?).await };
        let (roadmap_item, user_errors) = moved(ctx, job).await?;
        Ok(RoadmapItemUpdatePayload { roadmap_item, user_errors })
    }

    /// Moves an item within its horizon or into another one.
    async fn roadmap_item_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item and its new place.")] input: RoadmapItemMoveInput,
    ) -> Result<RoadmapItemMovePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().roadmap_item_move(session.caller(), input.parse()?).await };
        let (roadmap_item, user_errors) = moved(ctx, job).await?;
        Ok(RoadmapItemMovePayload { roadmap_item, user_errors })
    }

    /// Records that an item is done, from wherever it stands.
    async fn roadmap_item_ship(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item.")] input: RoadmapItemShipInput,
    ) -> Result<RoadmapItemShipPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.roadmap_item, "roadmapItem", input.expected_version)?;
            session.service().roadmap_item_ship(session.caller(), id, version).await
        };
        let (roadmap_item, user_errors) = moved(ctx, job).await?;
        Ok(RoadmapItemShipPayload { roadmap_item, user_errors })
    }

    /// Records that an item will not be done, with the reason, from wherever it stands.
    async fn roadmap_item_drop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The item and why.")] input: RoadmapItemDropInput,
    ) -> Result<RoadmapItemDropPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.roadmap_item, &["roadmapItem"]));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let version = fields.keep(expected(input.expected_version));
            let (id, reason, version) = fields.finish(|| Some((id?, reason?, version?)))?;
            session.service().roadmap_item_drop(session.caller(), id, reason, version).await
        };
        let (roadmap_item, user_errors) = moved(ctx, job).await?;
        Ok(RoadmapItemDropPayload { roadmap_item, user_errors })
    }
}
