//! The story of a quarter: what was promised and what held, each change of it with its reason, what crowded in, and how
//! often the line was held. Made for the review after the quarter, on screen and on paper.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use holdline_domain::permission::Scope;
use serde::Deserialize;
use serde_json::json;

use super::{
    change::{Change, LINE},
    frame::{Frame, html},
    moment::Moment,
    problem::Problem,
    story_members::{Objective, Revision, checked, ids, members},
    timeline::{Canvas, Timeline},
    view::{Decision, Linked, Measure, Money, Nodes, Person, Seq, Share, Viewer, standing},
    visit::Visit,
};
use crate::http::door::Door;

const DOCUMENT: &str = include_str!("story.graphql");

#[derive(Deserialize)]
struct Answer {
    viewer: Viewer,
    team: Option<Team>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    code: String,
    statement: String,
}

#[derive(Deserialize)]
struct Team {
    key: String,
    name: String,
    plan: Option<Plan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    status: String,
    revision: u32,
    capacity: Option<String>,
    capacity_unit: Option<String>,
    imported: bool,
    committed_at: Option<Moment>,
    committed_by: Option<Person>,
    quarter: Quarter,
    objectives: Vec<Standing>,
    revisions: Nodes<Revision>,
    drift: Option<Drift>,
    renegotiations: Nodes<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quarter {
    id: String,
    starts_at: Moment,
    ends_at: Moment,
    phase: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    title: String,
    progress: Option<Share>,
    key_results: Vec<KeyResult>,
}

#[derive(Deserialize)]
struct KeyResult {
    title: String,
    progress: Option<Share>,
    current: Option<String>,
    measure: Measure,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Drift {
    amended: Vec<Kind>,
    key_results_added: u32,
    key_results_dropped: u32,
    key_results_amended: u32,
    load_before: Option<String>,
    load_after: Option<String>,
    refusals: u32,
    refusals_by_rule: Vec<Held>,
    crowding: Crowding,
    original: Original,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "__typename")]
    name: String,
}

#[derive(Deserialize)]
struct Held {
    code: String,
    refusals: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Crowding {
    items_entered_now: u32,
    effort_entered_now: String,
}

#[derive(Deserialize)]
struct Original {
    plan: Promised,
}

#[derive(Deserialize)]
struct Promised {
    objectives: Vec<Objective>,
}

/// A renegotiation, told.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    status: String,
    trigger: Option<String>,
    reason: Option<String>,
    trade_off: Option<String>,
    proposed_at: Option<Moment>,
    decide_by: Option<Moment>,
    proposed_by: Option<Person>,
    meeting: Option<Linked>,
    resulting_revision: Option<Numbered>,
    decision: Option<Decision>,
    evidence: Vec<Idea>,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Numbered {
    number: u32,
    audit_entry: Option<Seq>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Idea {
    title: String,
    customer_requests: Nodes<Asking>,
}

#[derive(Deserialize)]
struct Asking {
    account: Option<String>,
    note: Option<String>,
    deal: Option<Deal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deal {
    system: String,
    external_id: String,
    account: Option<String>,
    status: String,
    url: Option<String>,
    amount: Option<Money>,
}

impl Deal {
    /// Its address in the CRM, where a browser may follow it.
    fn link(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }
}

impl Drift {
    /// How many objectives stayed and read or weigh otherwise.
    fn objectives_amended(&self) -> usize {
        self.amended.iter().filter(|kind| kind.name == "ObjectiveAmended").count()
    }
}

impl Standing {
    /// How far it is, and how many of its key results count as nothing for want of a check-in.
    fn standing(&self) -> (Option<Share>, usize) {
        standing(self.progress, self.key_results.iter().map(|key_result| key_result.progress))
    }
}

impl Told {
    fn is_approved(&self) -> bool {
        self.status == "APPROVED"
    }
}

#[derive(Template)]
#[template(path = "story.html")]
struct Page {
    frame: Frame,
    team: Team,
    plan: Plan,
    drift: Drift,
    timeline: Timeline,
    /// How many key results are not in it.
    undrawn: usize,
    /// When it was told.
    now: Moment,
    rules: HashMap<String, String>,
}

impl Page {
    fn statement(&self, code: &str) -> &str {
        self.rules.get(code).map_or("", String::as_str)
    }
}

/// The story of a team's quarter.
pub(super) async fn show(
    State(door): State<Arc<Door>>,
    Path((key, quarter)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &key, &quarter, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, key: &str, quarter: &str, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    let asked = json!({ "team": key, "quarter": quarter, "audit": visit.may(Scope::AuditRead) });
    let answer: Answer = visit.ask(&[DOCUMENT, LINE].concat(), asked).await?;
    let Some(mut team) = answer.team else { return Err(Problem::not_found("team")) };
    let Some(mut plan) = team.plan.take() else { return Err(Problem::not_found("plan")) };
    let Some(drift) = plan.drift.take() else { return Err(untold(&team.name, quarter)) };
    let (mut members, undrawn) = members(&drift.original.plan.objectives, &plan.revisions.nodes);
    let checks = visit.ask(include_str!("check-ins.graphql"), ids(&members)).await?;
    checked(&mut members, checks);
    // The newest is first in the API; a story begins at its beginning.
    plan.renegotiations.nodes.reverse();
    let (zone, now) = (visit.zone(), Moment(visit.now()));
    let later: Vec<_> =
        plan.revisions.nodes.iter().filter(|one| one.number > 1).map(|one| (one.at, one.number)).collect();
    let canvas = Canvas::new(plan.quarter.starts_at, plan.quarter.ends_at, visit.calendar());
    let timeline = canvas.draw(members.into_iter().map(|(_, member)| member.member).collect(), &later, now);
    let rules = answer.rules.into_iter().map(|rule| (rule.code, rule.statement)).collect();
    let frame = Frame::of(zone, answer.viewer);
    Ok(html(StatusCode::OK, &Page { frame, team, plan, drift, timeline, undrawn, now, rules }))
}

fn untold(team: &str, quarter: &str) -> Problem {
    let message = format!("{team} has committed to nothing for {quarter} yet, so there is no story to tell.");
    Problem::told(StatusCode::NOT_FOUND, "No story yet", message, "A planner commits the draft: planCommit.")
}
