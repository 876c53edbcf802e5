//! How long `holdline import deals` takes beside the same rows in one bare SQLite transaction: the ratio of the two, in
//! one run on one disk. Run it with `cargo bench -p holdline-tests --bench import_deals [-- FILE]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait as _, Value};

const ROUNDS: usize = 5;
/// What an import writes, and the columns that the bare transaction writes again.
const TABLES: [&str; 3] = ["audit_entry", "deal", "customer_request"];

/// A table's columns and rows, as they stand.
struct Table {
    name: &'static str,
    definition: String,
    width: usize,
    rows: Vec<Vec<Value>>,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let (file, map) = match given.map(PathBuf::from).or_else(real) {
        Some(file) => (
            file,
            "external_id=opportunity_id,idea=product,account=account,amount=close_value,stage=deal_stage,opened_on=engage_date,closed_on=close_date",
        ),
        None => (made(folder.path()), "external_id=id,idea=product,account=account,amount=worth,stage=stage"),
    };
    let (mut imports, mut bare) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let store = folder.path().join(format!("store-{round}"));
        imports.push(import(&store, &file, map));
        let tables = runtime.block_on(read(&store.join("holdline.db")));
        bare.push(runtime.block_on(insert(&folder.path().join(format!("bare-{round}.db")), &tables)));
    }
    let (import, bare) = (median(&mut imports), median(&mut bare));
    println!("import deals           {:>8.0} ms", millis(import));
    println!("one bare transaction   {:>8.0} ms", millis(bare));
    println!("ratio                  {:>8.2}", import.as_secs_f64() / bare.as_secs_f64());
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The real export, if it lies beside the project.
fn real() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/crm/sales_pipeline.csv");
    file.is_file().then_some(file)
}

/// An export of the same size and shape.
fn made(folder: &Path) -> PathBuf {
    let mut text = "id,product,account,worth,stage\n".to_owned();
    for row in 0..8_800 {
        let stage = ["Won", "Lost", "Engaging"][row % 3];
        let _ = writeln!(text, "D{row:06},Product {},Account {},{},{stage}", row % 7, row % 85, row * 7 % 5_000);
    }
    let file = folder.join("deals.csv");
    std::fs::write(&file, text).unwrap();
    file
}

fn import(store: &Path, file: &Path, map: &str) -> Duration {
    let begin = Instant::now();
    let ran = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"))
        .args(["import", "deals", "--system", "crm", "--team", "GTX", "--currency", "USD", "--date-format", "%d-%m-%y"])
        .args(["--map", map])
        .arg(file)
        .env("HOLDLINE_DATA_DIR", store)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    begin.elapsed()
}

async fn open(file: &Path) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    db.execute_unprepared("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").await.unwrap();
    db
}

async fn read(file: &Path) -> Vec<Table> {
    let db = open(file).await;
    let mut tables = Vec::new();
    for name in TABLES {
        let columns = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA table_info({name})")));
        let columns: Vec<(String, String)> = columns
            .await
            .unwrap()
            .iter()
            .map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "type").unwrap()))
            .collect();
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, format!("SELECT * FROM {name}")));
        let value = |row: &sea_orm::QueryResult, (name, kind): &(String, String)| match kind.as_str() {
            "INTEGER" => Value::from(row.try_get::<Option<i64>>("", name).unwrap()),
            "BLOB" => Value::from(row.try_get::<Option<Vec<u8>>>("", name).unwrap()),
            _ => Value::from(row.try_get::<Option<String>>("", name).unwrap()),
        };
        let rows =
            rows.await.unwrap().iter().map(|row| columns.iter().map(|column| value(row, column)).collect()).collect();
        let definition = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect::<Vec<_>>().join(", ");
        tables.push(Table { name, definition, width: columns.len(), rows });
    }
    db.close().await.unwrap();
    tables
}

/// The same rows, bodies among them, with a key for each table and nothing else.
async fn insert(file: &Path, tables: &[Table]) -> Duration {
    let db = open(file).await;
    for table in tables {
        db.execute_unprepared(&format!("CREATE TABLE {} ({})", table.name, table.definition)).await.unwrap();
        let first = table.definition.split(' ').next().unwrap();
        db.execute_unprepared(&format!("CREATE UNIQUE INDEX {0}_key ON {0} ({first})", table.name)).await.unwrap();
    }
    let begin = Instant::now();
    let transaction = db.begin().await.unwrap();
    for table in tables {
        let marks = vec!["?"; table.width].join(", ");
        let sql = format!("INSERT INTO {} VALUES ({marks})", table.name);
        for row in &table.rows {
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, row.clone());
            transaction.execute_raw(statement).await.unwrap();
        }
    }
    transaction.commit().await.unwrap();
    let time = begin.elapsed();
    db.close().await.unwrap();
    time
}
