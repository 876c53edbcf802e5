//! Which meetings are asked for: the conditions as SQL, the list and the count. How one is put together is in `meeting`.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{
    Access, Filter, Page, PageRequest, StoredMeeting, filter,
    meeting::{HEADS, HeadRow, whole},
    page, row,
};
use crate::failure::Failure;

/// Which meetings are asked for.
pub type MeetingsWanted = Filter<MeetingColumn>;

/// What of a meeting can be asked about.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum MeetingColumn {
    Team,
    Quarter,
    Kind,
    /// `PREPARED`, `OPEN`, `CLOSED` or `CANCELLED`.
    Status,
    Format,
    Title,
    ScheduledFor,
}

impl MeetingColumn {
    fn sql(self) -> Cow<'static, str> {
        let column = match self {
            Self::Team => "m.team_id",
            Self::Quarter => "m.quarter",
            Self::Kind => "e.kind",
            Self::Status => "e.status",
            Self::Format => "e.format",
            Self::Title => "e.title",
            Self::ScheduledFor => "e.scheduled_for",
        };
        column.into()
    }
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

fn conditions(access: &Access, wanted: &MeetingsWanted, values: &mut Vec<Value>) -> String {
    let seen = filter::seen(access, "m.team_id", values);
    format!("{seen} AND {}", wanted.sql(&MeetingColumn::sql, values))
}
