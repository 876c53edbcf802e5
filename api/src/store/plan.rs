//! How plans are found: the head with its quarter, its revisions and its closing, then its commitment.
//! Answers within the caller's access only.

use std::{collections::HashMap, sync::Arc};

use holdline_domain::{
    commitment::Commitment,
    ids::{KeyResultId, MeetingId, ObjectiveId, PlanId, TeamId},
    plan::{ClosedPlan, CommittedPlan, DraftPlan, Plan, PlanHead},
    time::{Quarter, QuarterSpan, Timestamp},
};
use holdline_entity::plan_revision;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _};
use uuid::Uuid;

use super::{
    Access, Page, PageRequest, commitment, page,
    revisions::{self, StoredRevision},
    row,
    settled::Settled,
    tx::Tx,
};
use crate::failure::Failure;

/// A plan without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// What does not change about it, with its present version.
    pub head: PlanHead,
    /// Its revisions, from 1.
    pub revisions: Arc<Vec<StoredRevision>>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl StoredPlan {
    /// The number of the revision in effect at an instant; 0 before the first.
    #[must_use]
    pub fn revision_at(&self, at: Timestamp) -> u32 {
        self.revisions.iter().rev().find(|revision| revision.at <= at).map_or(0, |revision| revision.number)
    }

    /// The number of its latest revision; 0 for a draft.
    #[must_use]
    pub fn latest(&self) -> u32 {
        self.revisions.last().map_or(0, |revision| revision.number)
    }
}

#[derive(FromQueryResult)]
struct HeadRow {
    id: Uuid,
    team_id: Uuid,
    quarter: String,
    imported: bool,
    starts_at: i64,
    ends_at: i64,
    draft_version: i32,
    closed_at: Option<i64>,
    newest: Option<Uuid>,
}

const HEADS: &str = "SELECT p.id, p.team_id, p.quarter, p.imported, q.starts_at, q.ends_at,
                       d.version AS draft_version, c.at AS closed_at,
                       (SELECT r.id FROM plan_revision r WHERE r.plan_id = p.id ORDER BY r.number DESC LIMIT 1) AS newest
                     FROM plan p JOIN quarter q ON q.label = p.quarter JOIN plan_draft d ON d.plan_id = p.id
                     LEFT JOIN plan_closure c ON c.plan_id = p.id WHERE";

/// Plans by id, those of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    ids: &[PlanId],
) -> Result<Vec<StoredPlan>, Failure> {
    let sql = format!("{HEADS} p.id IN ({})", row::marks(1, ids.len()));
    let heads = row::rows::<HeadRow>(db, &sql, ids.iter().map(|id| id.uuid().into())).await?;
    with_revisions(db, access, known, heads).await
}

/// The plan of a team for a quarter.
pub(super) async fn of_team(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    team: TeamId,
    quarter: Quarter,
) -> Result<Option<StoredPlan>, Failure> {
    let sql = format!("{HEADS} p.team_id = $1 AND p.quarter = $2");
    let heads = row::rows::<HeadRow>(db, &sql, [team.uuid().into(), quarter.to_string().into()]).await?;
    Ok(with_revisions(db, access, known, heads).await?.pop())
}

/// The plans of teams for quarters, those of foreign teams left out.
pub(super) async fn of_teams(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    wanted: &[(TeamId, Quarter)],
) -> Result<Vec<StoredPlan>, Failure> {
    let (teams, quarters) = (row::marks(1, wanted.len()), row::marks(wanted.len() + 1, wanted.len()));
    let sql = format!("{HEADS} p.team_id IN ({teams}) AND p.quarter IN ({quarters})");
    let teams = wanted.iter().map(|(team, _)| sea_orm::Value::from(team.uuid()));
    let quarters = wanted.iter().map(|(_, quarter)| sea_orm::Value::from(quarter.to_string()));
    let heads = row::rows::<HeadRow>(db, &sql, teams.chain(quarters)).await?;
    with_revisions(db, access, known, heads).await
}

/// The plans of a team, the newest drafted first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    team: TeamId,
    request: &PageRequest<Uuid>,
) -> Result<Page<StoredPlan, Uuid>, Failure> {
    let mut values = vec![team.uuid().into()];
    let sql = format!("{HEADS} p.team_id = $1{}", page::keyset("p.id", true, request, &mut values));
    let heads = row::rows::<HeadRow>(db, &sql, values).await?;
    let order: HashMap<_, _> = heads.iter().enumerate().map(|(place, head)| (head.id, place)).collect();
    let mut plans = with_revisions(db, access, known, heads).await?;
    plans.sort_by_key(|plan| order.get(&plan.head.id.uuid()).copied());
    page::cut(plans, request, |plan| plan.head.id.uuid(), Ok)
}

/// How many plans a team has.
pub(super) async fn count(db: &impl ConnectionTrait, team: TeamId) -> Result<i64, Failure> {
    row::counted(db, "SELECT COUNT(*) AS found FROM plan WHERE team_id = $1", [team.uuid().into()]).await
}

async fn with_revisions(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    heads: Vec<HeadRow>,
) -> Result<Vec<StoredPlan>, Failure> {
    let heads: Vec<_> = heads.into_iter().filter(|head| access.holds(head.team_id.into())).collect();
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let newest = heads.iter().filter_map(|head| Some((head.id, head.newest?)));
    let histories = revisions::of_plans(db, known, newest).await?;
    let history = |head: &HeadRow| histories.get(&head.id).cloned().unwrap_or_default();
    heads.iter().map(|head| read(head, history(head))).collect()
}

fn read(row: &HeadRow, revisions: Arc<Vec<StoredRevision>>) -> Result<StoredPlan, Failure> {
    let span = QuarterSpan {
        quarter: row::quarter(&row.quarter)?,
        starts_at: row::timestamp(row.starts_at)?,
        ends_at: row::timestamp(row.ends_at)?,
    };
    let further = revisions.len() + usize::from(row.closed_at.is_some());
    let version = row::count(row.draft_version)? + u32::try_from(further).unwrap_or(0);
    let head = PlanHead { id: row.id.into(), team: row.team_id.into(), span, version, imported: row.imported };
    Ok(StoredPlan { head, revisions, closed_at: row.closed_at.map(row::timestamp).transpose()? })
}

/// What a plan promised at one of its revisions, if that was read before.
pub(super) fn known_from_before(known: &Settled, stored: &StoredPlan, number: u32) -> Option<Arc<Commitment>> {
    let revision = stored.revisions.iter().find(|revision| revision.number == number)?;
    known.find((stored.head.id, number), revision.digest)
}

/// The plan with its content, as the rules want it.
pub(super) async fn whole(db: &impl ConnectionTrait, known: &Settled, stored: &StoredPlan) -> Result<Plan, Failure> {
    let at = (stored.head.id, stored.latest());
    let commitment = match known_from_before(known, stored, at.1) {
        Some(commitment) => commitment,
        None => commitment::load(db, known, &[at]).await?.remove(&at).ok_or_else(|| row::missing("commitment"))?,
    };
    let commitment = Arc::unwrap_or_clone(commitment);
    let head = stored.head;
    Ok(match (stored.latest(), stored.closed_at) {
        (0, _) => Plan::Draft(DraftPlan { head, commitment }),
        (revision, None) => Plan::Committed(CommittedPlan { head, revision, commitment }),
        (revision, Some(closed_at)) => {
            Plan::Closed(ClosedPlan { last: CommittedPlan { head, revision, commitment }, closed_at })
        }
    })
}

/// Of which plan a revision is.
pub(super) async fn of_revision(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<PlanId>, Failure> {
    let found = plan_revision::Entity::find().filter(plan_revision::Column::Id.eq(id)).one(db).await?;
    Ok(found.map(|row| row.plan_id.into()))
}

/// Of which plan an objective is.
pub(super) async fn of_objectives(
    db: &impl ConnectionTrait,
    ids: &[ObjectiveId],
) -> Result<HashMap<ObjectiveId, PlanId>, Failure> {
    use holdline_entity::objective::{Column, Entity};
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.plan_id.into())).collect())
}

/// Of which objective and plan a key result is.
pub(super) async fn of_key_results(
    db: &impl ConnectionTrait,
    ids: &[KeyResultId],
) -> Result<HashMap<KeyResultId, (ObjectiveId, PlanId)>, Failure> {
    use holdline_entity::key_result::{Column, Entity};
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), (row.objective_id.into(), row.plan_id.into()))).collect())
}

impl Tx {
    /// A plan by id, if the caller may see it; a refusal from here on counts as one on this plan, once committed.
    pub async fn plan(&self, id: PlanId) -> Result<Option<Plan>, Failure> {
        let Some(stored) = load(&self.db, &self.access(), &self.settled, &[id]).await?.pop() else {
            return Ok(None);
        };
        if stored.latest() > 0 {
            self.concerns(stored.head.team, id);
        }
        whole(&self.db, &self.settled, &stored).await.map(Some)
    }

    /// What a plan promised at a revision.
    pub async fn commitment_at(
        &self,
        plan: PlanId,
        revision: u32,
    ) -> Result<holdline_domain::commitment::Commitment, Failure> {
        let at = (plan, revision);
        let found = commitment::load(&self.db, &self.settled, &[at]).await?.remove(&at);
        found.map(Arc::unwrap_or_clone).ok_or_else(|| row::missing("commitment"))
    }

    /// The plan of a team for a quarter.
    pub async fn plan_of(&self, team: TeamId, quarter: Quarter) -> Result<Option<Plan>, Failure> {
        match of_team(&self.db, &self.access(), &self.settled, team, quarter).await? {
            Some(stored) => whole(&self.db, &self.settled, &stored).await.map(Some),
            None => Ok(None),
        }
    }

    /// The plan that an objective is of.
    pub async fn plan_of_objective(&self, id: ObjectiveId) -> Result<Option<Plan>, Failure> {
        match of_objectives(&self.db, &[id]).await?.remove(&id) {
            Some(plan) => self.plan(plan).await,
            None => Ok(None),
        }
    }

    /// The plan that a key result is of.
    pub async fn plan_of_key_result(&self, id: KeyResultId) -> Result<Option<(ObjectiveId, Plan)>, Failure> {
        match of_key_results(&self.db, &[id]).await?.remove(&id) {
            Some((objective, plan)) => Ok(self.plan(plan).await?.map(|plan| (objective, plan))),
            None => Ok(None),
        }
    }

    /// The plan that an objective is of, for something that only points at it.
    pub async fn home_of_objective(&self, id: ObjectiveId) -> Result<Option<PlanId>, Failure> {
        let Some(plan) = of_objectives(&self.db, &[id]).await?.remove(&id) else { return Ok(None) };
        Ok(load(&self.db, &self.access(), &self.settled, &[plan]).await?.pop().map(|stored| stored.head.id))
    }

    /// The objective that a key result is of, for something that only points at it.
    pub async fn home_of_key_result(&self, id: KeyResultId) -> Result<Option<ObjectiveId>, Failure> {
        let Some((objective, plan)) = of_key_results(&self.db, &[id]).await?.remove(&id) else { return Ok(None) };
        let seen = !load(&self.db, &self.access(), &self.settled, &[plan]).await?.is_empty();
        Ok(seen.then_some(objective))
    }

    /// Whether a meeting of the team exists, for a commit that names one.
    pub async fn meeting_of_team(&self, id: MeetingId, team: TeamId) -> Result<bool, Failure> {
        Ok(self.meeting(id).await?.is_some_and(|meeting| meeting.team == team))
    }
}
