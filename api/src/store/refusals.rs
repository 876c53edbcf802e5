//! The count of refusals: per day, team, plan, code and mutation. Statistics, not part of the record.

use std::{collections::HashMap, fmt::Write as _};

use holdline_domain::{
    ids::{PlanId, TeamId},
    refusal::Refusals,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::row;
use crate::failure::Failure;

/// The team and plan whose line was held.
pub(super) type Concern = (TeamId, PlanId);

pub(super) async fn count(
    db: &impl ConnectionTrait,
    refused: &Refusals,
    (team, plan): Concern,
    mutation: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let day = now.utc().date_naive().to_string();
    let mut codes: Vec<_> = refused.list().iter().map(|refusal| refusal.code).collect();
    codes.dedup();
    // INVALID, NOT_FOUND and CONFLICT are no rules: they hold no line.
    for code in codes.into_iter().filter(|code| holdline_domain::rules::of(*code).is_some()) {
        let values: [sea_orm::Value; 5] =
            [plan.uuid().into(), day.clone().into(), code.name().into(), mutation.into(), team.uuid().into()];
        let sql = "INSERT INTO refusal_count (plan_id, day, code, mutation, team_id, refusals)
                   VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (plan_id, day, code, mutation)
                   DO UPDATE SET refusals = refusal_count.refusals + 1";
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Counted {
    plan_id: Uuid,
    code: String,
    refusals: i64,
}

/// How often a line was held, per plan and code.
pub(super) async fn of_plans(
    db: &impl ConnectionTrait,
    plans: &[PlanId],
) -> Result<HashMap<PlanId, Vec<(String, i64)>>, Failure> {
    let sql = format!(
        "SELECT plan_id, code, CAST(SUM(refusals) AS BIGINT) AS refusals FROM refusal_count WHERE plan_id IN ({})
         GROUP BY plan_id, code",
        row::marks(1, plans.len())
    );
    let counted = row::rows::<Counted>(db, &sql, plans.iter().map(|plan| plan.uuid().into())).await?;
    let mut held: HashMap<PlanId, Vec<(String, i64)>> = HashMap::new();
    for row in counted {
        held.entry(row.plan_id.into()).or_default().push((row.code, row.refusals));
    }
    Ok(held)
}

#[derive(FromQueryResult)]
struct Total {
    refusals: Option<i64>,
}

/// How often a rule said no since a day, over the teams that may be seen.
pub(super) async fn of_code(
    db: &impl ConnectionTrait,
    access: &super::Access,
    code: &str,
    since: Option<chrono::NaiveDate>,
) -> Result<i64, Failure> {
    let mut values: Vec<sea_orm::Value> = vec![code.into()];
    let mut sql = "SELECT CAST(SUM(refusals) AS BIGINT) AS refusals FROM refusal_count WHERE code = $1".to_owned();
    if let Some(since) = since {
        values.push(since.to_string().into());
        sql.push_str(" AND day >= $2");
    }
    if let super::Access::Only(teams) = access {
        if teams.is_empty() {
            return Ok(0);
        }
        let _ = write!(sql, " AND team_id IN ({})", row::marks(values.len() + 1, teams.len()));
        values.extend(teams.iter().map(|team| team.uuid().into()));
    }
    let total = row::rows::<Total>(db, &sql, values).await?;
    Ok(total.first().and_then(|total| total.refusals).unwrap_or(0))
}
