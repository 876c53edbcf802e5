//! What can be asked of the audit log: its columns, and which entries a token may see at all.
//! Entries of no team (settings, tokens) are seen by tokens that hold every team.

use std::borrow::Cow;

use holdline_entity::audit_entry::Column;
use sea_orm::{ColumnTrait as _, Condition, IdenStatic as _};

use super::{Access, Filter};

/// Which entries are asked for.
pub type AuditQuery = Filter<AuditColumn>;

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
    /// What the column is; `teams` are the marks of those that the token holds, where it does not hold all.
    pub(super) fn sql(self, teams: Option<&str>) -> Cow<'static, str> {
        let column = match self {
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
        };
        // An entry of one team may name a meeting or a renegotiation of another: there it shows none, and has none.
        match (self, teams) {
            (Self::Meeting, Some(teams)) => {
                format!("(SELECT m.id FROM meeting m WHERE m.id = meeting_id AND m.team_id IN ({teams}))").into()
            }
            (Self::Renegotiation, Some(teams)) => format!(
                "(SELECT r.id FROM renegotiation r JOIN plan p ON p.id = r.plan_id
                  WHERE r.id = renegotiation_id AND p.team_id IN ({teams}))"
            )
            .into(),
            _ => column.as_str().into(),
        }
    }
}

/// The entries that a token may see.
pub(super) fn seen(access: &Access) -> Condition {
    match access {
        Access::All => Condition::all(),
        Access::Only(teams) => Condition::all().add(Column::TeamId.is_in(teams.iter().map(|team| team.uuid()))),
    }
}
