//! How meetings are written: each step one event; boundary, agenda and attendance with the event that stated them.

use holdline_domain::{
    meeting::{Ask, Attendee, Meeting, MeetingChanged, MeetingEvent, MeetingFormat, MeetingKind, MeetingStatus},
    meeting_boundary::{BoundarySubject, InputWanted},
    time::Timestamp,
};
use holdline_entity::{
    meeting, meeting_agenda, meeting_attendee, meeting_decided, meeting_event, meeting_out_of_scope, meeting_question,
};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::{Apply, row, tx::Tx};
use crate::failure::Failure;

impl Apply for MeetingChanged {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let meeting = &self.meeting;
        let version = row::stored(meeting.version)?;
        if self.event == MeetingEvent::Prepared {
            meeting::Entity::insert(meeting::ActiveModel {
                id: Set(meeting.id.uuid()),
                team_id: Set(meeting.team.uuid()),
                quarter: Set(meeting.quarter.to_string()),
                imported: Set(meeting.imported),
                audit_seq: Set(seq),
            })
            .exec_without_returning(&tx.db)
            .await?;
        }
        let stated = matches!(self.event, MeetingEvent::Prepared | MeetingEvent::Updated);
        let content = if stated { version } else { content_version(tx, meeting).await? };
        insert_event(tx, seq, at, meeting, content).await?;
        if stated {
            insert_boundary(tx, meeting, version).await?;
            for (place, attendee) in (0..).zip(&meeting.attendees) {
                insert_attendee(tx, meeting, version, place, attendee).await?;
            }
        }
        if let MeetingEvent::Joined(attendee) = self.event {
            insert_attendee(tx, meeting, version, 0, &attendee).await?;
        }
        Ok(())
    }
}

async fn content_version(tx: &Tx, meeting: &Meeting) -> Result<i32, Failure> {
    let last = meeting_event::Entity::find()
        .filter(meeting_event::Column::MeetingId.eq(meeting.id.uuid()))
        .order_by_desc(meeting_event::Column::Version)
        .one(&tx.db)
        .await?;
    last.map(|row| row.content_version).ok_or_else(|| row::missing("meeting event"))
}

async fn insert_event(tx: &Tx, seq: i64, at: Timestamp, meeting: &Meeting, content: i32) -> Result<(), Failure> {
    let (status, reason) = match &meeting.status {
        MeetingStatus::Prepared => (meeting_event::MeetingStatus::Prepared, None),
        MeetingStatus::Open => (meeting_event::MeetingStatus::Open, None),
        MeetingStatus::Closed => (meeting_event::MeetingStatus::Closed, None),
        MeetingStatus::Cancelled(why) => (meeting_event::MeetingStatus::Cancelled, Some(why.to_string())),
    };
    meeting_event::Entity::insert(meeting_event::ActiveModel {
        meeting_id: Set(meeting.id.uuid()),
        version: Set(row::stored(meeting.version)?),
        status: Set(status),
        kind: Set(match meeting.kind {
            MeetingKind::Status => meeting_event::MeetingKind::Status,
            MeetingKind::Renegotiation => meeting_event::MeetingKind::Renegotiation,
            MeetingKind::Planning => meeting_event::MeetingKind::Planning,
        }),
        format: Set(match meeting.format {
            MeetingFormat::Live => meeting_event::MeetingFormat::Live,
            MeetingFormat::Async => meeting_event::MeetingFormat::Async,
        }),
        title: Set(meeting.title.to_string()),
        scheduled_for: Set(meeting.scheduled_for.map(Timestamp::micros)),
        duration_minutes: Set(meeting.duration_minutes.map(row::stored).transpose()?),
        information_only: Set(meeting.boundary.information_only),
        content_version: Set(content),
        reason: Set(reason),
        at: Set(at.micros()),
        audit_seq: Set(seq),
    })
    .exec_without_returning(&tx.db)
    .await?;
    Ok(())
}

type SubjectColumns = (Option<Uuid>, Option<Uuid>, Option<Uuid>, Option<String>);

fn columns(subject: Option<&BoundarySubject>) -> SubjectColumns {
    match subject {
        Some(BoundarySubject::Objective(id)) => (Some(id.uuid()), None, None, None),
        Some(BoundarySubject::KeyResult { id, .. }) => (None, Some(id.uuid()), None, None),
        Some(BoundarySubject::RoadmapItem(id)) => (None, None, Some(id.uuid()), None),
        Some(BoundarySubject::Text(text)) => (None, None, None, Some(text.to_string())),
        None => (None, None, None, None),
    }
}

async fn insert_boundary(tx: &Tx, meeting: &Meeting, version: i32) -> Result<(), Failure> {
    let id = meeting.id.uuid();
    for (place, decided) in (0..).zip(&meeting.boundary.decided) {
        let (objective, key_result, roadmap_item, text) = columns(Some(&decided.subject));
        let row = meeting_decided::ActiveModel {
            meeting_id: Set(id),
            version: Set(version),
            place: Set(place),
            objective_id: Set(objective),
            key_result_id: Set(key_result),
            roadmap_item_id: Set(roadmap_item),
            text: Set(text),
            why: Set(decided.why.to_string()),
        };
        meeting_decided::Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    for (place, open) in (0..).zip(&meeting.boundary.open) {
        let (objective, key_result, roadmap_item, text) = columns(open.subject.as_ref());
        let row = meeting_question::ActiveModel {
            meeting_id: Set(id),
            version: Set(version),
            place: Set(place),
            id: Set(open.id.uuid()),
            question: Set(open.question.to_string()),
            wanted: Set(wanted(open.wanted)),
            objective_id: Set(objective),
            key_result_id: Set(key_result),
            roadmap_item_id: Set(roadmap_item),
            text: Set(text),
        };
        meeting_question::Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    for (place, text) in (0..).zip(&meeting.boundary.out_of_scope) {
        let row = meeting_out_of_scope::ActiveModel {
            meeting_id: Set(id),
            version: Set(version),
            place: Set(place),
            text: Set(text.to_string()),
        };
        meeting_out_of_scope::Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    for (place, renegotiation) in (0..).zip(&meeting.agenda) {
        let row = meeting_agenda::ActiveModel {
            meeting_id: Set(id),
            version: Set(version),
            place: Set(place),
            renegotiation_id: Set(renegotiation.uuid()),
        };
        meeting_agenda::Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    Ok(())
}

const fn wanted(wanted: InputWanted) -> meeting_question::InputWanted {
    match wanted {
        InputWanted::Reaction => meeting_question::InputWanted::Reaction,
        InputWanted::Sequencing => meeting_question::InputWanted::Sequencing,
        InputWanted::Options => meeting_question::InputWanted::Options,
        InputWanted::Risks => meeting_question::InputWanted::Risks,
        InputWanted::Facts => meeting_question::InputWanted::Facts,
    }
}

async fn insert_attendee(
    tx: &Tx,
    meeting: &Meeting,
    version: i32,
    place: i32,
    attendee: &Attendee,
) -> Result<(), Failure> {
    meeting_attendee::Entity::insert(meeting_attendee::ActiveModel {
        meeting_id: Set(meeting.id.uuid()),
        version: Set(version),
        person_id: Set(attendee.person.uuid()),
        place: Set(place),
        ask: Set(match attendee.ask {
            Ask::Inform => meeting_attendee::Ask::Inform,
            Ask::Input => meeting_attendee::Ask::Input,
            Ask::Approval => meeting_attendee::Ask::Approval,
        }),
    })
    .exec_without_returning(&tx.db)
    .await?;
    Ok(())
}
