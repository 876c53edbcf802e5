//! Check-ins: where a key result stands.

use holdline_domain::{
    check_in::{CheckIn, Reading},
    ids::{CheckInId, KeyResultId},
    permission::action::RecordCheckIn,
};

use super::{Caller, Service, found};
use crate::{
    failure::Failure,
    store::{Chosen, Claim},
};

/// A check-in to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct CheckInRecord {
    pub id: Option<Chosen<CheckInId>>,
    pub key_result: KeyResultId,
    pub reading: Reading,
}

impl Service {
    /// Records a check-in.
    pub async fn check_in_record(&self, caller: &Caller, input: CheckInRecord) -> Result<CheckInId, Failure> {
        let permit = caller.actor.require::<RecordCheckIn>()?;
        self.write(caller, "checkInRecord", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let key_result = input.key_result;
                let (_, plan) = found(tx.plan_of_key_result(key_result).await?, "keyResult", "key result", key_result)?;
                let change = CheckIn::record(&permit, &plan, id, key_result, input.reading)?;
                tx.create(change, input.id).await?;
                Ok(id)
            })
        })
        .await
    }
}
