//! Import of history: a real team's four quarters where they are at hand, and small files of our own.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Server, fresh_database, holdline};

const OKRS: &str = "team,quarter,objective,key_result,owner,priority,baseline,target,unit,committed_on\n";
const CHANGES: &str =
    "team,quarter,date,change,objective,key_result,new_key_result,owner,priority,baseline,target,unit,reason\n";
const CHECK_INS: &str = "team,quarter,date,objective,key_result,value,kind\n";

/// The three files, written into a folder.
struct Files {
    okrs: PathBuf,
    changes: PathBuf,
    check_ins: PathBuf,
}

impl Files {
    fn write(folder: &Path, okrs: &[u8], changes: &str, check_ins: &str) -> Self {
        let files = Self::in_folder(folder, "mine-");
        std::fs::write(&files.okrs, [OKRS.as_bytes(), okrs].concat()).unwrap();
        std::fs::write(&files.changes, format!("{CHANGES}{changes}")).unwrap();
        std::fs::write(&files.check_ins, format!("{CHECK_INS}{check_ins}")).unwrap();
        files
    }

    fn in_folder(folder: &Path, prefix: &str) -> Self {
        let file = |name: &str| folder.join(format!("{prefix}{name}.csv"));
        Self { okrs: file("okrs"), changes: file("changes"), check_ins: file("checkins") }
    }

    fn arguments(&self) -> [&str; 8] {
        let text = |path: &'_ PathBuf| -> &str { Box::leak(path.display().to_string().into_boxed_str()) };
        [
            "import",
            "okrs",
            "--okrs",
            text(&self.okrs),
            "--changes",
            text(&self.changes),
            "--check-ins",
            text(&self.check_ins),
        ]
    }
}

/// The real quarters, if they lie beside the project.
fn real() -> Option<Files> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/okrs");
    if folder.is_dir() {
        return Some(Files::in_folder(&folder, ""));
    }
    println!("skipped: the real quarters are not beside the project");
    None
}

fn drift(added: i32, dropped: i32, amended: i32, renegotiations: usize) -> Value {
    json!({ "keyResultsAdded": added, "keyResultsDropped": dropped, "keyResultsAmended": amended, "renegotiations": renegotiations })
}

#[tokio::test]
async fn four_real_quarters_show_what_changed_when_and_why() {
    let Some(files) = real() else { return };
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;

    let first = holdline(&database, &files.arguments()).await;
    let second = holdline(&database, &files.arguments()).await;

    assert_eq!((first.code, second.code), (0, 0), "{} {}", first.err, second.err);
    assert!(first.out.contains("Key results committed: 35 in 4 plans"), "{}", first.out);
    assert!(second.out.contains("Key results committed: 0 in 0 plans"), "{}", second.out);
    let server = Server::over(database, folder).await;
    let auditor = server.auditor();
    let expected = [
        ("2019-Q1", 3, drift(4, 1, 1, 2)),
        ("2019-Q2", 1, drift(0, 0, 0, 0)),
        ("2019-Q3", 2, drift(0, 1, 0, 1)),
        ("2019-Q4", 1, drift(0, 0, 0, 0)),
    ];
    for (quarter, revision, expected) in expected {
        let query = format!(
            r#"{{ plan(team: "IPLD", quarter: "{quarter}") {{ revision drift {{ keyResultsAdded keyResultsDropped
                keyResultsAmended renegotiations {{ id }} amended {{ aspects }} }} }} }}"#
        );
        let mut found = auditor.query(&query).await["plan"].clone();
        let drift = &mut found["drift"];
        let count = drift["renegotiations"].as_array().unwrap().len();
        drift["renegotiations"] = json!(count);
        let amended = drift.as_object_mut().unwrap().remove("amended").unwrap();
        assert_eq!((&found["revision"], &found["drift"]), (&json!(revision), &expected), "{quarter}");
        assert_eq!(amended, if quarter == "2019-Q1" { json!([{ "aspects": ["WORDING"] }]) } else { json!([]) });
    }
    let query = r#"{ january: plan(team: "IPLD", quarter: "2019-Q1", asOf: "2019-01-10T00:00:00Z") { ...Size }
        february: plan(team: "IPLD", quarter: "2019-Q1", asOf: "2019-02-01T00:00:00Z") { ...Size }
        now: plan(team: "IPLD", quarter: "2019-Q1") { revisions { nodes { at renegotiation { reason decision { by { id } } meeting { status imported } } changes { __typename } } } } }
        fragment Size on Plan { id objectives { keyResults { id } } }"#;
    let read = auditor.query(query).await;
    let size = |plan: &Value| -> usize {
        plan["objectives"]
            .as_array()
            .unwrap()
            .iter()
            .map(|objective| objective["keyResults"].as_array().unwrap().len())
            .sum()
    };
    assert_eq!((size(&read["january"]), size(&read["february"])), (8, 11));
    let revisions = read["now"]["revisions"]["nodes"].as_array().unwrap();
    let told: Vec<_> =
        revisions.iter().map(|r| (r["at"].as_str().unwrap(), r["renegotiation"]["reason"].as_str())).collect();
    assert_eq!(
        told,
        [
            ("2018-12-19T00:00:00.000000Z", None),
            ("2019-01-22T00:00:00.000000Z", Some("okr: adding priorities and graphsync")),
            ("2019-03-11T00:00:00.000000Z", Some("OKR: Mid-Quarter scoring")),
        ]
    );
    let decided = &revisions[1]["renegotiation"];
    assert_eq!(
        (&decided["decision"]["by"], &decided["meeting"]),
        (&Value::Null, &json!({ "status": "CLOSED", "imported": true }))
    );
}

#[tokio::test]
async fn a_row_dated_after_the_quarter_is_refused_by_line_and_the_rest_goes_in() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let okrs = b"OPS,2020-Q1,Calm nights,Pages a week,lead,,40,5,pages,2019-12-20\n";
    let late = "OPS,2020-Q1,2020-04-02,DROP_KEY_RESULT,Calm nights,Pages a week,,,,,,,too late\n";
    let check_in = "OPS,2020-Q1,2020-04-09,Calm nights,Pages a week,12,FINAL\n";
    let files = Files::write(folder.path(), okrs, late, check_in);

    let ran = holdline(&database, &files.arguments()).await;

    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("changes.csv:2 QUARTER_ENDED"), "{}", ran.err);
    assert!(ran.out.contains("Key results committed: 1 in 1 plan"), "{}", ran.out);
    assert!(ran.out.contains("Check-ins:             1"), "{}", ran.out);
}

#[tokio::test]
async fn an_imported_plan_takes_no_further_rows_and_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let okrs = b"OPS,2026-Q4,Calm nights,Pages a week,lead,,40,5,pages,2026-10-01\n";
    let files = Files::write(folder.path(), okrs, "", "");
    assert_eq!(holdline(&database, &files.arguments()).await.code, 0);

    let change = "OPS,2026-Q4,2026-10-20,DROP_KEY_RESULT,Calm nights,Pages a week,,,,,,,a further row\n";
    let files = Files::write(folder.path(), okrs, change, "");
    let again = holdline(&database, &files.arguments()).await;

    assert_eq!(again.code, 1);
    assert!(again.err.contains("changes.csv:2 PLAN_IMPORTED"), "{}", again.err);
    let server = Server::over(database, folder).await;
    server.set_clock("2026-12-01T09:00:00Z");
    let plan = server.planner().query(r#"{ plan(team: "OPS") { objectives { id keyResults { id } } } }"#).await;
    let objective = &plan["plan"]["objectives"][0]["id"];
    let locked = server.planner().refused("objectiveUpdate", json!({ "objective": objective, "title": "Quiet" })).await;
    assert_eq!(locked, ["COMMITMENT_LOCKED"]);
}

#[tokio::test]
async fn a_broken_file_is_named_with_its_line_or_column_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let good = b"OPS,2020-Q1,Calm nights,Pages a week,lead,,40,5,pages,2019-12-20\n";

    let broken =
        Files::write(folder.path(), b"OPS,2020-Q1,Calm \xff nights,Pages,lead,,40,5,pages,2019-12-20\n", "", "");
    let utf8 = holdline(&database, &broken.arguments()).await;
    let files = Files::write(folder.path(), good, "", "");
    std::fs::write(&files.okrs, "team,quarter,colour\nOPS,2020-Q1,red\n").unwrap();
    let column = holdline(&database, &files.arguments()).await;
    let dates =
        Files::write(folder.path(), b"OPS,2020-Q1,Calm nights,Pages a week,lead,,40,40,pages,2019-02-30\n", "", "");
    let date = holdline(&database, &dates.arguments()).await;

    assert_eq!((utf8.code, column.code, date.code), (2, 2, 1));
    assert!(utf8.err.contains("okrs.csv") && utf8.err.contains('2'), "{}", utf8.err);
    assert!(column.err.contains("colour"), "{}", column.err);
    assert!(date.err.contains("okrs.csv:2 INVALID"), "{}", date.err);
    let server = Server::over(database, folder).await;
    assert_eq!(server.planner().query("{ teams { totalCount } }").await["teams"]["totalCount"], 0);
}

#[tokio::test]
async fn a_tokens_life_ends_with_its_revocation() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;

    let issued = holdline(
        &database,
        &[
            "--data-dir",
            &folder.path().display().to_string(),
            "token",
            "issue",
            "--subject",
            "ops",
            "--role",
            "viewer",
            "--teams",
            "OPS",
        ],
    )
    .await;
    let unknown = holdline(&database, &["token", "issue", "--subject", "ops", "--role", "emperor"]).await;

    assert_eq!((issued.code, unknown.code), (0, 2), "{}", issued.err);
    assert_eq!(issued.out.trim().split('.').count(), 3);
    assert!(unknown.err.contains("emperor"), "{}", unknown.err);
}
