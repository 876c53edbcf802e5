//! A backlog: ideas, who asks for them, and what that adds up to, counted here from what the API lists.

use std::collections::{BTreeMap, BTreeSet};

use holdline_domain::permission::Scope;
use serde_json::{Value, json};

use super::{Caller, Server};

/// All that demand says.
pub(crate) const DEMAND: &str = "requests accounts open { requests amounts { amount currency } } \
                                 won { requests amounts { amount currency } } lost { requests amounts { amount currency } }";

/// Somebody who keeps the backlog, posts requests and reads everything.
pub(crate) fn keeper(server: &Server) -> Caller {
    server.caller_with("keeper", &Scope::ALL, "*")
}

/// Teams with nothing but their names.
pub(crate) async fn teams(server: &Server, keys: &[&str]) {
    for key in keys {
        server.admin().done("teamCreate", json!({ "key": key, "name": key }), "team { id }").await;
    }
}

/// Submits an idea; answers with its id.
pub(crate) async fn submit(caller: &Caller, team: &str, title: &str) -> String {
    let submitted = caller.done("ideaSubmit", json!({ "team": team, "title": title }), "idea { id }").await;
    submitted["idea"]["id"].as_str().unwrap().to_owned()
}

/// An open deal of the CRM that every story uses, worth so much; changed at an instant of its source, or none said.
pub(crate) fn deal(external_id: &str, amount: &str, said: Option<&str>) -> Value {
    json!({ "system": "crm", "externalId": external_id, "status": "OPEN", "account": format!("Account {external_id}"),
            "amount": { "amount": amount, "currency": "USD" }, "sourceUpdatedAt": said })
}

/// The same deal with some fields otherwise.
pub(crate) fn but(mut deal: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("{fields} has no fields") };
    deal.as_object_mut().unwrap().extend(fields);
    deal
}

/// Posts that a deal asks for an idea; answers with the request's id.
pub(crate) async fn ask_for(caller: &Caller, idea: &str, deal: Value) -> String {
    let input = json!({ "idea": { "id": idea }, "deal": deal });
    let posted = caller.done("customerRequestUpsert", input, "customerRequest { id }").await;
    posted["customerRequest"]["id"].as_str().unwrap().to_owned()
}

/// What the requests behind an idea add up to.
pub(crate) async fn demand(caller: &Caller, idea: &str) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Idea {{ demand {{ {DEMAND} }} }} }} }}");
    caller.ask(&query, json!({ "id": idea })).await.data()["node"]["demand"].clone()
}

/// How many entries the log has.
pub(crate) async fn entries(server: &Server) -> i64 {
    server.auditor().query("{ auditLog { totalCount } }").await["auditLog"]["totalCount"].as_i64().unwrap()
}

/// The fields of a request that `tally` counts.
pub(crate) const COUNTED: &str = "id withdrawnAt account deal { externalId stage status amount { amount currency } }";

/// What requests add up to, in the shape of `DEMAND`: in whole ten-thousandths, from the requests and deals themselves.
pub(crate) fn tally(requests: &[Value]) -> Value {
    let standing: Vec<_> = requests.iter().filter(|request| request["withdrawnAt"].is_null()).collect();
    let accounts: BTreeSet<_> = standing.iter().filter_map(|request| request["account"].as_str()).collect();
    let part = |status: &str| {
        let asking: Vec<_> = standing.iter().filter(|request| request["deal"]["status"] == status).collect();
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        for money in asking.iter().map(|request| &request["deal"]["amount"]).filter(|money| !money.is_null()) {
            *sums.entry(money["currency"].as_str().unwrap()).or_default() += units(money["amount"].as_str().unwrap());
        }
        let amounts: Vec<_> =
            sums.into_iter().map(|(currency, sum)| json!({ "amount": shown(sum), "currency": currency })).collect();
        json!({ "requests": asking.len(), "amounts": amounts })
    };
    json!({ "requests": standing.len(), "accounts": accounts.len(), "open": part("OPEN"), "won": part("WON"),
            "lost": part("LOST") })
}

fn units(amount: &str) -> i128 {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{fraction:0<4}").parse().unwrap()
}

fn shown(units: i128) -> String {
    let text = format!("{}.{:04}", units / 10_000, units % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
