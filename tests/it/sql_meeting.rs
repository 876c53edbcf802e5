//! Direct SQL on what was said in a meeting, as the service's own role: the words stay, and so does where they went.

use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::{
    sql::raw,
    support::{Server, commit_plan, on_postgres},
};

/// An open meeting with an input that waits and one that was noted, and a meeting that is not open.
struct Scene {
    server: Server,
    meeting: String,
    waits: String,
    went: String,
    prepared: String,
    spare: i64,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        commit_plan(&server, "PAY").await;
        let planner = server.planner();
        let prepare = async || {
            let input = json!({ "team": "PAY", "kind": "STATUS", "title": "Wednesday", "boundary": { "informationOnly": true } });
            let prepared = planner.done("meetingPrepare", input, "meeting { id }").await;
            prepared["meeting"]["id"].as_str().unwrap().to_owned()
        };
        let meeting = prepare().await;
        let prepared = prepare().await;
        planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
        let record = async |text: &str| {
            let said = json!({ "meeting": meeting, "by": { "name": "sales" }, "text": text });
            let recorded = planner.done("meetingInputRecord", said, "meetingInput { id }").await;
            recorded["meetingInput"]["id"].as_str().unwrap().to_owned()
        };
        let (waits, went) = (record("Just one more thing.").await, record("Thanks.").await);
        let noted = json!({ "meetingInput": went, "noted": true });
        planner.done("meetingInputDispose", noted, "meetingInput { id }").await;
        // The entry of a renamed team points at no append-only row, so its position is free to be claimed.
        server.admin().done("teamUpdate", json!({ "team": "PAY", "name": "Payments" }), "team { id }").await;
        let last = server.auditor().query("{ auditLog(first: 1) { nodes { seq } } }").await;
        let spare = last["auditLog"]["nodes"][0]["seq"].as_i64().unwrap();
        Self { server, meeting, waits, went, prepared, spare }
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

    fn attempts(&self) -> Vec<(&'static str, String)> {
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

    /// What only the embedded database offers.
    fn own_attempts(&self) -> Vec<(&'static str, String)> {
        if on_postgres() {
            return vec![];
        }
        let replace = "REPLACE INTO meeting_input_disposition SELECT * FROM meeting_input_disposition WHERE input_id =";
        let off = |sql: String| format!("PRAGMA foreign_keys = OFF; {sql}");
        vec![
            ("replace a disposition", format!("{replace} {}", raw(&self.went))),
            ("keys off: words in a meeting that is not open", off(self.input(&raw(&self.prepared), "NULL"))),
            ("keys off: to the roadmap", off(self.disposition(&self.waits, "ROADMAP"))),
        ]
    }
}

#[tokio::test]
async fn direct_sql_changes_neither_what_was_said_nor_where_it_went() {
    let scene = Scene::set().await;
    let sql = scene.server.sql().await;
    let query = "{ meetings { nodes { status inputs { nodes { text disposition } } } } auditLog { totalCount } }";
    let before = scene.server.auditor().query(query).await;
    let mut through = Vec::new();
    for (name, attempt) in scene.attempts().into_iter().chain(scene.own_attempts()) {
        match sql.execute_unprepared(&attempt).await {
            Ok(done) => through.push(format!("{name}: {} rows", done.rows_affected())),
            Err(error) => {
                let said = error.to_string();
                let ran =
                    ["syntax error", "no such column", "does not exist"].iter().all(|never| !said.contains(never));
                assert!(ran, "{name} never ran: {said}");
            }
        }
    }

    assert_eq!(through, Vec::<String>::new());
    assert_eq!(scene.server.auditor().query(query).await, before);
}
