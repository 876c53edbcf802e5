//! What a snapshot says about inputs of meetings, and where they went.

use std::collections::HashMap;

use holdline_domain::ids::{MeetingId, MeetingInputId};

use super::Reader;
use crate::{
    failure::Failure,
    store::{Page, PageRequest, StoredMeetingInput, meeting_input},
};

impl Reader {
    /// An input by id.
    pub async fn meeting_input(&self, id: MeetingInputId) -> Result<Option<StoredMeetingInput>, Failure> {
        let s = self.open().await?;
        meeting_input::by_id(&s.db, &s.access, id).await
    }

    /// A page of inputs for each meeting, in the order in which they were recorded. The meetings were loaded through
    /// this reader before.
    pub async fn meeting_inputs(
        &self,
        meetings: &[MeetingId],
        page: &PageRequest<i64>,
    ) -> Result<HashMap<MeetingId, Page<StoredMeetingInput, i64>>, Failure> {
        meeting_input::pages(&self.open().await?.db, meetings, page).await
    }

    /// How many inputs a meeting has.
    pub async fn meeting_input_count(&self, meeting: MeetingId) -> Result<i64, Failure> {
        meeting_input::count(&self.open().await?.db, meeting).await
    }
}
