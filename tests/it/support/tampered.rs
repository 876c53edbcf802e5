//! A copy of a database in the hands of somebody who owns it: no trigger and no key holds them back, and they know how
//! the log is hashed and signed.

use holdline::{
    record::{CheckpointKey, LogKeys},
    store::DatabaseUrl,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use sha2::{Digest as _, Sha256};

use super::{Server, copy_for_owner, holdline, on_postgres, owner_of, shown};

type Hash = [u8; 32];

pub(crate) struct Tampered {
    pub(crate) database: DatabaseUrl,
    db: DatabaseConnection,
    _folder: tempfile::TempDir,
}

impl Tampered {
    /// A copy of a server's database, with nothing tampered with yet.
    pub(crate) async fn copy(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = copy_for_owner(&server.database, folder.path()).await;
        let url = match &database {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}?mode=rw", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = sea_orm::Database::connect(options).await.unwrap();
        let copy = Self { database, db, _folder: folder };
        copy.switch_off().await;
        copy
    }

    /// The database itself, while its server runs on.
    pub(crate) async fn in_place(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = owner_of(&server.database).await;
        let place = Self { database: server.database.clone(), db, _folder: folder };
        place.switch_off().await;
        place
    }

    async fn switch_off(&self) {
        if on_postgres() {
            for table in self.texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await {
                self.run(&format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
            }
            return;
        }
        self.run("PRAGMA foreign_keys = OFF").await;
        for trigger in self.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'").await {
            self.run(&format!("DROP TRIGGER {trigger}")).await;
        }
    }

    /// Runs a statement; answers with how many rows it changed.
    pub(crate) async fn run(&self, sql: &str) -> u64 {
        self.db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    async fn rows(&self, sql: &str) -> Vec<sea_orm::QueryResult> {
        self.db.query_all_raw(Statement::from_string(self.db.get_database_backend(), sql)).await.unwrap()
    }

    /// The texts that a statement selects.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        self.rows(sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// The numbers that a statement selects.
    pub(crate) async fn numbers(&self, sql: &str) -> Vec<i64> {
        self.rows(sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// The position of the only entry of an action.
    pub(crate) async fn entry(&self, action: &str) -> i64 {
        let found = self.numbers(&format!("SELECT seq FROM audit_entry WHERE action = '{action}'")).await;
        assert_eq!(found.len(), 1, "{action}");
        found[0]
    }

    /// Replaces words in a body, and leaves its hash as it was.
    pub(crate) async fn edit_body(&self, seq: i64, from: &str, to: &str) {
        let body = self.rows(&format!("SELECT body FROM audit_entry WHERE seq = {seq}")).await;
        let body = String::from_utf8(body[0].try_get_by_index(0).unwrap()).unwrap();
        assert!(body.contains(from), "{body}");
        let body = literal(body.replace(from, to).as_bytes());
        self.run(&format!("UPDATE audit_entry SET body = {body} WHERE seq = {seq}")).await;
    }

    /// Hashes every body anew.
    pub(crate) async fn hash_leaves(&self) {
        for row in self.rows("SELECT seq, body FROM audit_entry").await {
            let (seq, body): (i64, Vec<u8>) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            let leaf = literal(&Sha256::new().chain_update([0]).chain_update(body).finalize());
            self.run(&format!("UPDATE audit_entry SET leaf_hash = {leaf} WHERE seq = {seq}")).await;
        }
    }

    /// Hashes every node of the tree anew.
    pub(crate) async fn hash_tree(&self) {
        self.run("DELETE FROM merkle_node").await;
        let (mut nodes, mut level) = (self.leaves().await, 0);
        while nodes.len() > 1 {
            nodes = nodes.chunks_exact(2).map(|pair| above(&pair[0], &pair[1])).collect();
            level += 1;
            for (place, node) in nodes.iter().enumerate() {
                let values = format!("{level}, {place}, {}", literal(node));
                self.run(&format!("INSERT INTO merkle_node (level, place, hash) VALUES ({values})")).await;
            }
        }
    }

    /// Signs every checkpoint anew, over the leaves as they are now, with the server's own key.
    pub(crate) async fn sign(&self) {
        let (leaves, keys) = (self.leaves().await, LogKeys::of(CheckpointKey::of("holdline/test", &[7; 32])));
        for size in self.numbers("SELECT size FROM checkpoint").await {
            let root = root(&leaves[..usize::try_from(size).unwrap()]);
            let note = keys.sign(size.cast_unsigned(), &root.into()).unwrap();
            let root = literal(&root);
            self.run(&format!("UPDATE checkpoint SET root = {root}, note = '{note}' WHERE size = {size}")).await;
        }
    }

    async fn leaves(&self) -> Vec<Hash> {
        let rows = self.rows("SELECT leaf_hash FROM audit_entry ORDER BY seq").await;
        rows.iter().map(|row| row.try_get_by_index::<Vec<u8>>(0).unwrap().try_into().unwrap()).collect()
    }
}

/// What the verifier says: its exit code, the findings, and the line that sums up.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) lines: Vec<String>,
    pub(crate) summary: String,
}

impl Said {
    pub(crate) fn holds(&self, begin: &str) -> bool {
        self.lines.iter().any(|line| line.starts_with(begin))
    }

    pub(crate) fn expect(&self, begin: &str) {
        assert!(self.code == 1 && self.holds(begin), "no line begins with {begin:?}: {:#?}", self.lines);
    }
}

/// Has the verifier look at a copy.
pub(crate) async fn said(copy: &Tampered, arguments: &[&str]) -> Said {
    let ran = holdline(&copy.database, arguments).await;
    assert_eq!(ran.err, "");
    let mut lines: Vec<_> = ran.out.lines().map(ToOwned::to_owned).collect();
    let summary = lines.pop().unwrap();
    assert_eq!(summary.ends_with(": no finding."), ran.code == 0, "{summary}");
    Said { code: ran.code, lines, summary }
}

fn above(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        more => {
            let half = more.len().next_power_of_two() / 2;
            above(&root(&more[..half]), &root(&more[half..]))
        }
    }
}

/// Bytes as the database writes them.
fn literal(bytes: &[u8]) -> String {
    if on_postgres() { format!("'\\x{}'::bytea", shown(bytes)) } else { format!("x'{}'", shown(bytes)) }
}
