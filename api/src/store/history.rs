//! The story of a subject: the entries about it, and about what was decided on it.
//! Holds one statement for many subjects; which entries a token sees is asked of each.

use std::{collections::HashMap, fmt::Write as _};

use holdline_domain::time::Timestamp;
use holdline_entity::audit_entry;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{Access, Page, PageRequest, StoredEntry, audit, filter, page, row};
use crate::failure::Failure;

/// Which entries tell of which subject: those about it; for objectives and key results also those of every
/// renegotiation that names them, their objective or one of their key results, and of the plan's commit and close.
/// `MARKS` stands for the subjects.
const TOLD: &str = "
    SELECT subject_id AS told_of, seq FROM audit_entry WHERE subject_id IN (MARKS)
    UNION SELECT c.key_result_id, e.seq FROM renegotiation_change c
        JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id WHERE c.key_result_id IN (MARKS)
    UNION SELECT c.objective_id, e.seq FROM renegotiation_change c
        JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id WHERE c.objective_id IN (MARKS)
    UNION SELECT m.id, e.seq FROM key_result m JOIN renegotiation_change c ON c.objective_id = m.objective_id
        JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id
        WHERE m.id IN (MARKS) AND c.kind IN ('OBJECTIVE_AMENDED', 'OBJECTIVE_DROPPED')
    UNION SELECT m.objective_id, e.seq FROM key_result m JOIN renegotiation_change c ON c.key_result_id = m.id
        JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id WHERE m.objective_id IN (MARKS)
    UNION SELECT m.id, e.seq FROM key_result m JOIN audit_entry e ON e.plan_id = m.plan_id
        WHERE m.id IN (MARKS) AND e.action IN ('PLAN_COMMITTED', 'PLAN_CLOSED')
    UNION SELECT m.id, e.seq FROM objective m JOIN audit_entry e ON e.plan_id = m.plan_id
        WHERE m.id IN (MARKS) AND e.action IN ('PLAN_COMMITTED', 'PLAN_CLOSED')";

#[derive(FromQueryResult)]
struct Told {
    told_of: Uuid,
    #[sea_orm(nested)]
    entry: audit_entry::Model,
}

/// What is told of some subjects until an instant, as a FROM and its conditions.
fn told(access: &Access, subjects: &[Uuid], until: Option<Timestamp>, values: &mut Vec<Value>) -> String {
    let marks = row::marks(values.len() + 1, subjects.len());
    values.extend(subjects.iter().map(|subject| Value::from(*subject)));
    let seen = filter::seen(access, "e.team_id", values);
    let mut sql = format!("({}) t JOIN audit_entry e ON e.seq = t.seq WHERE {seen}", TOLD.replace("MARKS", &marks));
    if let Some(until) = until {
        values.push(until.micros().into());
        let _ = write!(sql, " AND e.occurred_at <= ${}", values.len());
    }
    sql
}

/// A page of the entries that tell of each subject, the oldest first.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    access: &Access,
    subjects: &[Uuid],
    until: Option<Timestamp>,
    request: &PageRequest<i64>,
) -> Result<HashMap<Uuid, Page<StoredEntry, i64>>, Failure> {
    let mut values = Vec::new();
    let told = told(access, subjects, until, &mut values);
    let places = page::numbered("t.told_of, t.seq", &told, "t.told_of", "t.seq", request, &mut values);
    // Only what is on a page is read whole.
    let sql = format!(
        "SELECT p.told_of, e.* FROM ({places}) p JOIN audit_entry e ON e.seq = p.seq ORDER BY p.told_of, p.row_place"
    );
    let mut groups: HashMap<Uuid, Vec<audit_entry::Model>> = HashMap::new();
    for told in row::rows::<Told>(db, &sql, values).await? {
        groups.entry(told.told_of).or_default().push(told.entry);
    }
    let page = |subject: &Uuid| {
        let rows = groups.remove(subject).unwrap_or_default();
        Ok((*subject, page::cut(rows, request, |row| row.seq, audit::read)?))
    };
    subjects.iter().map(page).collect()
}

/// How many entries tell of a subject until an instant.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    access: &Access,
    subject: Uuid,
    until: Option<Timestamp>,
) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let told = told(access, &[subject], until, &mut values);
    row::counted(db, &format!("SELECT COUNT(*) AS found FROM {told}"), values).await
}
