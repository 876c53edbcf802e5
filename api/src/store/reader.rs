//! The reader: one snapshot of the database for one request, within the caller's access.
//! Opened with the first read; takes no lock. Everything the API shows is loaded through it.

use std::{collections::HashMap, sync::Arc};

use holdline_domain::{
    actor::Teams,
    commitment::Commitment,
    ids::{AuditEntryId, CheckInId, KeyResultId, MeetingId, ObjectiveId, PersonId, PlanId, RenegotiationId, TeamId},
    person::Person,
    team::Team,
    text::TeamKey,
    time::{Quarter, QuarterSpan, Timestamp},
};
use sea_orm::{AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, TransactionOptions, TransactionTrait as _};
use tokio::sync::RwLock;
use uuid::Uuid;

use super::{
    Access, AuditQuery, Database, Page, PageRequest, StoredAcknowledgement, StoredCheckIn, StoredEntry, StoredMeeting,
    StoredPlan, StoredRenegotiation, acknowledgement, audit, check_in, check_in::Standing, commitment, lineage,
    meeting, person, plan, quarter, refusals, renegotiation, team,
};
use crate::failure::Failure;

/// Which meetings are asked for.
pub use super::meeting::Wanted as MeetingsWanted;
/// Which renegotiations are asked for.
pub use super::renegotiation::Wanted as RenegotiationsWanted;

struct Snapshot {
    db: DatabaseTransaction,
    access: Access,
}

/// One snapshot, shared by everything that a request loads.
#[derive(Clone)]
pub struct Reader {
    database: Database,
    teams: Teams,
    snapshot: Arc<RwLock<Option<Arc<Snapshot>>>>,
}

impl Reader {
    /// A reader for what a token holds; nothing is opened yet.
    #[must_use]
    pub fn new(database: Database, teams: Teams) -> Self {
        Self { database, teams, snapshot: Arc::default() }
    }

    /// Lets go of the snapshot, so that what is read next includes what was written since.
    pub async fn refresh(&self) {
        *self.snapshot.write().await = None;
    }

    async fn open(&self) -> Result<Arc<Snapshot>, Failure> {
        if let Some(snapshot) = &*self.snapshot.read().await {
            return Ok(Arc::clone(snapshot));
        }
        let mut slot = self.snapshot.write().await;
        if let Some(snapshot) = &*slot {
            return Ok(Arc::clone(snapshot));
        }
        let options = match self.database.backend {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions::default(),
        };
        let db = self.database.reads.begin_with_options(options).await?;
        let access = Access::load(&db, &self.teams).await?;
        let snapshot = Arc::new(Snapshot { db, access });
        *slot = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// A team by its key.
    pub async fn team(&self, key: &TeamKey) -> Result<Option<Team>, Failure> {
        let s = self.open().await?;
        team::by_key(&s.db, &s.access, key).await
    }

    /// Teams by id.
    pub async fn teams_by_id(&self, ids: &[TeamId]) -> Result<Vec<Team>, Failure> {
        let s = self.open().await?;
        team::load(&s.db, &s.access, ids).await
    }

    /// A page of teams in the order of their keys.
    pub async fn teams(&self, archived: bool, page: &PageRequest<String>) -> Result<Page<Team, String>, Failure> {
        let s = self.open().await?;
        team::list(&s.db, &s.access, archived, page).await
    }

    /// A stored quarter.
    pub async fn quarter(&self, quarter: Quarter) -> Result<Option<QuarterSpan>, Failure> {
        quarter::by_label(&self.open().await?.db, quarter).await
    }

    /// Every stored quarter.
    pub async fn quarters(&self) -> Result<Vec<QuarterSpan>, Failure> {
        quarter::all(&self.open().await?.db).await
    }

    /// Plans by id.
    pub async fn plans(&self, ids: &[PlanId]) -> Result<Vec<StoredPlan>, Failure> {
        let s = self.open().await?;
        plan::load(&s.db, &s.access, ids).await
    }

    /// The plan of a team for a quarter.
    pub async fn plan_of(&self, team: TeamId, quarter: Quarter) -> Result<Option<StoredPlan>, Failure> {
        let s = self.open().await?;
        plan::of_team(&s.db, &s.access, team, quarter).await
    }

    /// A page of a team's plans.
    pub async fn plans_of(&self, team: TeamId, page: &PageRequest<Uuid>) -> Result<Page<StoredPlan, Uuid>, Failure> {
        let s = self.open().await?;
        plan::list(&s.db, &s.access, team, page).await
    }

    /// Commitments of plans at revisions; 0 is the draft. The plans were loaded through this reader before.
    pub async fn commitments(&self, at: &[(PlanId, u32)]) -> Result<HashMap<(PlanId, u32), Commitment>, Failure> {
        commitment::load(&self.open().await?.db, at).await
    }

    /// Of which plans objectives are.
    pub async fn plans_of_objectives(&self, ids: &[ObjectiveId]) -> Result<HashMap<ObjectiveId, PlanId>, Failure> {
        plan::of_objectives(&self.open().await?.db, ids).await
    }

    /// Of which objectives and plans key results are.
    pub async fn plans_of_key_results(
        &self,
        ids: &[KeyResultId],
    ) -> Result<HashMap<KeyResultId, (ObjectiveId, PlanId)>, Failure> {
        plan::of_key_results(&self.open().await?.db, ids).await
    }

    /// A page of the objectives that contribute to one, in the order of their ids.
    pub async fn contributors(
        &self,
        id: ObjectiveId,
        page: &PageRequest<Uuid>,
    ) -> Result<Page<ObjectiveId, Uuid>, Failure> {
        let s = self.open().await?;
        lineage::contributors(&s.db, &s.access, id, page).await
    }

    /// People by id.
    pub async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, Failure> {
        person::load(&self.open().await?.db, ids).await
    }

    /// The person of an issuer's subject.
    pub async fn person_by_subject(&self, issuer: &str, subject: &str) -> Result<Option<Person>, Failure> {
        person::by_subject(&self.open().await?.db, issuer, subject).await
    }

    /// A page of check-ins for each key result.
    pub async fn check_ins(
        &self,
        key_results: &[KeyResultId],
        until: Option<Timestamp>,
        page: &PageRequest<(i64, i64)>,
    ) -> Result<HashMap<KeyResultId, Page<StoredCheckIn, (i64, i64)>>, Failure> {
        check_in::pages(&self.open().await?.db, key_results, until, page).await
    }

    /// A check-in by id.
    pub async fn check_in(&self, id: CheckInId) -> Result<Option<StoredCheckIn>, Failure> {
        let s = self.open().await?;
        check_in::by_id(&s.db, &s.access, id).await
    }

    /// Where key results stand at an instant.
    pub async fn standings(
        &self,
        key_results: &[KeyResultId],
        at: Timestamp,
    ) -> Result<HashMap<KeyResultId, Standing>, Failure> {
        check_in::standings(&self.open().await?.db, key_results, at).await
    }

    /// Renegotiations by id.
    pub async fn renegotiations_by_id(&self, ids: &[RenegotiationId]) -> Result<Vec<StoredRenegotiation>, Failure> {
        let s = self.open().await?;
        renegotiation::load(&s.db, &s.access, ids).await
    }

    /// A page of renegotiations.
    pub async fn renegotiations(
        &self,
        wanted: &RenegotiationsWanted,
        now: Timestamp,
        page: &PageRequest<Uuid>,
    ) -> Result<Page<StoredRenegotiation, Uuid>, Failure> {
        let s = self.open().await?;
        renegotiation::list(&s.db, &s.access, wanted, now, page).await
    }

    /// How many renegotiations there are.
    pub async fn renegotiation_count(&self, wanted: &RenegotiationsWanted, now: Timestamp) -> Result<i64, Failure> {
        let s = self.open().await?;
        renegotiation::count(&s.db, &s.access, wanted, now).await
    }

    /// The renegotiation that a decision is on.
    pub async fn renegotiation_of_decision(&self, id: Uuid) -> Result<Option<RenegotiationId>, Failure> {
        renegotiation::of_decision(&self.open().await?.db, id).await
    }

    /// Meetings by id.
    pub async fn meetings_by_id(&self, ids: &[MeetingId]) -> Result<Vec<StoredMeeting>, Failure> {
        let s = self.open().await?;
        meeting::load(&s.db, &s.access, ids).await
    }

    /// A page of meetings.
    pub async fn meetings(
        &self,
        wanted: &MeetingsWanted,
        page: &PageRequest<Uuid>,
    ) -> Result<Page<StoredMeeting, Uuid>, Failure> {
        let s = self.open().await?;
        meeting::list(&s.db, &s.access, wanted, page).await
    }

    /// How many meetings there are.
    pub async fn meeting_count(&self, wanted: &MeetingsWanted) -> Result<i64, Failure> {
        let s = self.open().await?;
        meeting::count(&s.db, &s.access, wanted).await
    }

    /// The meeting whose boundary holds a question.
    pub async fn meeting_of_question(&self, id: Uuid) -> Result<Option<MeetingId>, Failure> {
        meeting::of_question(&self.open().await?.db, id).await
    }

    /// Acknowledgements of plans up to an instant.
    pub async fn acknowledgements(
        &self,
        plans: &[PlanId],
        until: Timestamp,
    ) -> Result<Vec<StoredAcknowledgement>, Failure> {
        acknowledgement::of_plans(&self.open().await?.db, plans, until).await
    }

    /// How often the line of each plan was held.
    pub async fn refusals_of_plans(&self, plans: &[PlanId]) -> Result<HashMap<PlanId, i64>, Failure> {
        refusals::of_plans(&self.open().await?.db, plans).await
    }

    /// How often a rule said no since a day.
    pub async fn refusals_of_code(&self, code: &str, since: Option<chrono::NaiveDate>) -> Result<i64, Failure> {
        let s = self.open().await?;
        refusals::of_code(&s.db, &s.access, code, since).await
    }

    /// Entries by their position.
    pub async fn entries(&self, seqs: &[i64]) -> Result<Vec<StoredEntry>, Failure> {
        let s = self.open().await?;
        audit::by_seq(&s.db, &s.access, seqs).await
    }

    /// An entry by id.
    pub async fn entry(&self, id: AuditEntryId) -> Result<Option<StoredEntry>, Failure> {
        let s = self.open().await?;
        audit::by_id(&s.db, &s.access, id).await
    }

    /// A page of entries.
    pub async fn audit_log(
        &self,
        wanted: &AuditQuery,
        descending: bool,
        page: &PageRequest<i64>,
    ) -> Result<Page<StoredEntry, i64>, Failure> {
        let s = self.open().await?;
        audit::list(&s.db, &s.access, wanted, descending, page).await
    }

    /// How many entries there are.
    pub async fn audit_count(&self, wanted: &AuditQuery) -> Result<u64, Failure> {
        let s = self.open().await?;
        audit::count(&s.db, &s.access, wanted).await
    }

    /// How many teams there are.
    pub async fn team_count(&self, archived: bool) -> Result<i64, Failure> {
        let s = self.open().await?;
        team::count(&s.db, &s.access, archived).await
    }

    /// How many plans a team has.
    pub async fn plan_count(&self, team: TeamId) -> Result<i64, Failure> {
        plan::count(&self.open().await?.db, team).await
    }

    /// How many check-ins a key result has.
    pub async fn check_in_count(&self, key_result: KeyResultId, until: Option<Timestamp>) -> Result<i64, Failure> {
        check_in::count(&self.open().await?.db, key_result, until).await
    }

    /// How many objectives contribute to one.
    pub async fn contributor_count(&self, id: ObjectiveId) -> Result<i64, Failure> {
        let s = self.open().await?;
        lineage::count(&s.db, &s.access, id).await
    }

    /// The newest meeting that has each renegotiation on its agenda.
    pub async fn meetings_about(
        &self,
        ids: &[RenegotiationId],
    ) -> Result<HashMap<RenegotiationId, MeetingId>, Failure> {
        meeting::about(&self.open().await?.db, ids).await
    }

    /// Of which plan a revision is.
    pub async fn plan_of_revision(&self, id: Uuid) -> Result<Option<PlanId>, Failure> {
        plan::of_revision(&self.open().await?.db, id).await
    }
}
