//! What can be asked of the audit log: conditions over its columns, joined by `and` and `or`.
//! Values are always parameters. Entries of no team (settings, tokens) are seen by tokens that hold every team.

use holdline_entity::audit_entry::Column;
use sea_orm::{ColumnTrait as _, Condition, Value};
use uuid::Uuid;

use super::Access;

/// A condition on one column.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the comparator of its name")]
pub enum Bound {
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Gt(Value),
    Gte(Value),
    Lt(Value),
    Lte(Value),
    Contains(String),
    Null(bool),
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Conditions that must all hold.
    pub all: Vec<(AuditColumn, Bound)>,
    /// Further queries that must all hold.
    pub and: Vec<AuditQuery>,
    /// Queries of which one must hold; none given is no condition.
    pub or: Vec<AuditQuery>,
}

/// A column that can be asked about.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the column of its name")]
pub enum AuditColumn {
    Seq,
    Action,
    Actor,
    Team,
    Quarter,
    Plan,
    Subject,
    Renegotiation,
    Meeting,
    OccurredAt,
    RecordedAt,
    Reason,
}

impl AuditColumn {
    const fn column(self) -> Column {
        match self {
            Self::Seq => Column::Seq,
            Self::Action => Column::Action,
            Self::Actor => Column::ActorId,
            Self::Team => Column::TeamId,
            Self::Quarter => Column::Quarter,
            Self::Plan => Column::PlanId,
            Self::Subject => Column::SubjectId,
            Self::Renegotiation => Column::RenegotiationId,
            Self::Meeting => Column::MeetingId,
            Self::OccurredAt => Column::OccurredAt,
            Self::RecordedAt => Column::RecordedAt,
            Self::Reason => Column::Reason,
        }
    }
}

impl AuditQuery {
    /// Entries whose subject this is.
    #[must_use]
    pub fn of_subject(id: Uuid) -> Self {
        Self { all: vec![(AuditColumn::Subject, Bound::In(vec![id.into()]))], ..Self::default() }
    }

    pub(super) fn condition(&self) -> Condition {
        let mut condition = Condition::all();
        for (column, bound) in &self.all {
            let column = column.column();
            condition = condition.add(match bound {
                Bound::In(values) => column.is_in(values.iter().cloned()),
                Bound::NotIn(values) => column.is_not_in(values.iter().cloned()),
                Bound::Gt(value) => column.gt(value.clone()),
                Bound::Gte(value) => column.gte(value.clone()),
                Bound::Lt(value) => column.lt(value.clone()),
                Bound::Lte(value) => column.lte(value.clone()),
                Bound::Contains(text) => contains(column, text),
                Bound::Null(true) => column.is_null(),
                Bound::Null(false) => column.is_not_null(),
            });
        }
        for query in &self.and {
            condition = condition.add(query.condition());
        }
        if !self.or.is_empty() {
            let any = self.or.iter().fold(Condition::any(), |any, query| any.add(query.condition()));
            condition = condition.add(any);
        }
        condition
    }
}

/// A text within a text, with the pattern's own signs taken literally.
fn contains(column: Column, text: &str) -> sea_orm::sea_query::SimpleExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\');
    column.like(pattern)
}

/// The entries that a token may see.
pub(super) fn seen(access: &Access) -> Condition {
    match access {
        Access::All => Condition::all(),
        Access::Only(teams) => Condition::all().add(Column::TeamId.is_in(teams.iter().map(|team| team.uuid()))),
    }
}
