//! A copy of the embedded database as it stands at one moment, made while others write.

use std::path::Path;

use holdline_domain::refusal::{Code, Refusal};

use super::{Database, row};
use crate::failure::Failure;

impl Database {
    /// Writes what is in SQLite's file, and nothing that was ever erased from it, into a new or an empty file. Takes no lock that
    /// a writer would wait for.
    pub async fn copy_into(&self, file: &Path) -> Result<(), Failure> {
        let name = file.to_str().ok_or_else(|| {
            let message = format!("SQLite cannot write to {}, whose name is not UTF-8.", file.display());
            Refusal::new(Code::Invalid, message).remedy("Name another file or folder.")
        })?;
        row::run(&self.reads(), "VACUUM INTO $1", [name.into()]).await
    }
}
