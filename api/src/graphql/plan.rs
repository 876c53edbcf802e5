//! Plans in the API: what a team promised for a quarter, now or as of another time.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use holdline_domain::{
    commitment::Commitment, commitment_change::diff, ids::PlanId, refusal::Refusal, renegotiation::Status,
    time::Timestamp,
};

use super::{
    alignment::Alignment,
    change::{self, CommitmentChange, Side},
    drift::Drift,
    fault::Fault,
    ids::Pin,
    input::shown,
    key_result::KeyResult,
    loaders::{CommitmentAt, unshare},
    objective::Objective,
    page::{Connection, PageArgs, connect_all},
    person::{self, Person},
    plan_revision::PlanRevision,
    quarter::Quarter,
    renegotiation::{Renegotiation, RenegotiationStatus},
    roadmap_loaders::CoveredAt,
    scalars::{DateTime, Decimal},
    session::{Session, session},
    team::{self, Team},
};
use crate::{
    failure::Failure,
    store::{RenegotiationsWanted, StoredPlan},
};

/// An instant after everything that will ever be recorded.
const LATEST: i64 = 253_402_300_799_999_999;

/// A plan as of a moment.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) stored: Arc<StoredPlan>,
    pub(super) pin: Pin,
}

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum PlanStatus {
    /// It is being written.
    Draft,
    /// It is committed and changes only by an approved renegotiation.
    Committed,
    /// Its quarter is over and its results are in.
    Closed,
    /// Its quarter ended before it was committed.
    Lapsed,
}

impl Plan {
    pub(super) const fn live_now(stored: Arc<StoredPlan>) -> Self {
        Self { stored, pin: Pin::Live }
    }

    /// The plan as of a moment; none where nothing was committed then.
    pub(super) fn pinned(stored: Arc<StoredPlan>, pin: Pin) -> Option<Self> {
        let there = match pin {
            Pin::Live => true,
            Pin::At(at) => stored.revision_at(at) > 0,
            Pin::Revision(number) => (1..=stored.latest()).contains(&number),
        };
        there.then_some(Self { stored, pin })
    }

    /// The number of the revision in effect; 0 for a draft.
    pub(super) fn number(&self) -> u32 {
        match self.pin {
            Pin::Live => self.stored.latest(),
            Pin::At(at) => self.stored.revision_at(at),
            Pin::Revision(number) => number,
        }
    }

    /// Until when check-ins and acknowledgements count.
    pub(super) fn until(&self) -> Timestamp {
        match self.pin {
            Pin::Live => Timestamp::from_micros(LATEST).unwrap_or(Timestamp::EPOCH),
            Pin::At(at) => at,
            Pin::Revision(number) => {
                let revision = self.stored.revisions.iter().find(|revision| revision.number == number);
                revision.map_or(Timestamp::EPOCH, |revision| revision.at)
            }
        }
    }

    /// The instant it is read as of; none for the plan as it is now.
    pub(super) fn as_of_instant(&self) -> Option<Timestamp> {
        (self.pin != Pin::Live).then(|| self.until())
    }

    pub(super) async fn commitment(&self, ctx: &Context<'_>) -> Result<Arc<Commitment>, Fault> {
        let session = session(ctx);
        match session.reader().known_commitment(&self.stored, self.number()) {
            Some(commitment) => Ok(commitment),
            None => commitment(session, self.stored.head.id, self.number()).await,
        }
    }

    pub(super) async fn side(&self, ctx: &Context<'_>) -> Result<Side, Fault> {
        Ok(Side { plan: self.clone(), commitment: self.commitment(ctx).await? })
    }

    /// The same plan at one of its revisions.
    pub(super) fn at_revision(&self, number: u32) -> Self {
        Self { stored: Arc::clone(&self.stored), pin: Pin::Revision(number) }
    }

    /// The same plan at the last instant of the revision that is read, with all that was checked in by then. Revisions of
    /// a file of history may have come at one instant: then there is no such instant, and the revision stands for itself.
    pub(super) fn at_its_end(&self) -> Self {
        let next = self.stored.revisions.iter().find(|revision| revision.number == self.number() + 1);
        let last = next.and_then(|next| Timestamp::from_micros(next.at.micros() - 1));
        let pin = last.filter(|last| self.stored.revision_at(*last) == self.number()).map_or(self.pin, Pin::At);
        Self { stored: Arc::clone(&self.stored), pin }
    }

    fn closed(&self) -> bool {
        match self.pin {
            Pin::Live => self.stored.closed_at.is_some(),
            Pin::At(at) => self.stored.closed_at.is_some_and(|closed| closed <= at),
            Pin::Revision(_) => false,
        }
    }

    fn first(&self) -> Option<&crate::store::StoredRevision> {
        if self.number() == 0 { None } else { self.stored.revisions.first() }
    }
}

/// The commitment of a plan at a revision.
pub(super) async fn commitment(session: &Session, plan: PlanId, number: u32) -> Result<Arc<Commitment>, Fault> {
    let found = session.loader().load_one(CommitmentAt(plan, number)).await.map_err(unshare)?;
    found.ok_or_else(|| Failure::internal("a plan's commitment is missing").into())
}

/// Loads a plan's head where the caller may see it.
pub(super) async fn load(ctx: &Context<'_>, id: PlanId) -> Result<Option<Arc<StoredPlan>>, Fault> {
    Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?)
}

/// One team's commitment for one quarter. Once committed it changes only by an approved renegotiation, and each change
/// is a numbered, immutable revision.
#[Object]
impl Plan {
    /// Its id; read as of another time it has an id of its own.
    pub(super) async fn id(&self) -> ID {
        self.pin.id(self.stored.head.id)
    }
    /// Whose plan it is.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.stored.head.team).await
    }
    /// For which quarter.
    async fn quarter(&self) -> Quarter {
        Quarter(self.stored.head.span)
    }
    /// Where it stands.
    async fn status(&self, ctx: &Context<'_>) -> PlanStatus {
        if self.closed() {
            PlanStatus::Closed
        } else if self.number() > 0 {
            PlanStatus::Committed
        } else if self.stored.head.span.ended(session(ctx).now()) {
            PlanStatus::Lapsed
        } else {
            PlanStatus::Draft
        }
    }
    /// The number of its latest revision: 0 is a draft, 1 what was committed, each renegotiation makes the next.
    async fn revision(&self) -> i32 {
        shown(self.number())
    }
    /// SHA-256 of what it promises, 64 hexadecimal digits: what `planCommit` names.
    async fn digest(&self, ctx: &Context<'_>) -> Result<String, Fault> {
        Ok(self.commitment(ctx).await?.digest(self.stored.head.id).to_string())
    }
    /// What the team can carry, in `capacityUnit`; null where it does not count it.
    async fn capacity(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.commitment(ctx).await?.capacity.map(Decimal))
    }
    /// What capacity and loads are counted in.
    async fn capacity_unit(&self, ctx: &Context<'_>) -> Result<Option<String>, Fault> {
        Ok(self.commitment(ctx).await?.capacity_unit.as_ref().map(ToString::to_string))
    }
    /// The sum of its objectives' loads; null where none has one.
    async fn load(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.commitment(ctx).await?.load().map(Decimal))
    }
    /// Its objectives, in order.
    async fn objectives(&self, ctx: &Context<'_>) -> Result<Vec<Objective>, Fault> {
        let side = self.side(ctx).await?;
        Ok(side.commitment.objectives.iter().map(|objective| Objective::new(&side, objective.id)).collect())
    }
    /// When it was committed.
    async fn committed_at(&self) -> Option<DateTime> {
        self.first().map(|revision| DateTime(revision.at))
    }
    /// Who committed it; null for a draft, and where an imported file does not say.
    async fn committed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.first().and_then(|revision| revision.by)).await
    }
    /// Whether it came from a file of history.
    async fn imported(&self) -> bool {
        self.stored.head.imported
    }
    /// Whether a renegotiation of it is open now; the old plan holds until that is decided.
    async fn under_renegotiation(&self, ctx: &Context<'_>) -> Result<bool, Fault> {
        if self.pin != Pin::Live {
            return Ok(false);
        }
        let wanted = RenegotiationsWanted::of_plan(self.stored.head.id).in_states([Status::Proposed]);
        let session = session(ctx);
        Ok(session.reader().renegotiation_count(&wanted, session.now()).await? > 0)
    }
    /// The instant it is read as of; null for the plan as it is now.
    async fn as_of(&self) -> Option<DateTime> {
        self.as_of_instant().map(DateTime)
    }
    /// The plan as it is now.
    async fn live(&self) -> Self {
        Self::live_now(Arc::clone(&self.stored))
    }
    /// Its revisions, oldest first, up to the one that is read.
    async fn revisions(
        &self,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<PlanRevision>, Fault> {
        let number = self.number();
        let revisions = self.stored.revisions.iter().filter(|revision| revision.number <= number);
        let all = revisions.map(|revision| PlanRevision { plan: self.clone(), revision: *revision }).collect();
        connect_all(&format!("revisions {}", self.stored.head.id), &PageArgs::forward(first, after), all)
    }
    /// Its renegotiations, the newest first.
    async fn renegotiations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in one of these states.")] status: Option<Vec<RenegotiationStatus>>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Renegotiation>, Fault> {
        let mut wanted = RenegotiationsWanted::of_plan(self.stored.head.id);
        if let Some(status) = status {
            wanted = wanted.in_states(status.into_iter().map(Into::into));
        }
        super::renegotiation_query::page(ctx, wanted, &PageArgs::forward(first, after)).await
    }
    /// What was committed first against what holds now; null for a draft.
    async fn drift(&self) -> Option<Drift> {
        (self.number() > 0).then(|| Drift::new(self.clone()))
    }
    /// How one revision differs from another.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the earlier revision, from 1.")] from: i32,
        #[graphql(desc = "The number of the later revision.")] to: i32,
    ) -> Result<Vec<CommitmentChange>, Fault> {
        let number = |asked: i32, field: &str| {
            let known = u32::try_from(asked).ok().filter(|number| (1..=self.number()).contains(number));
            let message = format!("The plan has revisions 1 to {}, not {asked}.", self.number());
            known.ok_or_else(|| Refusal::invalid(&[field], message))
        };
        let (from, to) = (number(from, "from")?, number(to, "to")?);
        let (before, after) = (self.at_revision(from).side(ctx).await?, self.at_revision(to).side(ctx).await?);
        let changes = diff(&before.commitment, &after.commitment);
        change::attributed(ctx, &before, &after, changes).await
    }
    /// The committed key results that no roadmap item in NOW or NEXT serves; empty for a draft. Shown, never refused.
    async fn uncovered(&self, ctx: &Context<'_>) -> Result<Vec<KeyResult>, Fault> {
        if self.number() == 0 {
            return Ok(Vec::new());
        }
        let (side, at) = (self.side(ctx).await?, self.as_of_instant());
        let keys = side.commitment.key_results().map(|(_, key_result)| CoveredAt(key_result.id, at));
        let covered = session(ctx).loader().load_many(keys).await.map_err(unshare)?;
        let open = side.commitment.key_results().filter(|(_, member)| !covered.contains_key(&CoveredAt(member.id, at)));
        Ok(open.map(|(objective, member)| KeyResult::new(&side, objective.id, member.id)).collect())
    }
    /// Who has understood the revision that is read.
    async fn alignment(&self) -> Alignment {
        Alignment { plan: self.clone() }
    }
    /// Grows by one with each edit, revision and the closing; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.stored.head.version)
    }
}
