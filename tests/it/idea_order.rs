//! Ideas by demand: the same order whichever teams are asked for, in pages of any size, from either end; and what a build
//! before the order's index writes has its place in it.

use std::cmp::Reverse;

use holdline_domain::permission::Scope;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::{
    backlog_list::{PAGE, titles},
    support::{Caller, Server, ask_for, but, deal, keeper, owner_of, submit, teams},
};

/// An idea's team, title, amounts in open deals in EUR, those in USD, and whether it was declined.
type Told = (&'static str, &'static str, &'static [u32], &'static [u32], bool);

/// In the order of their submission. Some have none in the one currency, some none at all, some are worth the same, one is
/// worth nothing, and one's deal comes to be in EUR and is won then.
const IDEAS: [Told; 13] = [
    ("PAY", "a", &[5], &[], false),
    ("OPS", "b", &[5], &[1, 1, 1], false),
    ("PAY", "c", &[], &[9], false),
    ("PAY", "d", &[2, 3], &[], false),
    ("LAW", "e", &[70], &[], false),
    ("OPS", "f", &[], &[], false),
    ("PAY", "g", &[], &[], false),
    ("PAY", "h", &[8], &[1], true),
    ("PAY", "i", &[0], &[], false),
    ("OPS", "j", &[90, 10], &[], false),
    ("PAY", "k", &[1], &[], false),
    ("PAY", "l", &[], &[], true),
    ("PAY", "m", &[], &[50], false),
];

fn worth(amount: &str, currency: &str) -> Value {
    json!({ "amount": { "amount": amount, "currency": currency } })
}

async fn told(server: &Server) -> Caller {
    teams(server, &["PAY", "OPS", "LAW"]).await;
    let keeper = keeper(server);
    for (team, title, euros, dollars, declined) in IDEAS {
        let idea = submit(&keeper, team, title).await;
        let asks = euros.iter().map(|amount| (amount, "EUR")).chain(dollars.iter().map(|amount| (amount, "USD")));
        for (place, (amount, currency)) in asks.enumerate() {
            let asks = but(deal(&format!("{title}{place}"), "1", None), worth(&amount.to_string(), currency));
            ask_for(&keeper, &idea, asks).await;
        }
        if declined {
            keeper.done("ideaDecline", json!({ "idea": idea, "reason": "No." }), "__typename").await;
        }
        if title == "m" {
            for (status, at) in [("OPEN", "2026-10-02T00:00:00Z"), ("WON", "2026-10-03T00:00:00Z")] {
                let won = but(deal("m0", "1", Some(at)), worth("60", "EUR"));
                ask_for(&keeper, &idea, but(won, json!({ "status": status }))).await;
            }
        }
    }
    keeper
}

/// The titles that a list should have, sorted here.
fn expected(order: &str, teams: &[&str], new_only: bool) -> Vec<&'static str> {
    let mut ideas: Vec<_> = (0..)
        .zip(IDEAS)
        .filter(|(_, (team, .., declined))| teams.contains(team) && !(new_only && *declined))
        .map(|(place, (_, title, euros, dollars, _))| {
            let sort: u32 = match order {
                "DEMAND_REQUESTS_DESC" => u32::try_from(euros.len() + dollars.len()).unwrap(),
                _ => euros.iter().sum(),
            };
            (Reverse((sort, place)), title)
        })
        .collect();
    ideas.sort_unstable();
    ideas.into_iter().map(|(_, title)| title).collect()
}

/// Walks a list whole, in pages of a size, from its one end.
async fn walked(caller: &Caller, order: &str, filter: &Value, size: usize, backward: bool) -> Vec<String> {
    let names = if backward { ["last", "before", "hasPreviousPage"] } else { ["first", "after", "hasNextPage"] };
    let [many, beyond, further] = names;
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let arguments = json!({ "order": order, "filter": filter, many: size, beyond: cursor });
        let page = caller.ask(PAGE, arguments).await.data()["ideas"].clone();
        let at = if backward { 0 } else { found.len() };
        found.splice(at..at, titles(&page["nodes"]));
        assert!(page["totalCount"].as_u64() >= Some(found.len() as u64), "a walk that does not end: {found:?}");
        if page["pageInfo"][further] == false {
            assert_eq!(page["totalCount"], found.len(), "{order} {filter}");
            return found;
        }
        cursor = page["pageInfo"][if backward { "startCursor" } else { "endCursor" }].clone();
    }
}

#[tokio::test]
async fn a_list_by_demand_is_the_same_whichever_teams_are_asked_for_and_however_it_is_cut() {
    let server = Server::start().await;
    let keeper = told(&server).await;
    let of_pay = server.caller_with("keeper", &Scope::ALL, "PAY");
    let all = ["PAY", "OPS", "LAW"];
    let table = [
        (&keeper, json!({}), &all[..], false),
        (&keeper, json!({ "team": { "eq": "PAY" } }), &all[..1], false),
        (&keeper, json!({ "team": { "eq": "PAY" }, "status": { "eq": "NEW" } }), &all[..1], true),
        (&keeper, json!({ "team": { "in": ["PAY", "OPS"] } }), &all[..2], false),
        (&keeper, json!({ "or": [{ "team": { "eq": "PAY" } }, { "team": { "eq": "OPS" } }] }), &all[..2], false),
        (&keeper, json!({ "team": { "eq": "NONE" } }), &[], false),
        (&of_pay, json!({}), &all[..1], false),
        (&of_pay, json!({ "team": { "in": ["PAY", "OPS"] }, "status": { "nin": ["DECLINED"] } }), &all[..1], true),
        (&of_pay, json!({ "team": { "eq": "OPS" } }), &[], false),
        // What few ideas have in common is looked up in another way.
        (&keeper, json!({ "title": { "nin": ["x"] } }), &all[..], false),
        (&keeper, json!({ "team": { "eq": "PAY" }, "title": { "nin": ["h", "l"] } }), &all[..1], true),
        (&of_pay, json!({ "requests": { "gte": 0 } }), &all[..1], false),
    ];

    for (caller, filter, teams, new_only) in table {
        for order in ["DEMAND_OPEN_AMOUNT_DESC", "DEMAND_REQUESTS_DESC"] {
            let filter = but(filter.clone(), json!({ "currency": "EUR" }));
            let expected = expected(order, teams, new_only);
            for (size, backward) in [(1, false), (1, true), (3, false), (4, true), (5, false), (50, false), (50, true)]
            {
                let found = walked(caller, order, &filter, size, backward).await;
                assert_eq!(found, expected, "{order} {filter} by {size}, backward: {backward}");
            }
        }
    }
}

#[tokio::test]
async fn what_hardly_any_idea_has_and_what_most_have_is_listed_in_the_same_orders() {
    const MANY: usize = 640;
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let keeper = keeper(&server);
    let amount = |place: usize| place * 7 % (MANY + 1);
    let requests: Vec<_> = (1..=MANY)
        .map(|place| {
            let team = if place % 3 == 0 { "OPS" } else { "PAY" };
            let external = json!({ "team": team, "system": "tracker", "externalId": place.to_string(),
                                   "title": place.to_string() });
            let deal = but(deal(&place.to_string(), "1", None), worth(&amount(place).to_string(), "EUR"));
            json!({ "idea": { "external": external }, "deal": deal })
        })
        .collect();
    let mut ideas = Vec::new();
    for some in requests.chunks(MANY / 2) {
        let fields = "results { customerRequest { idea { id } } }";
        let posted = keeper.done("customerRequestsUpsert", json!({ "requests": some }), fields).await;
        let results = posted["results"].as_array().unwrap().iter();
        ideas.extend(results.map(|result| result["customerRequest"]["idea"]["id"].clone()));
    }
    let declined = |place: &usize| place.is_multiple_of(80);
    for place in (1..=MANY).filter(declined) {
        keeper.done("ideaDecline", json!({ "idea": ideas[place - 1], "reason": "No." }), "__typename").await;
    }

    let teams = [(json!({}), 1), (json!({ "team": { "eq": "OPS" } }), 3), (json!({ "team": { "nin": ["PAY"] } }), 3)];
    for (filter, each) in teams {
        for order in ["CREATED_DESC", "SCORE_DESC", "DEMAND_REQUESTS_DESC", "DEMAND_OPEN_AMOUNT_DESC"] {
            for (status, few) in [("DECLINED", true), ("NEW", false)] {
                let filter = but(filter.clone(), json!({ "status": { "eq": status }, "currency": "EUR" }));
                let size = if few { 3 } else { 90 };
                let mut expected: Vec<_> =
                    (1..=MANY).filter(|place| place % each == 0 && declined(place) == few).collect();
                let by_worth = order == "DEMAND_OPEN_AMOUNT_DESC";
                expected.sort_by_key(|place| Reverse(if by_worth { amount(*place) } else { *place }));
                let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
                for backward in [false, true] {
                    assert_eq!(walked(&keeper, order, &filter, size, backward).await, expected, "{order} {filter}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_lies_between_two_cursors_is_the_same_wherever_they_are() {
    let server = Server::start().await;
    let keeper = told(&server).await;
    for (order, currency) in
        [("DEMAND_OPEN_AMOUNT_DESC", "EUR"), ("DEMAND_OPEN_AMOUNT_DESC", "JPY"), ("DEMAND_REQUESTS_DESC", "EUR")]
    {
        let filter = json!({ "team": { "eq": "PAY" }, "currency": currency });
        let ask = async |arguments: Value| {
            let arguments = but(arguments, json!({ "order": order, "filter": filter }));
            keeper.ask(PAGE, arguments).await.data()["ideas"].clone()
        };
        let mut cursors = vec![Value::Null];
        for _ in 0..9 {
            let page = ask(json!({ "first": 1, "after": cursors.last() })).await;
            cursors.push(page["pageInfo"]["endCursor"].clone());
        }
        let whole = titles(&ask(json!({ "first": 50 })).await["nodes"]);
        assert_eq!(whole.len(), 9);
        if currency == "JPY" {
            assert_eq!(whole, ["m", "l", "k", "i", "h", "g", "d", "c", "a"], "nothing is worth anything in it");
        }

        for from in 1..10 {
            for to in from + 1..10 {
                let within = ask(json!({ "first": 50, "after": cursors[from], "before": cursors[to] })).await;
                assert_eq!(titles(&within["nodes"]), whole[from..to - 1], "{order} {currency}: {from} to {to}");
            }
        }
    }
}

#[tokio::test]
async fn a_merge_is_in_the_order_at_once() {
    let server = Server::start().await;
    let keeper = told(&server).await;
    let [from, into] = [submit(&keeper, "PAY", "from").await, submit(&keeper, "PAY", "into").await];
    ask_for(&keeper, &from, but(deal("merged", "1", None), worth("6", "EUR"))).await;
    keeper.done("ideaMerge", json!({ "idea": from, "into": into }), "__typename").await;

    let filter = json!({ "team": { "eq": "PAY" }, "currency": "EUR" });
    for (order, place) in [("DEMAND_OPEN_AMOUNT_DESC", 1), ("DEMAND_REQUESTS_DESC", 2)] {
        let found = walked(&keeper, order, &filter, 2, false).await;
        assert_eq!((found.len(), found[place].as_str()), (11, "into"), "{order} {found:?}");
    }
}

#[tokio::test]
async fn what_an_older_build_wrote_has_its_place_in_the_order() {
    let server = Server::start().await;
    let keeper = told(&server).await;
    let filter = json!({ "team": { "eq": "PAY" }, "currency": "EUR" });
    let columns = "idea_id, status, currency, requests, amount";
    let owner = owner_of(&server.database).await;
    let run = async |sql: String| owner.execute_unprepared(&sql).await.unwrap().rows_affected();

    // As such a build writes: without the columns that it does not know.
    run(format!("CREATE TABLE aside AS SELECT {columns} FROM idea_demand")).await;
    let parts = run("DELETE FROM idea_demand".to_owned()).await;
    let again = run(format!("INSERT INTO idea_demand ({columns}) SELECT {columns} FROM aside")).await;

    assert!(parts > 12 && again >= parts, "{parts} {again}");
    for order in ["DEMAND_OPEN_AMOUNT_DESC", "DEMAND_REQUESTS_DESC"] {
        assert_eq!(walked(&keeper, order, &filter, 2, false).await, expected(order, &["PAY"], false), "{order}");
    }
}
