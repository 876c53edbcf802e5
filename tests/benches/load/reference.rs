//! The yardstick: the same rows as each question shows, by one hand-written statement on the same database, prepared and
//! asked as fast as it goes. PostgreSQL through pgbench over 64 connections, SQLite by a loop on one thread in this
//! process. For the write: a bare row of the same content, each durable by itself.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use holdline_domain::ids::ObjectiveId;
use rusqlite::types::Value;
use sea_orm::ConnectionTrait as _;
use tokio::process::Command;

use super::{
    questions::Question,
    service::Service,
    set::{Set, team},
};

pub(crate) const PLAN: &str = "
    SELECT o.title, k.title, k.unit, k.baseline, k.target, i.id, i.title, i.horizon, d.status, d.amount, d.currency,
           (SELECT CAST(MAX(v.number) AS BIGINT) FROM plan_revision v WHERE v.plan_id = p.id)
      FROM team t
      JOIN plan p ON p.team_id = t.id
       AND p.quarter = (SELECT q.label FROM quarter q ORDER BY q.starts_at DESC LIMIT 1)
      JOIN objective_version o ON o.plan_id = p.id AND NOT o.dropped
       AND o.number = (SELECT MAX(x.number) FROM objective_version x WHERE x.objective_id = o.objective_id)
      JOIN key_result_version k ON k.plan_id = p.id AND k.objective_id = o.objective_id AND NOT k.dropped
       AND k.number = (SELECT MAX(x.number) FROM key_result_version x WHERE x.key_result_id = k.key_result_id)
      LEFT JOIN roadmap_item_key_result s ON s.key_result_id = k.key_result_id
      LEFT JOIN roadmap_item i ON i.id = s.item_id AND i.content_version = s.version
      LEFT JOIN idea e ON e.roadmap_item_id = i.id
      LEFT JOIN customer_request r ON r.idea_id = e.id AND r.withdrawn_at IS NULL
      LEFT JOIN deal d ON d.id = r.deal_id
     WHERE t.key = $1 ORDER BY o.position, k.position, i.rank_key";

/// Walks the service's own index, and stops at the 50th: in the whole set more ideas than that are worth something in open
/// deals. A statement for any data would have to look at those worth nothing, too.
pub(crate) const IDEAS: &str = "
    SELECT i.id, i.title, i.status, a.requests, o.requests, o.amount,
           (SELECT COUNT(*) FROM team y JOIN idea x ON x.team_id = y.id WHERE y.key = $1 AND x.status = 'NEW')
      FROM idea_demand o
     CROSS JOIN idea i
      LEFT JOIN idea_demand a ON a.idea_id = i.id AND a.status = 'ALL' AND a.currency = ''
     WHERE o.team_id = (SELECT t.id FROM team t WHERE t.key = $1) AND o.status = 'OPEN' AND o.currency = 'EUR'
       AND o.amount > '000000000000000000000000000000' AND i.id = o.idea_id AND i.status = 'NEW'
     ORDER BY o.amount DESC, o.created_seq DESC LIMIT 50";

pub(crate) const HISTORY: &str = "
    SELECT e.seq, e.action, e.reason, e.occurred_at, p.name, v.reason, v.trigger_text
      FROM (SELECT seq FROM audit_entry WHERE subject_id = $1
            UNION SELECT e.seq FROM renegotiation_change c JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id
                   WHERE c.objective_id = $1
            UNION SELECT e.seq FROM key_result m JOIN renegotiation_change c ON c.key_result_id = m.id
                    JOIN audit_entry e ON e.renegotiation_id = c.renegotiation_id WHERE m.objective_id = $1
            UNION SELECT e.seq FROM objective m JOIN audit_entry e ON e.plan_id = m.plan_id
                   WHERE m.id = $1 AND e.action IN ('PLAN_COMMITTED', 'PLAN_CLOSED')) t
      JOIN audit_entry e ON e.seq = t.seq
      LEFT JOIN person p ON p.id = e.actor_id
      LEFT JOIN renegotiation_version v ON v.renegotiation_id = e.renegotiation_id
       AND v.version = (SELECT MAX(x.version) FROM renegotiation_version x WHERE x.renegotiation_id = e.renegotiation_id)
     ORDER BY e.seq DESC LIMIT 50";

/// A customer request and nothing else: no entry, no log, no demand, no index but its key.
const BARE: &str = "CREATE TABLE bare_request (id INTEGER PRIMARY KEY, idea BLOB, external_id TEXT, status TEXT,
                    account TEXT, amount INTEGER, currency TEXT, note TEXT)";
const BARE_POSTGRES: &str = "CREATE TABLE bare_request (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, idea UUID,
                             external_id TEXT, status TEXT, account TEXT, amount BIGINT, currency TEXT, note TEXT)";
const INSERT: &str = "INSERT INTO bare_request (idea, external_id, status, account, amount, currency, note)
                      VALUES ($1, $2, 'OPEN', 'Account 7', 12000000, 'EUR', 'Asked again.')";

pub(crate) enum Reference {
    Sqlite(PathBuf),
    Postgres { url: String, folder: PathBuf },
}

impl Reference {
    pub(crate) async fn over(service: &Service) -> Self {
        match &service.postgres {
            None => Self::Sqlite(service.folder.clone()),
            Some(url) => {
                let db = sea_orm::Database::connect(url).await.unwrap();
                db.execute_unprepared(BARE_POSTGRES).await.unwrap();
                db.execute_unprepared("CREATE TABLE bench_objective (number INT PRIMARY KEY, id UUID)").await.unwrap();
                Self::Postgres { url: url.clone(), folder: service.folder.clone() }
            }
        }
    }

    pub(crate) fn named(&self, question: Question) -> &'static str {
        match (self, question) {
            (Self::Sqlite(_), Question::Request) => "single commits of the bare row, one thread",
            (Self::Sqlite(_), _) => "one prepared statement in a loop, one thread",
            (Self::Postgres { .. }, Question::Request) => "pgbench: the bare row, 64 connections",
            (Self::Postgres { .. }, _) => "pgbench: one prepared statement, 64 connections",
        }
    }

    /// How often the statement is answered in a second.
    pub(crate) async fn per_second(&self, question: Question, time: Duration, set: &Set) -> f64 {
        match self {
            Self::Sqlite(folder) => {
                let (folder, set) = (folder.clone(), set.clone());
                tokio::task::spawn_blocking(move || embedded(&folder, question, time, &set)).await.unwrap()
            }
            Self::Postgres { url, folder } => {
                let db = sea_orm::Database::connect(url).await.unwrap();
                for (number, told) in set.objectives.iter().enumerate() {
                    let uuid = ObjectiveId::parse(&told.id).unwrap().uuid();
                    let row = format!("INSERT INTO bench_objective VALUES ({number}, '{uuid}') ON CONFLICT DO NOTHING");
                    db.execute_unprepared(&row).await.unwrap();
                }
                pgbench(url, folder, question, time, set.teams).await
            }
        }
    }
}

fn embedded(folder: &Path, question: Question, time: Duration, set: &Set) -> f64 {
    let (file, sql) = match question {
        Question::Plan => ("holdline.db", PLAN),
        Question::Ideas => ("holdline.db", IDEAS),
        Question::History => ("holdline.db", HISTORY),
        Question::Request => ("bare.db", INSERT),
    };
    let db = rusqlite::Connection::open(folder.join(file)).unwrap();
    if question == Question::Request {
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; DROP TABLE IF EXISTS bare_request")
            .unwrap();
        db.execute_batch(BARE).unwrap();
    }
    let objectives: Vec<_> = set.objectives.iter().map(|told| ObjectiveId::parse(&told.id).unwrap().uuid()).collect();
    let mut statement = db.prepare(sql).unwrap();
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < time {
        let number = usize::try_from(count).unwrap();
        let values = match question {
            Question::Plan | Question::Ideas => vec![Value::Text(team(number % set.teams))],
            Question::History => vec![Value::Blob(objectives[number % objectives.len()].as_bytes().to_vec())],
            Question::Request => vec![Value::Blob(vec![7; 16]), Value::Text(format!("Q-{count}"))],
        };
        let width = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values)).unwrap();
        let mut seen = 0;
        while let Some(row) = rows.next().unwrap() {
            for column in 0..width {
                std::hint::black_box(row.get_ref(column).unwrap());
            }
            seen += 1;
        }
        assert!(seen > 0 || question == Question::Request, "{sql}");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

async fn pgbench(url: &str, folder: &Path, question: Question, time: Duration, teams: usize) -> f64 {
    let script = folder.join("reference.sql");
    let team = "'TEAM' || lpad(CAST(:number AS text), 2, '0')";
    let sql = match question {
        Question::Plan => PLAN.replace("$1", team),
        Question::Ideas => IDEAS.replace("$1", team),
        Question::History => HISTORY.replace("$1", "(SELECT b.id FROM bench_objective b WHERE b.number = :number)"),
        Question::Request => {
            INSERT.replace("$1", "'0190a000-0000-7000-8000-000000000007'").replace("$2", "'Q-' || :number")
        }
    };
    std::fs::write(&script, format!("\\set number random(0, {})\n{};\n", teams - 1, sql.replace('\n', " "))).unwrap();
    let mut command = Command::new("pgbench");
    let time = time.as_secs().to_string();
    command.args(["-n", "-M", "prepared", "-c", "64", "-j", "1", "-T", &time, "-f"]).arg(&script).arg(url);
    let ran =
        command.stdin(Stdio::null()).output().await.expect("pgbench is PostgreSQL's own; install its client tools");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
