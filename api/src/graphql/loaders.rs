//! Loaders of one request: each level of a query becomes one statement over all its parents.
//! They live as long as the request, so keys of different callers never meet; nothing is cached beyond it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use holdline_domain::{
    commitment::Commitment,
    ids::{KeyResultId, MeetingId, ObjectiveId, PersonId, PlanId, RenegotiationId, TeamId},
    person::Person,
    team::Team,
    time::Timestamp,
};

use crate::{
    failure::Failure,
    store::{
        Page, PageRequest, Reader, Standing, StoredAcknowledgement, StoredCheckIn, StoredEntry, StoredMeeting,
        StoredPlan, StoredRenegotiation,
    },
};

/// Everything that can be loaded in batches.
pub(super) struct Loaders {
    pub(super) reader: Reader,
}

/// A failure that several waiters share.
pub(super) type Shared = Arc<Failure>;

impl Loaders {
    pub(super) const fn new(reader: Reader) -> Self {
        Self { reader }
    }

    pub(super) const fn reader(&self) -> &Reader {
        &self.reader
    }
}

/// A failure for one of its waiters.
pub(super) fn unshare(shared: Shared) -> Failure {
    Arc::try_unwrap(shared).unwrap_or_else(|shared| match &*shared {
        Failure::Refused(refusals) => Failure::Refused(refusals.clone()),
        Failure::Forbidden(forbidden) => Failure::Forbidden(*forbidden),
        Failure::Unavailable(why) => Failure::Unavailable(why.clone()),
        Failure::Damaged(why) => Failure::Damaged(why.clone()),
        Failure::ReadOnly => Failure::ReadOnly,
        Failure::KeyReused => Failure::KeyReused,
        Failure::Internal(why) => Failure::Internal(why.clone()),
    })
}

impl Loader<TeamId> for Loaders {
    type Value = Arc<Team>;
    type Error = Shared;

    async fn load(&self, keys: &[TeamId]) -> Result<HashMap<TeamId, Arc<Team>>, Shared> {
        let teams = self.reader.teams_by_id(keys).await?;
        Ok(teams.into_iter().map(|team| (team.id, Arc::new(team))).collect())
    }
}

impl Loader<PersonId> for Loaders {
    type Value = Arc<Person>;
    type Error = Shared;

    async fn load(&self, keys: &[PersonId]) -> Result<HashMap<PersonId, Arc<Person>>, Shared> {
        let people = self.reader.people(keys).await?;
        Ok(people.into_iter().map(|person| (person.id, Arc::new(person))).collect())
    }
}

impl Loader<PlanId> for Loaders {
    type Value = Arc<StoredPlan>;
    type Error = Shared;

    async fn load(&self, keys: &[PlanId]) -> Result<HashMap<PlanId, Arc<StoredPlan>>, Shared> {
        let plans = self.reader.plans(keys).await?;
        Ok(plans.into_iter().map(|plan| (plan.head.id, Arc::new(plan))).collect())
    }
}

/// The commitment of a plan at a revision; 0 is the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CommitmentAt(pub(super) PlanId, pub(super) u32);

impl Loader<CommitmentAt> for Loaders {
    type Value = Arc<Commitment>;
    type Error = Shared;

    async fn load(&self, keys: &[CommitmentAt]) -> Result<HashMap<CommitmentAt, Arc<Commitment>>, Shared> {
        let at: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let commitments = self.reader.commitments(&at).await?;
        let shared = commitments.into_iter().map(|((plan, number), c)| (CommitmentAt(plan, number), c));
        Ok(shared.collect())
    }
}

/// Of which plan an objective is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HomeOfObjective(pub(super) ObjectiveId);

impl Loader<HomeOfObjective> for Loaders {
    type Value = PlanId;
    type Error = Shared;

    async fn load(&self, keys: &[HomeOfObjective]) -> Result<HashMap<HomeOfObjective, PlanId>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let homes = self.reader.plans_of_objectives(&ids).await?;
        Ok(homes.into_iter().map(|(id, plan)| (HomeOfObjective(id), plan)).collect())
    }
}

/// Of which objective and plan a key result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HomeOfKeyResult(pub(super) KeyResultId);

impl Loader<HomeOfKeyResult> for Loaders {
    type Value = (ObjectiveId, PlanId);
    type Error = Shared;

    async fn load(&self, keys: &[HomeOfKeyResult]) -> Result<HashMap<HomeOfKeyResult, (ObjectiveId, PlanId)>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let homes = self.reader.plans_of_key_results(&ids).await?;
        Ok(homes.into_iter().map(|(id, home)| (HomeOfKeyResult(id), home)).collect())
    }
}

/// Where a key result stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct StandingAt(pub(super) KeyResultId, pub(super) Timestamp);

impl Loader<StandingAt> for Loaders {
    type Value = Standing;
    type Error = Shared;

    async fn load(&self, keys: &[StandingAt]) -> Result<HashMap<StandingAt, Standing>, Shared> {
        let mut groups: HashMap<Timestamp, Vec<KeyResultId>> = HashMap::new();
        for key in keys {
            groups.entry(key.1).or_default().push(key.0);
        }
        let mut loaded = HashMap::new();
        for (at, ids) in groups {
            let standings = self.reader.standings(&ids, at).await?;
            loaded.extend(standings.into_iter().map(|(id, standing)| (StandingAt(id, at), standing)));
        }
        Ok(loaded)
    }
}

/// A page of a key result's check-ins.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CheckInsOf {
    pub(super) key_result: KeyResultId,
    pub(super) until: Option<Timestamp>,
    pub(super) page: PageRequest<(i64, i64)>,
}

impl Loader<CheckInsOf> for Loaders {
    type Value = Page<StoredCheckIn, (i64, i64)>;
    type Error = Shared;

    async fn load(&self, keys: &[CheckInsOf]) -> Result<HashMap<CheckInsOf, Self::Value>, Shared> {
        type Shape = (Option<Timestamp>, PageRequest<(i64, i64)>);
        let mut groups: HashMap<Shape, Vec<KeyResultId>> = HashMap::new();
        for key in keys {
            groups.entry((key.until, key.page.clone())).or_default().push(key.key_result);
        }
        let mut loaded = HashMap::new();
        for ((until, page), ids) in groups {
            for (key_result, found) in self.reader.check_ins(&ids, until, &page).await? {
                loaded.insert(CheckInsOf { key_result, until, page: page.clone() }, found);
            }
        }
        Ok(loaded)
    }
}

impl Loader<RenegotiationId> for Loaders {
    type Value = Arc<StoredRenegotiation>;
    type Error = Shared;

    async fn load(&self, keys: &[RenegotiationId]) -> Result<HashMap<RenegotiationId, Self::Value>, Shared> {
        let found = self.reader.renegotiations_by_id(keys).await?;
        Ok(found.into_iter().map(|stored| (stored.state.record().id, stored)).collect())
    }
}

impl Loader<MeetingId> for Loaders {
    type Value = Arc<StoredMeeting>;
    type Error = Shared;

    async fn load(&self, keys: &[MeetingId]) -> Result<HashMap<MeetingId, Self::Value>, Shared> {
        let found = self.reader.meetings_by_id(keys).await?;
        Ok(found.into_iter().map(|stored| (stored.meeting.id, Arc::new(stored))).collect())
    }
}

/// The acknowledgements of a plan up to an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AcknowledgedBy(pub(super) PlanId, pub(super) Timestamp);

impl Loader<AcknowledgedBy> for Loaders {
    type Value = Vec<StoredAcknowledgement>;
    type Error = Shared;

    async fn load(&self, keys: &[AcknowledgedBy]) -> Result<HashMap<AcknowledgedBy, Self::Value>, Shared> {
        let mut groups: HashMap<Timestamp, Vec<PlanId>> = HashMap::new();
        for key in keys {
            groups.entry(key.1).or_default().push(key.0);
        }
        let mut loaded: HashMap<_, Vec<_>> = HashMap::new();
        for (until, plans) in groups {
            for found in self.reader.acknowledgements(&plans, until).await? {
                loaded.entry(AcknowledgedBy(found.plan, until)).or_default().push(found);
            }
        }
        Ok(loaded)
    }
}

/// How often a plan's line was held, by the rule's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RefusalsOf(pub(super) PlanId);

impl Loader<RefusalsOf> for Loaders {
    type Value = Vec<(String, i64)>;
    type Error = Shared;

    async fn load(&self, keys: &[RefusalsOf]) -> Result<HashMap<RefusalsOf, Self::Value>, Shared> {
        let plans: Vec<_> = keys.iter().map(|key| key.0).collect();
        let counted = self.reader.refusals_of_plans(&plans).await?;
        Ok(counted.into_iter().map(|(plan, count)| (RefusalsOf(plan), count)).collect())
    }
}

/// An entry at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryAt(pub(super) i64);

impl Loader<EntryAt> for Loaders {
    type Value = Arc<StoredEntry>;
    type Error = Shared;

    async fn load(&self, keys: &[EntryAt]) -> Result<HashMap<EntryAt, Arc<StoredEntry>>, Shared> {
        let seqs: Vec<_> = keys.iter().map(|key| key.0).collect();
        let entries = self.reader.entries(&seqs).await?;
        Ok(entries.into_iter().map(|entry| (EntryAt(entry.seq), Arc::new(entry))).collect())
    }
}

/// The meeting that has a renegotiation on its agenda, the newest where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MeetingAbout(pub(super) RenegotiationId);

impl Loader<MeetingAbout> for Loaders {
    type Value = MeetingId;
    type Error = Shared;

    async fn load(&self, keys: &[MeetingAbout]) -> Result<HashMap<MeetingAbout, MeetingId>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.reader.meetings_about(&ids).await?;
        Ok(found.into_iter().map(|(renegotiation, meeting)| (MeetingAbout(renegotiation), meeting)).collect())
    }
}
