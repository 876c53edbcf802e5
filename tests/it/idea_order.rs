//! Ideas by demand: the same order whichever teams are asked for, in pages of any size, from either end; and what a build
//! before the order's index writes has its place in it.

use std::cmp::Reverse;

use holdline_domain::permission::Scope;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::{Caller, Server, ask_for, but, deal, keeper, owner_of, submit, teams};

const PAGE: &str =
    "query($order: IdeaOrder, $filter: IdeaFilter, $first: Int, $after: String, $last: Int, $before: String) {
    ideas(orderBy: $order, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { title } } }";

/// An idea's team, title, amounts in open deals in EUR, those in USD, and whether it was declined.
type Told = (&'static str, &'static str, &'static [u32], &'static [u32], bool);

/// In the order of their submission. Some have none in the one currency, some none at all, some are worth the same, one is
/// worth nothing.
const IDEAS: [Told; 12] = [
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
];

async fn told(server: &Server) -> Caller {
    teams(server, &["PAY", "OPS", "LAW"]).await;
    let keeper = keeper(server);
    for (team, title, euros, dollars, declined) in IDEAS {
        let idea = submit(&keeper, team, title).await;
        let asks = euros.iter().map(|worth| (worth, "EUR")).chain(dollars.iter().map(|worth| (worth, "USD")));
        for (place, (worth, currency)) in asks.enumerate() {
            let amount = json!({ "amount": { "amount": worth.to_string(), "currency": currency } });
            ask_for(&keeper, &idea, but(deal(&format!("{title}{place}"), "1", None), amount)).await;
        }
        if declined {
            keeper.done("ideaDecline", json!({ "idea": idea, "reason": "No." }), "__typename").await;
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
        let titles = page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned());
        let at = if backward { 0 } else { found.len() };
        found.splice(at..at, titles);
        assert!(found.len() <= IDEAS.len(), "a walk that does not end: {found:?}");
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
