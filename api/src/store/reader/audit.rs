//! What a snapshot says about the audit log, and how often a rule said no.

use std::collections::HashMap;

use holdline_domain::ids::{AuditEntryId, PlanId};

use super::Reader;
use crate::{
    failure::Failure,
    store::{AuditQuery, Page, PageRequest, StoredEntry, audit, refusals},
};

impl Reader {
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
    pub async fn audit_count(&self, wanted: &AuditQuery) -> Result<i64, Failure> {
        let s = self.open().await?;
        audit::count(&s.db, &s.access, wanted).await
    }
}
