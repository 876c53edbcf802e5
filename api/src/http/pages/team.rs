//! A team's page: what it promised for the quarter and how that goes, what is proposed, who has understood it, and the
//! roadmap beside it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    as_of,
    change::{Change, LINE},
    form::Form,
    frame::{Frame, html},
    moment::Moment,
    problem::Problem,
    view::{Linked, Measure, Nodes, Person, QuarterId, Share, TeamName, Viewer, mean},
    visit::Visit,
};
use crate::http::door::Door;

/// What the page asks for.
pub(super) const DOCUMENT: &str = include_str!("team.graphql");

#[derive(Deserialize)]
pub(super) struct Answer {
    viewer: Option<Viewer>,
    team: Option<Team>,
    open: Option<Nodes<Meeting>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Team {
    key: String,
    name: String,
    archived_at: Option<Moment>,
    plan: Option<Plan>,
    roadmap: Roadmap,
    plans: Option<Nodes<Quarterly>>,
    meetings: Option<Nodes<Meeting>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    status: String,
    revision: u32,
    capacity: Option<String>,
    capacity_unit: Option<String>,
    load: Option<String>,
    under_renegotiation: bool,
    imported: bool,
    committed_at: Option<Moment>,
    committed_by: Option<Person>,
    quarter: Quarter,
    objectives: Vec<Objective>,
    uncovered: Vec<Named>,
    alignment: Option<Alignment>,
    renegotiations: Option<Nodes<Proposal>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quarter {
    id: String,
    ends_at: Moment,
    phase: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objective {
    title: String,
    rationale: String,
    load: Option<String>,
    progress: Option<Share>,
    owner: Person,
    contributes_to: Option<Lineage>,
    key_results: Vec<KeyResult>,
}

#[derive(Deserialize)]
struct Lineage {
    title: String,
    plan: OfPlan,
}

#[derive(Deserialize)]
struct OfPlan {
    revision: u32,
    quarter: QuarterId,
    team: TeamName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyResult {
    id: String,
    title: String,
    current: Option<String>,
    projected: Option<String>,
    progress: Option<Share>,
    confidence: Option<String>,
    owner: Person,
    measure: Measure,
    roadmap_items: Nodes<Serving>,
}

#[derive(Deserialize)]
struct Serving {
    title: String,
    horizon: String,
    status: String,
}

#[derive(Deserialize)]
struct Alignment {
    acknowledged: Vec<Acknowledgement>,
    outdated: Vec<Acknowledgement>,
}

#[derive(Deserialize)]
struct Acknowledgement {
    at: Moment,
    revision: u32,
    dissent: Option<String>,
    person: Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proposal {
    id: String,
    trigger: String,
    reason: String,
    trade_off: Option<String>,
    decide_by: Moment,
    meeting: Option<Linked>,
    proposed_by: Option<Person>,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Roadmap {
    bounded: bool,
    now: Nodes<Item>,
    next: Nodes<Item>,
    later: Nodes<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    title: String,
    effort: Option<String>,
    orphaned: bool,
    key_results: Vec<Served>,
}

#[derive(Deserialize)]
struct Served {
    title: String,
    objective: OfObjective,
}

#[derive(Deserialize)]
struct OfObjective {
    plan: Numbered,
}

#[derive(Deserialize)]
struct Numbered {
    revision: u32,
}

#[derive(Deserialize)]
struct Quarterly {
    status: String,
    quarter: QuarterId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meeting {
    id: String,
    title: String,
    kind: String,
    status: String,
    scheduled_for: Option<Moment>,
}

impl Team {
    /// Leaves out what nobody promised yet, wherever it is named.
    fn without_drafts(&mut self) {
        self.plan = self.plan.take().filter(Plan::is_promised);
        for objective in self.plan.iter_mut().flat_map(|plan| &mut plan.objectives) {
            objective.contributes_to = objective.contributes_to.take().filter(|to| to.plan.revision > 0);
        }
        let roadmap = &mut self.roadmap;
        for items in [&mut roadmap.now, &mut roadmap.next, &mut roadmap.later] {
            for item in &mut items.nodes {
                item.key_results.retain(|served| served.objective.plan.revision > 0);
            }
        }
    }
}

impl Plan {
    /// Whether anybody was promised it.
    fn is_promised(&self) -> bool {
        self.revision > 0
    }

    fn is_uncovered(&self, key_result: &KeyResult) -> bool {
        self.uncovered.iter().any(|one| one.id == key_result.id)
    }
}

impl Plan {
    /// Whether more is carried than there is capacity for: a draft may say so, a commitment never does.
    fn is_over(&self) -> bool {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
        number(&self.load).zip(number(&self.capacity)).is_some_and(|(load, capacity)| load > capacity)
    }
}

impl Objective {
    /// How far it is, and how many of its key results count as nothing for want of a check-in.
    fn standing(&self) -> (Option<Share>, usize) {
        mean(self.progress, self.key_results.iter().map(|key_result| key_result.progress))
    }
}

impl Roadmap {
    /// The columns, with what each is for.
    fn columns(&self) -> [(&'static str, &'static str, &Nodes<Item>); 3] {
        [
            ("Now", "what is being worked on", &self.now),
            ("Next", "what comes after", &self.next),
            ("Later", "what may come", &self.later),
        ]
    }
}

#[derive(Template)]
#[template(path = "team.html")]
struct Page {
    frame: Frame,
    team: Team,
    /// The meetings that are open or prepared.
    open: Vec<Meeting>,
    /// The latest others.
    latest: Vec<Meeting>,
    more_meetings: bool,
    /// The day that was asked for, as it was said.
    said: String,
    /// The quarter that was asked for.
    quarter: Option<String>,
    as_of: Option<Moment>,
    today: String,
    /// Whether the page is read under a published link.
    published: bool,
}

/// A team's page.
pub(super) async fn show(State(door): State<Arc<Door>>, Path(key): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &key, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, key: &str, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    answer(&visit, key, head.uri.query(), false).await
}

/// The page for a visit, signed in or under a published link.
pub(super) async fn answer(
    visit: &Visit,
    key: &str,
    query: Option<&str>,
    published: bool,
) -> Result<Response, Problem> {
    let query = Form::of_query(query)?;
    let (now, said) = (visit.now(), query.get("asOf").unwrap_or_default());
    let as_of = as_of::instant(Some(said), visit.calendar(), now).map_err(Problem::asked_wrongly)?.map(Moment);
    let asked = json!({
        "team": key, "quarter": query.get("quarter"), "asOf": as_of.map(Moment::utc), "inside": !published,
    });
    let answer: Answer = visit.ask(&[DOCUMENT, LINE].concat(), asked).await?;
    let Some(mut team) = answer.team else { return Err(Problem::not_found("team")) };
    if published {
        team.without_drafts();
    }
    let open = answer.open.map_or_else(Vec::new, |open| open.nodes);
    let (latest, more_meetings) = team.meetings.take().map_or_else(Default::default, |all| {
        let more = all.goes_on();
        (all.nodes.into_iter().filter(|one| !["OPEN", "PREPARED"].contains(&one.status.as_str())).collect(), more)
    });
    let (zone, said, quarter) = (visit.zone(), said.to_owned(), query.get("quarter").map(str::to_owned));
    let frame = answer.viewer.map_or_else(|| Frame::outside(zone), |viewer| Frame::of(zone, viewer));
    let today = now.utc().with_timezone(&zone).format("%Y-%m-%d").to_string();
    Ok(html(StatusCode::OK, &Page { frame, team, open, latest, more_meetings, said, quarter, as_of, today, published }))
}
