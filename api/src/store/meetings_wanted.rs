//! Which meetings are asked for: the conditions as SQL, the list and the count. How one is put together is in `meeting`.

use std::fmt::Write as _;

use holdline_domain::{ids::TeamId, meeting::MeetingKind};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    Access, Page, PageRequest, StoredMeeting,
    meeting::{HEADS, HeadRow, whole},
    page, row,
};
use crate::failure::Failure;

/// Which meetings are asked for.
#[derive(Debug, Clone, Default)]
pub struct MeetingsWanted {
    /// Of this team.
    pub team: Option<TeamId>,
    /// Of this quarter.
    pub quarter: Option<String>,
    /// Of these kinds.
    pub kinds: Option<Vec<MeetingKind>>,
    /// In these states: `PREPARED`, `OPEN`, `CLOSED`, `CANCELLED`.
    pub statuses: Option<Vec<&'static str>>,
}

/// Meetings that are asked for, the newest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &MeetingsWanted,
    request: &PageRequest<Uuid>,
) -> Result<Page<StoredMeeting, Uuid>, Failure> {
    let mut values = Vec::new();
    let mut sql = format!("{HEADS} {}", conditions(access, wanted, &mut values));
    sql.push_str(&page::keyset("m.id", true, request, &mut values));
    let heads = row::rows::<HeadRow>(db, &sql, values).await?;
    let found = whole(db, access, heads).await?;
    page::cut(found, request, |stored| stored.meeting.id.uuid(), Ok)
}

pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, wanted: &MeetingsWanted) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let from = HEADS.find("FROM").map_or("", |from| &HEADS[from..]);
    let sql = format!("SELECT COUNT(*) AS found {from} {}", conditions(access, wanted, &mut values));
    row::counted(db, &sql, values).await
}

fn conditions(access: &Access, wanted: &MeetingsWanted, values: &mut Vec<sea_orm::Value>) -> String {
    let mut sql = "1 = 1".to_owned();
    let mut any = |column: &str, of: Vec<sea_orm::Value>| {
        let marks = row::marks(values.len() + 1, of.len());
        let _ = if of.is_empty() { write!(sql, " AND 1 = 0") } else { write!(sql, " AND {column} IN ({marks})") };
        values.extend(of);
    };
    if let Some(team) = wanted.team {
        any("m.team_id", vec![team.uuid().into()]);
    }
    if let Some(quarter) = &wanted.quarter {
        any("m.quarter", vec![quarter.clone().into()]);
    }
    if let Some(kinds) = &wanted.kinds {
        any("e.kind", kinds.iter().map(|kind| kind.name().into()).collect());
    }
    if let Some(statuses) = &wanted.statuses {
        any("e.status", statuses.iter().map(|status| (*status).into()).collect());
    }
    if let Access::Only(teams) = access {
        any("m.team_id", teams.iter().map(|team| team.uuid().into()).collect());
    }
    sql
}
