//! Alignment in the API: who has understood which revision, with which dissent.

use std::collections::BTreeMap;

use async_graphql::{Context, Object};

use super::{
    fault::Fault,
    input::shown,
    loaders::{AcknowledgedBy, unshare},
    meeting::{self, Meeting},
    person::{self, Person},
    plan::Plan,
    scalars::DateTime,
    session::session,
};
use crate::store::StoredAcknowledgement;

/// Who has understood a plan.
pub(super) struct Alignment {
    pub(super) plan: Plan,
}

impl Alignment {
    async fn newest(&self, ctx: &Context<'_>, current: bool) -> Result<Vec<PlanAcknowledgement>, Fault> {
        let key = AcknowledgedBy(self.plan.stored.head.id, self.plan.until());
        let all = session(ctx).loader().load_one(key).await.map_err(unshare)?.unwrap_or_default();
        let mut newest = BTreeMap::new();
        for acknowledgement in all {
            newest.insert(acknowledgement.person, acknowledgement);
        }
        let number = self.plan.number();
        let wanted = newest.into_values().filter(|a| (a.revision == number) == current);
        Ok(wanted.map(PlanAcknowledgement).collect())
    }
}

/// Shared understanding of a plan, which is not agreement: each person's newest acknowledgement.
#[Object]
impl Alignment {
    /// Those of the revision that is read.
    async fn acknowledged(&self, ctx: &Context<'_>) -> Result<Vec<PlanAcknowledgement>, Fault> {
        self.newest(ctx, true).await
    }
    /// Those of an older revision.
    async fn outdated(&self, ctx: &Context<'_>) -> Result<Vec<PlanAcknowledgement>, Fault> {
        self.newest(ctx, false).await
    }
}

/// That somebody understood a revision.
pub(super) struct PlanAcknowledgement(pub(super) StoredAcknowledgement);

/// A person has understood a revision of a plan, and may have said what they would have chosen otherwise.
#[Object]
impl PlanAcknowledgement {
    /// Who understood it.
    async fn person(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.0.person).await
    }
    /// Which revision.
    async fn revision(&self) -> i32 {
        shown(self.0.revision)
    }
    /// What they would have chosen otherwise; it is recorded and changes nothing.
    async fn dissent(&self) -> Option<&str> {
        self.0.dissent.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// In which meeting.
    async fn meeting(&self, ctx: &Context<'_>) -> Result<Meeting, Fault> {
        meeting::load(ctx, self.0.meeting).await
    }
}
