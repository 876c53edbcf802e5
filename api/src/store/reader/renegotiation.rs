//! What a snapshot says about renegotiations, the meetings that decide them, and who understood the outcome.

use std::{collections::HashMap, sync::Arc};

use holdline_domain::{
    ids::{MeetingId, PlanId, RenegotiationId},
    time::Timestamp,
};
use uuid::Uuid;

use super::Reader;
use crate::{
    failure::Failure,
    store::{
        MeetingsWanted, Page, PageRequest, RenegotiationsWanted, StoredAcknowledgement, StoredMeeting,
        StoredRenegotiation, acknowledgement, meeting, meetings_wanted, renegotiation, renegotiations_wanted,
    },
};

impl Reader {
    /// Renegotiations by id.
    pub async fn renegotiations_by_id(
        &self,
        ids: &[RenegotiationId],
    ) -> Result<Vec<Arc<StoredRenegotiation>>, Failure> {
        let s = self.open().await?;
        renegotiation::load(&s.db, &s.access, &s.settled, ids).await
    }

    /// A page of renegotiations.
    pub async fn renegotiations(
        &self,
        wanted: &RenegotiationsWanted,
        now: Timestamp,
        page: &PageRequest<Uuid>,
    ) -> Result<Page<Arc<StoredRenegotiation>, Uuid>, Failure> {
        let s = self.open().await?;
        renegotiations_wanted::list(&s.db, &s.access, &s.settled, wanted, now, page).await
    }

    /// How many renegotiations there are.
    pub async fn renegotiation_count(&self, wanted: &RenegotiationsWanted, now: Timestamp) -> Result<i64, Failure> {
        let s = self.open().await?;
        renegotiations_wanted::count(&s.db, &s.access, wanted, now).await
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
        meetings_wanted::list(&s.db, &s.access, wanted, page).await
    }

    /// How many meetings there are.
    pub async fn meeting_count(&self, wanted: &MeetingsWanted) -> Result<i64, Failure> {
        let s = self.open().await?;
        meetings_wanted::count(&s.db, &s.access, wanted).await
    }

    /// The meeting whose boundary holds a question.
    pub async fn meeting_of_question(&self, id: Uuid) -> Result<Option<MeetingId>, Failure> {
        meeting::of_question(&self.open().await?.db, id).await
    }

    /// The newest meeting that has each renegotiation on its agenda.
    pub async fn meetings_about(
        &self,
        ids: &[RenegotiationId],
    ) -> Result<HashMap<RenegotiationId, MeetingId>, Failure> {
        meeting::about(&self.open().await?.db, ids).await
    }

    /// Acknowledgements of plans up to an instant.
    pub async fn acknowledgements(
        &self,
        plans: &[PlanId],
        until: Timestamp,
    ) -> Result<Vec<StoredAcknowledgement>, Failure> {
        acknowledgement::of_plans(&self.open().await?.db, plans, until).await
    }
}
