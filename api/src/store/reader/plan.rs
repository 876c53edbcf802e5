//! What a snapshot says about plans, what they promise and where their key results stand.

use std::{collections::HashMap, sync::Arc};

use holdline_domain::{
    commitment::Commitment,
    ids::{CheckInId, KeyResultId, ObjectiveId, PlanId, TeamId},
    time::{Quarter, Timestamp},
};
use uuid::Uuid;

use super::Reader;
use crate::{
    failure::Failure,
    store::{Page, PageRequest, Standing, StoredCheckIn, StoredPlan, check_in, commitment, lineage, plan},
};

impl Reader {
    /// Plans by id.
    pub async fn plans(&self, ids: &[PlanId]) -> Result<Vec<StoredPlan>, Failure> {
        let s = self.open().await?;
        plan::load(&s.db, &s.access, &s.settled, ids).await
    }

    /// The plan of a team for a quarter.
    pub async fn plan_of(&self, team: TeamId, quarter: Quarter) -> Result<Option<StoredPlan>, Failure> {
        let s = self.open().await?;
        plan::of_team(&s.db, &s.access, &s.settled, team, quarter).await
    }

    /// The plans of teams for quarters; further ones of the same teams and quarters may be among them.
    pub async fn plans_of_teams(&self, wanted: &[(TeamId, Quarter)]) -> Result<Vec<StoredPlan>, Failure> {
        let s = self.open().await?;
        plan::of_teams(&s.db, &s.access, &s.settled, wanted).await
    }

    /// A page of a team's plans.
    pub async fn plans_of(&self, team: TeamId, page: &PageRequest<Uuid>) -> Result<Page<StoredPlan, Uuid>, Failure> {
        let s = self.open().await?;
        plan::list(&s.db, &s.access, &s.settled, team, page).await
    }

    /// How many plans a team has.
    pub async fn plan_count(&self, team: TeamId) -> Result<i64, Failure> {
        plan::count(&self.open().await?.db, team).await
    }

    /// Of which plan a revision is.
    pub async fn plan_of_revision(&self, id: Uuid) -> Result<Option<PlanId>, Failure> {
        plan::of_revision(&self.open().await?.db, id).await
    }

    /// What a plan promised at one of its revisions, if that was read before.
    #[must_use]
    pub fn known_commitment(&self, stored: &StoredPlan, number: u32) -> Option<Arc<Commitment>> {
        plan::known_from_before(&self.database.settled, stored, number)
    }

    /// Commitments of plans at revisions; 0 is the draft. The plans were loaded through this reader before.
    pub async fn commitments(&self, at: &[(PlanId, u32)]) -> Result<HashMap<(PlanId, u32), Arc<Commitment>>, Failure> {
        let s = self.open().await?;
        commitment::load(&s.db, &s.settled, at).await
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

    /// How many objectives contribute to one.
    pub async fn contributor_count(&self, id: ObjectiveId) -> Result<i64, Failure> {
        let s = self.open().await?;
        lineage::count(&s.db, &s.access, id).await
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
        check_in::by_id(&s.db, &s.access, &s.settled, id).await
    }

    /// How many check-ins a key result has.
    pub async fn check_in_count(&self, key_result: KeyResultId, until: Option<Timestamp>) -> Result<i64, Failure> {
        check_in::count(&self.open().await?.db, key_result, until).await
    }

    /// Where key results stand at an instant.
    pub async fn standings(
        &self,
        key_results: &[KeyResultId],
        at: Timestamp,
    ) -> Result<HashMap<KeyResultId, Standing>, Failure> {
        check_in::standings(&self.open().await?.db, key_results, at).await
    }
}
