//! An entry of the log with its proof, and what checking it came to: the verifier that shares no code with what writes the
//! log follows the entry's bytes to a signed root, and the page says each step.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use holdline_verify::{Inclusion, Key};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    frame::{Frame, html, see_other},
    moment::Moment,
    problem::Problem,
    view::{Linked, Nodes, Person, QuarterId, Seq, TeamName, Viewer},
    visit::Visit,
};
use crate::http::door::Door;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    viewer: Viewer,
    audit_log: Nodes<Entry>,
    keys: Nodes<KeySet>,
    audit_checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    seq: u64,
    action: String,
    reason: Option<String>,
    occurred_at: Moment,
    recorded_at: Moment,
    imported: bool,
    before: Option<Value>,
    after: Option<Value>,
    actor: Option<Person>,
    team: Option<TeamName>,
    quarter: Option<QuarterId>,
    meeting: Option<Linked>,
    renegotiation: Option<Renegotiation>,
    subject: Option<Subject>,
}

#[derive(Deserialize)]
struct Renegotiation {
    trigger: Option<String>,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(rename = "__typename")]
    kind: String,
    title: Option<String>,
    name: Option<String>,
    trigger: Option<String>,
    text: Option<String>,
}

impl Subject {
    fn called(&self) -> &str {
        let named = self.title.as_deref().or(self.name.as_deref()).or(self.trigger.as_deref());
        named.or(self.text.as_deref()).unwrap_or(&self.kind)
    }
}

/// The entry that names the key that signs.
#[derive(Deserialize)]
struct KeySet {
    seq: u64,
    after: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checkpoint {
    size: u64,
    note: String,
    signed_at: Moment,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proved {
    audit_inclusion_proof: Option<Proof>,
}

#[derive(Deserialize)]
struct Proof {
    body: String,
    hashes: Vec<String>,
}

/// How much of one text a page holds, in characters.
const MOST: usize = 16_000;

/// What checking an entry came to.
struct Checked {
    proof: Proof,
    checkpoint: Checkpoint,
    inclusion: Inclusion,
    /// The key that the log names, and the entry that does.
    key: Option<(Key, u64)>,
}

impl Checked {
    /// Whether everything holds.
    fn holds(&self) -> bool {
        self.inclusion.holds() && self.inclusion.signed
    }
}

#[derive(Template)]
#[template(path = "entry.html")]
struct Page {
    frame: Frame,
    entry: Entry,
    checked: Option<Checked>,
}

impl Entry {
    /// What was decided and why, where that is what happened: the entry's own reason is the proposal's.
    fn decided(&self) -> Option<(&str, &str)> {
        let after = self.after.as_ref().filter(|_| self.action == "RENEGOTIATION_DECIDED")?;
        Some((after.get("outcome")?.as_str()?, after.get("rationale")?.as_str()?))
    }
}

impl Page {
    /// A state as it stands in the log, laid out over lines.
    fn laid_out(state: Option<&Value>) -> String {
        let text = state.and_then(|state| serde_json::to_string_pretty(state).ok());
        Self::cut(&text.unwrap_or_else(|| "nothing".to_owned()))
    }

    /// As much of a text as a page holds.
    fn cut(text: &str) -> String {
        match text.char_indices().nth(MOST) {
            None => text.to_owned(),
            Some((end, _)) => {
                format!("{}…\n\nThe rest is too long for a page: holdline audit export has all of it.", &text[..end])
            }
        }
    }
}

/// An entry's page.
pub(super) async fn show(State(door): State<Arc<Door>>, Path(seq): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &seq, &head).await.unwrap_or_else(Problem::page)
}

/// Leads to the newest entry.
pub(super) async fn newest(State(door): State<Arc<Door>>, request: Request) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Newest {
        audit_log: Nodes<Seq>,
    }
    const DOCUMENT: &str = "{ auditLog(first: 1, orderBy: SEQ_DESC) { nodes { seq } } }";
    let (head, _) = request.into_parts();
    let found = async {
        let newest: Newest = Visit::of_session(&door, &head).await?.ask(DOCUMENT, json!({})).await?;
        let seq = newest.audit_log.nodes.first().map(|entry| entry.seq);
        seq.map(|seq| see_other(&format!("/audit/{seq}"))).ok_or_else(|| Problem::not_found("entry"))
    };
    found.await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, seq: &str, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    let seq = seq.parse::<i32>().ok().filter(|seq| *seq >= 0);
    let Some(seq) = seq else { return Err(Problem::asked_wrongly("An entry is named by its position: 0, 1, 2 …")) };
    let answer: Answer = visit.ask(include_str!("entry.graphql"), json!({ "seq": seq })).await?;
    let Some(entry) = answer.audit_log.nodes.into_iter().next() else { return Err(Problem::not_found("entry")) };
    let covering = answer.audit_checkpoint.filter(|checkpoint| checkpoint.size > entry.seq);
    let key = answer.keys.nodes.into_iter().next().and_then(|set| {
        let key = Key::parse(set.after.get("checkpointKey")?.as_str()?).ok()?;
        Some((key, set.seq))
    });
    let checked = match covering {
        Some(checkpoint) => check(&visit, entry.seq, checkpoint, key).await?,
        None => None,
    };
    let frame = Frame::of(visit.zone(), answer.viewer);
    Ok(html(StatusCode::OK, &Page { frame, entry, checked }))
}

async fn check(
    visit: &Visit,
    seq: u64,
    checkpoint: Checkpoint,
    key: Option<(Key, u64)>,
) -> Result<Option<Checked>, Problem> {
    let asked = json!({ "seq": seq, "treeSize": checkpoint.size });
    let proved: Proved = visit.ask(include_str!("proof.graphql"), asked).await?;
    let Some(proof) = proved.audit_inclusion_proof else { return Ok(None) };
    let known = key.as_ref().map(|(key, _)| key);
    let inclusion = Inclusion::follow(&proof.body, seq, &proof.hashes, &checkpoint.note, known);
    Ok(Some(Checked { proof, checkpoint, inclusion, key }))
}
