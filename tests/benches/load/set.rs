//! The set: deterministic but for ids and the quarter that runs, loaded through the front door alone, as an organization
//! would: history by `holdline import okrs`, ideas and requests as integrations post them, items by promoting ideas.

use std::{
    fmt::Write as _,
    io::IsTerminal as _,
    sync::{Arc, Mutex},
    time::Instant,
};

use chrono::{Datelike as _, Days, NaiveDate};
use holdline_domain::ids::IdeaId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    client::{Connection, post},
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
const AT_ONCE: usize = 32;

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
pub(crate) struct Set {
    pub(crate) teams: usize,
    /// An objective of each team's current plan: the one that renegotiations are about.
    pub(crate) objectives: Vec<String>,
}

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
            objectives.push(first["id"].as_str().unwrap().to_owned());
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

    /// Every plan's key results are served by items, each made of an idea that a deal asked for.
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
                let requests: Vec<Value> = (from..all.min(from + 250)).map(|place| request(number, place, size)).collect();
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

fn objective_title(place: usize) -> String {
    ["Settle faster", "Fewer disputes", "Every bank", "Nobody waits"][place].to_owned()
}

fn key_result_title(objective: usize, place: usize) -> String {
    format!("Key result {objective}{place}")
}

fn idea_title(place: usize) -> String {
    format!(
        "{} for {} number {place}",
        ["Exports", "Reports", "Alerts", "Roles"][place % 4],
        ["banks", "shops", "clerks"][place % 3]
    )
}

fn deal(number: usize, place: usize) -> Value {
    let status = ["OPEN", "OPEN", "OPEN", "WON", "LOST"][place % 5];
    json!({ "system": "crm", "externalId": format!("D{number:02}-{place:06}"), "status": status, "account": format!("Account {}", place % 400),
            "amount": { "amount": format!("{}", (place * 7_919 + number) % 90_000 + 100), "currency": "EUR" } })
}

/// A request that makes its idea where it is the first about it.
fn request(number: usize, place: usize, size: Size) -> Value {
    let idea = place % size.asked;
    json!({ "deal": deal(number, place), "note": "Asked in the quarterly call.",
            "idea": { "external": { "team": team(number), "system": "crm", "externalId": format!("I{number:02}-{idea:06}"), "title": idea_title(idea) } } })
}

fn promotions(team: &str, base: usize, many: std::ops::Range<usize>, key_results: &[Value]) -> Value {
    document(many.flat_map(|place| {
        // Version 7 of RFC 9562, as ids are: the number where the time would be.
        let bits = u128::try_from(base + place).unwrap() << 80 | 0x7000_8000_0000_0000_0000;
        let id = IdeaId::from(Uuid::from_u128(bits)).to_string();
        let asks = json!([{ "deal": deal(99, base + place) }]);
        let submit = json!({ "id": id, "team": team, "title": idea_title(place), "customerRequests": asks });
        let serves = [key_results[place % key_results.len()].clone()];
        let promote = json!({ "idea": id, "horizon": "NEXT", "keyResults": serves });
        [("ideaSubmit", "IdeaSubmitInput", submit), ("ideaPromote", "IdeaPromoteInput", promote)]
    }))
}

/// Mutations in one document, each with its input as a variable.
fn document(mutations: impl Iterator<Item = (&'static str, &'static str, Value)>) -> Value {
    let (mut head, mut body, mut variables) = (String::new(), String::new(), serde_json::Map::new());
    for (place, (mutation, input, value)) in mutations.enumerate() {
        let _ = write!(head, "$i{place}: {input}! ");
        let _ = write!(body, "m{place}: {mutation}(input: $i{place}) {{ userErrors {{ message }} }} ");
        variables.insert(format!("i{place}"), value);
    }
    json!({ "query": format!("mutation({head}) {{ {body} }}"), "variables": variables })
}
