//! Demand: exact in every currency, and what it adds up to however the requests behind it came to be.
//! Invariant 8: one deal and one request, in whatever order and from however many clients.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    COUNTED, Caller, DEMAND, Server, ask_for, but, deal, demand, entries, keeper, submit, tally, teams,
};

const EARLY: Option<&str> = Some("2026-10-01T00:00:00Z");
const LATE: Option<&str> = Some("2026-10-09T00:00:00Z");

/// Every idea's demand as it is kept, and as its requests add up to.
async fn kept_and_counted(caller: &Caller) -> Vec<(Value, Value)> {
    let query = format!("{{ ideas(first: 10) {{ nodes {{ id demand {{ {DEMAND} }} }} }} }}");
    let ideas = caller.query(&query).await["ideas"]["nodes"].as_array().unwrap().clone();
    let mut found = Vec::new();
    for idea in ideas {
        let requests = requests_of(caller, &idea["id"]).await;
        found.push((idea["demand"].clone(), tally(&requests)));
    }
    found
}

async fn requests_of(caller: &Caller, idea: &Value) -> Vec<Value> {
    let query = format!(
        "query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Idea {{
           customerRequests(first: 250, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {COUNTED} }} }} }} }} }}"
    );
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = caller.ask(&query, json!({ "id": idea, "after": after })).await;
        let page = answer.data()["node"]["customerRequests"].clone();
        found.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
    }
}

#[tokio::test]
async fn a_list_that_says_new_and_known_things_of_the_same_deals_adds_up() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let ideas = [submit(&keeper, "PAY", "Export").await, submit(&keeper, "PAY", "Import").await];
    ask_for(&keeper, &ideas[0], deal("known", "5", EARLY)).await;
    let post = |idea: &str, deal: Value| json!({ "idea": { "id": idea }, "deal": deal });
    let lists = [
        // A deal that is new asks for both; another is told again, worth more; one is alone.
        json!([
            post(&ideas[0], deal("new", "7", EARLY)),
            post(&ideas[1], deal("new", "7", EARLY)),
            post(&ideas[0], deal("again", "11", EARLY)),
            post(&ideas[0], deal("again", "13", LATE)),
            post(&ideas[1], deal("alone", "17", EARLY)),
            { "idea": { "id": ideas[1] }, "account": "Nobody's deal" },
        ]),
        // A deal that is known is worth more, and asks for the other idea too; one that is new has no amount.
        json!([
            post(&ideas[1], deal("known", "19", LATE)),
            post(&ideas[0], but(deal("worthless", "0", EARLY), json!({ "amount": null }))),
            post(&ideas[1], but(deal("new", "23", LATE), json!({ "status": "WON" }))),
        ]),
    ];

    for (list, worth) in lists.into_iter().zip([["25", "24"], ["32", "36"]]) {
        keeper.done("customerRequestsUpsert", json!({ "requests": list }), "results { index }").await;
        for (kept, counted) in kept_and_counted(&keeper).await {
            assert_eq!(kept, counted);
        }
        for (idea, worth) in ideas.iter().zip(worth) {
            assert_eq!(demand(&keeper, idea).await["open"]["amounts"][0]["amount"], worth);
        }
    }
}

#[tokio::test]
async fn sums_are_exact_by_status_and_currency() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let of = |amount: &str, currency: &str, status: &str| json!({ "amount": { "amount": amount, "currency": currency }, "status": status });
    let table = [
        of("0.1", "USD", "OPEN"),
        of("0.2", "USD", "OPEN"),
        of("99999999999999.9999", "USD", "WON"),
        of("99999999999999.9999", "USD", "WON"),
        of("0.0001", "USD", "WON"),
        of("10.50", "EUR", "OPEN"),
        of("0", "JPY", "LOST"),
        json!({ "amount": null, "status": "LOST" }),
        json!({ "account": "Account 0" }),
    ];
    for (place, fields) in table.into_iter().enumerate() {
        ask_for(&keeper, &idea, but(deal(&place.to_string(), "90071992547409.9301", None), fields)).await;
    }
    keeper
        .done("customerRequestUpsert", json!({ "idea": { "id": idea }, "account": "Nobody's deal" }), "__typename")
        .await;
    keeper.done("customerRequestUpsert", json!({ "idea": { "id": idea }, "account": "Account 1" }), "__typename").await;

    let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    assert_eq!(
        demand(&keeper, &idea).await,
        json!({
            "requests": 11, "accounts": 9,
            "open": { "requests": 4, "amounts": [money("10.5", "EUR"), money("90071992547410.2301", "USD")] },
            "won": { "requests": 3, "amounts": [money("199999999999999.9999", "USD")] },
            "lost": { "requests": 2, "amounts": [money("0", "JPY")] },
        })
    );
    assert!(kept_and_counted(&keeper).await.into_iter().all(|(kept, counted)| kept == counted));
}

/// A sequence without a pattern that a run can repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn deal(&mut self) -> Value {
        let status = ["OPEN", "WON", "LOST"][usize::try_from(self.roll(3)).unwrap()];
        let currency = ["USD", "EUR"][usize::try_from(self.roll(2)).unwrap()];
        let amount = format!("{}.{:04}", self.roll(100_000), self.roll(10_000));
        let amount = if self.roll(6) == 0 { Value::Null } else { json!({ "amount": amount, "currency": currency }) };
        let said = (self.roll(4) > 0).then(|| format!("2026-1{}-0{}T00:00:00Z", self.roll(3), 1 + self.roll(9)));
        let (name, account) = (self.roll(6).to_string(), format!("Account {}", self.roll(3)));
        json!({ "system": "crm", "externalId": name, "status": status, "account": account, "amount": amount, "sourceUpdatedAt": said })
    }
}

#[tokio::test]
async fn kept_demand_is_what_the_requests_add_up_to_after_anything() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    for seed in [1, 2, 3] {
        let mut dice = Dice(seed);
        let (mut ideas, mut requests) = (Vec::new(), Vec::new());
        for place in 0..3 {
            ideas.push(submit(&keeper, "PAY", &format!("Idea {seed} {place}")).await);
        }
        for step in 0..60 {
            let idea = json!({ "id": ideas[usize::try_from(dice.roll(3)).unwrap()] });
            let asked = match dice.roll(10) {
                0 if !requests.is_empty() => {
                    let request: &Value = &requests[usize::try_from(dice.roll(requests.len() as u64)).unwrap()];
                    let input = json!({ "customerRequest": request, "reason": "A mistake." });
                    keeper.mutate("customerRequestWithdraw", input, "customerRequest { id }").await;
                    continue;
                }
                1 if step > 30 => {
                    let into = &ideas[usize::try_from(dice.roll(3)).unwrap()];
                    keeper.mutate("ideaMerge", json!({ "idea": idea["id"], "into": into }), "idea { id }").await;
                    continue;
                }
                2 | 3 => json!({ "idea": idea, "account": format!("Account {}", dice.roll(4)) }),
                _ => json!({ "idea": idea, "deal": dice.deal() }),
            };
            let posted = keeper.done("customerRequestUpsert", asked, "customerRequest { id }").await;
            requests.push(posted["customerRequest"]["id"].clone());
        }
        for (kept, counted) in kept_and_counted(&keeper).await {
            assert_eq!(kept, counted, "seed {seed}");
        }
    }
}

const DEALS: usize = 200;
const VERSIONS: usize = 3;
const CLIENTS: usize = 8;

/// A version of a deal; each asks for one of five ideas, which the posts make.
fn version(name: usize, version: usize) -> Value {
    let status = ["OPEN", "OPEN", ["OPEN", "WON", "LOST"][name % 3]][version];
    let said = format!("2026-10-0{}T00:00:00Z", 1 + version);
    let amount = format!("{name}.{version}");
    let deal = but(
        deal(&name.to_string(), &amount, Some(&said)),
        json!({ "status": status, "stage": format!("Version {version}") }),
    );
    let idea = json!({ "system": "crm", "externalId": format!("F-{}", name % 5), "title": format!("Idea {}", name % 5), "team": "PAY" });
    json!({ "idea": { "external": idea }, "deal": deal, "note": format!("Version {version}") })
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_8_eight_clients_in_any_order_leave_each_deal_once_with_its_newest_values() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let before = entries(&server).await;
    let mut racing = Vec::new();
    for (client, step) in (0..CLIENTS).zip([1, 7, 11, 13, 17, 19, 23, 29]) {
        let caller = server.integration("crm", "PAY");
        racing.push(tokio::spawn(async move {
            let all = DEALS * VERSIONS;
            let order: Vec<_> = (0..all).map(|place| (place * step + client * 75) % all).collect();
            for part in order.chunks(100) {
                let requests: Vec<_> =
                    part.iter().map(|number| version(number / VERSIONS, number % VERSIONS)).collect();
                caller.done("customerRequestsUpsert", json!({ "requests": requests }), "results { index }").await;
            }
        }));
    }
    for client in racing {
        client.await.unwrap();
    }

    let keeper = keeper(&server);
    let ideas = keeper.query("{ ideas(first: 50) { nodes { id title } } }").await["ideas"]["nodes"].clone();
    assert_eq!(ideas.as_array().unwrap().len(), 5);
    let mut found: BTreeMap<usize, Value> = BTreeMap::new();
    for idea in ideas.as_array().unwrap() {
        for request in requests_of(&keeper, &idea["id"]).await {
            let name: usize = request["deal"]["externalId"].as_str().unwrap().parse().unwrap();
            assert_eq!(idea["title"], format!("Idea {}", name % 5));
            assert!(found.insert(name, request).is_none(), "deal {name} asks twice");
        }
    }
    assert_eq!(found.len(), DEALS);
    for (name, request) in &found {
        let newest = version(*name, VERSIONS - 1);
        for field in ["stage", "status", "amount"] {
            assert_eq!(request["deal"][field], newest["deal"][field], "deal {name}");
        }
    }
    assert!(kept_and_counted(&keeper).await.into_iter().all(|(kept, counted)| kept == counted));
    let made = entries(&server).await - before - 5;
    assert!((200..=600).contains(&made), "{made} entries for 4,800 posts");
}
