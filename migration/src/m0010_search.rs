//! The search index: folded words of what people write, in SQLite's FTS5 and in PostgreSQL's tsvector.
//! Triggers and a generated column keep the index in step with its documents; a copy, to be made anew at any time.

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
        let columns = "kind TEXT NOT NULL, subject_id UUID NOT NULL UNIQUE, team_id UUID NOT NULL, title TEXT NOT NULL,
                       body TEXT NOT NULL";
        if !db.is_sqlite() {
            db.table(
                "search_document",
                &format!(
                    "{columns}, words tsvector NOT NULL GENERATED ALWAYS AS (setweight(to_tsvector('simple', title), 'A')
                     || setweight(to_tsvector('simple', body), 'B')) STORED"
                ),
            )
            .await?;
            return db.run("CREATE INDEX search_document_words ON search_document USING gin (words)").await;
        }
        db.table("search_document", &format!("id INTEGER PRIMARY KEY, {columns}")).await?;
        db.run(
            "CREATE VIRTUAL TABLE search_index USING fts5 (title, body, content = 'search_document', content_rowid = 'id',
               tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')",
        )
        .await?;
        let insert = "INSERT INTO search_index (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body);";
        let remove = "INSERT INTO search_index (search_index, rowid, title, body)
                      VALUES ('delete', OLD.id, OLD.title, OLD.body);";
        for (event, body) in
            [("INSERT", insert.to_owned()), ("DELETE", remove.to_owned()), ("UPDATE", format!("{remove} {insert}"))]
        {
            db.run(&format!(
                "CREATE TRIGGER search_document_{event} AFTER {event} ON search_document BEGIN {body} END"
            ))
            .await?;
        }
        Ok(())
    }
}
