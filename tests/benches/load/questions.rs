//! The four questions, as clients ask them: documents with variables, each request from its number.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    client::{Run, drive, post},
    service::Service,
    set::{Set, team},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// A team's current plan: objectives, key results, the items that serve them with their demand.
    Plan,
    /// A page of 50 ideas by demand, with a filter and the total.
    Ideas,
    /// The last 50 audit entries of an objective, with reason, actor and renegotiation.
    History,
    /// A customer request from a deal, durable.
    Request,
}

impl Question {
    pub(crate) const ALL: [Self; 4] = [Self::Plan, Self::Ideas, Self::History, Self::Request];

    /// How it is asked; a write is never the same.
    pub(crate) const fn manners(self) -> &'static [Manner] {
        match self {
            Self::Plan | Self::Ideas | Self::History => &[Manner::Anew, Manner::Again],
            Self::Request => &[Manner::Anew],
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plan => "Q1",
            Self::Ideas => "Q2",
            Self::History => "Q3",
            Self::Request => "Q4",
        }
    }

    const fn document(self) -> &'static str {
        match self {
            Self::Plan => {
                "query($team: String!) { plan(team: $team) { revision objectives { title keyResults { title
                 measure { unit baseline target } roadmapItems(first: 10) { nodes { title horizon
                 demand { requests open { amounts { amount currency } } } } } } } } }"
            }
            Self::Ideas => {
                "query($team: String!) { ideas(first: 50, filter: { team: { eq: $team }, status: { eq: NEW }, currency: \"EUR\" },
                 orderBy: DEMAND_OPEN_AMOUNT_DESC) { totalCount nodes { id title status demand { requests
                 open { requests amounts { amount currency } } } } } }"
            }
            Self::History => {
                "query($id: ID!) { node(id: $id) { ... on Objective { history(first: 50) { nodes { seq action reason
                 occurredAt actor { name } renegotiation { reason trigger } } } } } }"
            }
            Self::Request => {
                "mutation($input: CustomerRequestUpsertInput!) { customerRequestUpsert(input: $input) {
                 customerRequest { id } userErrors { message } } }"
            }
        }
    }
}

/// How a question comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Each time in other bytes, so that nothing is answered from memory.
    Anew,
    /// In the same few bytes again and again, as dashboards do, while nothing is written.
    Again,
}

impl Manner {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Anew => "anew",
            Self::Again => "again",
        }
    }
}

/// The questions about one set.
pub(crate) struct Questions {
    address: String,
    token: String,
    teams: u64,
    objectives: Arc<Vec<String>>,
    ideas: Arc<Vec<String>>,
    /// So that no two runs post for the same deal.
    run: std::sync::atomic::AtomicU64,
}

impl Questions {
    pub(crate) async fn over(service: &Service, set: &Set) -> Self {
        let client = reqwest::Client::new();
        let mut ideas = Vec::new();
        for number in 0..set.teams {
            let query = "query($team: String!) { ideas(first: 100, filter: { team: { eq: $team }, status: { eq: NEW } }) { nodes { id } } }";
            let body = json!({ "query": query, "variables": { "team": team(number) } });
            let asked = client.post(format!("http://{}/graphql", service.address)).bearer_auth(&service.token);
            let answer: serde_json::Value = asked.json(&body).send().await.unwrap().json().await.unwrap();
            let nodes = answer["data"]["ideas"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
            ideas.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        }
        Self {
            address: service.address.clone(),
            token: service.token.clone(),
            teams: u64::try_from(set.teams).unwrap(),
            objectives: Arc::new(set.objectives.clone()),
            ideas: Arc::new(ideas),
            run: std::sync::atomic::AtomicU64::new(0),
        }
    }

    pub(crate) async fn ask(&self, question: Question, manner: Manner, connections: usize, time: Duration) -> Run {
        let (teams, objectives, ideas) = (self.teams, Arc::clone(&self.objectives), Arc::clone(&self.ideas));
        let (token, run) = (self.token.clone(), self.run.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let pick = |from: &[String], number: u64| from[usize::try_from(number).unwrap() % from.len()].clone();
        let request = move |number: u64| {
            let variables = match question {
                Question::Plan | Question::Ideas => json!({ "team": team(usize::try_from(number % teams).unwrap()) }),
                Question::History => json!({ "id": pick(&objectives, number) }),
                Question::Request => {
                    let deal = json!({ "system": "crm", "externalId": format!("Q{run}-{number}"), "status": "OPEN",
                                       "account": "Account 7", "amount": { "amount": "1200", "currency": "EUR" } });
                    json!({ "input": { "idea": { "id": pick(&ideas, number) }, "deal": deal, "note": "Asked again." } })
                }
            };
            let mut body = json!({ "query": question.document(), "variables": variables });
            if manner == Manner::Anew {
                body["extensions"] = json!({ "number": format!("{run}-{number}") });
            }
            post(&token, &body.to_string())
        };
        drive(&self.address, connections, time, request).await
    }
}
