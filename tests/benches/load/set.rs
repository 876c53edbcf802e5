//! The set: deterministic but for ids and the quarter that runs, loaded through the front door alone, as an organization
//! would: history by `holdline import okrs`, ideas and requests as integrations post them, items by promoting ideas.

use std::{
    fmt::Write as _,
    io::IsTerminal as _,
    sync::{Arc, Mutex},
    time::Instant,
};

use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    client::{Connection, post},
    content::{document, idea_title, key_result_title, objective_title, promotions, request},
    service::Service,
};

/// How many things are loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) teams: usize,
    pub(crate) quarters: usize,
    /// Items of the roadmap for each plan.
    items: usize,
    /// Ideas that came with a request of a deal, for each team.
    asked: usize,
    /// Ideas that nobody asked for yet, for each team.
    unasked: usize,
    meetings: usize,
    renegotiations: usize,
}

/// Objectives of a plan, and key results of an objective.
const OBJECTIVES: usize = 4;

/// How many documents are under way at once.
const AT_ONCE: usize = 16;

/// How many mutations a document has, which are the most.
const IN_A_DOCUMENT: usize = 20;

impl Size {
    /// 20 teams and 12 quarters at 1: 3,840 key results, 12,000 items, 100,000 ideas, 5,000 meetings, 3,000
    /// renegotiations, and some 210,000 entries with them.
    pub(crate) fn scaled(scale: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of things")]
        let of = |whole: f64| ((whole * scale).round() as usize).max(1);
        let (teams, quarters) = (20, of(12.0).min(12));
        Self {
            teams,
            quarters,
            items: 50,
            asked: of(2_000.0),
            unasked: of(2_400.0),
            meetings: of(250.0),
            renegotiations: 13,
        }
    }
}

/// What is loaded, as far as questions need to know.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) teams: usize,
    /// An objective of each team's current plan: the one that renegotiations are about.
    pub(crate) objectives: Vec<Told>,
}

/// An objective, and after which cursor the last [`LAST`] entries of its story are.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) after: Option<String>,
}

/// How many entries of an objective's story are asked for.
pub(crate) const LAST: usize = 50;

/// How many renegotiations of each current plan were drafted, proposed and withdrawn, beside those that were imported.
const WITHDRAWN: usize = 12;

pub(crate) fn team(number: usize) -> String {
    format!("TEAM{number:02}")
}

impl Set {
    pub(crate) async fn load(service: &mut Service, size: Size) -> Self {
        let connection = Connection::open(&service.address).await;
        let loader = Loader { service, connection };
        loader.all(size).await
    }
}

struct Loader<'s> {
    service: &'s mut Service,
    connection: Connection,
}

impl Loader<'_> {
    async fn ask(&mut self, query: &str, variables: &Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer: Value =
            serde_json::from_slice(self.connection.ask(&post(&self.service.token, &body)).await).unwrap();
        assert!(answer["errors"].is_null(), "{answer:#}");
        answer["data"].clone()
    }

    async fn all(mut self, size: Size) -> Set {
        let quarters = self.quarters(size.quarters).await;
        let begun = Instant::now();
        if self.ask("{ teams { totalCount } }", &json!({})).await["teams"]["totalCount"] == 0 {
            self.history(size, &quarters).await;
            said(&begun, "plans, renegotiations and check-ins");
            self.withdrawn(size).await;
            said(&begun, "renegotiations that were withdrawn");
            self.promoted(size, &quarters).await;
            said(&begun, "roadmap items");
            self.asked(size).await;
            said(&begun, "ideas of deals");
            self.unasked(size).await;
            said(&begun, "ideas");
            self.meetings(size, &quarters).await;
            said(&begun, "meetings");
        }
        // A connection that is idle for long is closed.
        self.connection = Connection::open(&self.service.address).await;
        self.count(size, &begun).await;
        let mut objectives = Vec::new();
        for number in 0..size.teams {
            let query = "query($team: String!) { plan(team: $team) { objectives { id title } } }";
            let plan = self.ask(query, &json!({ "team": team(number) })).await;
            let all = plan["plan"]["objectives"].as_array().unwrap();
            let first = all.iter().find(|objective| objective["title"] == objective_title(0)).unwrap();
            objectives.push(self.told(first["id"].as_str().unwrap()).await);
        }
        Set { teams: size.teams, objectives }
    }

    /// The quarters that end with the one that runs, and their first days.
    async fn quarters(&mut self, count: usize) -> Vec<(String, NaiveDate)> {
        let now = self.ask("{ currentQuarter { startsAt } }", &json!({})).await;
        let first: NaiveDate = now["currentQuarter"]["startsAt"].as_str().unwrap()[..10].parse().unwrap();
        (0..u32::try_from(count).unwrap())
            .rev()
            .map(|back| {
                let first = first.checked_sub_months(chrono::Months::new(3 * back)).unwrap();
                (format!("{}-Q{}", first.year(), first.month0() / 3 + 1), first)
            })
            .collect()
    }

    async fn history(&mut self, size: Size, quarters: &[(String, NaiveDate)]) {
        let (mut okrs, mut changes, mut check_ins) = (
            "team,quarter,objective,key_result,owner,priority,baseline,target,unit,committed_on\n".to_owned(),
            "team,quarter,date,change,objective,key_result,new_key_result,owner,priority,baseline,target,unit,reason\n"
                .to_owned(),
            "team,quarter,date,objective,key_result,value,kind\n".to_owned(),
        );
        for team in (0..size.teams).map(team) {
            for (quarter, first) in quarters {
                for objective in 0..OBJECTIVES {
                    let title = objective_title(objective);
                    for place in 0..OBJECTIVES {
                        let key_result = key_result_title(objective, place);
                        writeln!(okrs, "{team},{quarter},{title},{key_result},lead-{place},,0,100,%,{first}").unwrap();
                        let day = *first + Days::new(5);
                        writeln!(check_ins, "{team},{quarter},{day},{title},{key_result},{},MID_QUARTER", 10 + place)
                            .unwrap();
                    }
                }
                for number in 0..size.renegotiations {
                    let day = *first + Days::new(6 + u64::try_from(number).unwrap());
                    let (title, key_result) = (objective_title(0), key_result_title(0, number % OBJECTIVES));
                    let target = 90 - number;
                    writeln!(changes, "{team},{quarter},{day},AMEND_KEY_RESULT,{title},{key_result},,,,0,{target},%,A supplier slipped for the {number}th time")
                        .unwrap();
                }
            }
        }
        let write = |name: &str, text: &str| {
            let file = self.service.folder.join(name);
            std::fs::write(&file, text).unwrap();
            file.display().to_string()
        };
        let (okrs, changes, check_ins) =
            (write("okrs.csv", &okrs), write("changes.csv", &changes), write("check-ins.csv", &check_ins));
        let arguments = ["import", "okrs", "--okrs", &okrs, "--changes", &changes, "--check-ins", &check_ins];
        let ran = self.service.stopped(&arguments).await;
        self.connection = Connection::open(&self.service.address).await;
        assert!(
            ran.status.success(),
            "{}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
    }

    /// Tells how much is there, which is as much as was wanted.
    async fn count(&mut self, size: Size, begun: &Instant) {
        let query =
            "{ auditLog { totalCount } ideas { totalCount } meetings { totalCount } renegotiations { totalCount } }";
        let counts = self.ask(query, &json!({})).await;
        let [entries, ideas, meetings, renegotiations] = ["auditLog", "ideas", "meetings", "renegotiations"]
            .map(|list| usize::try_from(counts[list]["totalCount"].as_u64().unwrap()).unwrap());
        println!(
            "loaded                 {entries:>9} entries, {ideas} ideas, {meetings} meetings, {renegotiations} renegotiations \
             in {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        let plans = size.teams * size.quarters;
        assert!(ideas >= plans * size.items + size.teams * (size.asked + size.unasked), "ideas are missing");
        assert!(meetings >= size.teams * size.meetings, "meetings are missing");
        assert!(renegotiations >= plans * size.renegotiations, "renegotiations are missing");
    }

    /// Where the last entries of an objective's story begin.
    async fn told(&mut self, id: &str) -> Told {
        let query = "query($id: ID!) { node(id: $id) { ... on Objective { history(first: 250) { totalCount edges { cursor } } } } }";
        let history = self.ask(query, &json!({ "id": id })).await["node"]["history"].clone();
        let edges = history["edges"].as_array().unwrap();
        assert!(edges.len() > LAST && history["totalCount"] == edges.len(), "{history:#}");
        let after = edges[edges.len() - LAST - 1]["cursor"].as_str().map(str::to_owned);
        Told { id: id.to_owned(), after }
    }

    /// What people drafted, proposed and withdrew, so that the stories have actors and reasons.
    async fn withdrawn(&mut self, size: Size) {
        for number in 0..size.teams {
            let query = "query($team: String!) { plan(team: $team) { id objectives { title keyResults { id } } } }";
            let plan = self.ask(query, &json!({ "team": team(number) })).await["plan"].clone();
            let objectives = plan["objectives"].as_array().unwrap();
            let first = objectives.iter().find(|objective| objective["title"] == objective_title(0)).unwrap();
            for place in 0..WITHDRAWN {
                let key_result = &first["keyResults"][place % OBJECTIVES]["id"];
                let changes =
                    json!([{ "amendKeyResult": { "keyResult": key_result, "target": format!("{}", 40 + place) } }]);
                let draft = json!({ "plan": plan["id"], "changes": changes, "trigger": format!("Bank {place} asked"),
                                    "reason": "Half of it is in reach.", "tradeOff": "The rest waits." });
                let drafted = self.done("renegotiationDraft", "RenegotiationDraftInput", &draft).await;
                let id = &drafted["renegotiation"]["id"];
                self.done("renegotiationPropose", "RenegotiationProposeInput", &json!({ "renegotiation": id })).await;
                let input = json!({ "renegotiation": id, "reason": format!("Bank {place} can wait.") });
                self.done("renegotiationWithdraw", "RenegotiationWithdrawInput", &input).await;
            }
        }
    }

    /// A mutation about a renegotiation, which is done.
    async fn done(&mut self, name: &str, input: &str, value: &Value) -> Value {
        let query = format!(
            "mutation($input: {input}!) {{ {name}(input: $input) {{ renegotiation {{ id }} userErrors {{ message }} }} }}"
        );
        let payload = self.ask(&query, &json!({ "input": value })).await[name].clone();
        assert_eq!(payload["userErrors"], json!([]), "{name} of {value:#}");
        payload
    }

    /// Every plan's key results are served by items, each made of an idea that deals asked for.
    async fn promoted(&mut self, size: Size, quarters: &[(String, NaiveDate)]) {
        let mut documents = Vec::new();
        for number in 0..size.teams {
            for (place, (quarter, _)) in quarters.iter().enumerate() {
                let query = "query($team: String!, $quarter: String!) { plan(team: $team, quarter: $quarter) { objectives { keyResults { id } } } }";
                let plan = self.ask(query, &json!({ "team": team(number), "quarter": quarter })).await;
                let key_results: Vec<Value> = plan["plan"]["objectives"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .flat_map(|objective| objective["keyResults"].as_array().unwrap().clone())
                    .map(|key_result| key_result["id"].clone())
                    .collect();
                let base = ((number * quarters.len()) + place) * size.items;
                for from in (0..size.items).step_by(IN_A_DOCUMENT / 2) {
                    let many = from..size.items.min(from + IN_A_DOCUMENT / 2);
                    documents.push(promotions(&team(number), base, many, &key_results));
                }
            }
        }
        self.send(documents).await;
    }

    async fn asked(&self, size: Size) {
        let documents = (0..size.teams).flat_map(|number| {
            // Every third is about an idea that another one made.
            let all = size.asked + size.asked / 2;
            (0..all).step_by(250).map(move |from| {
                let requests: Vec<Value> = (from..all.min(from + 250)).map(|place| request(number, place, size.asked)).collect();
                let query = "mutation($input: CustomerRequestsUpsertInput!) { customerRequestsUpsert(input: $input) { userErrors { message } } }";
                json!({ "query": query, "variables": { "input": { "requests": requests } } })
            })
        });
        self.send(documents.collect()).await;
    }

    async fn unasked(&self, size: Size) {
        let documents = (0..size.teams).flat_map(|number| {
            (0..size.unasked).step_by(IN_A_DOCUMENT).map(move |from| {
                let one = |place: usize| {
                    let input = json!({ "team": team(number), "title": idea_title(place), "impact": place % 5 + 1, "effort": place % 3 + 1 });
                    ("ideaSubmit", "IdeaSubmitInput", input)
                };
                document((from..size.unasked.min(from + IN_A_DOCUMENT)).map(one))
            })
        });
        self.send(documents.collect()).await;
    }

    async fn meetings(&self, size: Size, quarters: &[(String, NaiveDate)]) {
        let documents = (0..size.teams).flat_map(|number| {
            (0..size.meetings).step_by(IN_A_DOCUMENT).map(move |from| {
                let one = |place: usize| {
                    let (quarter, _) = &quarters[place % quarters.len()];
                    let input = json!({ "team": team(number), "quarter": quarter, "kind": "STATUS", "title": format!("Weekly {place}"),
                                        "boundary": { "informationOnly": true, "outOfScope": ["What was committed"] } });
                    ("meetingPrepare", "MeetingPrepareInput", input)
                };
                document((from..size.meetings.min(from + IN_A_DOCUMENT)).map(one))
            })
        });
        self.send(documents.collect()).await;
    }

    /// Sends documents over some connections at once, and tells of it on a terminal.
    async fn send(&self, documents: Vec<Value>) {
        let waiting = Waiting::of(documents);
        let mut clients = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (waiting, token) = (waiting.clone(), self.service.token.clone());
            let mut connection = Connection::open(&self.service.address).await;
            clients.spawn(async move {
                while let Some(document) = waiting.next() {
                    let answer = connection.ask(&post(&token, &document.to_string())).await;
                    let answer: Value = serde_json::from_slice(answer).unwrap();
                    assert!(answer["errors"].is_null(), "{answer:#}");
                    for (name, payload) in answer["data"].as_object().unwrap() {
                        assert_eq!(payload["userErrors"], json!([]), "{name} of {document:#}");
                    }
                }
            });
        }
        clients.join_all().await;
    }
}

/// Documents that are still to be sent.
#[derive(Clone)]
struct Waiting {
    documents: Arc<Mutex<Vec<Value>>>,
    count: usize,
    terminal: bool,
}

impl Waiting {
    fn of(mut documents: Vec<Value>) -> Self {
        documents.reverse();
        let (count, terminal) = (documents.len(), std::io::stderr().is_terminal());
        Self { documents: Arc::new(Mutex::new(documents)), count, terminal }
    }

    /// The next one; a terminal is told how many are left.
    fn next(&self) -> Option<Value> {
        let mut documents = self.documents.lock().unwrap();
        if self.terminal {
            eprint!("\r{} of {} documents left  ", documents.len(), self.count);
        }
        documents.pop()
    }
}

fn said(begun: &Instant, what: &str) {
    println!("{what:<36} {:>6.0} s", begun.elapsed().as_secs_f64());
}
