//! Meetings: identity, events, and what the boundary, agenda and attendance were at each.

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
            "meeting",
            "id UUID PRIMARY KEY, team_id UUID NOT NULL REFERENCES team (id), quarter TEXT NOT NULL,
             imported BOOL NOT NULL, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq)",
        )
        .await?;
        db.run("CREATE INDEX meeting_team ON meeting (team_id, id)").await?;
        db.append_only("meeting", &[&["id"], &["audit_seq"]]).await?;
        db.table(
            "meeting_event",
            "meeting_id UUID NOT NULL REFERENCES meeting (id), version INT NOT NULL, status TEXT NOT NULL,
             kind TEXT NOT NULL, format TEXT NOT NULL, title TEXT NOT NULL, scheduled_for MICROS,
             duration_minutes INT, information_only BOOL NOT NULL, content_version INT NOT NULL, reason TEXT,
             at MICROS NOT NULL, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             CHECK (status IN ('PREPARED', 'OPEN', 'CLOSED', 'CANCELLED')),
             CHECK (kind IN ('STATUS', 'RENEGOTIATION', 'PLANNING')),
             PRIMARY KEY (meeting_id, version)",
        )
        .await?;
        db.append_only("meeting_event", &[&["meeting_id", "version"], &["audit_seq"]]).await?;
        let event = "FOREIGN KEY (meeting_id, version) REFERENCES meeting_event (meeting_id, version)";
        db.table(
            "meeting_attendee",
            &format!(
                "meeting_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL,
                 person_id UUID NOT NULL REFERENCES person (id), ask TEXT NOT NULL,
                 PRIMARY KEY (meeting_id, version, person_id), {event}"
            ),
        )
        .await?;
        db.append_only("meeting_attendee", &[&["meeting_id", "version", "person_id"]]).await?;
        let subject = "objective_id UUID REFERENCES objective (id), key_result_id UUID REFERENCES key_result (id),
                       text TEXT";
        let key = "PRIMARY KEY (meeting_id, version, place)";
        db.table(
            "meeting_decided",
            &format!(
                "meeting_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL, {subject}, why TEXT NOT NULL,
                 {key}, {event}"
            ),
        )
        .await?;
        db.table(
            "meeting_question",
            &format!(
                "meeting_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL, id UUID NOT NULL,
                 question TEXT NOT NULL, wanted TEXT NOT NULL, {subject}, {key}, {event}"
            ),
        )
        .await?;
        db.run("CREATE INDEX meeting_question_id ON meeting_question (id)").await?;
        db.table(
            "meeting_out_of_scope",
            &format!(
                "meeting_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL, text TEXT NOT NULL, {key}, {event}"
            ),
        )
        .await?;
        db.table(
            "meeting_agenda",
            &format!(
                "meeting_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL,
                 renegotiation_id UUID NOT NULL REFERENCES renegotiation (id), {key}, {event}"
            ),
        )
        .await?;
        db.run("CREATE INDEX meeting_agenda_renegotiation ON meeting_agenda (renegotiation_id)").await?;
        for table in ["meeting_decided", "meeting_question", "meeting_out_of_scope", "meeting_agenda"] {
            db.append_only(table, &[&["meeting_id", "version", "place"]]).await?;
        }
        Ok(())
    }
}
