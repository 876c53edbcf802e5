//! Whether the database keeps what it says is kept. What cannot be is refused before the first write: an answer that
//! says "done" must survive the power going out.

use holdline_domain::refusal::{Code, Refusal};
use sea_orm::{DbBackend, FromQueryResult};

use super::{Database, row};
use crate::failure::Failure;

#[derive(FromQueryResult)]
struct Setting {
    value: String,
}

/// Settings of PostgreSQL's server without which a crash may take what was acknowledged, or the whole database.
const MUST_BE_ON: [&str; 2] = ["fsync", "full_page_writes"];

impl Database {
    /// Refuses a server that does not wait for its disk. SQLite's connections say themselves how they write.
    pub async fn durable(&self) -> Result<(), Failure> {
        for name in MUST_BE_ON {
            if self.setting(name).await?.is_some_and(|value| value != "on") {
                let message = format!(
                    "This PostgreSQL server runs with {name} = off: after a crash, what was acknowledged may be lost or \
                     the database destroyed."
                );
                let remedy = format!("Set {name} = on in its postgresql.conf and restart it.");
                return Err(Refusal::new(Code::Conflict, message).remedy(remedy).into());
            }
        }
        Ok(())
    }

    /// A setting of PostgreSQL's; none on SQLite.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        if self.backend != DbBackend::Postgres {
            return Ok(None);
        }
        let rows = row::rows::<Setting>(&self.reads(), "SELECT current_setting($1) AS value", [name.into()]).await?;
        Ok(rows.into_iter().next().map(|row| row.value))
    }
}
