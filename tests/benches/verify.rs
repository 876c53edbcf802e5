//! How fast `holdline audit verify` reads a log beside bare hashing and JSON parsing of the same bodies: the ratio of
//! the two rates, from a database and from an export, in one run. Run it with
//! `cargo bench -p holdline-tests --bench verify`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use holdline_verify::{Ask, Finding, Place, Report, verify_database, verify_export};
use sha2::{Digest as _, Sha256};

const ROUNDS: usize = 7;
/// How many deals ask; each is an entry, and each tells of a deal and a request.
const DEALS: usize = 20_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    fill(folder.path(), &store);
    let export = String::from_utf8(holdline(&store, &["audit", "export"])).unwrap();
    let bodies = bodies(&export);
    let bytes = bodies.iter().map(|body| u32::try_from(body.len()).unwrap()).sum::<u32>();
    let megabytes = f64::from(bytes) / 1e6;
    let place = Place::Sqlite(store.join("holdline.db"));
    let (mut bare, mut from_database, mut from_export) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(timed(|| reference(&bodies)));
        from_database.push(timed(|| {
            let report = runtime
                .block_on(async { verify_database(&place, &Ask::default(), &mut told, &mut |_, _| {}).await.unwrap() });
            clean(&report, bodies.len());
        }));
        from_export.push(timed(|| {
            clean(&verify_export(export.as_bytes(), &Ask::default(), &mut told, &mut |_| {}).unwrap(), bodies.len());
        }));
    }
    let bare = median(&mut bare);
    let rate = |time: Duration| megabytes / time.as_secs_f64();
    println!("{} entries, {:.1} MB of bodies", bodies.len(), megabytes);
    println!("bare hashing and parsing   {:8.1} MB/s", rate(bare));
    for (name, times) in
        [("verify, from the database ", &mut from_database), ("verify, from an export    ", &mut from_export)]
    {
        let time = median(times);
        println!("{name} {:8.1} MB/s   {:.2} of the bare rate", rate(time), bare.as_secs_f64() / time.as_secs_f64());
    }
}

fn told(finding: &Finding) {
    println!("{finding}");
}

fn clean(report: &Report, entries: usize) {
    assert_eq!((report.findings, report.entries), (0, entries as u64));
}

/// A store whose log holds an entry for each deal, signed.
fn fill(folder: &Path, store: &Path) {
    let mut text = "id,product,account,worth,stage\n".to_owned();
    for row in 0..DEALS {
        let stage = ["Won", "Lost", "Engaging"][row % 3];
        let _ = writeln!(text, "D{row:06},Product {},Account {},{},{stage}", row % 7, row % 85, row * 7 % 5_000);
    }
    let file: PathBuf = folder.join("deals.csv");
    std::fs::write(&file, text).unwrap();
    let map = "external_id=id,idea=product,account=account,amount=worth,stage=stage";
    let deals = ["import", "deals", "--system", "crm", "--team", "GTX", "--currency", "USD", "--map", map];
    holdline(store, &[&deals[..], &[file.to_str().unwrap()]].concat());
    holdline(store, &["audit", "checkpoint", "--sign"]);
}

fn holdline(store: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
    let ran = command.args(arguments).env("HOLDLINE_DATA_DIR", store).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

fn bodies(export: &str) -> Vec<Vec<u8>> {
    let body = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["body"].as_str().map(|body| body.as_bytes().to_vec())
    };
    export.lines().filter_map(body).collect()
}

/// What any verifier does at least: each body hashed once and parsed once.
fn reference(bodies: &[Vec<u8>]) {
    for body in bodies {
        let hash = Sha256::new().chain_update([0]).chain_update(body).finalize();
        let value: serde_json::Value = serde_json::from_slice(body).unwrap();
        std::hint::black_box((hash, value));
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
