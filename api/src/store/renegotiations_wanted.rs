//! Which renegotiations are asked for: the conditions as SQL, the list and the count. How one is put together is in `renegotiation`.

use std::fmt::Write as _;

use holdline_domain::{
    ids::{PlanId, TeamId},
    renegotiation::Status,
    time::Timestamp,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Access, Page, PageRequest, StoredRenegotiation, page,
    renegotiation::{HEADS, HeadRow, whole},
    row,
};
use crate::failure::Failure;

/// Which renegotiations are asked for.
#[derive(Debug, Clone, Default)]
pub struct RenegotiationsWanted {
    /// Of this plan.
    pub plan: Option<PlanId>,
    /// Of this team.
    pub team: Option<TeamId>,
    /// Of this quarter.
    pub quarter: Option<String>,
    /// In one of these states.
    pub statuses: Option<Vec<Status>>,
}

/// Renegotiations that are asked for, the newest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &RenegotiationsWanted,
    now: Timestamp,
    request: &PageRequest<Uuid>,
) -> Result<Page<StoredRenegotiation, Uuid>, Failure> {
    let mut values: Vec<sea_orm::Value> = Vec::new();
    let mut sql = format!("{HEADS} {}", conditions(access, wanted, now, &mut values));
    sql.push_str(&page::keyset("r.id", true, request, &mut values));
    let heads = row::rows::<HeadRow>(db, &sql, values).await?;
    let found = whole(db, access, heads).await?;
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

fn conditions(
    access: &Access,
    wanted: &RenegotiationsWanted,
    now: Timestamp,
    values: &mut Vec<sea_orm::Value>,
) -> String {
    let mut sql = "1 = 1".to_owned();
    let mut equal = |column: &str, value: Option<sea_orm::Value>, sql: &mut String| {
        if let Some(value) = value {
            values.push(value);
            let _ = write!(sql, " AND {column} = ${}", values.len());
        }
    };
    equal("r.plan_id", wanted.plan.map(|plan| plan.uuid().into()), &mut sql);
    equal("p.team_id", wanted.team.map(|team| team.uuid().into()), &mut sql);
    equal("p.quarter", wanted.quarter.clone().map(Into::into), &mut sql);
    if let Access::Only(teams) = access {
        let marks = row::marks(values.len() + 1, teams.len());
        let _ = if teams.is_empty() { write!(sql, " AND 1 = 0") } else { write!(sql, " AND p.team_id IN ({marks})") };
        values.extend(teams.iter().map(|team| team.uuid().into()));
    }
    if let Some(statuses) = &wanted.statuses {
        values.push(now.micros().into());
        let now = values.len();
        let any: Vec<_> = statuses.iter().map(|status| status_condition(*status, now)).collect();
        let any = if any.is_empty() { "1 = 0".to_owned() } else { any.join(" OR ") };
        let _ = write!(sql, " AND ({any})");
    }
    sql
}

fn status_condition(status: Status, now: usize) -> String {
    match status {
        Status::Draft => format!("(v.status = 'DRAFT' AND q.ends_at > ${now})"),
        Status::Lapsed => format!("(v.status = 'DRAFT' AND q.ends_at <= ${now})"),
        Status::Proposed => {
            format!("(v.status = 'PROPOSED' AND d.renegotiation_id IS NULL AND v.decide_by > ${now})")
        }
        Status::Expired => {
            format!("(v.status = 'PROPOSED' AND d.renegotiation_id IS NULL AND v.decide_by <= ${now})")
        }
        Status::Approved => format!("(d.outcome = 'APPROVED' AND ${now} > 0)"),
        Status::Rejected => format!("(d.outcome = 'REJECTED' AND ${now} > 0)"),
        Status::Withdrawn => format!("(v.status = 'WITHDRAWN' AND ${now} > 0)"),
    }
}
