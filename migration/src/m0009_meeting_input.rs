//! What was said in meetings, and where each of it went: both said once and kept.
//! The database holds, too, that only input on an open question reaches the roadmap, and that a meeting closes disposed.

use sea_orm_migration::{
    MigrationTrait, async_trait,
    prelude::{DbErr, DeriveMigrationName, SchemaManager},
};

use crate::dialect::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = Dialect::new(manager).await?;
        db.table(
            "meeting_input",
            "id UUID PRIMARY KEY, meeting_id UUID NOT NULL REFERENCES meeting (id),
             by_person UUID NOT NULL REFERENCES person (id), text TEXT NOT NULL, question_id UUID, at MICROS NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq)",
        )
        .await?;
        db.run("CREATE INDEX meeting_input_meeting ON meeting_input (meeting_id, audit_seq)").await?;
        db.append_only("meeting_input", &[&["id"], &["audit_seq"]]).await?;
        db.guard_insert(
            "meeting_input_while_open",
            "meeting_input",
            "NOT EXISTS (SELECT 1 FROM meeting_event e WHERE e.meeting_id = NEW.meeting_id AND e.status = 'OPEN'
                         AND e.version = (SELECT MAX(l.version) FROM meeting_event l
                                          WHERE l.meeting_id = NEW.meeting_id))",
            "input is recorded while the meeting is open",
        )
        .await?;
        db.guard_insert(
            "meeting_input_on_a_question",
            "meeting_input",
            "NEW.question_id IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM meeting_question q
               JOIN meeting_event e ON e.meeting_id = q.meeting_id AND e.content_version = q.version
               WHERE q.id = NEW.question_id AND q.meeting_id = NEW.meeting_id
               AND e.version = (SELECT MAX(l.version) FROM meeting_event l WHERE l.meeting_id = NEW.meeting_id))",
            "input is on an open question of its own meeting, or on none",
        )
        .await?;
        db.table(
            "meeting_input_disposition",
            "input_id UUID PRIMARY KEY REFERENCES meeting_input (id), disposition TEXT NOT NULL,
             idea_id UUID REFERENCES idea (id), renegotiation_id UUID REFERENCES renegotiation (id),
             roadmap_item_id UUID REFERENCES roadmap_item (id), at MICROS NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             CHECK (disposition IN ('NOTED', 'BACKLOG', 'RENEGOTIATION_DRAFT', 'ROADMAP')),
             CHECK ((disposition = 'BACKLOG') = (idea_id IS NOT NULL)),
             CHECK ((disposition = 'RENEGOTIATION_DRAFT') = (renegotiation_id IS NOT NULL)),
             CHECK ((disposition = 'ROADMAP') = (roadmap_item_id IS NOT NULL))",
        )
        .await?;
        db.append_only("meeting_input_disposition", &[&["input_id"], &["audit_seq"]]).await?;
        db.guard_insert(
            "meeting_input_disposed_while_open",
            "meeting_input_disposition",
            "NOT EXISTS (SELECT 1 FROM meeting_input i JOIN meeting_event e ON e.meeting_id = i.meeting_id
                         WHERE i.id = NEW.input_id AND e.status = 'OPEN'
                         AND e.version = (SELECT MAX(l.version) FROM meeting_event l
                                          WHERE l.meeting_id = i.meeting_id))",
            "input is disposed while the meeting is open",
        )
        .await?;
        db.guard_insert(
            "meeting_input_in_bounds",
            "meeting_input_disposition",
            "NEW.disposition = 'ROADMAP'
             AND EXISTS (SELECT 1 FROM meeting_input i WHERE i.id = NEW.input_id AND i.question_id IS NULL)",
            "INPUT_OUT_OF_BOUNDS: only input on an open question changes the roadmap",
        )
        .await?;
        db.guard_insert(
            "meeting_closes_disposed",
            "meeting_event",
            "NEW.status = 'CLOSED' AND EXISTS (
               SELECT 1 FROM meeting_input i WHERE i.meeting_id = NEW.meeting_id
               AND NOT EXISTS (SELECT 1 FROM meeting_input_disposition d WHERE d.input_id = i.id))",
            "INPUT_UNDISPOSED: a meeting closes when every input has its disposition",
        )
        .await
    }
}
