//! How meetings are found: the newest event, with the boundary and agenda that were stated last and everyone who
//! joined since.

use std::collections::{BTreeMap, HashMap};

use holdline_domain::{
    ids::{MeetingId, OpenQuestionId, RenegotiationId},
    meeting::{Ask, Attendee, Meeting, MeetingFormat, MeetingKind, MeetingStatus},
    meeting_boundary::{Boundary, BoundarySubject, DecidedSubject, InputWanted, OpenQuestion},
    time::Timestamp,
};
use holdline_entity::{
    meeting_agenda, meeting_attendee, meeting_decided, meeting_event, meeting_out_of_scope, meeting_question,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::{Access, plan::of_key_results, row, tx::Tx};
use crate::failure::Failure;

/// A meeting with the instants at which it was opened and closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMeeting {
    /// What it is now.
    pub meeting: Meeting,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
pub(super) struct HeadRow {
    id: Uuid,
    team_id: Uuid,
    quarter: String,
    imported: bool,
}

pub(super) const HEADS: &str = "SELECT m.id, m.team_id, m.quarter, m.imported FROM meeting m
  JOIN meeting_event e ON e.meeting_id = m.id AND e.version = (
    SELECT MAX(l.version) FROM meeting_event l WHERE l.meeting_id = m.id) WHERE";

/// Meetings by id, those of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    ids: &[MeetingId],
) -> Result<Vec<StoredMeeting>, Failure> {
    let sql = format!("{HEADS} m.id IN ({})", row::marks(1, ids.len()));
    let heads = row::rows::<HeadRow>(db, &sql, ids.iter().map(|id| id.uuid().into())).await?;
    whole(db, access, heads).await
}

/// Everything about some meetings, one statement per table.
struct Parts {
    events: Vec<meeting_event::Model>,
    attendees: Vec<meeting_attendee::Model>,
    decided: Vec<meeting_decided::Model>,
    questions: Vec<meeting_question::Model>,
    out_of_scope: Vec<meeting_out_of_scope::Model>,
    agenda: Vec<meeting_agenda::Model>,
    homes: HashMap<Uuid, Uuid>,
}

impl Parts {
    async fn load(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Self, Failure> {
        let of = ids.iter().copied();
        let events = meeting_event::Entity::find().filter(meeting_event::Column::MeetingId.is_in(of.clone()));
        let attendees = meeting_attendee::Entity::find().filter(meeting_attendee::Column::MeetingId.is_in(of.clone()));
        let decided = meeting_decided::Entity::find().filter(meeting_decided::Column::MeetingId.is_in(of.clone()));
        let questions = meeting_question::Entity::find().filter(meeting_question::Column::MeetingId.is_in(of.clone()));
        let scope =
            meeting_out_of_scope::Entity::find().filter(meeting_out_of_scope::Column::MeetingId.is_in(of.clone()));
        let agenda = meeting_agenda::Entity::find().filter(meeting_agenda::Column::MeetingId.is_in(of));
        let mut parts = Self {
            events: events.order_by_asc(meeting_event::Column::Version).all(db).await?,
            attendees: attendees
                .order_by_asc(meeting_attendee::Column::Version)
                .order_by_asc(meeting_attendee::Column::Place)
                .all(db)
                .await?,
            decided: decided.order_by_asc(meeting_decided::Column::Place).all(db).await?,
            questions: questions.order_by_asc(meeting_question::Column::Place).all(db).await?,
            out_of_scope: scope.order_by_asc(meeting_out_of_scope::Column::Place).all(db).await?,
            agenda: agenda.order_by_asc(meeting_agenda::Column::Place).all(db).await?,
            homes: HashMap::new(),
        };
        let decided = parts.decided.iter().filter_map(|row| row.key_result_id);
        let asked = parts.questions.iter().filter_map(|row| row.key_result_id);
        let key_results: Vec<_> = decided.chain(asked).map(Into::into).collect();
        if !key_results.is_empty() {
            let homes = of_key_results(db, &key_results).await?;
            parts.homes = homes.into_iter().map(|(id, (objective, _))| (id.uuid(), objective.uuid())).collect();
        }
        Ok(parts)
    }

    fn subject(
        &self,
        (objective, key_result, roadmap_item): (Option<Uuid>, Option<Uuid>, Option<Uuid>),
        text: Option<&String>,
    ) -> Result<Option<BoundarySubject>, Failure> {
        Ok(match (objective, key_result, roadmap_item, text) {
            (_, Some(id), _, _) => {
                let objective = self.homes.get(&id).copied().ok_or_else(|| row::missing("boundary's key result"))?;
                Some(BoundarySubject::KeyResult { id: id.into(), objective: objective.into() })
            }
            (Some(id), None, _, _) => Some(BoundarySubject::Objective(id.into())),
            (None, None, Some(id), _) => Some(BoundarySubject::RoadmapItem(id.into())),
            (None, None, None, Some(text)) => Some(BoundarySubject::Text(row::line(text)?)),
            (None, None, None, None) => None,
        })
    }

    fn boundary(&self, id: Uuid, content: i32, information_only: bool) -> Result<Boundary, Failure> {
        let mut boundary = Boundary { information_only, ..Boundary::default() };
        for row in self.decided.iter().filter(|row| row.meeting_id == id && row.version == content) {
            let subject =
                self.subject((row.objective_id, row.key_result_id, row.roadmap_item_id), row.text.as_ref())?;
            let subject = subject.ok_or_else(|| row::missing("decided subject"))?;
            boundary.decided.push(DecidedSubject { subject, why: row::prose(&row.why)? });
        }
        for row in self.questions.iter().filter(|row| row.meeting_id == id && row.version == content) {
            boundary.open.push(OpenQuestion {
                id: OpenQuestionId::from(row.id),
                question: row::line(&row.question)?,
                wanted: wanted(row.wanted),
                subject: self.subject((row.objective_id, row.key_result_id, row.roadmap_item_id), row.text.as_ref())?,
            });
        }
        for row in self.out_of_scope.iter().filter(|row| row.meeting_id == id && row.version == content) {
            boundary.out_of_scope.push(row::line(&row.text)?);
        }
        Ok(boundary)
    }

    fn attendees(&self, id: Uuid, content: i32) -> Vec<Attendee> {
        let mut attendees: Vec<Attendee> = Vec::new();
        for row in self.attendees.iter().filter(|row| row.meeting_id == id && row.version >= content) {
            let attendee = Attendee { person: row.person_id.into(), ask: ask(row.ask) };
            attendees.retain(|other| other.person != attendee.person);
            attendees.push(attendee);
        }
        attendees
    }
}

/// Rows with all that belongs to them, in the same order; those of foreign teams left out.
pub(super) async fn whole(
    db: &impl ConnectionTrait,
    access: &Access,
    heads: Vec<HeadRow>,
) -> Result<Vec<StoredMeeting>, Failure> {
    let heads: Vec<_> = heads.into_iter().filter(|head| access.holds(head.team_id.into())).collect();
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    let parts = Parts::load(db, &ids).await?;
    heads.iter().map(|head| read(head, &parts)).collect()
}

fn read(head: &HeadRow, parts: &Parts) -> Result<StoredMeeting, Failure> {
    let events: BTreeMap<_, _> =
        parts.events.iter().filter(|row| row.meeting_id == head.id).map(|row| (row.version, row)).collect();
    let newest = events.values().next_back().ok_or_else(|| row::missing("meeting event"))?;
    let when = |status: &[meeting_event::MeetingStatus]| {
        events.values().find(|row| status.contains(&row.status)).map(|row| row::timestamp(row.at)).transpose()
    };
    let agenda = parts.agenda.iter().filter(|row| row.meeting_id == head.id && row.version == newest.content_version);
    let meeting = Meeting {
        id: head.id.into(),
        team: head.team_id.into(),
        quarter: row::quarter(&head.quarter)?,
        status: status(newest)?,
        kind: kind(newest.kind),
        format: match newest.format {
            meeting_event::MeetingFormat::Live => MeetingFormat::Live,
            meeting_event::MeetingFormat::Async => MeetingFormat::Async,
        },
        title: row::line(&newest.title)?,
        scheduled_for: newest.scheduled_for.map(row::timestamp).transpose()?,
        duration_minutes: newest.duration_minutes.map(row::count).transpose()?,
        attendees: parts.attendees(head.id, newest.content_version),
        boundary: parts.boundary(head.id, newest.content_version, newest.information_only)?,
        agenda: agenda.map(|row| row.renegotiation_id.into()).collect(),
        imported: head.imported,
        version: row::count(newest.version)?,
    };
    Ok(StoredMeeting {
        meeting,
        opened_at: when(&[meeting_event::MeetingStatus::Open])?,
        closed_at: when(&[meeting_event::MeetingStatus::Closed, meeting_event::MeetingStatus::Cancelled])?,
    })
}

fn status(event: &meeting_event::Model) -> Result<MeetingStatus, Failure> {
    Ok(match event.status {
        meeting_event::MeetingStatus::Prepared => MeetingStatus::Prepared,
        meeting_event::MeetingStatus::Open => MeetingStatus::Open,
        meeting_event::MeetingStatus::Closed => MeetingStatus::Closed,
        meeting_event::MeetingStatus::Cancelled => {
            let reason = event.reason.as_ref().ok_or_else(|| row::missing("cancelled meeting's reason"))?;
            MeetingStatus::Cancelled(row::prose(reason)?)
        }
    })
}

const fn kind(kind: meeting_event::MeetingKind) -> MeetingKind {
    match kind {
        meeting_event::MeetingKind::Status => MeetingKind::Status,
        meeting_event::MeetingKind::Renegotiation => MeetingKind::Renegotiation,
        meeting_event::MeetingKind::Planning => MeetingKind::Planning,
    }
}

const fn ask(ask: meeting_attendee::Ask) -> Ask {
    match ask {
        meeting_attendee::Ask::Inform => Ask::Inform,
        meeting_attendee::Ask::Input => Ask::Input,
        meeting_attendee::Ask::Approval => Ask::Approval,
    }
}

const fn wanted(wanted: meeting_question::InputWanted) -> InputWanted {
    match wanted {
        meeting_question::InputWanted::Reaction => InputWanted::Reaction,
        meeting_question::InputWanted::Sequencing => InputWanted::Sequencing,
        meeting_question::InputWanted::Options => InputWanted::Options,
        meeting_question::InputWanted::Risks => InputWanted::Risks,
        meeting_question::InputWanted::Facts => InputWanted::Facts,
    }
}

/// The meeting whose present boundary holds a question.
pub(super) async fn of_question(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<MeetingId>, Failure> {
    let found = meeting_question::Entity::find()
        .filter(meeting_question::Column::Id.eq(id))
        .order_by_desc(meeting_question::Column::Version)
        .one(db)
        .await?;
    Ok(found.map(|row| row.meeting_id.into()))
}

/// The newest meeting that has each renegotiation on its agenda.
pub(super) async fn about(
    db: &impl ConnectionTrait,
    ids: &[RenegotiationId],
) -> Result<HashMap<RenegotiationId, MeetingId>, Failure> {
    let rows = meeting_agenda::Entity::find()
        .filter(meeting_agenda::Column::RenegotiationId.is_in(ids.iter().map(|id| id.uuid())))
        .order_by_asc(meeting_agenda::Column::MeetingId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.renegotiation_id.into(), row.meeting_id.into())).collect())
}

impl Tx {
    /// A meeting by id, if the caller may see it.
    pub async fn meeting(&self, id: MeetingId) -> Result<Option<Meeting>, Failure> {
        Ok(load(&self.db, &self.access(), &[id]).await?.pop().map(|stored| stored.meeting))
    }
}
