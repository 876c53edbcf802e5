//! The pages under api/docs that say what to type: a shell runs every command of theirs, one after the other, against the
//! real binary, and what a page says comes back must come back. `…` stands for anything.

use std::{path::Path, process::Stdio};

use holdline::store::DatabaseUrl;
use tokio::process::Command;

use crate::support::{Process, fresh_database, skipped};

const AUDIT: &str = include_str!("../../api/docs/audit.md");
const DASHBOARD: &str = include_str!("../../api/docs/dashboard.md");
const HUBSPOT: &str = include_str!("../../api/docs/hubspot.md");
const SALESFORCE: &str = include_str!("../../api/docs/salesforce.md");
const WEBHOOKS: &str = include_str!("../../api/docs/webhooks.md");

/// The fenced blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block has a language and lines")).collect()
}

/// The commands of a page, each with what is said to come back.
fn commands(page: &str) -> Vec<(&str, &str)> {
    let blocks = blocks(page);
    let with_next = blocks.iter().enumerate().filter(|(_, (language, _))| *language == "sh");
    with_next
        .map(|(place, (_, command))| {
            let said = blocks.get(place + 1).filter(|(language, _)| ["json", "text"].contains(language));
            (*command, said.expect("a command says what comes back").1)
        })
        .collect()
}

/// Whether a text is what was said, where `…` stands for anything.
fn fits(said: &str, text: &str) -> bool {
    let mut rest = text.trim();
    let mut pieces = said.trim().split('…').map(str::trim);
    let first = pieces.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    said.trim().ends_with('…') || rest.trim().is_empty()
}

/// Whether a shell finds what the pages use.
async fn can_run() -> bool {
    for tool in ["curl", "openssl"] {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        let version = Command::new(tool).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        if found.is_err() && version.is_err() {
            skipped(&format!("there is no {tool} to run the pages' commands with"));
            return false;
        }
    }
    true
}

/// Runs the commands of a page in a folder, with some variables.
async fn run(page: &str, folder: &Path, variables: &[(&str, String)]) {
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_holdline-under-test"), folder.join("holdline")).unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    for (command, said) in commands(page) {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", command]).current_dir(folder).env_clear().env("PATH", &path);
        let ran = shell.envs(variables.iter().cloned()).stdin(Stdio::null()).output().await.unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{command}\n{out}\n{err}");
        assert!(fits(said, &out), "{command}\nsays:\n{said}\nand came back:\n{out}\n{err}");
    }
}

/// Runs a page about a hook, with the settings that it shows.
async fn run_hook(page: &str) {
    if !can_run().await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database: DatabaseUrl = fresh_database(folder.path()).await;
    let settings = blocks(page).into_iter().find(|(language, _)| *language == "toml").map(|(_, text)| text);
    let mut arguments = Vec::new();
    let file = folder.path().join("hooks.toml");
    if let Some(settings) = settings {
        std::fs::write(&file, settings).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        arguments.extend(["--hooks", file.to_str().unwrap()]);
    }
    let process = Process::start(&database, folder.path(), &arguments).await;
    let token = async |role: &str| {
        Process::token(&database, folder.path(), &["--subject", role, "--role", role, "--teams", "*"]).await
    };
    let variables =
        [("HOLDLINE", process.address.clone()), ("ADMIN", token("admin").await), ("VIEWER", token("viewer").await)];
    run(page, folder.path(), &variables).await;
}

/// Runs a page against the demo.
async fn run_demo(page: &str) {
    if !can_run().await {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_demo, address, links) = Process::demo().await;
    let token = |role: &str| {
        let link = links.iter().find(|line| line.trim_start().starts_with(role)).expect("a link for the role");
        link.split_once("#token=").unwrap().1.trim().to_owned()
    };
    let variables = [("HOLDLINE", address), ("AUDITOR", token("auditor")), ("VIEWER", token("viewer"))];
    run(page, folder.path(), &variables).await;
}

#[tokio::test]
async fn the_page_about_hubspot_is_true() {
    run_hook(HUBSPOT).await;
}

#[tokio::test]
async fn the_page_about_salesforce_is_true() {
    run_hook(SALESFORCE).await;
}

#[tokio::test]
async fn the_page_about_webhooks_is_true() {
    run_hook(WEBHOOKS).await;
}

#[tokio::test]
async fn the_page_about_dashboards_is_true() {
    run_demo(DASHBOARD).await;
}

#[tokio::test]
async fn the_page_about_auditing_a_quarter_is_true() {
    run_demo(AUDIT).await;
}

#[test]
fn what_fits_and_what_does_not() {
    for (said, text, good) in [
        ("204", "204\n", true),
        ("204", "401", false),
        ("{\"a\":…", "{\"a\":1}", true),
        ("…no finding.", "x: no finding.\n", true),
        ("…no finding.", "x: a finding.\n", false),
        ("a…c", "abc d", false),
    ] {
        assert_eq!(fits(said, text), good, "{said} {text}");
    }
}
