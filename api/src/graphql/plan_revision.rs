//! Revisions in the API: what was promised from one moment on.

use async_graphql::{Context, ID, Object};

use super::{
    audit::{self, AuditEntry},
    change::{self, CommitmentChange},
    fault::Fault,
    input::shown,
    person::{self, Person},
    plan::Plan,
    renegotiation::{self, Renegotiation},
    scalars::DateTime,
};
use crate::store::StoredRevision;

/// A revision of a plan.
pub(super) struct PlanRevision {
    pub(super) plan: Plan,
    pub(super) revision: StoredRevision,
}

/// A numbered, immutable state of a committed plan.
#[Object]
impl PlanRevision {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.revision.id.to_string())
    }
    /// 1 is what was committed; each approved renegotiation makes the next.
    async fn number(&self) -> i32 {
        shown(self.revision.number)
    }
    /// When it took effect.
    async fn at(&self) -> DateTime {
        DateTime(self.revision.at)
    }
    /// When this server wrote it; differs from `at` for an import only.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.revision.recorded_at)
    }
    /// Who committed or decided it; null where an imported file does not say.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.revision.by).await
    }
    /// Whether it came from a file of history.
    async fn imported(&self) -> bool {
        self.revision.imported
    }
    /// The renegotiation that made it; null for revision 1.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        renegotiation::load_maybe(ctx, self.revision.renegotiation).await
    }
    /// How it differs from the revision before; empty for revision 1.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        if self.revision.number == 1 {
            return Ok(Vec::new());
        }
        let before = self.plan.at_revision(self.revision.number - 1).side(ctx).await?;
        let after = self.plan.at_revision(self.revision.number).side(ctx).await?;
        let changes = holdline_domain::commitment_change::diff(&before.commitment, &after.commitment);
        change::attributed(ctx, &before, &after, changes).await
    }
    /// The plan as this revision promised it.
    async fn plan(&self) -> Plan {
        self.plan.at_revision(self.revision.number)
    }
    /// The entry of the audit log that it was written with; needs the scope audit:read.
    async fn audit_entry(&self, ctx: &Context<'_>) -> Result<AuditEntry, Fault> {
        audit::at(ctx, self.revision.seq).await
    }
}
