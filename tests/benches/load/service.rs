//! The real binary over a store of its own, and what it uses: CPU and memory as the kernel counts them (Linux), statements
//! as its own metrics do.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const BINARY: &str = env!("CARGO_BIN_EXE_holdline-under-test");

pub(crate) struct Service {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) first_answer: Duration,
    /// The store's URL on PostgreSQL.
    pub(crate) postgres: Option<String>,
    /// The server's URL, where the store is dropped.
    server: Option<String>,
    metrics: String,
    pub(crate) folder: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

/// What was used until some moment.
pub(crate) struct Usage {
    pub(crate) service: Duration,
    /// By PostgreSQL's processes.
    pub(crate) database: Duration,
    pub(crate) statements: f64,
}

impl Usage {
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            service: self.service.saturating_sub(before.service),
            database: self.database.saturating_sub(before.database),
            statements: self.statements - before.statements,
        }
    }
}

impl Service {
    pub(crate) async fn start(server: Option<&str>, keep: Option<&Path>) -> Self {
        let temporary = keep.is_none().then(|| tempfile::tempdir().unwrap());
        let folder = keep.map_or_else(|| temporary.as_ref().unwrap().path().to_owned(), Path::to_owned);
        let postgres = match server {
            Some(server) => Some(database(server, "CREATE").await),
            None => None,
        };
        command(postgres.as_deref(), &folder, &["migrate"]).output().await.unwrap();
        let begun = Instant::now();
        let (child, address, metrics) = serve(postgres.as_deref(), &folder).await;
        reqwest::get(format!("http://{address}/healthz")).await.unwrap();
        let first_answer = begun.elapsed();
        let scopes = "read,plans:write,roadmap:write,ideas:write,meetings:write,requests:write,renegotiations:draft,renegotiations:propose,audit:read,admin";
        let said = ["token", "issue", "--subject", "bench", "--scopes", scopes, "--teams", "*", "--service", "crm"];
        let issued = command(postgres.as_deref(), &folder, &said).output().await.unwrap();
        assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        let token = String::from_utf8(issued.stdout).unwrap().trim().to_owned();
        let server = server.map(str::to_owned);
        Self { child, address, token, first_answer, postgres, server, metrics, folder, temporary }
    }

    /// Runs a command of the binary while nobody serves, as the embedded database wants it.
    pub(crate) async fn stopped(&mut self, arguments: &[&str]) -> std::process::Output {
        self.child.kill().await.unwrap();
        let ran = command(self.postgres.as_deref(), &self.folder, arguments).output().await.unwrap();
        (self.child, self.address, self.metrics) = serve(self.postgres.as_deref(), &self.folder).await;
        ran
    }

    /// Brings the database's own statistics up to date.
    pub(crate) async fn settle(&self) {
        if let Some(url) = &self.postgres {
            sea_orm::Database::connect(url).await.unwrap().execute_unprepared("VACUUM ANALYZE").await.unwrap();
        }
    }

    pub(crate) async fn usage(&self) -> Usage {
        let told = reqwest::get(format!("http://{}/metrics", self.metrics)).await.unwrap().text().await.unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix("holdline_sql_statements_total ")).unwrap();
        Usage {
            service: cpu(self.child.id().unwrap()),
            database: if self.postgres.is_some() { postgres() } else { Duration::ZERO },
            statements: line.parse().unwrap(),
        }
    }

    /// The embedded database's journal, in MiB.
    pub(crate) fn journal(&self) -> Option<f64> {
        let bytes = std::fs::metadata(self.folder.join("holdline.db-wal")).ok()?.len();
        Some(f64::from(u32::try_from(bytes / 1024).unwrap()) / 1024.0)
    }

    /// In MiB.
    pub(crate) fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// In MiB.
    pub(crate) fn peak(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    pub(crate) async fn end(mut self) {
        self.child.kill().await.unwrap();
        if let Some(server) = &self.server {
            database(server, "DROP").await;
        }
        drop(self.temporary);
    }
}

/// Starts it; the answer has its address, and that of its metrics.
async fn serve(postgres: Option<&str>, folder: &Path) -> (Child, String, String) {
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let limits = ["--points", "1000000000", "--points-per-second", "1000000", "--max-streams", "5000"];
    let serve = [&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &metrics], &limits[..]].concat();
    let mut command = command(postgres, folder, &serve);
    let mut child = command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("Holdline is at http://").unwrap().to_owned();
    (child, address, metrics)
}

fn command(postgres: Option<&str>, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.env("HOLDLINE_DATA_DIR", folder).env("HOLDLINE_LOG", "error").stdin(Stdio::null()).args(arguments);
    if let Some(url) = postgres {
        command.env("HOLDLINE_DATABASE_URL", url);
    }
    command
}

/// Makes or drops the database of this run; the answer is its URL.
async fn database(server: &str, what: &str) -> String {
    let name = format!("holdline_load_{}", std::process::id());
    let db = sea_orm::Database::connect(server).await.unwrap();
    db.execute_unprepared(&format!("{what} DATABASE {name}")).await.unwrap();
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

/// The user and system time of a process; the kernel counts in hundredths of a second.
fn cpu(process: u32) -> Duration {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return Duration::ZERO };
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    Duration::from_millis(10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()))
}

fn postgres() -> Duration {
    let mut all = Duration::ZERO;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        if name.starts_with("postgres") {
            all += cpu(process);
        }
    }
    all
}
