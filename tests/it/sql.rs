//! Direct SQL as the service's own role: whatever walks past the API meets the database's second line.

use holdline_domain::ids;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;

use crate::support::{Committed, Server, commit_plan, on_postgres, open_meeting, propose};

/// An id as the database writes it.
fn raw(id: &str) -> String {
    let (_, uuid) = ids::split(id).unwrap();
    if on_postgres() { format!("'{uuid}'::uuid") } else { format!("x'{}'", uuid.simple()) }
}

/// A plan that was renegotiated once, with a second proposal that was rejected and a third that waits.
struct Scene {
    server: Server,
    sql: DatabaseConnection,
    ours: Committed,
    approved: String,
    rejected: String,
    waiting: String,
    meeting: String,
    waits: String,
    went: String,
    prepared: String,
    foreign: String,
    item: String,
    spare: i64,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let ours = commit_plan(&server, "PAY").await;
        let theirs = commit_plan(&server, "OPS").await;
        let drop = |committed: &Committed, place: usize| json!([{ "dropKeyResult": { "keyResult": committed.key_results[place], "why": "It waits." } }]);
        let (approved, seen) = propose(&server, &ours.plan, drop(&ours, 0)).await;
        let (foreign, seen_foreign) = propose(&server, &theirs.plan, drop(&theirs, 0)).await;
        let meeting = open_meeting(&server, "PAY", &[&approved]).await;
        let elsewhere = open_meeting(&server, "OPS", &[&foreign]).await;
        let decider = server.approver();
        let decide = |id: &str, meeting: &str, outcome: &str, digest: &str| json!({ "renegotiation": id, "meeting": meeting, "outcome": outcome, "rationale": "So.", "digest": digest });
        decider.done("renegotiationDecide", decide(&approved, &meeting, "APPROVED", &seen), "plan { id }").await;
        decider
            .done("renegotiationDecide", decide(&foreign, &elsewhere, "APPROVED", &seen_foreign), "plan { id }")
            .await;
        let (rejected, seen) = propose(&server, &ours.plan, drop(&ours, 2)).await;
        let meeting = open_meeting(&server, "PAY", &[&rejected]).await;
        decider.done("renegotiationDecide", decide(&rejected, &meeting, "REJECTED", &seen), "plan { id }").await;
        let (waiting, _) = propose(&server, &ours.plan, drop(&ours, 3)).await;
        let meeting = open_meeting(&server, "PAY", &[&waiting]).await;
        let said = json!({ "team": "PAY", "title": "Reports", "horizon": "NOW", "keyResults": [ours.key_results[1]] });
        let added = server.planner().done("roadmapItemAdd", said, "roadmapItem { id }").await;
        let item = added["roadmapItem"]["id"].as_str().unwrap().to_owned();
        server
            .planner()
            .done("roadmapItemMove", json!({ "roadmapItem": item, "horizon": "NEXT" }), "roadmapItem { id }")
            .await;
        let [waits, went] = ["Just one more thing.", "Thanks."]
            .map(|text| json!({ "meeting": meeting, "by": { "name": "sales" }, "text": text }));
        let recorded = async |input| {
            let recorded = server.planner().done("meetingInputRecord", input, "meetingInput { id }").await;
            recorded["meetingInput"]["id"].as_str().unwrap().to_owned()
        };
        let (waits, went) = (recorded(waits).await, recorded(went).await);
        let noted = json!({ "meetingInput": went, "noted": true });
        server.planner().done("meetingInputDispose", noted, "meetingInput { id }").await;
        let input = json!({ "team": "PAY", "kind": "PLANNING", "title": "Next" });
        let prepared = server.planner().done("meetingPrepare", input, "meeting { id }").await;
        let prepared = prepared["meeting"]["id"].as_str().unwrap().to_owned();
        let web = json!({ "id": "team_01h455vb4pex5vsknk084sn02q", "key": "WEB", "name": "Web" });
        server.admin().done("teamCreate", web, "team { id }").await;
        // The entry of a renamed team points at no append-only row, so its position is free to be claimed.
        server.admin().done("teamUpdate", json!({ "team": "PAY", "name": "Payments" }), "team { id }").await;
        let last = server.auditor().query("{ auditLog(first: 1) { nodes { seq } } }").await;
        let spare = last["auditLog"]["nodes"][0]["seq"].as_i64().unwrap();
        let sql = server.sql().await;
        Self { server, sql, ours, approved, rejected, waiting, meeting, waits, went, prepared, foreign, item, spare }
    }

    /// The statement that would add a third revision of our plan from a renegotiation.
    fn revision(&self, renegotiation: &str) -> String {
        let (plan, id, outcome) = (raw(&self.ours.plan), raw("rev_01h455vb4pex5vsknk084sn02q"), "'APPROVED'");
        let outcome = if renegotiation == "NULL" { "NULL" } else { outcome };
        format!(
            "INSERT INTO plan_revision (plan_id, number, id, capacity, capacity_unit, digest, renegotiation_id, outcome,
               by_person, imported, at, recorded_at, audit_seq)
             SELECT {plan}, 3, {id}, capacity, capacity_unit, digest, {renegotiation}, {outcome}, by_person, imported,
               at, recorded_at, {} FROM plan_revision WHERE plan_id = {plan} AND number = 2",
            self.spare
        )
    }

    /// The statement that would add a member to a revision.
    fn key_result(&self, number: i32, key_result: &str, target: &str) -> String {
        format!(
            "INSERT INTO key_result_version (key_result_id, number, plan_id, objective_id, position, dropped, title,
               owner_id, unit, baseline, target)
             SELECT {}, {number}, plan_id, objective_id, 9, dropped, title, owner_id, unit, baseline, '{target}'
             FROM key_result_version WHERE key_result_id = {} AND number = 1",
            raw(key_result),
            raw(&self.ours.key_results[1])
        )
    }

    /// The statement that would add a version of our roadmap item.
    fn item_version(&self, version: i32) -> String {
        format!(
            "INSERT INTO roadmap_item_version (item_id, version, audit_seq, title, problem, horizon, status, rank_key,
               effort, reason, content_version, at)
             SELECT item_id, {version}, {}, 'Quiet', problem, horizon, status, rank_key, effort, reason, content_version, at
             FROM roadmap_item_version WHERE item_id = {} AND version = 1",
            self.spare,
            raw(&self.item)
        )
    }

    /// What would rewrite where a roadmap item stood, or what it served.
    fn roadmap_attempts(&self) -> Vec<(&'static str, String)> {
        let (item, kr) = (raw(&self.item), raw(&self.ours.key_results[2]));
        vec![
            (
                "update an item's past",
                format!("UPDATE roadmap_item_version SET horizon = 'LATER' WHERE item_id = {item}"),
            ),
            (
                "delete an item's past",
                format!("DELETE FROM roadmap_item_version WHERE item_id = {item} AND version = 2"),
            ),
            ("a version twice", self.item_version(2)),
            ("a version too far", self.item_version(4)),
            ("delete what it served", format!("DELETE FROM roadmap_item_key_result WHERE item_id = {item}")),
            (
                "serve another after the fact",
                format!(
                    "INSERT INTO roadmap_item_key_result (item_id, version, key_result_id, place) VALUES ({item}, 1, {kr}, 1)"
                ),
            ),
            (
                "serve with a version that states nothing",
                format!(
                    "INSERT INTO roadmap_item_key_result (item_id, version, key_result_id, place) VALUES ({item}, 2, {kr}, 1)"
                ),
            ),
        ]
    }

    fn decision(&self, by: &str) -> String {
        format!(
            "INSERT INTO decision (renegotiation_id, id, plan_id, version, outcome, rationale, by_person, meeting_id, digest, at, audit_seq)
             SELECT v.renegotiation_id, {}, {}, v.version, 'APPROVED', 'so', {by}, {}, v.digest, v.decide_by - 1, {}
             FROM renegotiation_version v WHERE v.renegotiation_id = {} AND v.version = 2",
            raw("decision_01h455vb4pex5vsknk084sn02q"),
            raw(&self.ours.plan),
            raw(&self.meeting),
            self.spare,
            raw(&self.waiting)
        )
    }

    /// The statement that would record what was said again: in a meeting, on a question.
    fn input(&self, meeting: &str, question: &str) -> String {
        format!(
            "INSERT INTO meeting_input (id, meeting_id, by_person, text, question_id, at, audit_seq)
             SELECT {}, {meeting}, by_person, text, {question}, at, {} FROM meeting_input WHERE id = {}",
            raw("input_01h455vb4pex5vsknk084sn02q"),
            self.spare,
            raw(&self.waits)
        )
    }

    /// The statement that would send an input somewhere.
    fn disposition(&self, input: &str, disposition: &str) -> String {
        format!(
            "INSERT INTO meeting_input_disposition (input_id, disposition, at, audit_seq)
             SELECT id, '{disposition}', at, {} FROM meeting_input WHERE id = {}",
            self.spare,
            raw(input)
        )
    }

    fn input_attempts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("other words", "UPDATE meeting_input SET text = 'Nothing.'".into()),
            ("words unsaid", format!("DELETE FROM meeting_input WHERE id = {}", raw(&self.waits))),
            ("words in a meeting that is not open", self.input(&raw(&self.prepared), "NULL")),
            ("words on no question of the meeting", self.input(&raw(&self.meeting), &raw(&self.meeting))),
            ("another disposition", "UPDATE meeting_input_disposition SET disposition = 'NOTED'".into()),
            ("a disposition taken back", "DELETE FROM meeting_input_disposition".into()),
            ("a second disposition", self.disposition(&self.went, "NOTED")),
            ("a way that does not exist", self.disposition(&self.waits, "FORGOTTEN")),
            ("an outcome that is not named", self.disposition(&self.waits, "RENEGOTIATION_DRAFT")),
            ("input on no question to the roadmap", self.disposition(&self.waits, "ROADMAP")),
            (
                "a meeting closed with input that waits",
                format!(
                    "INSERT INTO meeting_event SELECT meeting_id, version + 1, 'CLOSED', kind, format, title, scheduled_for, duration_minutes, information_only, content_version, reason, at, {} FROM meeting_event WHERE meeting_id = {} AND status = 'OPEN'",
                    self.spare,
                    raw(&self.meeting)
                ),
            ),
        ]
    }

    fn attempts(&self) -> Vec<(&'static str, String)> {
        let plan = raw(&self.ours.plan);
        let (kr, objective) = (raw(&self.ours.key_results[1]), raw(&self.ours.objectives[0]));
        let author = "(SELECT person_id FROM renegotiation_author LIMIT 1)";
        vec![
            ("update a revision", format!("UPDATE plan_revision SET capacity = '99' WHERE plan_id = {plan}")),
            ("update a target", format!("UPDATE key_result_version SET target = '1' WHERE key_result_id = {kr}")),
            (
                "update a title",
                format!("UPDATE objective_version SET title = 'Quiet' WHERE objective_id = {objective}"),
            ),
            ("update a check of the log", "UPDATE audit_entry SET reason = 'none' WHERE seq = 1".into()),
            ("update a decision", "UPDATE decision SET outcome = 'APPROVED'".into()),
            ("update who wrote it", "UPDATE renegotiation_author SET person_id = person_id".into()),
            ("update what a request said", "UPDATE client_request SET digest = ''".into()),
            ("forget a request", "DELETE FROM client_request".into()),
            ("delete a revision", format!("DELETE FROM plan_revision WHERE plan_id = {plan} AND number = 2")),
            ("delete a member", format!("DELETE FROM key_result_version WHERE key_result_id = {kr}")),
            ("delete from the log", "DELETE FROM audit_entry WHERE seq = 0".into()),
            ("delete an author", "DELETE FROM renegotiation_author".into()),
            (
                "upsert a member",
                format!(
                    "{} ON CONFLICT (key_result_id, number) DO UPDATE SET target = '1'",
                    self.key_result(1, &self.ours.key_results[1], "1")
                ),
            ),
            ("a revision without a renegotiation", self.revision("NULL")),
            ("a revision from another plan's renegotiation", self.revision(&raw(&self.foreign))),
            ("a revision from an undecided renegotiation", self.revision(&raw(&self.waiting))),
            ("a revision from a rejected renegotiation", self.revision(&raw(&self.rejected))),
            ("a revision from a used renegotiation", self.revision(&raw(&self.approved))),
            ("a change that the renegotiation did not name", self.key_result(2, &self.ours.key_results[1], "1")),
            ("a further member of revision 1", self.key_result(1, &self.ours.key_results[0], "1")),
            (
                "a capacity that nobody renegotiated",
                self.revision(&raw(&self.waiting))
                    .replace("SELECT", "SELECT ")
                    .replace("capacity, capacity_unit, digest,\n", "'99', capacity_unit, digest,\n"),
            ),
            (
                "an edit of a frozen draft",
                format!("UPDATE key_result_draft SET target = '1' WHERE key_result_id = {kr}"),
            ),
            (
                "a further draft row",
                format!("INSERT INTO key_result_draft SELECT * FROM key_result_draft WHERE plan_id = {plan}"),
            ),
            ("a draft row that goes", format!("DELETE FROM objective_draft WHERE objective_id = {objective}")),
            ("a frozen capacity", format!("UPDATE plan_draft SET capacity = '99' WHERE plan_id = {plan}")),
            ("a decision by an author", self.decision(author)),
            ("a decision by nobody", self.decision("NULL")),
            (
                "a further change of a proposal",
                format!(
                    "INSERT INTO renegotiation_change (renegotiation_id, version, place, kind, capacity) VALUES ({}, 2, 1, 'CAPACITY_CHANGED', '99')",
                    raw(&self.waiting)
                ),
            ),
            (
                "a proposal that becomes a draft again",
                format!(
                    "INSERT INTO renegotiation_version SELECT renegotiation_id, 3, 'DRAFT', trigger_text, reason, trade_off, decide_by, base_revision, digest, change_count, proposed_by, proposed_at, {} FROM renegotiation_version WHERE renegotiation_id = {} AND version = 2",
                    self.spare,
                    raw(&self.waiting)
                ),
            ),
            (
                "a new agenda for an open meeting",
                format!(
                    "INSERT INTO meeting_agenda (meeting_id, version, place, renegotiation_id) VALUES ({}, 1, 1, {})",
                    raw(&self.meeting),
                    raw(&self.rejected)
                ),
            ),
            (
                "a request that made something else",
                format!(
                    "INSERT INTO client_request (id, mutation, digest, audit_seq) VALUES ({plan}, 'planDraft', '', {})",
                    self.spare
                ),
            ),
            (
                "a gap in the log",
                format!(
                    "INSERT INTO audit_entry SELECT seq + 7, {}, action, actor_id, team_id, quarter, plan_id, subject_kind, subject_id, reason, renegotiation_id, meeting_id, occurred_at, recorded_at, imported, request_id, body, leaf_hash FROM audit_entry WHERE seq = {}",
                    raw("audit_01h455vb4pex5vsknk084sn02q"),
                    self.spare
                ),
            ),
            (
                "time that goes back",
                format!(
                    "INSERT INTO audit_entry SELECT seq + 1, {}, action, actor_id, team_id, quarter, plan_id, subject_kind, subject_id, reason, renegotiation_id, meeting_id, occurred_at, 1, imported, request_id, body, leaf_hash FROM audit_entry WHERE seq = {}",
                    raw("audit_01h455vb4pex5vsknk084sn02q"),
                    self.spare
                ),
            ),
        ]
    }

    /// What only one of the databases offers.
    fn own_attempts(&self) -> Vec<(&'static str, String)> {
        let (plan, kr) = (raw(&self.ours.plan), raw(&self.ours.key_results[1]));
        if on_postgres() {
            let shadowed = format!(
                "CREATE TEMP TABLE decision AS SELECT * FROM public.decision;
                 UPDATE decision SET outcome = 'APPROVED' WHERE renegotiation_id = {};
                 {}",
                raw(&self.rejected),
                self.revision(&raw(&self.rejected)).replace("INTO plan_revision", "INTO public.plan_revision")
            );
            return vec![
                ("truncate the log", "TRUNCATE audit_entry CASCADE".into()),
                ("truncate members", "TRUNCATE key_result_version".into()),
                (
                    "merge a target",
                    format!(
                        "MERGE INTO key_result_version v USING (SELECT 1) one ON v.key_result_id = {kr} WHEN MATCHED THEN UPDATE SET target = '1'"
                    ),
                ),
                ("a temporary table in front of ours", shadowed),
                ("switch triggers off", "ALTER TABLE key_result_version DISABLE TRIGGER ALL".into()),
                ("switch triggers off for a session", "SET session_replication_role = replica".into()),
                ("drop a trigger", "DROP TRIGGER key_result_version_named ON key_result_version".into()),
            ];
        }
        let off = |sql: String| format!("PRAGMA foreign_keys = OFF; {sql}");
        vec![
            (
                "replace a member",
                format!(
                    "REPLACE INTO key_result_version SELECT key_result_id, number, plan_id, objective_id, position, dropped, title, owner_id, unit, baseline, '1' FROM key_result_version WHERE key_result_id = {kr}"
                ),
            ),
            (
                "replace a revision by its entry",
                format!(
                    "REPLACE INTO plan_revision SELECT plan_id, 3, id, capacity, capacity_unit, digest, renegotiation_id, outcome, by_person, imported, at, recorded_at, audit_seq FROM plan_revision WHERE plan_id = {plan} AND number = 2"
                ),
            ),
            (
                "replace an item's past",
                format!(
                    "REPLACE INTO roadmap_item_version SELECT item_id, version, audit_seq, 'Quiet', problem, horizon, status, rank_key, effort, reason, content_version, at FROM roadmap_item_version WHERE item_id = {}",
                    raw(&self.item)
                ),
            ),
            (
                "replace a disposition",
                format!(
                    "REPLACE INTO meeting_input_disposition SELECT * FROM meeting_input_disposition WHERE input_id = {}",
                    raw(&self.went)
                ),
            ),
            ("replace the log", "REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE seq = 1".into()),
            (
                "replace with triggers not recursing",
                format!(
                    "PRAGMA recursive_triggers = OFF; REPLACE INTO objective_version SELECT objective_id, number, plan_id, position, dropped, 'Quiet', rationale, owner_id, load, contributes_to FROM objective_version WHERE plan_id = {plan}"
                ),
            ),
            ("keys off: no renegotiation", off(self.revision("NULL"))),
            ("keys off: another plan's", off(self.revision(&raw(&self.foreign)))),
            ("keys off: undecided", off(self.revision(&raw(&self.waiting)))),
            ("keys off: rejected", off(self.revision(&raw(&self.rejected)))),
            ("keys off: unnamed change", off(self.key_result(2, &self.ours.key_results[1], "1"))),
            (
                "update from",
                format!(
                    "UPDATE key_result_version SET target = x.t FROM (SELECT '1' AS t) x WHERE key_result_id = {kr}"
                ),
            ),
        ]
    }
}

#[tokio::test]
async fn direct_sql_as_the_services_own_role_is_refused() {
    let scene = Scene::set().await;
    let query = r#"{ plan(team: "PAY") { revision digest revisions { totalCount } } auditLog { totalCount } }"#;
    let before = scene.server.auditor().query(query).await;
    let mut through = Vec::new();
    let attempts = scene.attempts().into_iter().chain(scene.roadmap_attempts()).chain(scene.input_attempts());
    for (name, sql) in attempts.chain(scene.own_attempts()) {
        match scene.sql.execute_unprepared(&sql).await {
            Ok(done) => through.push(format!("{name}: {} rows", done.rows_affected())),
            Err(error) => {
                let said = error.to_string();
                assert!(
                    !said.contains("syntax error")
                        && !said.contains("no such column")
                        && !said.contains("does not exist"),
                    "{name} never ran: {said}"
                );
            }
        }
    }

    assert_eq!(through, Vec::<String>::new());
    assert_eq!(scene.server.auditor().query(query).await, before);
}
