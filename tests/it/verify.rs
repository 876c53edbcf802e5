//! The verifier tells a record that was tampered with, by whoever owns the database and even the key, and names the
//! first entry that is wrong; a record that was not, it finds nothing in, from the database or from an export alone.

use std::path::PathBuf;

use holdline_domain::permission::Role;
use serde_json::json;

use crate::{
    sql::raw,
    support::{Committed, Said, Server, Tampered, commit_plan, holdline, open_meeting, propose, said},
};

/// A plan that was renegotiated once, three more teams, and two checkpoints that were kept elsewhere.
struct Scene {
    server: Server,
    plan: Committed,
    elsewhere: tempfile::TempDir,
    /// How many entries yesterday's checkpoint covers, and today's.
    sizes: (u64, u64),
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let plan = commit_plan(&server, "PAY").await;
        let yesterday = server.signed().await;
        std::fs::write(elsewhere.path().join("yesterday"), &yesterday.note).unwrap();
        let changes = json!([{ "amendKeyResult": { "keyResult": plan.key_results[0], "target": "80" } },
                             { "amendObjective": { "objective": plan.objectives[1], "load": "5" } },
                             { "setCapacity": { "capacity": "11" } }]);
        let (renegotiation, digest) = propose(&server, &plan.plan, changes).await;
        let meeting = open_meeting(&server, "PAY", &[&renegotiation]).await;
        let verdict = json!({ "renegotiation": renegotiation, "meeting": meeting, "outcome": "APPROVED",
                              "rationale": "They pay for it.", "digest": digest });
        server.approver().done("renegotiationDecide", verdict, "plan { revision }").await;
        for key in ["OPS", "WEB", "APP"] {
            server.admin().done("teamCreate", json!({ "key": key, "name": key }), "team { id }").await;
        }
        let today = server.signed().await;
        std::fs::write(elsewhere.path().join("today"), &today.note).unwrap();
        let sizes = (yesterday.size, today.size);
        Self { server, plan, elsewhere, sizes }
    }

    fn checkpoint(&self, name: &str) -> String {
        self.elsewhere.path().join(name).to_str().unwrap().to_owned()
    }

    /// What the verifier says of a copy by itself, and beside the checkpoints from outside.
    async fn verify(&self, copy: &Tampered) -> (Said, Said) {
        let (yesterday, today) = (self.checkpoint("yesterday"), self.checkpoint("today"));
        let beside = ["audit", "verify", "--checkpoint", &yesterday, "--checkpoint", &today];
        (said(copy, &["audit", "verify"]).await, said(copy, &beside).await)
    }
}

#[tokio::test]
async fn nothing_is_found_in_a_record_that_nobody_tampered_with() {
    let scene = Scene::set().await;
    let (yesterday, today) = (scene.checkpoint("yesterday"), scene.checkpoint("today"));

    let beside = ["audit", "verify", "--checkpoint", &today, "--checkpoint", &yesterday];
    let database = holdline(&scene.server.database, &beside).await;
    let exported = holdline(&scene.server.database, &["audit", "export"]).await;
    let file: PathBuf = scene.elsewhere.path().join("log.jsonl");
    std::fs::write(&file, &exported.out).unwrap();
    let alone = ["audit", "verify", "--export", file.to_str().unwrap(), "--checkpoint", &yesterday];
    let nowhere = holdline::store::DatabaseUrl::in_folder(scene.elsewhere.path());
    let export = holdline(&nowhere, &alone).await;

    let told = format!("{} entries, tree head ", scene.sizes.1);
    for ran in [&database, &export] {
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
        assert!(ran.out.starts_with(&told), "{}", ran.out);
        assert!(ran.out.ends_with(", 1 plan, 2 revisions of which 0 imported: no finding.\n"), "{}", ran.out);
    }
    assert_eq!(database.out, export.out);
}

#[tokio::test]
async fn an_edited_row_of_the_log_is_named() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;
    let (decided, team) = (copy.entry("RENEGOTIATION_DECIDED").await, scene.sizes.1 - 1);

    copy.run(&format!("UPDATE audit_entry SET reason = 'Quiet' WHERE seq = {decided}")).await;
    copy.edit_body(team.cast_signed(), "APP", "APX").await;

    let (alone, beside) = scene.verify(&copy).await;
    for said in [alone, beside] {
        said.expect(&format!(
            "column-differs: entry {decided}, plan {}: audit_entry.reason is \"Quiet\"",
            scene.plan.plan
        ));
        said.expect(&format!("leaf-altered: entry {team}: "));
        said.expect(&format!("row-differs: entry {team}: team.key is \"APP\""));
    }
}

#[tokio::test]
async fn an_edited_body_with_its_leaf_hashed_anew_is_named() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;
    let decided = copy.entry("RENEGOTIATION_DECIDED").await;

    copy.edit_body(decided, "They pay for it.", "Nobody asked us.").await;
    copy.hash_leaves().await;

    let (alone, beside) = scene.verify(&copy).await;
    let pair = decided / 2 * 2;
    for said in [alone, beside] {
        assert!(!said.holds("leaf-altered"));
        said.expect(&format!(
            "row-differs: entry {decided}, plan {}: decision.rationale is \"They pay",
            scene.plan.plan
        ));
        said.expect(&format!("node-differs: entries {pair} to {}: ", pair + 1));
        // One entry or several, as the checkpoints around it happened to be signed.
        said.expect("checkpoint-inconsistent: entr");
    }
}

/// Rewrites a decision everywhere but in what is signed.
async fn rewrite(copy: &Tampered) -> i64 {
    let decided = copy.entry("RENEGOTIATION_DECIDED").await;
    copy.edit_body(decided, "They pay for it.", "Nobody asked us.").await;
    assert_eq!(copy.run("UPDATE decision SET rationale = 'Nobody asked us.'").await, 1);
    copy.hash_leaves().await;
    copy.hash_tree().await;
    decided
}

#[tokio::test]
async fn a_tree_that_was_hashed_anew_without_the_key_is_told_between_two_checkpoints() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;

    let decided = rewrite(&copy).await;

    let before = copy.numbers(&format!("SELECT MAX(size) FROM checkpoint WHERE size <= {decided}")).await[0];
    let after = copy.numbers(&format!("SELECT MIN(size) FROM checkpoint WHERE size > {decided}")).await[0];
    let (alone, beside) = scene.verify(&copy).await;
    let range = |first: i64, last: i64| match last - first {
        0 => format!("checkpoint-inconsistent: entry {first}: "),
        _ => format!("checkpoint-inconsistent: entries {first} to {last}: "),
    };
    alone.expect(&range(before, after - 1));
    beside.expect(&range(before, after - 1));
    beside.expect(&range(scene.sizes.0.cast_signed(), scene.sizes.1.cast_signed() - 1));
    assert_eq!((alone.lines.len(), beside.lines.len()), (1, 2), "{:#?}", beside.lines);
}

#[tokio::test]
async fn a_log_whose_last_three_entries_were_dropped_is_told_to_be_cut_there() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;
    let left = scene.sizes.1 - 3;

    copy.run(&format!("DELETE FROM audit_entry WHERE seq >= {left}")).await;

    let (alone, beside) = scene.verify(&copy).await;
    for said in [alone, beside] {
        said.expect(&format!("log-cut: entries {left} to {}: ", left + 2));
    }
}

#[tokio::test]
async fn a_log_that_was_cut_down_to_yesterdays_checkpoint_is_told_by_todays() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;
    let left = scene.sizes.1 - 3;

    copy.run(&format!("DELETE FROM audit_entry WHERE seq >= {left}")).await;
    copy.run(&format!("DELETE FROM team WHERE audit_seq >= {left}")).await;
    copy.run(&format!("DELETE FROM checkpoint WHERE size > {left}")).await;
    copy.hash_tree().await;

    let (alone, beside) = scene.verify(&copy).await;
    assert_eq!((alone.code, alone.lines), (0, Vec::new()), "what no checkpoint covers, nothing tells");
    beside.expect(&format!("log-cut: entries {left} to {}: ", left + 2));
    assert_eq!(beside.lines.len(), 1, "{:#?}", beside.lines);
}

#[tokio::test]
async fn a_log_that_was_rewritten_and_signed_with_its_own_key_is_told_by_a_checkpoint_from_outside() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;

    rewrite(&copy).await;
    copy.sign().await;

    let (alone, beside) = scene.verify(&copy).await;
    let (yesterday, today) = scene.sizes;
    assert_eq!((alone.code, alone.lines), (0, Vec::new()), "whoever holds the key can sign another history");
    beside.expect(&format!("checkpoint-inconsistent: entries {yesterday} to {}: ", today - 1));
    beside.expect("checkpoint-forked: ");
}

#[tokio::test]
async fn a_revisions_row_that_is_not_what_its_leaf_says_is_named() {
    let scene = Scene::set().await;
    let copy = Tampered::copy(&scene.server).await;
    let (committed, decided) = (copy.entry("PLAN_COMMITTED").await, copy.entry("RENEGOTIATION_DECIDED").await);
    let (plan, kr, objective) =
        (raw(&scene.plan.plan), raw(&scene.plan.key_results[0]), raw(&scene.plan.objectives[1]));

    for sql in [
        format!("UPDATE plan_revision SET capacity = '99' WHERE plan_id = {plan} AND number = 2"),
        format!("UPDATE objective_version SET title = 'Quiet' WHERE objective_id = {objective} AND number = 1"),
        format!("UPDATE key_result_version SET target = '60' WHERE key_result_id = {kr} AND number = 2"),
        format!("DELETE FROM objective_version WHERE objective_id = {objective} AND number = 2"),
    ] {
        assert_eq!(copy.run(&sql).await, 1, "{sql}");
    }

    let (alone, beside) = scene.verify(&copy).await;
    let at = |entry: i64, revision: u32| format!("entry {entry}, plan {}, revision {revision}: ", scene.plan.plan);
    for said in [alone, beside] {
        said.expect(&format!("row-differs: {}plan_revision.capacity is \"99\"", at(decided, 2)));
        said.expect(&format!("row-differs: {}objective_version.title is \"Quiet\"", at(committed, 1)));
        said.expect(&format!("row-differs: {}key_result_version.target is \"60\"", at(decided, 2)));
        said.expect(&format!("row-missing: {}the entry became a row of objective_version", at(decided, 2)));
        assert_eq!(said.lines.len(), 4, "{:#?}", said.lines);
    }
}

#[tokio::test]
async fn an_export_that_was_edited_is_told_without_the_database() {
    let scene = Scene::set().await;
    let exported = holdline(&scene.server.database, &["audit", "export"]).await;
    let file = scene.elsewhere.path().join("log.jsonl");
    let nowhere = holdline::store::DatabaseUrl::in_folder(scene.elsewhere.path());
    let verify = ["audit", "verify", "--export", file.to_str().unwrap()];

    let edited = exported.out.replacen("They pay for it.", "Nobody asked.", 1);
    let garbled = edited.replacen("{\"body\"", "{\"bod", 1);
    std::fs::write(&file, garbled).unwrap();
    let ran = holdline(&nowhere, &verify).await;

    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    for begin in
        ["export-malformed: Line 2 is no line of an export", "sequence-broken: entry 0: ", "leaf-altered: entry "]
    {
        assert!(ran.out.lines().any(|line| line.starts_with(begin)), "{begin}: {}", ran.out);
    }
    let missing = holdline(&nowhere, &["audit", "verify"]).await;
    assert_eq!((missing.code, missing.out.as_str()), (2, ""));
    assert!(missing.err.contains("There is no database at"), "{}", missing.err);
}

#[tokio::test]
async fn who_was_erased_leaves_a_sound_record_and_does_not_come_back_unseen() {
    let server = Server::start().await;
    let somebody = server.caller("somebody", Role::Viewer, "*").query("{ viewer { person { id } } }").await;
    let person = somebody["viewer"]["person"]["id"].as_str().unwrap();
    let input = json!({ "person": person, "reason": "They asked for it." });
    server.admin().done("personErase", input, "person { id }").await;
    server.signed().await;
    let copy = Tampered::copy(&server).await;

    let erased = said(&copy, &["audit", "verify"]).await;
    copy.run(&format!("UPDATE person SET name = 'Back' WHERE id = {}", raw(person))).await;
    let back = said(&copy, &["audit", "verify"]).await;

    assert_eq!((erased.code, erased.lines), (0, Vec::new()));
    let entry = copy.entry("PERSON_ERASED").await;
    back.expect(&format!("row-differs: entry {entry}: person.name is \"Back\" in the database, and the entry says"));
}
