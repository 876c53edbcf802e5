//! The command line, run as a process of its own against a store of its own.

use std::{path::Path, process::Stdio};

use holdline::store::DatabaseUrl;
use tokio::process::Command;

use super::Server;

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// That the verifier finds nothing, once everything is signed: invariants 1 to 4 and 6, from the outside.
pub(crate) async fn verified(server: &Server) {
    server.signed().await;
    let verified = holdline(&server.database, &["audit", "verify"]).await;
    assert_eq!((verified.code, verified.err.as_str()), (0, ""), "{}", verified.out);
}

/// Runs `holdline` with some arguments on a database.
pub(crate) async fn holdline(database: &DatabaseUrl, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
    match database {
        DatabaseUrl::Sqlite(file) => command.env("HOLDLINE_DATA_DIR", file.parent().unwrap_or(Path::new("."))),
        DatabaseUrl::Postgres(url) => command.env("HOLDLINE_DATABASE_URL", url),
    };
    let ran = command.args(arguments).stdin(Stdio::null()).output().await.unwrap();
    Ran {
        code: ran.status.code().unwrap_or(-1),
        out: String::from_utf8(ran.stdout).unwrap(),
        err: String::from_utf8(ran.stderr).unwrap(),
    }
}
