//! One writing process per SQLite file: an exclusive lock on a file beside it, held until the command ends.
//! PostgreSQL needs none: there many processes write, one transaction at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::stop::Stop;
use crate::{config, store::DatabaseUrl};

/// Keeps other writing processes out for as long as it lives.
pub(super) struct StoreLock {
    _file: Option<File>,
}

/// Locks the store, or says that another process has it.
pub(super) fn hold(database: &DatabaseUrl) -> Result<StoreLock, Stop> {
    let DatabaseUrl::Sqlite(file) = database else { return Ok(StoreLock { _file: None }) };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    config::prepare(folder)?;
    let path = folder.join("holdline.lock");
    let cannot = |error| Stop::new(format!("The lock {} cannot be taken: {error}.", path.display()));
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => Ok(StoreLock { _file: Some(lock) }),
        Err(TryLockError::WouldBlock) => Err(Stop::new(format!(
            "Another Holdline process has the store in {} open. Stop it first, or use its API instead.",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_who_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabaseUrl::in_folder(folder.path());
        let first = hold(&database).unwrap();

        let refused = hold(&database).err().map(|stop| stop.to_string()).unwrap();

        assert!(refused.starts_with("Another Holdline process has the store"), "{refused}");
        drop(first);
        assert!(hold(&database).is_ok());
    }
}
