//! What is done on a meeting's page: each form is one mutation, and a refusal comes back on the page it was sent from, with
//! its rule, its remedy and what had been filled in.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    form::Form,
    frame::see_other,
    meeting,
    problem::Problem,
    session,
    view::{UserError, Viewer},
    visit::Visit,
};
use crate::http::{door::Door, request::discard};

/// What a payload says, whichever mutation it is of.
#[derive(Deserialize)]
struct Answer {
    done: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    user_errors: Vec<UserError>,
}

/// A mutation, the type of its input, and where on the page its form or its outcome is.
struct Act {
    mutation: &'static str,
    input: &'static str,
    place: &'static str,
}

const RECORD: Act = Act { mutation: "meetingInputRecord", input: "MeetingInputRecordInput", place: "record" };
const DISPOSE: Act = Act { mutation: "meetingInputDispose", input: "MeetingInputDisposeInput", place: "said" };
const OPEN: Act = Act { mutation: "meetingOpen", input: "MeetingOpenInput", place: "content" };
const CLOSE: Act = Act { mutation: "meetingClose", input: "MeetingCloseInput", place: "content" };
const DECIDE: Act = Act { mutation: "renegotiationDecide", input: "RenegotiationDecideInput", place: "agenda" };
const ACKNOWLEDGE: Act = Act { mutation: "meetingAcknowledge", input: "MeetingAcknowledgeInput", place: "attendees" };

impl Act {
    fn document(&self) -> String {
        let Self { mutation, input, .. } = self;
        format!(
            "mutation Act($input: {input}!) {{ done: {mutation}(input: $input) {{ userErrors {{ code message remedy }} }} }}"
        )
    }
}

/// Leads from a form's address, which a reader may end up on, to the meeting.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Response {
    see_other(&format!("/meetings/{id}"))
}

/// Does what a form asks for.
pub(super) async fn take(
    State(door): State<Arc<Door>>,
    Path((id, act)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    done(&door, &id, &act, &head, body).await.unwrap_or_else(Problem::page)
}

async fn done(door: &Arc<Door>, id: &str, act: &str, head: &Parts, body: Body) -> Result<Response, Problem> {
    let visit = match session::check_origin(&head.headers, door.settings.public_url.as_deref()) {
        Ok(()) => Visit::of_session(door, head).await.map_err(|problem| problem.leading_to(&format!("/meetings/{id}"))),
        Err(problem) => Err(problem),
    };
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => {
            discard(body, door.settings.body_time).await;
            return Err(problem);
        }
    };
    let form = visit.form(&head.headers, body).await?;
    let (act, input) = match act {
        "record" => (&RECORD, record(id, &form)),
        "dispose" => (&DISPOSE, dispose(&visit, &form).await?),
        "open" => (&OPEN, json!({ "meeting": id })),
        "close" => (&CLOSE, json!({ "meeting": id })),
        "decide" => (&DECIDE, decide(id, &form)?),
        "acknowledge" => (&ACKNOWLEDGE, acknowledge(&visit, id, &form).await?),
        _ => return Err(Problem::nothing_here()),
    };
    let document = act.document();
    let Answer { done } = visit.ask(&document, json!({ "input": input })).await?;
    if done.user_errors.is_empty() {
        return Ok(see_other(&format!("/meetings/{id}#{}", act.place)));
    }
    meeting::answer(&visit, (id, None), StatusCode::UNPROCESSABLE_ENTITY, &done.user_errors, &form).await
}

fn record(meeting: &str, form: &Form) -> Value {
    let by = match (form.get("name"), form.get("by")) {
        (None, Some(id)) => json!({ "id": id }),
        (name, _) => json!({ "name": name.unwrap_or_default() }),
    };
    let text = form.get("text").unwrap_or_default();
    json!({ "meeting": meeting, "id": form.get("id"), "by": by, "text": text, "question": form.get("question") })
}

async fn dispose(visit: &Visit, form: &Form) -> Result<Value, Problem> {
    let input = form.get("input").unwrap_or_default();
    let title = match form.get("title") {
        Some(title) => title.to_owned(),
        None => as_it_was_said(visit, input).await?,
    };
    let way = match form.get("way").unwrap_or_default() {
        "NOTED" => ("noted", json!(true)),
        "BACKLOG" => ("backlog", json!({ "title": title })),
        "RENEGOTIATION_DRAFT" => {
            ("renegotiationDraft", json!({ "plan": form.get("plan").unwrap_or_default(), "trigger": title }))
        }
        "ROADMAP" => {
            let key_results: Vec<_> = form.get("keyResult").into_iter().collect();
            let add = json!({ "title": title, "horizon": horizon(form)?, "keyResults": key_results });
            ("roadmap", json!({ "add": add }))
        }
        _ => return Err(Problem::asked_wrongly("The form does not say where the input goes.")),
    };
    Ok(json!({ "meetingInput": input, way.0: way.1 }))
}

/// The beginning of what was said, for a title.
async fn as_it_was_said(visit: &Visit, input: &str) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Asked {
        node: Option<Said>,
    }
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        text: String,
    }
    const DOCUMENT: &str = "query Said($input: ID!) { node(id: $input) { ... on MeetingInput { text } } }";
    let asked: Asked = visit.ask(DOCUMENT, json!({ "input": input })).await?;
    Ok(asked.node.map(|said| meeting::title_of(&said.text)).unwrap_or_default())
}

fn horizon(form: &Form) -> Result<&str, Problem> {
    let known = form.get("horizon").filter(|horizon| ["NOW", "NEXT", "LATER"].contains(horizon));
    known.ok_or_else(|| Problem::asked_wrongly("The roadmap has NOW, NEXT and LATER."))
}

fn decide(meeting: &str, form: &Form) -> Result<Value, Problem> {
    let said = |name: &str| form.get(name).unwrap_or_default();
    let outcome = form.get("outcome").filter(|outcome| ["APPROVED", "REJECTED"].contains(outcome));
    let outcome = outcome.ok_or_else(|| Problem::asked_wrongly("The form says neither yes nor no."))?;
    Ok(
        json!({ "meeting": meeting, "renegotiation": said("renegotiation"), "digest": said("digest"), "outcome": outcome,
               "rationale": form.get("rationale") }),
    )
}

/// People understand for themselves: it is whoever is signed in.
async fn acknowledge(visit: &Visit, meeting: &str, form: &Form) -> Result<Value, Problem> {
    #[derive(Deserialize)]
    struct Me {
        viewer: Viewer,
    }
    let revision = form.get("revision").and_then(|revision| revision.parse::<i32>().ok());
    let revision = revision.ok_or_else(|| Problem::asked_wrongly("The form does not say which revision it is of."))?;
    let me: Me = visit.ask("{ viewer { person { id name } scopes } }", json!({})).await?;
    Ok(json!({ "meeting": meeting, "person": { "id": me.viewer.person.id }, "planRevision": revision,
               "dissent": form.get("dissent") }))
}
