//! Check-ins in the API, and the mutation that records one.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use holdline_domain::{check_in, permission::action::RecordCheckIn};

use super::{
    chosen::chosen,
    fault::Fault,
    ids::{Pin, parse},
    input::{Fields, prose_maybe},
    key_result::{self, KeyResult},
    person::{self, Person},
    scalars::{DateTime, Decimal},
    session::session,
    user_error::UserError,
};
use crate::{failure::Failure, service::CheckInRecord, store::StoredCheckIn};

/// A check-in.
pub(super) struct CheckIn(pub(super) StoredCheckIn);

/// What a check-in says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "check_in::CheckInKind")]
pub(super) enum CheckInKind {
    /// Where it stands.
    Progress,
    /// Where it stands at the middle of the quarter.
    MidQuarter,
    /// Where it is expected to end: a forecast, kept apart from the value.
    Projected,
    /// Where it ended.
    Final,
    /// What an earlier one should have said; needs a reason.
    Correction,
}

/// How sure the owner is to reach the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "check_in::Confidence")]
pub(super) enum Confidence {
    /// It will be reached.
    OnTrack,
    /// It may not be reached.
    AtRisk,
    /// It will not be reached as things are.
    OffTrack,
}

/// A check-in on a key result. It flows freely and never changes the commitment.
#[Object]
impl CheckIn {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.check_in.id.to_string())
    }
    /// The key result that it is on, as it stands now or stood last.
    async fn key_result(&self, ctx: &Context<'_>) -> Result<KeyResult, Fault> {
        let found = key_result::lookup(ctx, self.0.check_in.key_result, Pin::Live).await?;
        found.ok_or_else(|| Failure::internal("a check-in's key result is missing").into())
    }
    /// What it says of its value.
    async fn kind(&self) -> CheckInKind {
        self.0.check_in.reading.kind.into()
    }
    /// The value, in the measure's unit.
    async fn value(&self) -> Decimal {
        Decimal(self.0.check_in.reading.value)
    }
    /// How sure the owner is.
    async fn confidence(&self) -> Option<Confidence> {
        self.0.check_in.reading.confidence.map(Into::into)
    }
    /// What was said beside it.
    async fn note(&self) -> Option<&str> {
        self.0.check_in.reading.note.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// Why an earlier value was wrong, for a correction.
    async fn reason(&self) -> Option<&str> {
        self.0.check_in.reading.reason.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// When it took effect.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// Who recorded it; null where an imported file does not say.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.0.check_in.by).await
    }
}

/// What `checkInRecord` takes.
#[derive(InputObject)]
struct CheckInRecordInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The key result it is on.
    key_result: ID,
    /// What it says of its value.
    kind: CheckInKind,
    /// The value, in the measure's unit.
    value: Decimal,
    /// How sure the owner is.
    confidence: Option<Confidence>,
    /// What to say beside it.
    note: Option<String>,
    /// Why an earlier value was wrong; required for a correction.
    reason: Option<String>,
}

/// What `checkInRecord` answers.
#[derive(SimpleObject)]
struct CheckInRecordPayload {
    /// The check-in; null where it was refused.
    check_in: Option<CheckIn>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl CheckInRecordInput {
    fn parse(self) -> Result<CheckInRecord, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let key_result = fields.keep(parse(&self.key_result, &["keyResult"]));
        let note = fields.keep(prose_maybe(self.note.as_deref(), "note"));
        let reason = fields.keep(prose_maybe(self.reason.as_deref(), "reason"));
        let (kind, value, confidence) = (self.kind.into(), self.value.0, self.confidence.map(Into::into));
        fields.finish(|| {
            let reading = check_in::Reading { kind, value, confidence, note: note?, reason: reason? };
            Some(CheckInRecord { id: id?, key_result: key_result?, reading })
        })
    }
}

/// Mutations about check-ins.
#[derive(Default)]
pub(super) struct CheckInMutation;

#[Object]
impl CheckInMutation {
    /// Records where a key result stands. It never changes the commitment; a closed plan takes corrections only.
    async fn check_in_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: CheckInRecordInput,
    ) -> Result<CheckInRecordPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().check_in_record(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<RecordCheckIn, _>(job).await?;
        let check_in = match id {
            Some(id) => session.reader().check_in(id).await?.map(CheckIn),
            None => None,
        };
        Ok(CheckInRecordPayload { check_in, user_errors })
    }
}
