//! How inputs of meetings are kept and found: one row when it was said, one more when it went somewhere.

use std::{collections::HashMap, fmt::Write as _};

use holdline_domain::{
    ids::{Id, MeetingId, MeetingInputId},
    meeting_input::{Disposed, Disposition, MeetingInput},
    time::Timestamp,
};
use holdline_entity::{
    meeting_input,
    meeting_input_disposition::{self, Disposition as Kept},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, FromQueryResult};
use uuid::Uuid;

use super::{Access, Apply, Page, PageRequest, page, row, tx::Tx};
use crate::failure::Failure;

/// An input with the instants at which it was recorded and disposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMeetingInput {
    /// What was said, and where it went.
    pub input: MeetingInput,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it was disposed.
    pub disposed_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct InputRow {
    id: Uuid,
    meeting_id: Uuid,
    team_id: Uuid,
    by_person: Uuid,
    text: String,
    question_id: Option<Uuid>,
    at: i64,
    audit_seq: i64,
    disposition: Option<Kept>,
    idea_id: Option<Uuid>,
    renegotiation_id: Option<Uuid>,
    roadmap_item_id: Option<Uuid>,
    disposed_at: Option<i64>,
}

const COLUMNS: &str = "i.id, i.meeting_id, m.team_id, i.by_person, i.text, i.question_id, i.at, i.audit_seq,
    d.disposition, d.idea_id, d.renegotiation_id, d.roadmap_item_id, d.at AS disposed_at";
const JOINED: &str = "meeting_input i JOIN meeting m ON m.id = i.meeting_id
  LEFT JOIN meeting_input_disposition d ON d.input_id = i.id";

impl InputRow {
    fn disposition(&self) -> Result<Option<Disposition>, Failure> {
        let outcome = |id: Option<Uuid>| id.ok_or_else(|| row::missing("disposition's outcome"));
        let kept = self.disposition.map(|kept| {
            Ok::<_, Failure>(match kept {
                Kept::Noted => Disposition::Noted,
                Kept::Backlog => Disposition::Backlog(outcome(self.idea_id)?.into()),
                Kept::RenegotiationDraft => Disposition::RenegotiationDraft(outcome(self.renegotiation_id)?.into()),
                Kept::Roadmap => Disposition::Roadmap(outcome(self.roadmap_item_id)?.into()),
            })
        });
        kept.transpose()
    }
}

fn read(row: &InputRow) -> Result<StoredMeetingInput, Failure> {
    let input = MeetingInput {
        id: row.id.into(),
        meeting: row.meeting_id.into(),
        by: row.by_person.into(),
        text: row::prose(&row.text)?,
        question: row.question_id.map(Into::into),
        disposition: row.disposition()?,
    };
    let disposed_at = row.disposed_at.map(row::timestamp).transpose()?;
    Ok(StoredMeetingInput { input, at: row::timestamp(row.at)?, disposed_at })
}

/// An input by id, if the caller may see its meeting.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    id: MeetingInputId,
) -> Result<Option<StoredMeetingInput>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM {JOINED} WHERE i.id = $1");
    let found = row::rows::<InputRow>(db, &sql, [id.uuid().into()]).await?.pop();
    found.filter(|row| access.holds(row.team_id.into())).as_ref().map(read).transpose()
}

/// A page of inputs for each meeting, in the log's order, in one statement: numbered within its meeting.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    meetings: &[MeetingId],
    request: &PageRequest<i64>,
) -> Result<HashMap<MeetingId, Page<StoredMeetingInput, i64>>, Failure> {
    let mut values: Vec<sea_orm::Value> = meetings.iter().map(|id| id.uuid().into()).collect();
    let mut conditions = format!("i.meeting_id IN ({})", row::marks(1, meetings.len()));
    for (key, comparison) in [(request.after, ">"), (request.before, "<")] {
        if let Some(seq) = key {
            values.push(seq.into());
            let _ = write!(conditions, " AND i.audit_seq {comparison} ${}", values.len());
        }
    }
    let direction = if request.backward { "DESC" } else { "ASC" };
    values.push(i64::try_from(request.limit + 1).unwrap_or(i64::MAX).into());
    let sql = format!(
        "SELECT * FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER (
            PARTITION BY i.meeting_id ORDER BY i.audit_seq {direction}) AS place
          FROM {JOINED} WHERE {conditions}) numbered WHERE place <= ${} ORDER BY meeting_id, place",
        values.len()
    );
    let mut groups: HashMap<Uuid, Vec<InputRow>> = HashMap::new();
    for row in row::rows::<InputRow>(db, &sql, values).await? {
        groups.entry(row.meeting_id).or_default().push(row);
    }
    let page = |id: &MeetingId| {
        let rows = groups.remove(&id.uuid()).unwrap_or_default();
        Ok((*id, page::cut(rows, request, |row| row.audit_seq, |row| read(&row))?))
    };
    meetings.iter().map(page).collect()
}

/// How many inputs a meeting has.
pub(super) async fn count(db: &impl ConnectionTrait, meeting: MeetingId) -> Result<i64, Failure> {
    let sql = "SELECT COUNT(*) AS found FROM meeting_input WHERE meeting_id = $1";
    row::counted(db, sql, [meeting.uuid().into()]).await
}

impl Tx {
    /// An input by id, if the caller may see its meeting.
    pub async fn meeting_input(&self, id: MeetingInputId) -> Result<Option<MeetingInput>, Failure> {
        Ok(by_id(&self.db, &self.access(), id).await?.map(|stored| stored.input))
    }

    /// Every input of a meeting that was loaded before.
    pub async fn meeting_inputs(&self, meeting: MeetingId) -> Result<Vec<MeetingInput>, Failure> {
        let sql = format!("SELECT {COLUMNS} FROM {JOINED} WHERE i.meeting_id = $1 ORDER BY i.audit_seq");
        let rows = row::rows::<InputRow>(&self.db, &sql, [meeting.uuid().into()]).await?;
        rows.iter().map(|row| Ok(read(row)?.input)).collect()
    }
}

impl Apply for MeetingInput {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        meeting_input::Entity::insert(meeting_input::ActiveModel {
            id: Set(self.id.uuid()),
            meeting_id: Set(self.meeting.uuid()),
            by_person: Set(self.by.uuid()),
            text: Set(self.text.to_string()),
            question_id: Set(self.question.map(Id::uuid)),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        Ok(())
    }
}

impl Apply for Disposed {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let (kept, idea, renegotiation, item) = match self.disposition {
            Disposition::Noted => (Kept::Noted, None, None, None),
            Disposition::Backlog(id) => (Kept::Backlog, Some(id.uuid()), None, None),
            Disposition::RenegotiationDraft(id) => (Kept::RenegotiationDraft, None, Some(id.uuid()), None),
            Disposition::Roadmap(id) => (Kept::Roadmap, None, None, Some(id.uuid())),
        };
        meeting_input_disposition::Entity::insert(meeting_input_disposition::ActiveModel {
            input_id: Set(self.input.id.uuid()),
            disposition: Set(kept),
            idea_id: Set(idea),
            renegotiation_id: Set(renegotiation),
            roadmap_item_id: Set(item),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        Ok(())
    }
}
