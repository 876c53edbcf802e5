//! That the yardstick answers what the service answers: the rows of each hand-written statement beside the question's
//! answer, before either is timed.

use std::collections::BTreeMap;

use holdline_domain::{
    ids::{IdeaId, ObjectiveId},
    money::Money,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryResult, Statement, Value as Bound};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    questions::{Question, Questions},
    reference::{HISTORY, IDEAS, PLAN},
    service::Service,
    set::{Set, team},
};

/// Asks both about each team; ends where they differ.
pub(crate) async fn compare(service: &Service, questions: &Questions, set: &Set) {
    let url = service.postgres.clone();
    let url = url.unwrap_or_else(|| format!("sqlite://{}?mode=ro", service.folder.join("holdline.db").display()));
    let db = sea_orm::Database::connect(url).await.unwrap();
    for number in 0..set.teams {
        let objective = ObjectiveId::parse(&set.objectives[number].id).unwrap().uuid();
        let asked = u64::try_from(number).unwrap();
        let plan = plan(&rows(&db, PLAN, team(number).into()).await);
        assert_eq!(plan, shown_plan(&questions.answer(Question::Plan, asked).await), "{}", team(number));
        let ideas = ideas(&rows(&db, IDEAS, team(number).into()).await);
        let shown = shown_ideas(&questions.answer(Question::Ideas, asked).await);
        // The statement ends where ideas are worth nothing, which those of a small set are before the page is full.
        let (worth, rest) = shown.split_at(ideas.len());
        assert_eq!(ideas, worth, "{}", team(number));
        assert!(rest.iter().all(|idea| idea[5].as_array().unwrap().is_empty()), "{}: {rest:#?}", team(number));
        let history = history(&rows(&db, HISTORY, objective.into()).await);
        assert_eq!(history, shown_history(&questions.answer(Question::History, asked).await), "{}", team(number));
    }
    db.close().await.unwrap();
}

async fn rows(db: &DatabaseConnection, sql: &str, value: Bound) -> Vec<QueryResult> {
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [value])).await.unwrap()
}

fn text(row: &QueryResult, column: usize) -> Option<String> {
    row.try_get_by_index(column).unwrap()
}

fn number(row: &QueryResult, column: usize) -> i64 {
    row.try_get_by_index::<Option<i64>>(column).unwrap().unwrap_or_default()
}

/// What open deals add up to, as the API shows it.
fn amounts(currency: &str, minor: i128) -> Value {
    json!([{ "amount": Money::sum(minor).to_string(), "currency": currency }])
}

/// The revision, and in their order the titles of each objective and key result with its measure and what serves it: title,
/// horizon, all requests, open amounts. Items are sorted by what they say: which comes first is not a plan's to tell.
type Plan = (i64, Vec<Value>);

/// An item as the rows of its requests add up to.
struct Item {
    id: Uuid,
    said: [Option<String>; 2],
    requests: i64,
    open: BTreeMap<String, i128>,
}

fn plan(rows: &[QueryResult]) -> Plan {
    let titles = |row: &QueryResult| [text(row, 0), text(row, 1)];
    let key_result = |rows: &[QueryResult]| {
        let (first, [objective, title]) = (&rows[0], titles(&rows[0]));
        let measure = json!({ "unit": text(first, 2), "baseline": text(first, 3), "target": text(first, 4) });
        json!([objective, title, measure, serving(rows)])
    };
    let key_results = rows.chunk_by(|one, next| titles(one) == titles(next)).map(key_result);
    (number(&rows[0], 11), key_results.collect())
}

fn serving(rows: &[QueryResult]) -> Vec<Value> {
    let mut items: Vec<Item> = Vec::new();
    for row in rows {
        let Some(id) = row.try_get_by_index::<Option<Uuid>>(5).unwrap() else { continue };
        if items.iter().all(|item| item.id != id) {
            items.push(Item { id, said: [text(row, 6), text(row, 7)], requests: 0, open: BTreeMap::new() });
        }
        let item = items.iter_mut().find(|item| item.id == id).unwrap();
        item.requests += i64::from(text(row, 8).is_some());
        if text(row, 8).as_deref() == Some("OPEN") {
            *item.open.entry(text(row, 10).unwrap()).or_default() += i128::from(number(row, 9));
        }
    }
    let shown = |item: &Item| {
        let open = item.open.iter().map(|(currency, minor)| amounts(currency, *minor)[0].clone());
        json!([item.said[0], item.said[1], item.requests, open.collect::<Vec<_>>()])
    };
    sorted(items.iter().map(shown).collect())
}

fn shown_plan(answer: &Value) -> Plan {
    let plan = &answer["data"]["plan"];
    let item = |item: &Value| {
        let demand = &item["demand"];
        json!([item["title"], item["horizon"], demand["requests"], demand["open"]["amounts"]])
    };
    let of_objective = |objective: &Value| -> Vec<Value> {
        let key_result = |key_result: &Value| {
            let serving = sorted(list(&key_result["roadmapItems"]["nodes"]).iter().map(item).collect());
            json!([objective["title"], key_result["title"], key_result["measure"], serving])
        };
        list(&objective["keyResults"]).iter().map(key_result).collect()
    };
    (plan["revision"].as_i64().unwrap(), list(&plan["objectives"]).iter().flat_map(of_objective).collect())
}

fn sorted(mut serving: Vec<Value>) -> Vec<Value> {
    serving.sort_by_key(ToString::to_string);
    serving
}

fn ideas(rows: &[QueryResult]) -> Vec<Value> {
    let idea = |row: &QueryResult| {
        let id = IdeaId::from(row.try_get_by_index::<Uuid>(0).unwrap()).to_string();
        let open = text(row, 5).map_or(json!([]), |minor| amounts("EUR", minor.parse().unwrap()));
        json!([id, text(row, 1), text(row, 2), number(row, 3), number(row, 4), open, number(row, 6)])
    };
    rows.iter().map(idea).collect()
}

fn shown_ideas(answer: &Value) -> Vec<Value> {
    let ideas = &answer["data"]["ideas"];
    let idea = |idea: &Value| {
        let (demand, open) = (&idea["demand"], &idea["demand"]["open"]);
        let shown = [&idea["id"], &idea["title"], &idea["status"], &demand["requests"]];
        json!([shown[0], shown[1], shown[2], shown[3], open["requests"], open["amounts"], ideas["totalCount"]])
    };
    list(&ideas["nodes"]).iter().map(idea).collect()
}

fn history(rows: &[QueryResult]) -> Vec<Value> {
    let entry = |row: &QueryResult| {
        let at = Timestamp::from_micros(number(row, 3)).unwrap().to_string();
        let renegotiation = text(row, 6).map_or(Value::Null, |trigger| json!([text(row, 5), trigger]));
        json!([number(row, 0), text(row, 1), text(row, 2), at, text(row, 4), renegotiation])
    };
    // The newest is the last one of the story.
    rows.iter().rev().map(entry).collect()
}

fn shown_history(answer: &Value) -> Vec<Value> {
    let entry = |entry: &Value| {
        let asked = &entry["renegotiation"];
        let asked = if asked.is_null() { Value::Null } else { json!([asked["reason"], asked["trigger"]]) };
        json!([entry["seq"], entry["action"], entry["reason"], entry["occurredAt"], entry["actor"]["name"], asked])
    };
    list(&answer["data"]["node"]["history"]["nodes"]).iter().map(entry).collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value:#} is no list"))
}
