//! A copy of the embedded database as it stands at one moment, made while others write.

use std::path::Path;

use super::{Database, row};
use crate::failure::Failure;

impl Database {
    /// Writes what is in SQLite's file, and nothing that was ever erased from it, into a new file. Takes no lock that
    /// a writer would wait for.
    pub async fn copy_into(&self, file: &Path) -> Result<(), Failure> {
        row::run(&self.reads, "VACUUM INTO $1", [file.display().to_string().into()]).await
    }
}
