//! How much of a write the log takes: the entry's hash, its row, and the tree above it, beside the median of whole
//! writes through the service, durable each, in one run on one disk. `cargo bench -p holdline-tests --bench append`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use holdline::{
    app::{App, Options, Signing},
    auth::Keys,
    clock::Clock,
    record::{Frontier, leaf_hash},
    service::{IdeaSubmit, PostMode},
    store::{Database, DatabaseUrl},
};
use holdline_domain::{
    idea::IdeaTerms,
    text::{Line, TeamKey},
    time::FiscalCalendar,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _, Value};

const WRITES: usize = 2_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut writes, mut appends) = runtime.block_on(async {
        let whole = folder.path().join("whole");
        std::fs::create_dir(&whole).unwrap();
        let app = open(&whole).await;
        let writes = submit(&app).await;
        (writes, append(&whole.join("holdline.db"), folder.path()).await)
    });
    let (write, append) = (median(&mut writes), median(&mut appends));
    println!("a write                {:>8.0} µs", micros(write));
    println!("its part in the log    {:>8.0} µs", micros(append));
    println!("ratio                  {:>8.2}", append.as_secs_f64() / write.as_secs_f64());
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn open(folder: &Path) -> Arc<App> {
    let options = Options {
        database: DatabaseUrl::in_folder(folder),
        calendar: FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap(),
        keys: Keys::ephemeral().unwrap().into(),
        provider: None,
        clock: Clock::system(),
        signing: Signing::Off,
        check_every: holdline::app::CHECK_EVERY,
        http: holdline::http::HttpSettings::default(),
        targets: holdline::webhook::Targets::default(),
        hooks: holdline::crm::Hooks::default(),
    };
    App::open(options).await.unwrap()
}

/// Ideas, one after the other, each answered once it is durable.
async fn submit(app: &App) -> Vec<Duration> {
    let team = TeamKey::parse("LOG").unwrap();
    app.service().team_ensure(&app.operator().await.unwrap(), team.clone(), PostMode::RejectAll).await.unwrap();
    let caller = app.importer(&Line::parse("crm").unwrap()).await.unwrap();
    let mut times = Vec::with_capacity(WRITES);
    for number in 0..WRITES {
        let title = Line::parse(&format!("Idea {number}")).unwrap();
        let terms = IdeaTerms { title, body: None, external: None, impact: None, effort: None };
        let input = IdeaSubmit { id: None, team: team.clone(), terms, customer_requests: Vec::new() };
        let begin = Instant::now();
        app.service().idea_submit(&caller, input).await.unwrap();
        times.push(begin.elapsed());
    }
    times
}

/// The same entries appended to another log with the same triggers and indexes: hashed, kept, and grown into the tree.
/// What a transaction costs by itself is not counted.
async fn append(from: &Path, folder: &Path) -> Vec<Duration> {
    let read = sea_orm::Database::connect(format!("sqlite://{}", from.display())).await.unwrap();
    let all = Statement::from_string(DbBackend::Sqlite, "SELECT * FROM audit_entry ORDER BY seq");
    let rows = read.query_all_raw(all).await.unwrap();
    let url = DatabaseUrl::in_folder(folder);
    let other = Database::open(&url).await.unwrap();
    other.migrate().await.unwrap();
    other.close().await.unwrap();
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}", folder.join("holdline.db").display()));
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.unwrap();
    let (mut frontier, mut times) = (Frontier::default(), Vec::with_capacity(WRITES));
    for row in rows {
        let columns = row.column_names();
        let values: Vec<Value> = columns.iter().map(|column| value(&row, column)).collect();
        let body: Vec<u8> = row.try_get("", "body").unwrap();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO audit_entry ({}) VALUES ({marks})", columns.join(", "));
        let transaction = db.begin().await.unwrap();
        let begin = Instant::now();
        let made = frontier.push(leaf_hash(&body));
        transaction.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, &sql, values)).await.unwrap();
        if !made.is_empty() {
            let marks = vec!["(?, ?, ?)"; made.len()].join(", ");
            let sql = format!("INSERT INTO merkle_node (level, place, hash) VALUES {marks}");
            let values = made.iter().flat_map(|(at, hash)| {
                let (level, place) = (i32::from(at.level), at.place.cast_signed());
                [level.into(), place.into(), hash.bytes().to_vec().into()]
            });
            let insert = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, values);
            transaction.execute_raw(insert).await.unwrap();
        }
        times.push(begin.elapsed());
        transaction.commit().await.unwrap();
    }
    times
}

fn value(row: &sea_orm::QueryResult, column: &str) -> Value {
    match column {
        "seq" | "occurred_at" | "recorded_at" | "imported" => row.try_get::<Option<i64>>("", column).unwrap().into(),
        "id" | "actor_id" | "team_id" | "plan_id" | "subject_id" | "renegotiation_id" | "meeting_id" | "body"
        | "leaf_hash" => row.try_get::<Option<Vec<u8>>>("", column).unwrap().into(),
        _ => row.try_get::<Option<String>>("", column).unwrap().into(),
    }
}
