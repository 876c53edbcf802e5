//! What roadmap items serve, on lists that are read page by page: an item counts once however many key results it serves,
//! with all of its words, and names them in the order in which they were given.

use serde_json::{Value, json};

use crate::support::{Caller, Server, commit_plan};

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
