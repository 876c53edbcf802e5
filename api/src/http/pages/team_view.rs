//! What a team's page reads from the API, and what it says of it.

use serde::Deserialize;

use super::{
    change::Change,
    moment::Moment,
    view::{Linked, Measure, Nodes, Person, QuarterId, Share, TeamName, Viewer, standing},
};

#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) viewer: Option<Viewer>,
    pub(super) team: Option<Team>,
    pub(super) open: Option<Nodes<Meeting>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Team {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) archived_at: Option<Moment>,
    pub(super) plan: Option<Plan>,
    pub(super) roadmap: Roadmap,
    pub(super) plans: Option<Nodes<Quarterly>>,
    pub(super) meetings: Option<Nodes<Meeting>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    pub(super) status: String,
    pub(super) revision: u32,
    pub(super) capacity: Option<String>,
    pub(super) capacity_unit: Option<String>,
    pub(super) load: Option<String>,
    pub(super) under_renegotiation: bool,
    pub(super) imported: bool,
    pub(super) committed_at: Option<Moment>,
    pub(super) committed_by: Option<Person>,
    pub(super) quarter: Quarter,
    pub(super) objectives: Vec<Objective>,
    pub(super) uncovered: Vec<Named>,
    pub(super) alignment: Option<Alignment>,
    pub(super) renegotiations: Option<Nodes<Proposal>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quarter {
    pub(super) id: String,
    pub(super) ends_at: Moment,
    pub(super) phase: String,
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Objective {
    pub(super) title: String,
    pub(super) rationale: String,
    pub(super) load: Option<String>,
    pub(super) progress: Option<Share>,
    pub(super) owner: Person,
    pub(super) contributes_to: Option<Lineage>,
    pub(super) key_results: Vec<KeyResult>,
}

#[derive(Deserialize)]
pub(super) struct Lineage {
    pub(super) title: String,
    pub(super) plan: OfPlan,
}

#[derive(Deserialize)]
pub(super) struct OfPlan {
    pub(super) revision: u32,
    pub(super) quarter: QuarterId,
    pub(super) team: TeamName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyResult {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) current: Option<String>,
    pub(super) projected: Option<String>,
    pub(super) progress: Option<Share>,
    pub(super) confidence: Option<String>,
    pub(super) owner: Person,
    pub(super) measure: Measure,
    pub(super) roadmap_items: Nodes<Serving>,
}

#[derive(Deserialize)]
pub(super) struct Serving {
    pub(super) title: String,
    pub(super) horizon: String,
    pub(super) status: String,
}

#[derive(Deserialize)]
pub(super) struct Alignment {
    pub(super) acknowledged: Vec<Acknowledgement>,
    pub(super) outdated: Vec<Acknowledgement>,
}

#[derive(Deserialize)]
pub(super) struct Acknowledgement {
    pub(super) at: Moment,
    pub(super) revision: u32,
    pub(super) dissent: Option<String>,
    pub(super) person: Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proposal {
    pub(super) id: String,
    pub(super) trigger: String,
    pub(super) reason: String,
    pub(super) trade_off: Option<String>,
    pub(super) decide_by: Moment,
    pub(super) meeting: Option<Linked>,
    pub(super) proposed_by: Option<Person>,
    pub(super) changes: Vec<Change>,
}

#[derive(Deserialize)]
pub(super) struct Roadmap {
    pub(super) bounded: bool,
    pub(super) now: Nodes<Item>,
    pub(super) next: Nodes<Item>,
    pub(super) later: Nodes<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) title: String,
    pub(super) effort: Option<String>,
    pub(super) orphaned: bool,
    pub(super) key_results: Vec<Served>,
}

#[derive(Deserialize)]
pub(super) struct Served {
    pub(super) title: String,
    pub(super) objective: OfObjective,
}

#[derive(Deserialize)]
pub(super) struct OfObjective {
    pub(super) plan: Numbered,
}

#[derive(Deserialize)]
pub(super) struct Numbered {
    pub(super) revision: u32,
}

#[derive(Deserialize)]
pub(super) struct Quarterly {
    pub(super) status: String,
    pub(super) quarter: QuarterId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meeting {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) scheduled_for: Option<Moment>,
}

impl Team {
    /// Leaves out what nobody promised yet, wherever it is named.
    pub(super) fn without_drafts(&mut self) {
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
    pub(super) fn is_promised(&self) -> bool {
        self.revision > 0
    }

    pub(super) fn is_uncovered(&self, key_result: &KeyResult) -> bool {
        self.uncovered.iter().any(|one| one.id == key_result.id)
    }

    /// Whether more is carried than there is capacity for: a draft may say so, a commitment never does.
    pub(super) fn is_over(&self) -> bool {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
        number(&self.load).zip(number(&self.capacity)).is_some_and(|(load, capacity)| load > capacity)
    }
}

impl Objective {
    /// How far it is, and how many of its key results count as nothing for want of a check-in.
    pub(super) fn standing(&self) -> (Option<Share>, usize) {
        standing(self.progress, self.key_results.iter().map(|key_result| key_result.progress))
    }
}

impl Roadmap {
    /// The columns, with what each is for.
    pub(super) fn columns(&self) -> [(&'static str, &'static str, &Nodes<Item>); 3] {
        [
            ("Now", "what is being worked on", &self.now),
            ("Next", "what comes after", &self.next),
            ("Later", "what may come", &self.later),
        ]
    }
}
