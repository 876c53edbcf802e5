//! Which renegotiations are asked for: the conditions as SQL, the list and the count. How one is put together is in `renegotiation`.

use std::{borrow::Cow, sync::Arc};

use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{PersonId, PlanId},
    renegotiation::{Proposed, Renegotiation, Status},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    Access, Bound, Filter, Page, PageRequest, StoredRenegotiation, filter, page,
    renegotiation::{HEADS, HeadRow, whole},
    row,
    settled::Settled,
    tx::Tx,
};
use crate::failure::Failure;

/// Which renegotiations are asked for.
pub type RenegotiationsWanted = Filter<RenegotiationColumn>;

/// What of a renegotiation can be asked about.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum RenegotiationColumn {
    Team,
    Plan,
    Quarter,
    /// Where it stands by the clock, as `Status::name` says it.
    Status,
    ProposedAt,
    DecideBy,
    Trigger,
    Reason,
}

impl RenegotiationColumn {
    fn sql(self, now: Timestamp) -> Cow<'static, str> {
        match self {
            Self::Team => "p.team_id".into(),
            Self::Plan => "r.plan_id".into(),
            Self::Quarter => "p.quarter".into(),
            Self::Status => standing(now).into(),
            Self::ProposedAt => "v.proposed_at".into(),
            Self::DecideBy => "v.decide_by".into(),
            Self::Trigger => "v.trigger_text".into(),
            Self::Reason => "v.reason".into(),
        }
    }
}

/// Where it stands, `Renegotiation::status` in SQL.
fn standing(now: Timestamp) -> String {
    let now = now.micros();
    format!(
        "(CASE WHEN d.outcome IS NOT NULL THEN d.outcome
               WHEN v.status = 'PROPOSED' AND v.decide_by <= {now} THEN 'EXPIRED'
               WHEN v.status = 'DRAFT' AND q.ends_at <= {now} THEN 'LAPSED' ELSE v.status END)"
    )
}

impl RenegotiationsWanted {
    /// Those of a plan.
    #[must_use]
    pub fn of_plan(plan: PlanId) -> Self {
        Self::of(RenegotiationColumn::Plan, Bound::any([plan.uuid()]))
    }

    /// Of these, those in one of some states.
    #[must_use]
    pub fn in_states(self, statuses: impl IntoIterator<Item = Status>) -> Self {
        self.also(RenegotiationColumn::Status, Bound::any(statuses.into_iter().map(Status::name)))
    }
}

/// Renegotiations that are asked for, the newest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    wanted: &RenegotiationsWanted,
    now: Timestamp,
    request: &PageRequest<Uuid>,
) -> Result<Page<Arc<StoredRenegotiation>, Uuid>, Failure> {
    let mut values: Vec<Value> = Vec::new();
    let mut sql = format!("{HEADS} {}", conditions(access, wanted, now, &mut values));
    sql.push_str(&page::keyset("r.id", true, request, &mut values));
    let heads = row::rows::<HeadRow>(db, &sql, values).await?;
    let found = whole(db, access, known, heads).await?;
    page::cut(found, request, |stored| stored.state.record().id.uuid(), Ok)
}

pub(super) async fn count(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &RenegotiationsWanted,
    now: Timestamp,
) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let heads = HEADS.find("FROM").map_or("", |from| &HEADS[from..]);
    let sql = format!("SELECT COUNT(*) AS found {heads} {}", conditions(access, wanted, now, &mut values));
    row::counted(db, &sql, values).await
}

fn conditions(access: &Access, wanted: &RenegotiationsWanted, now: Timestamp, values: &mut Vec<Value>) -> String {
    let seen = filter::seen(access, "p.team_id", values);
    format!("{seen} AND {}", wanted.sql(&|column| RenegotiationColumn::sql(column, now), values))
}

impl Tx {
    /// What a person wrote, in whatever team, that was neither decided nor withdrawn.
    pub async fn renegotiations_written_by(&self, person: PersonId) -> Result<Vec<Renegotiation>, Failure> {
        let sql = format!(
            "{HEADS} d.renegotiation_id IS NULL AND v.status <> 'WITHDRAWN' AND r.id IN (
               SELECT a.renegotiation_id FROM renegotiation_author a WHERE a.person_id = $1) ORDER BY r.id"
        );
        let heads = row::rows::<HeadRow>(&self.db, &sql, [person.uuid().into()]).await?;
        let found = whole(&self.db, &Access::All, &self.settled, heads).await?;
        Ok(found.iter().map(|stored| stored.state.clone()).collect())
    }

    /// The open renegotiations of a plan.
    pub async fn open_renegotiations(&self, plan: PlanId) -> Result<Vec<Proposed>, Failure> {
        let wanted = RenegotiationsWanted::of_plan(plan).in_states([Status::Proposed]);
        let request = PageRequest { after: None, before: None, limit: 10_000, backward: false };
        let open = list(&self.db, &Access::All, &self.settled, &wanted, self.now, &request).await?;
        let proposed = open.items.into_iter().filter_map(|(_, stored)| match &stored.state {
            Renegotiation::Proposed(proposed) => Some(proposed.clone()),
            _ => None,
        });
        Ok(proposed.collect())
    }

    /// The decided renegotiations of a plan: when, for which reason, with which changes.
    pub async fn decided_renegotiations(
        &self,
        plan: PlanId,
    ) -> Result<Vec<(Timestamp, String, Vec<CommitmentChange>)>, Failure> {
        let wanted = RenegotiationsWanted::of_plan(plan);
        let request = PageRequest { after: None, before: None, limit: 10_000, backward: false };
        let found = list(&self.db, &Access::All, &self.settled, &wanted, self.now, &request).await?;
        let decided = found.items.into_iter().filter_map(|(_, stored)| {
            let terms = stored.state.record().terms.clone();
            let reason = terms.reason.map(|reason| reason.to_string()).unwrap_or_default();
            Some((stored.decided_at?, reason, terms.changes))
        });
        Ok(decided.collect())
    }
}
