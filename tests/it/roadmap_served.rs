//! What roadmap items serve, on lists that are read page by page: an item counts once however many key results it serves,
//! with all of its words, and names them in the order in which they were given.

use serde_json::{Value, json};

use crate::support::{Caller, Process, Server, commit_plan, fresh_database};

/// Every page of a list: its items' titles and problems with what each serves, in pages.
async fn pages(caller: &Caller, query: &str, list: impl Fn(&Value) -> &Value, variables: Value) -> Vec<Vec<Value>> {
    let (mut pages, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut variables = variables.clone();
        variables["after"] = after;
        let answer = caller.ask(query, variables).await;
        let page = list(answer.data());
        let item = |item: &Value| {
            let served = item["keyResults"].as_array().unwrap().iter();
            let served: Vec<_> = served.map(|one| one["live"]["id"].as_str().or(one["id"].as_str()).unwrap()).collect();
            json!([item["title"], item["problem"], served])
        };
        pages.push(page["nodes"].as_array().unwrap().iter().map(item).collect());
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return pages;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

const ITEMS: &str = "nodes { title problem keyResults { id live { id } } } pageInfo { hasNextPage endCursor }";

#[tokio::test]
async fn items_that_serve_none_one_and_three_come_once_each_page_by_page_now_and_as_of_then() {
    let server = Server::start().await;
    let planner = server.planner();
    let committed = commit_plan(&server, "PAY").await;
    let key =
        |places: &[usize]| -> Vec<&str> { places.iter().map(|place| committed.key_results[*place].as_str()).collect() };
    let serving = [key(&[]), key(&[2, 0, 1]), key(&[1]), key(&[0, 3]), key(&[])];
    let (mut ids, mut expected) = (Vec::new(), Vec::new());
    for (place, serves) in serving.iter().enumerate() {
        let (title, problem) = (format!("Item {place}"), format!("Problem {place}"));
        let input =
            json!({ "team": "PAY", "title": title, "problem": problem, "horizon": "NEXT", "keyResults": serves });
        let added = planner.done("roadmapItemAdd", input, "roadmapItem { id }").await;
        ids.push(added["roadmapItem"]["id"].clone());
        expected.push(json!([title, problem, serves]));
    }
    server.pass(60);
    let then = server.now();
    server.pass(60);
    let changed = json!({ "roadmapItem": ids[1], "keyResults": key(&[3, 2]) });
    planner.done("roadmapItemUpdate", changed, "roadmapItem { id }").await;
    let mut now = expected.clone();
    now[1][2] = json!(key(&[3, 2]));

    let roadmap = format!(
        r#"query($at: DateTime, $after: String) {{ team(key: "PAY") {{ roadmap(asOf: $at) {{ next(first: 2, after: $after) {{ {ITEMS} }} }} }} }}"#
    );
    for (at, wanted) in [(Value::Null, &now), (json!(then), &expected)] {
        let read = pages(&planner, &roadmap, |data| &data["team"]["roadmap"]["next"], json!({ "at": at })).await;
        assert_eq!(read, wanted.chunks(2).map(<[Value]>::to_vec).collect::<Vec<_>>(), "{at}");
    }
    let of_key_result = format!(
        "query($id: ID!, $after: String) {{ node(id: $id) {{ ... on KeyResult {{ roadmapItems(first: 1, after: $after) {{ {ITEMS} }} }} }} }}"
    );
    for (place, items) in [(0, vec![3]), (1, vec![2]), (2, vec![1]), (3, vec![1, 3])] {
        let id = json!({ "id": committed.key_results[place] });
        let read = pages(&planner, &of_key_result, |data| &data["node"]["roadmapItems"], id).await;
        assert_eq!(read, items.iter().map(|item: &usize| vec![now[*item].clone()]).collect::<Vec<_>>(), "{place}");
    }
}

/// How many key results there are, all of them served by each item, and how many items.
const SERVED: usize = 50;
const ITEMS_SERVING: usize = 120;

/// A draft with as many key results as an item may serve, and items with as much to say as an item may have.
async fn as_much_as_may_be(planner: &Caller) {
    planner.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
    let owner = json!({ "name": "lead" });
    let mut served = Vec::new();
    for place in 0..SERVED / 5 {
        let title = format!("Objective {place}");
        let input = json!({ "plan": drafted["plan"]["id"], "title": title, "rationale": "Because.", "owner": owner });
        let objective = planner.done("objectiveAdd", input, "objective { id }").await["objective"]["id"].clone();
        for key_result in 0..5 {
            let title = format!("Key result {key_result}");
            let input = json!({ "objective": objective, "title": title, "owner": owner, "unit": "%", "baseline": "0", "target": "9" });
            served.push(planner.done("keyResultAdd", input, "keyResult { id }").await["keyResult"]["id"].clone());
        }
    }
    for place in 0..ITEMS_SERVING {
        let (title, problem) = (format!("Item {place}"), "x".repeat(8_000));
        let input =
            json!({ "team": "PAY", "title": title, "problem": problem, "horizon": "NEXT", "keyResults": served });
        planner.done("roadmapItemAdd", input, "roadmapItem { id }").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_12_what_items_say_is_not_held_once_for_each_key_result_that_they_serve() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let process = Process::start(&database, folder.path(), &["--points", "1000000000"]).await;
    let planner = process.caller(&database, folder.path(), "read,plans:write,roadmap:write,admin").await;
    as_much_as_may_be(&planner).await;
    let before = process.peak();

    let list = r#"{ team(key: "PAY") { roadmap { next(first: 120) { nodes { problem keyResults { id } } } } } }"#;
    let items = planner.query(list).await["team"]["roadmap"]["next"]["nodes"].clone();
    let listed = process.peak() - before;
    let served = r#"{ plan(team: "PAY", quarter: "2026-Q4") { objectives { keyResults { roadmapItems(first: 120) { nodes { id } } } } } }"#;
    let objectives = planner.query(served).await["plan"]["objectives"].clone();
    let added = process.peak() - before;

    let items = items.as_array().unwrap();
    assert!(items.iter().all(|item| item["keyResults"].as_array().unwrap().len() == SERVED), "{items:#?}");
    let of_objective = |objective: &Value| {
        let of = objective["keyResults"].as_array().unwrap().iter();
        of.map(|key_result| key_result["roadmapItems"]["nodes"].as_array().unwrap().len()).sum::<usize>()
    };
    let pairs: usize = objectives.as_array().unwrap().iter().map(of_objective).sum();
    assert_eq!((items.len(), pairs), (ITEMS_SERVING, ITEMS_SERVING * SERVED));
    // Once for each key result their words are 48 MB more; once for each item they are one.
    assert!(listed < 40 << 20 && added < 40 << 20, "{listed} {added}");
}
