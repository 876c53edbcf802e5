//! The four questions, as clients ask them: documents with variables, each request from its number.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use holdline::clock::Clock;
use serde_json::{Value, json};
use tokio::time::interval;

use super::{
    client::{Connection, Run, drive, post},
    service::Service,
    set::{Set, Told, team},
};

/// How long it is from one post to the next while questions are asked.
const BETWEEN: Duration = Duration::from_millis(100);

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

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|question| question.name() == name);
        found.ok_or_else(|| "The questions are Q1, Q2, Q3 and Q4.".to_owned())
    }

    /// How it is asked; a write is never the same.
    pub(crate) const fn manners(self) -> &'static [Manner] {
        match self {
            Self::Plan | Self::Ideas | Self::History => &[Manner::Anew, Manner::Again, Manner::Meanwhile],
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
                "query($id: ID!, $after: String) { node(id: $id) { ... on Objective { history(first: 50, after: $after) { nodes { seq action reason
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
    /// The same while a customer request is posted ten times a second.
    Meanwhile,
}

impl Manner {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Anew => "anew",
            Self::Again => "again",
            Self::Meanwhile => "while",
        }
    }
}

/// The questions about one set.
#[derive(Clone)]
pub(crate) struct Questions {
    address: String,
    token: String,
    teams: u64,
    objectives: Arc<Vec<Told>>,
    ideas: Arc<Vec<String>>,
    /// So that no two runs post for the same deal, also over a store that is kept.
    run: Arc<AtomicU64>,
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
            run: Arc::new(Clock::system().now().micros().unsigned_abs().into()),
        }
    }

    pub(crate) async fn ask(&self, question: Question, manner: Manner, connections: usize, time: Duration) -> Run {
        let (asker, run) = (self.clone(), self.run.fetch_add(1, Ordering::Relaxed));
        let request = move |number: u64| asker.request(question, manner, run, number);
        let asking = drive(&self.address, connections, time, request);
        if manner != Manner::Meanwhile {
            return asking.await;
        }
        let mut asking = std::pin::pin!(asking);
        let mut writing = std::pin::pin!(self.keep_posting());
        tokio::select! { run = &mut asking => run, () = &mut writing => unreachable!("it goes on and on") }
    }

    /// What is answered to the one with a number.
    pub(crate) async fn answer(&self, question: Question, number: u64) -> Value {
        let mut connection = Connection::open(&self.address).await;
        let answer = connection.ask(&self.request(question, Manner::Again, 0, number)).await;
        serde_json::from_slice(answer).unwrap()
    }

    fn request(&self, question: Question, manner: Manner, run: u64, number: u64) -> Vec<u8> {
        let variables = match question {
            Question::Plan | Question::Ideas => json!({ "team": team(usize::try_from(number % self.teams).unwrap()) }),
            Question::History => {
                let Told { id, after } = pick(&self.objectives, number);
                json!({ "id": id, "after": after })
            }
            Question::Request => posting(&self.ideas, run, number),
        };
        let mut body = json!({ "query": question.document(), "variables": variables });
        if manner == Manner::Anew {
            body["extensions"] = json!({ "number": format!("{run}-{number}") });
        }
        post(&self.token, &body.to_string())
    }

    async fn keep_posting(&self) {
        let (mut turns, run) = (interval(BETWEEN), self.run.fetch_add(1, Ordering::Relaxed));
        let mut connection = Connection::open(&self.address).await;
        for number in 0_u64.. {
            turns.tick().await;
            let variables = posting(&self.ideas, run, number);
            let body = json!({ "query": Question::Request.document(), "variables": variables });
            connection.ask(&post(&self.token, &body.to_string())).await;
        }
    }
}

/// One of a list, whatever the number.
fn pick<T: Clone>(from: &[T], number: u64) -> T {
    from[usize::try_from(number).unwrap() % from.len()].clone()
}

/// The variables of a post for a deal that was never heard of.
fn posting(ideas: &[String], run: u64, number: u64) -> Value {
    let deal = json!({ "system": "crm", "externalId": format!("Q{run}-{number}"), "status": "OPEN",
                       "account": "Account 7", "amount": { "amount": "1200", "currency": "EUR" } });
    json!({ "input": { "idea": { "id": pick(ideas, number) }, "deal": deal, "note": "Asked again." } })
}
