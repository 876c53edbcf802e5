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
        assert_eq!(ideas, shown_ideas(&questions.answer(Question::Ideas, asked).await), "{}", team(number));
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

/// What an open deal's currency adds up to, as the API shows it.
fn amounts(currency: &str, minor: i128) -> Value {
    json!([{ "amount": Money::sum(minor).to_string(), "currency": currency }])
}

/// Titles of objective and key result with its measure, and what serves it: title, horizon, all requests, open amounts.
type Plan = BTreeMap<(String, String), (Value, Vec<Value>)>;

fn plan(rows: &[QueryResult]) -> Plan {
    let mut items: BTreeMap<(String, String, Uuid), (Value, i64, i128)> = BTreeMap::new();
    let mut plan = Plan::new();
    for row in rows {
        let titles = (text(row, 0).unwrap(), text(row, 1).unwrap());
        let measure = json!({ "unit": text(row, 2), "baseline": text(row, 3), "target": text(row, 4) });
        plan.entry(titles.clone()).or_insert((measure, Vec::new()));
        let Some(item) = row.try_get_by_index::<Option<Uuid>>(5).unwrap() else { continue };
        let said = json!([text(row, 6), text(row, 7)]);
        let (_, requests, open) = items.entry((titles.0, titles.1, item)).or_insert((said, 0, 0));
        *requests += i64::from(text(row, 8).is_some());
        if text(row, 8).as_deref() == Some("OPEN") {
            *open += i128::from(number(row, 9));
        }
    }
    for ((objective, key_result, _), (said, requests, open)) in items {
        let open = if open == 0 { json!([]) } else { amounts("EUR", open) };
        let (_, serving) = plan.get_mut(&(objective, key_result)).unwrap();
        serving.push(json!([said[0], said[1], requests, open]));
    }
    sorted(plan)
}

fn shown_plan(answer: &Value) -> Plan {
    let mut plan = Plan::new();
    for objective in list(&answer["data"]["plan"]["objectives"]) {
        for key_result in list(&objective["keyResults"]) {
            let title = |of: &Value| of["title"].as_str().unwrap().to_owned();
            let item = |item: &Value| {
                let demand = &item["demand"];
                json!([item["title"], item["horizon"], demand["requests"], demand["open"]["amounts"]])
            };
            let serving = list(&key_result["roadmapItems"]["nodes"]).iter().map(item).collect();
            plan.insert((title(objective), title(key_result)), (key_result["measure"].clone(), serving));
        }
    }
    sorted(plan)
}

fn sorted(mut plan: Plan) -> Plan {
    for (_, serving) in plan.values_mut() {
        serving.sort_by_key(ToString::to_string);
    }
    plan
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
