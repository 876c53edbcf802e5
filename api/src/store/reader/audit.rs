//! What a snapshot says about the audit log, and how often a rule said no.

use std::collections::HashMap;

use holdline_domain::{
    facts::Digest,
    ids::{AuditEntryId, PlanId},
    time::Timestamp,
};
use uuid::Uuid;

use super::Reader;
use crate::{
    failure::Failure,
    record::{Proof, SignedHead},
    store::{AuditQuery, Page, PageRequest, StoredEntry, audit, checkpoint, history, log, refusals, tree},
};

impl Reader {
    /// How often the line of each plan was held.
    pub async fn refusals_of_plans(&self, plans: &[PlanId]) -> Result<HashMap<PlanId, Vec<(String, i64)>>, Failure> {
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

    /// The newest checkpoint.
    pub async fn checkpoint(&self) -> Result<Option<SignedHead>, Failure> {
        checkpoint::newest(&self.open().await?.db).await
    }

    /// How many entries the log has, those of foreign teams among them.
    pub async fn log_size(&self) -> Result<u64, Failure> {
        Ok(log::head(&self.open().await?.db).await?.map_or(0, |head| head.size()))
    }

    /// So many entries from a position on, those of all teams.
    pub async fn log_from(&self, seq: u64, count: u64) -> Result<Vec<StoredEntry>, Failure> {
        audit::from(&self.open().await?.db, seq, count).await
    }

    /// So many checkpoints over more than some entries, the smallest first.
    pub async fn checkpoints_after(&self, size: u64, count: u64) -> Result<Vec<SignedHead>, Failure> {
        checkpoint::after(&self.open().await?.db, size, count).await
    }

    /// A proof's hashes, and the root of its tree.
    pub async fn prove(&self, proof: &Proof) -> Result<(Vec<Digest>, Digest), Failure> {
        tree::prove(&self.open().await?.db, proof).await
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

    /// A page of the story of each of some subjects, until an instant.
    pub async fn histories(
        &self,
        subjects: &[Uuid],
        until: Option<Timestamp>,
        page: &PageRequest<i64>,
    ) -> Result<HashMap<Uuid, Page<StoredEntry, i64>>, Failure> {
        let s = self.open().await?;
        history::pages(&s.db, &s.access, subjects, until, page).await
    }

    /// How many entries the story of a subject has, until an instant.
    pub async fn history_count(&self, subject: Uuid, until: Option<Timestamp>) -> Result<i64, Failure> {
        let s = self.open().await?;
        history::count(&s.db, &s.access, subject, until).await
    }

    /// How many entries there are.
    pub async fn audit_count(&self, wanted: &AuditQuery) -> Result<i64, Failure> {
        let s = self.open().await?;
        audit::count(&s.db, &s.access, wanted).await
    }
}
