//! Reading a database: the log in pages, with each page the rows that point to its entries, then what stands beside the
//! log. All of it in one snapshot, so that a service that goes on writing is in nobody's way.

use sea_orm::DbErr;

use super::{
    beside,
    open::Place,
    snapshot::{Answer, Snapshot},
};
use crate::{
    Ask, Report,
    checker::Checker,
    columns,
    finding::{Code, Finding, Findings},
    log::Kept,
    rows::{HEADS, Head, Kind, Row, Rows, TABLES, Table},
};

/// How many entries, or rows, are held at once.
const PAGE: u64 = 1024;

fn selected(columns: &[(&str, Kind)]) -> String {
    columns.iter().flat_map(|(name, _)| [", t.", *name]).collect()
}

/// Verifies a database.
pub(crate) async fn verify(
    place: &Place,
    ask: &Ask,
    findings: &mut Findings<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, DbErr> {
    let snapshot = Snapshot::open(place).await?;
    let (mut checker, mut rows) = (Checker::new(ask), Rows::default());
    entries(&snapshot, &mut checker, &mut rows, findings, progress).await?;
    for table in TABLES {
        unpointed(&snapshot, table, findings).await?;
    }
    for head in HEADS {
        heads(&snapshot, head, &mut rows, findings).await?;
    }
    beside::requests(&snapshot, findings).await?;
    beside::people(&snapshot, checker.take_people(), findings).await?;
    beside::nodes(&snapshot, &checker, findings).await?;
    let mut judge = checker.judge();
    judge.outside(&ask.checkpoints, findings);
    beside::checkpoints(&snapshot, &mut judge, findings).await?;
    let signed = judge.finish(findings);
    snapshot.close().await?;
    Ok(checker.report(signed, findings))
}

async fn entries(
    snapshot: &Snapshot,
    checker: &mut Checker,
    rows: &mut Rows,
    findings: &mut Findings<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT t.seq, t.body, t.leaf_hash{} FROM audit_entry t WHERE t.seq >= $1 ORDER BY t.seq LIMIT {PAGE}",
        selected(&columns::COLUMNS)
    );
    let mut size = 0;
    snapshot
        .each("SELECT COUNT(*) FROM audit_entry", &[], |row| {
            size = row.number(0).unwrap_or_default().unsigned_abs();
        })
        .await?;
    let mut from = i64::MIN;
    loop {
        let (mut read, mut at) = (0, from);
        snapshot
            .each(&sql, &[from], |row| {
                (read, at) = (read + 1, row.number(0).unwrap_or(at));
                entry(row, checker, rows, findings);
            })
            .await?;
        progress(checker.log.read, size);
        // A row that points to the highest of all numbers belongs to the last page, which has no end.
        let until = if read < PAGE { None } else { at.checked_add(1) };
        for table in TABLES {
            let kept = pointing(snapshot, table, from, until).await?;
            rows.compare(table, kept, findings);
        }
        match until {
            Some(until) => from = until,
            None => return Ok(()),
        }
    }
}

fn entry(row: &dyn Answer, checker: &mut Checker, rows: &mut Rows, findings: &mut Findings<'_>) {
    let seq = row.number(0).unwrap_or(-1);
    let Ok(seq) = u64::try_from(seq) else {
        let what = format!("An entry is kept at {seq}, and a log begins at 0.");
        return findings.tell(&Finding::new(Code::SequenceBroken, what));
    };
    // A body that is no bytes, as in a table that somebody put in place of ours, is none at all.
    let body = row.bytes(1).unwrap_or_default();
    if let Some(entry) = checker.take(&Kept { seq, leaf: row.hash(2), body: &body }, findings) {
        columns::compare(&entry, &row.cells(3, &columns::COLUMNS), findings);
        rows.expect(&entry);
    }
}

/// The rows that point to a range of entries, or to all from one on.
async fn pointing(snapshot: &Snapshot, table: &Table, from: i64, until: Option<i64>) -> Result<Vec<Row>, DbErr> {
    let mut kept = Vec::new();
    if !snapshot.has(table.name) {
        return Ok(kept);
    }
    let (seq, columns) = (table.seq, selected(table.columns));
    let end = until.map(|_| format!(" AND {seq} < $2")).unwrap_or_default();
    let sql = format!("SELECT {seq}{columns} FROM {} WHERE {seq} >= $1{end}", table.from);
    let values: Vec<_> = [from].into_iter().chain(until).collect();
    snapshot
        .each(&sql, &values, |row| {
            kept.push(read(row.number(0).unwrap_or(-1), row, table));
        })
        .await?;
    Ok(kept)
}

fn read(seq: i64, row: &dyn Answer, table: &Table) -> Row {
    let cells = row.cells(1, table.columns);
    let plan = table.columns.iter().zip(&cells).find(|((name, _), _)| *name == "plan_id");
    let plan = plan.map(|((_, kind), cell)| cell.shown(*kind));
    Row { seq, cells, plan }
}

/// Rows that belong to a row that is not there, which keys refuse unless they are switched off.
async fn unpointed(snapshot: &Snapshot, table: &Table, findings: &mut Findings<'_>) -> Result<(), DbErr> {
    if !snapshot.has(table.name) {
        return Ok(());
    }
    let sql = format!("SELECT 0{} FROM {} WHERE {} IS NULL", selected(table.columns), table.from, table.seq);
    snapshot
        .each(&sql, &[], |row| {
            let row = read(-1, row, table);
            let what = format!("there is a row of {} that belongs to nothing ({}).", table.name, table.shown(&row));
            let finding = Finding::new(Code::RowUnlogged, what).of_revision(table.revision(&row));
            findings.tell(&finding.of_plan(row.plan.as_deref()));
        })
        .await
}

/// The rows of a table that change in place.
async fn heads(snapshot: &Snapshot, head: &Head, rows: &mut Rows, findings: &mut Findings<'_>) -> Result<(), DbErr> {
    if snapshot.has(head.name) {
        let sql = format!("SELECT 0{} FROM {} t", selected(head.columns), head.name);
        snapshot
            .each(&sql, &[], |row| {
                rows.heads.compare(head, &row.cells(1, head.columns), findings);
            })
            .await?;
    }
    rows.heads.finish(head, findings);
    Ok(())
}
