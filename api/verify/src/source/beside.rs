//! What stands beside the entries and their rows: the ids that callers chose, the tree's nodes, the stored checkpoints.
//! Reads each once, in its order; what they should be is the checker's and the judge's to say.

use std::borrow::Cow;

use sea_orm::DbErr;

use super::snapshot::{Answer, Snapshot};
use crate::{
    checker::Checker,
    finding::{Code, Finding, Findings},
    judge::Judge,
    nodes::Nodes,
    note::Checkpoint,
    people::{Identity, People},
    rows::{Cell, Kind},
};

/// What is kept of a caller's own ids points at the entry of what it made.
pub(super) async fn requests(snapshot: &Snapshot, findings: &mut Findings<'_>) -> Result<(), DbErr> {
    if !snapshot.has("client_request") {
        return Ok(());
    }
    let sql = "SELECT c.audit_seq, c.id FROM client_request c LEFT JOIN audit_entry e ON e.seq = c.audit_seq
               WHERE e.subject_id IS NULL OR e.subject_id <> c.id ORDER BY c.audit_seq";
    snapshot
        .each(sql, &[], |row| {
            let what = format!(
                "A row of client_request ({}) is of no such entry.",
                row.cell(1, Kind::Id("")).shown(Kind::Text)
            );
            let finding = Finding::new(Code::RowUnlogged, what);
            findings.tell(&match row.cell(0, Kind::Long) {
                Cell::Int(seq) => u64::try_from(seq).map_or(finding.clone(), |seq| finding.within(seq, seq)),
                _ => finding,
            });
        })
        .await
}

/// Every row of somebody who acted opens the log's commitment to them.
pub(super) async fn people(snapshot: &Snapshot, mut people: People, findings: &mut Findings<'_>) -> Result<(), DbErr> {
    if snapshot.people {
        snapshot
            .each("SELECT id, issuer, subject, name, salt FROM person", &[], |row| {
                let person = row.cell(0, Kind::Id("person")).shown(Kind::Id("person"));
                people.compare(&person, || identity(row), findings);
            })
            .await?;
    }
    people.finish(findings);
    Ok(())
}

/// What of it cannot be read opens nothing.
fn identity(row: &dyn Answer) -> Identity {
    let text = |place| row.text(place).map(Cow::into_owned);
    Identity {
        issuer: text(1),
        subject: text(2),
        name: text(3).unwrap_or_default(),
        salt: row.bytes(4).map(Cow::into_owned),
    }
}

pub(super) async fn nodes(snapshot: &Snapshot, checker: &Checker, findings: &mut Findings<'_>) -> Result<(), DbErr> {
    if !snapshot.has("merkle_node") {
        if checker.names_a_key() {
            findings.tell(&Finding::new(Code::NodeDiffers, "There is no table merkle_node."));
        }
        return Ok(());
    }
    let mut nodes = Nodes::new(&checker.log.tree);
    snapshot
        .each("SELECT level, place, hash FROM merkle_node ORDER BY level, place", &[], |row| {
            nodes.compare(row.number(0).unwrap_or(-1), row.number(1).unwrap_or(-1), row.hash(2), findings);
        })
        .await?;
    nodes.finish(findings);
    Ok(())
}

pub(super) async fn checkpoints(
    snapshot: &Snapshot,
    judge: &mut Judge<'_>,
    findings: &mut Findings<'_>,
) -> Result<(), DbErr> {
    if !snapshot.has("checkpoint") {
        return Ok(());
    }
    snapshot
        .each("SELECT size, root, note FROM checkpoint ORDER BY size", &[], |row| {
            let size = row.number(0).unwrap_or(-1);
            let note = row.text(2).unwrap_or_default();
            let mut malformed = |what: &str| {
                let what = format!("The stored checkpoint of size {size} {what}.");
                findings.tell(&Finding::new(Code::CheckpointMalformed, what));
            };
            match Checkpoint::parse(&note) {
                Err(why) => malformed(why),
                Ok(checkpoint) => {
                    if u64::try_from(size) != Ok(checkpoint.size) || row.hash(1) != Some(checkpoint.root) {
                        malformed("has another size or root in its note");
                    }
                    judge.stored("the stored checkpoint", &checkpoint, findings);
                }
            }
        })
        .await
}
