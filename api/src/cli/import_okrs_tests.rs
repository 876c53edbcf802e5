//! The command on small files of its own: what goes in, what stays out, and the same files once more.

use std::{collections::BTreeMap, fs, path::Path};

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

const OKRS: &str = "\
team,quarter,objective,key_result,owner,priority,baseline,target,unit,committed_on
A,2019-Q1,Fast,One,engineer-1,p0,0,1,score,2019-01-02
A,2019-Q1,Fast,Two,,,0,1,score,2019-01-02
A,2019-Q2,Slow,Three,,,0,10,%,2019-04-02
";

const CHANGES: &str = "\
team,quarter,date,change,objective,key_result,new_key_result,owner,priority,baseline,target,unit,reason
A,2019-Q1,2019-02-01,DROP_KEY_RESULT,Fast,Two,,,,,,,mid-quarter scoring
A,2019-Q1,2019-02-01,ADD_KEY_RESULT,Fast,Four,,engineer-2,,0,1,score,mid-quarter scoring
A,2019-Q1,2019-03-01,AMEND_KEY_RESULT,Fast,One,Uno,,,,,,
";

const CHECK_INS: &str = "\
team,quarter,date,objective,key_result,value,kind
A,2019-Q1,2019-03-02,Fast,Uno,0.5,MID_QUARTER
A,2019-Q1,2019-04-02,Fast,Four,1.0,FINAL
A,2019-Q2,2019-05-02,Slow,Three,5,PROJECTED
";

/// Imports into a folder; answers with the counts and with each refused row's file, line and codes.
async fn run(folder: &Path, okrs: &str, changes: &str, check_ins: &str) -> ([u64; 5], BTreeMap<String, String>) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = Files {
        okrs: Table::read(&file("okrs", okrs), okr_rows::OKRS).unwrap(),
        changes: Table::read(&file("changes", changes), okr_rows::CHANGES).unwrap(),
        check_ins: Table::read(&file("check-ins", check_ins), okr_rows::CHECK_INS).unwrap(),
    };
    let settings = Line::parse_from(["holdline", "--data-dir", folder.to_str().unwrap()]).settings;
    let sorted = files.sort(settings.calendar().unwrap());
    let mut total = Total { refused: sorted.refused, ..Total::default() };
    import(&settings, sorted.plans, &mut total).await.unwrap();
    let refused = total.refused.iter().map(|(file, line, refusals)| {
        let codes: Vec<_> = refusals.list().iter().map(|refusal| refusal.code.name()).collect();
        (format!("{file:?}:{line}"), codes.join(" "))
    });
    let counts = [total.plans, total.key_results, total.renegotiations, total.check_ins, total.known];
    (counts, refused.collect())
}

fn rows<const N: usize>(rows: [(&str, &str); N]) -> BTreeMap<String, String> {
    rows.into_iter().map(|(row, code)| (row.to_owned(), code.to_owned())).collect()
}

#[tokio::test]
async fn the_same_files_once_more_add_nothing() {
    let folder = tempfile::tempdir().unwrap();

    let first = run(folder.path(), OKRS, CHANGES, CHECK_INS).await;
    let second = run(folder.path(), OKRS, CHANGES, CHECK_INS).await;

    assert_eq!(first, ([2, 3, 2, 3, 0], rows([])));
    assert_eq!(second, ([0, 0, 0, 0, 9], rows([])));
}

#[tokio::test]
async fn a_bad_row_takes_with_it_what_would_be_untrue_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let okrs = OKRS.replace("0,10,%,2019-04-02", "0,ten,%,2019-04-02");
    let changes = CHANGES.replace("ADD_KEY_RESULT,Fast,Four,,engineer-2,,0,1", "ADD_KEY_RESULT,Fast,Four,,,,0,");
    let check_ins = CHECK_INS.replace("2019-03-02", "2019-02-30");
    let changes = changes.replace("2019-02-01,ADD", "2019-02-01,PLUS");

    let (counts, refused) = run(folder.path(), &okrs, &changes, &check_ins).await;

    assert_eq!(counts, [1, 2, 1, 0, 0]);
    let invalid = ["Okrs:4", "Changes:2", "Changes:3", "CheckIns:2", "CheckIns:4"].map(|row| (row, "INVALID"));
    let mut expected = rows(invalid);
    expected.extend(rows([("CheckIns:3", "NOT_FOUND")]));
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn a_plan_is_committed_on_one_day_and_takes_no_further_rows() {
    let folder = tempfile::tempdir().unwrap();
    let two_days = OKRS.replace("Fast,Two,,,0,1,score,2019-01-02", "Fast,Two,,,0,1,score,2019-01-03");
    let further = OKRS.to_owned() + "A,2019-Q2,Slow,Five,,,0,1,score,2019-04-02\n";

    let (counts, refused) = run(folder.path(), &two_days, CHANGES, CHECK_INS).await;
    assert_eq!((counts[0], refused.get("Okrs:3").map(String::as_str)), (1, Some("INVALID")));
    assert_eq!(refused.len(), 7, "all of the first quarter's rows stay out: {refused:?}");

    let (counts, refused) = run(folder.path(), &further, CHANGES, CHECK_INS).await;
    assert_eq!((counts, refused), ([1, 2, 2, 2, 2], rows([("Okrs:5", "PLAN_IMPORTED")])));
}
