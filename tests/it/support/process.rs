//! A service of its own process: the real binary, over a store that it shares with nobody.

use std::{path::Path, process::Stdio};

use holdline::store::DatabaseUrl;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::{Caller, holdline};

/// A running service, which is killed when the test lets go of it.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// Where it is, such as `http://127.0.0.1:40001`.
    pub(crate) address: String,
}

impl Process {
    /// Starts `holdline serve` with further arguments; what it logs goes into `serve.log` in its folder.
    pub(crate) async fn start(database: &DatabaseUrl, folder: &Path, arguments: &[&str]) -> Self {
        let binary = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
        Self::spawn(binary, database, folder, arguments).await
    }

    /// The same, through a command that ends in running another one.
    pub(crate) async fn start_under(through: &[&str], database: &DatabaseUrl, folder: &Path) -> Self {
        let mut command = Command::new(through[0]);
        command.args(&through[1..]).arg(env!("CARGO_BIN_EXE_holdline-under-test"));
        Self::spawn(command, database, folder, &[]).await
    }

    async fn spawn(mut command: Command, database: &DatabaseUrl, folder: &Path, arguments: &[&str]) -> Self {
        let log = std::fs::File::create(folder.join("serve.log")).unwrap();
        command.env("HOLDLINE_DATA_DIR", folder).env("HOLDLINE_LOG", "error").kill_on_drop(true);
        if let DatabaseUrl::Postgres(url) = database {
            command.env("HOLDLINE_DATABASE_URL", url);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("the service says where it is");
        let address = line.strip_prefix("Holdline is at ").unwrap().to_owned();
        Self { child, address }
    }

    /// Starts the demo; with it come where it is, and the lines with its links.
    pub(crate) async fn demo() -> (Child, String, Vec<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
        command.env("HOLDLINE_LOG", "error").kill_on_drop(true).args(["serve", "--demo", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut address, mut handed) = (String::new(), Vec::new());
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(said) = line.strip_prefix("Holdline is at ") {
                said.clone_into(&mut address);
            } else if line.contains("#token=") {
                handed.push(line);
            } else if line.starts_with("Six requests") {
                break;
            }
        }
        // What else it says is not read; it may say it all the same.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        (child, address, handed)
    }

    /// A token for its API.
    pub(crate) async fn token(database: &DatabaseUrl, folder: &Path, arguments: &[&str]) -> String {
        let issue = ["token", "issue", "--data-dir", folder.to_str().unwrap()];
        holdline(database, &[&issue, arguments].concat()).await.out.trim().to_owned()
    }

    /// Somebody with some scopes, for all teams.
    pub(crate) async fn caller(&self, database: &DatabaseUrl, folder: &Path, scopes: &str) -> Caller {
        let said = ["--subject", "ann", "--scopes", scopes, "--teams", "*"];
        let token = Self::token(database, folder, &said).await;
        Caller::new(&format!("{}/graphql", self.address), token, String::new())
    }

    /// How much memory it holds, in bytes (Linux, `VmRSS`).
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// How much memory it ever held, in bytes (Linux, `VmHWM`).
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, of: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(of)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}
