//! A PostgreSQL server of a test's own, to be restarted and set up as no shared one may be. Only where PostgreSQL's
//! server is installed; root hands it to the user `postgres`, because it does not run as root.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use holdline::store::DatabaseUrl;
use tokio::process::Command;

use super::skipped;

pub(crate) struct Cluster {
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    as_postgres: bool,
}

impl Cluster {
    /// None where no server is installed, which is said.
    pub(crate) async fn start(settings: &[&str]) -> Option<Self> {
        Self::start_in(tempfile::tempdir().unwrap(), settings).await
    }

    /// In a folder, which may be a disk of its own.
    pub(crate) async fn start_in(folder: tempfile::TempDir, settings: &[&str]) -> Option<Self> {
        let cluster = Self::installed(folder, settings).await;
        if cluster.is_none() {
            skipped("no PostgreSQL server is installed");
        }
        cluster
    }

    async fn installed(folder: tempfile::TempDir, settings: &[&str]) -> Option<Self> {
        let mut versions: Vec<PathBuf> =
            std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
        versions.sort();
        let bin = versions.pop().filter(|bin| bin.join("initdb").exists())?;
        let id = Command::new("id").arg("-u").output().await.ok()?;
        let as_postgres = id.stdout.trim_ascii() == b"0";
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { bin, folder, port, as_postgres };
        if as_postgres {
            let owned = Command::new("chown").arg("postgres").arg(cluster.folder.path()).status().await.unwrap();
            assert!(owned.success());
        }
        cluster.run("initdb", &["-U", "postgres", "-A", "trust", "--no-sync"]).await;
        cluster.up(settings).await;
        Some(cluster)
    }

    pub(crate) fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Postgres(format!("postgres://postgres@127.0.0.1:{}/postgres", self.port))
    }

    /// Ends it as a power cut does, and starts it again.
    pub(crate) async fn crash(&self) {
        self.run("pg_ctl", &["-m", "immediate", "-w", "stop"]).await;
        self.up(&[]).await;
    }

    /// Starts it if it has ended.
    pub(crate) async fn revive(&self) {
        let status = self.command("pg_ctl").arg("status").stdout(Stdio::null()).status().await.unwrap();
        if !status.success() {
            self.up(&[]).await;
        }
    }

    async fn up(&self, settings: &[&str]) {
        let mut options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        for setting in settings {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["-w", "-l", log.to_str().unwrap(), "-o", &options, "start"]).await;
    }

    async fn run(&self, tool: &str, arguments: &[&str]) {
        let ran = self.command(tool).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status().await.unwrap();
        assert!(ran.success(), "{tool} {arguments:?}");
    }

    fn command(&self, tool: &str) -> Command {
        let (tool, data) = (self.bin.join(tool), self.data());
        if !self.as_postgres {
            let mut command = Command::new(tool);
            command.arg("-D").arg(data);
            return command;
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(tool).arg("-D").arg(data);
        command
    }

    fn data(&self) -> PathBuf {
        Path::join(self.folder.path(), "data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(if self.as_postgres { "runuser" } else { "env" });
        if self.as_postgres {
            command.args(["-u", "postgres", "--"]);
        }
        command.arg(self.bin.join("pg_ctl")).arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
