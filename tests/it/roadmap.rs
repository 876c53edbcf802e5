//! The roadmap flexes freely, in NOW within what was committed, and shows what no longer fits.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Caller, Server, codes, commit_plan, open_meeting, propose};

const STANDS: &str = r#"{ team(key: "PAY") { roadmap { bounded asOf now { nodes { title } totalCount } next { nodes { title } }
    later { nodes { title } } shipped { nodes { title } } dropped { nodes { title droppedBecause } } } } }"#;

/// Adds an item; answers with its id.
async fn add(caller: &Caller, title: &str, horizon: &str, key_results: &[&str]) -> String {
    let input = json!({ "team": "PAY", "title": title, "horizon": horizon, "keyResults": key_results, "effort": "2" });
    let added = caller.done("roadmapItemAdd", input, "roadmapItem { id }").await;
    added["roadmapItem"]["id"].as_str().unwrap().to_owned()
}

async fn shift(caller: &Caller, item: &str, place: Value) {
    let mut input = place;
    input["roadmapItem"] = json!(item);
    caller.done("roadmapItemMove", input, "roadmapItem { id }").await;
}

fn titles(list: &Value) -> Vec<&str> {
    list["nodes"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

async fn roadmap(caller: &Caller) -> Value {
    caller.query(STANDS).await["team"]["roadmap"].clone()
}

async fn item(caller: &Caller, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on RoadmapItem { title orphaned horizon version keyResults { id } live { title } } } }";
    caller.ask(query, json!({ "id": id })).await.data()["node"].clone()
}

/// Has the approver drop a key result of a plan.
async fn drop_key_result(server: &Server, plan: &str, key_result: &str) {
    let changes = json!([{ "dropKeyResult": { "keyResult": key_result, "why": "It waits until January." } }]);
    let (id, digest) = propose(server, plan, changes).await;
    let meeting = open_meeting(server, "PAY", &[&id]).await;
    let input =
        json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "So.", "digest": digest });
    server.approver().done("renegotiationDecide", input, "plan { id }").await;
}

#[tokio::test]
async fn the_roadmap_flexes_freely_inside_what_was_committed() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let caller = server.caller("contributor", Role::Contributor, "PAY");
    let live = [committed.key_results[0].as_str()];
    let (first, second) = (add(&caller, "a", "NOW", &live).await, add(&caller, "b", "NOW", &live).await);
    let (third, free) = (add(&caller, "c", "NEXT", &live).await, add(&caller, "d", "LATER", &[]).await);

    shift(&caller, &third, json!({ "horizon": "NOW", "before": second })).await;
    shift(&caller, &first, json!({ "after": second })).await;
    let fourth = add(&caller, "e", "NOW", &live).await;
    shift(&caller, &fourth, json!({ "after": third, "before": second })).await;
    let said = json!({ "roadmapItem": free, "title": "dd", "effort": null, "problem": "Slow." });
    caller.done("roadmapItemUpdate", said, "roadmapItem { id }").await;
    let fifth = add(&caller, "f", "LATER", &[]).await;
    let said = json!({ "roadmapItem": fifth, "reason": "Nobody asks." });
    caller.done("roadmapItemDrop", said, "roadmapItem { id }").await;
    caller.done("roadmapItemShip", json!({ "roadmapItem": first }), "roadmapItem { status }").await;

    let stands = roadmap(&caller).await;
    assert_eq!((&stands["bounded"], titles(&stands["now"])), (&json!(true), vec!["c", "e", "b"]));
    assert_eq!((titles(&stands["next"]), titles(&stands["later"])), (vec![], vec!["dd"]));
    assert_eq!((titles(&stands["shipped"]), stands["now"]["totalCount"].clone()), (vec!["a"], json!(3)));
    assert_eq!(stands["dropped"]["nodes"], json!([{ "title": "f", "droppedBecause": "Nobody asks." }]));
    let log = r#"{ auditLog(filter: { subject: { eq: "ID" } }, orderBy: SEQ_ASC) { nodes { action subject { id } before after } } }"#;
    let log = server.auditor().query(&log.replace("ID", &third)).await;
    let moved = &log["auditLog"]["nodes"][1];
    assert_eq!((&moved["action"], &moved["subject"]["id"]), (&json!("ROADMAP_ITEM_MOVED"), &json!(third)));
    assert_eq!((&moved["before"]["horizon"], &moved["after"]["horizon"]), (&json!("NEXT"), &json!("NOW")));
}

#[tokio::test]
async fn every_write_into_now_needs_a_live_key_result_once_the_quarter_is_committed() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let theirs = commit_plan(&server, "OPS").await;
    let planner = server.planner();
    let (ours, foreign) = (committed.key_results[1].as_str(), theirs.key_results[0].as_str());
    let orphan = add(&planner, "orphan", "NOW", &[ours]).await;
    let aside = add(&planner, "aside", "NEXT", &[foreign]).await;
    drop_key_result(&server, &committed.plan, ours).await;
    let before = server.planner().query(r#"{ plan(team: "PAY") { drift { refusals } } }"#).await;

    let attempts = [
        ("roadmapItemAdd", json!({ "team": "PAY", "title": "x", "horizon": "NOW" })),
        ("roadmapItemAdd", json!({ "team": "PAY", "title": "x", "horizon": "NOW", "keyResults": [ours] })),
        ("roadmapItemAdd", json!({ "team": "PAY", "title": "x", "horizon": "NOW", "keyResults": [foreign] })),
        ("roadmapItemMove", json!({ "roadmapItem": aside, "horizon": "NOW" })),
        ("roadmapItemMove", json!({ "roadmapItem": orphan })),
        ("roadmapItemUpdate", json!({ "roadmapItem": orphan, "title": "Otherwise" })),
        ("roadmapItemUpdate", json!({ "roadmapItem": orphan, "keyResults": [] })),
    ];
    for (name, input) in attempts {
        let refused = planner.mutate(name, input.clone(), "roadmapItem { id }").await;
        assert_eq!(codes(&refused), ["NOW_SERVES_COMMITMENT"], "{name} {input}");
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("2026-Q4"), "{message}");
    }

    let plan = planner.query(r#"{ plan(team: "PAY") { drift { refusals } } }"#).await;
    assert_eq!(before["plan"]["drift"]["refusals"], json!(0));
    assert_eq!(plan["plan"]["drift"]["refusals"], json!(7));
    let live = json!({ "roadmapItem": orphan, "keyResults": [committed.key_results[0]] });
    planner.done("roadmapItemUpdate", live, "roadmapItem { id }").await;
}

#[tokio::test]
async fn an_item_is_orphaned_the_moment_a_renegotiation_drops_what_it_serves() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let (gone, stays) = (committed.key_results[0].as_str(), committed.key_results[2].as_str());
    let now = add(&planner, "now", "NOW", &[gone]).await;
    let both = add(&planner, "both", "NEXT", &[gone, stays]).await;
    let free = add(&planner, "free", "LATER", &[]).await;
    assert_eq!(item(&planner, &now).await["orphaned"], false);
    let instant = server.now();

    drop_key_result(&server, &committed.plan, gone).await;

    for (id, orphaned) in [(&now, true), (&both, false), (&free, true)] {
        assert_eq!(item(&planner, id).await["orphaned"], orphaned);
    }
    let key_result = item(&planner, &now).await["keyResults"][0]["id"].clone();
    assert!(key_result.as_str().unwrap().starts_with(&format!("{gone}~t")), "as it stood last: {key_result}");
    let query = format!(
        r#"{{ team(key: "PAY") {{ roadmap(asOf: "{instant}") {{ bounded now {{ nodes {{ id orphaned keyResults {{ title }} }} }} }} }} }}"#
    );
    let then = &planner.query(&query).await["team"]["roadmap"]["now"]["nodes"][0];
    assert_eq!((&then["orphaned"], then["keyResults"].as_array().unwrap().len()), (&json!(false), 1));
    server.set_clock("2027-01-02T00:00:00Z");
    assert_eq!(item(&planner, &both).await["orphaned"], true);
    assert_eq!(item(&planner, then["id"].as_str().unwrap()).await["orphaned"], false);
    planner.done("roadmapItemShip", json!({ "roadmapItem": now }), "roadmapItem { orphaned }").await;
    assert_eq!(item(&planner, &now).await["orphaned"], false);
}

#[tokio::test]
async fn the_roadmap_of_a_past_instant_stays_as_it_was() {
    let server = Server::start().await;
    let planner = server.planner();
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "PAY" }), "team { id }").await;
    let empty = server.now();
    let (a, b) = (add(&planner, "a", "NOW", &[]).await, add(&planner, "b", "NOW", &[]).await);
    let earlier = server.now();
    shift(&planner, &b, json!({ "before": a })).await;
    planner.done("roadmapItemUpdate", json!({ "roadmapItem": a, "title": "aa" }), "roadmapItem { id }").await;
    let c = add(&planner, "c", "LATER", &[]).await;
    planner.done("roadmapItemShip", json!({ "roadmapItem": b }), "roadmapItem { id }").await;
    let at = |instant: &str| {
        format!(
            r#"{{ team(key: "PAY") {{ roadmap(asOf: "{instant}") {{ bounded asOf now {{ nodes {{ id title version live {{ title }} }} totalCount }} later {{ nodes {{ title }} }} shipped {{ nodes {{ title }} }} }} }} }}"#
        )
    };

    let then = planner.query(&at(&earlier)).await["team"]["roadmap"].clone();

    assert_eq!((titles(&then["now"]), &then["asOf"]), (vec!["a", "b"], &json!(earlier)));
    assert_eq!((titles(&then["later"]), titles(&then["shipped"]), &then["bounded"]), (vec![], vec![], &json!(false)));
    let first = &then["now"]["nodes"][0];
    assert_eq!((&first["live"]["title"], &then["now"]["totalCount"]), (&json!("aa"), &json!(2)));
    let pinned = first["id"].as_str().unwrap();
    assert!(pinned.starts_with(&format!("{a}~t")), "{pinned}");
    assert_eq!(item(&planner, pinned).await["title"], "a");
    planner.done("roadmapItemDrop", json!({ "roadmapItem": c, "reason": "No." }), "roadmapItem { id }").await;
    assert_eq!(planner.query(&at(&earlier)).await["team"]["roadmap"], then);
    assert_eq!(planner.query(&at(&empty)).await["team"]["roadmap"]["now"]["nodes"], json!([]));
    let refused = planner.ask(&at("2027-01-01T00:00:00Z"), json!({})).await;
    assert_eq!(refused.code(), "INVALID");
    assert_eq!(planner.refused("roadmapItemShip", json!({ "roadmapItem": pinned })).await, ["INVALID"]);
}

/// The plan's open ends, as of an instant where one is given.
fn ends(arguments: &str) -> String {
    format!(
        r#"{{ plan(team: "PAY"{arguments}) {{ uncovered {{ live {{ id }} }} drift {{ crowding {{ itemsEnteredNow effortEnteredNow }} }}
           objectives {{ keyResults {{ roadmapItems {{ nodes {{ title horizon }} totalCount }} }} }} }} }}"#
    )
}

fn uncovered(read: &Value) -> Vec<String> {
    let open = read["plan"]["uncovered"].as_array().unwrap().iter();
    open.map(|key_result| key_result["live"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_committed_key_result_that_nothing_in_now_or_next_serves_is_uncovered() {
    let server = Server::start().await;
    let planner = server.planner();
    let committed = commit_plan(&server, "PAY").await;
    let of = |place: usize| [committed.key_results[place].as_str()];
    add(&planner, "first", "NOW", &of(0)).await;
    let second = add(&planner, "second", "NEXT", &of(1)).await;
    add(&planner, "third", "LATER", &of(2)).await;
    let instant = server.now();

    let read = planner.query(&ends("")).await;

    assert_eq!(uncovered(&read), committed.key_results[2..]);
    let serving = &read["plan"]["objectives"][0]["keyResults"][0]["roadmapItems"];
    assert_eq!(*serving, json!({ "nodes": [{ "title": "first", "horizon": "NOW" }], "totalCount": 1 }));
    planner.done("roadmapItemShip", json!({ "roadmapItem": second }), "roadmapItem { id }").await;
    assert_eq!(uncovered(&planner.query(&ends("")).await), committed.key_results[1..]);
    let then = planner.query(&ends(&format!(r#", asOf: "{instant}""#))).await;
    assert_eq!(uncovered(&then), committed.key_results[2..]);
    assert_eq!(then["plan"]["objectives"][0]["keyResults"][1]["roadmapItems"]["nodes"][0]["title"], "second");
}

#[tokio::test]
async fn what_entered_now_after_the_commit_is_counted_once_until_the_quarter_ends() {
    let server = Server::start().await;
    let planner = server.planner();
    server.admin().done("teamCreate", json!({ "key": "OPS", "name": "OPS" }), "team { id }").await;
    let committed = commit_plan(&server, "PAY").await;
    let of = |place: usize| [committed.key_results[place].as_str()];
    let crowding = async |arguments: &str| {
        let read = planner.query(&ends(arguments)).await;
        let crowding = &read["plan"]["drift"]["crowding"];
        (crowding["itemsEnteredNow"].as_i64().unwrap(), crowding["effortEnteredNow"].as_str().unwrap().to_owned())
    };
    assert_eq!(crowding("").await, (0, "0".to_owned()));
    let first = add(&planner, "first", "NOW", &of(0)).await;
    add(&planner, "second", "NEXT", &of(1)).await;
    let instant = server.now();
    assert_eq!(crowding("").await, (1, "2".to_owned()));

    // Out and in again is one item, with the effort that it first came with; one without effort counts 0.
    shift(&planner, &first, json!({ "horizon": "LATER" })).await;
    planner.done("roadmapItemUpdate", json!({ "roadmapItem": first, "effort": "9" }), "roadmapItem { id }").await;
    shift(&planner, &first, json!({ "horizon": "NOW" })).await;
    let weightless = json!({ "team": "PAY", "title": "third", "horizon": "NOW", "keyResults": of(3) });
    let third = planner.done("roadmapItemAdd", weightless, "roadmapItem { id }").await["roadmapItem"]["id"].clone();
    planner.done("roadmapItemShip", json!({ "roadmapItem": third }), "roadmapItem { id }").await;

    assert_eq!(crowding("").await, (2, "2".to_owned()));
    assert_eq!(crowding(&format!(r#", asOf: "{instant}""#)).await, (1, "2".to_owned()));
    server.set_clock("2027-01-02T00:00:00Z");
    add(&planner, "late", "NOW", &[]).await;
    assert_eq!(crowding(r#", quarter: "2026-Q4""#).await, (2, "2".to_owned()));
    assert_eq!(roadmap(&planner).await["bounded"], false);
}

#[tokio::test]
async fn neighbours_versions_and_ids_are_checked_and_a_retry_is_harmless() {
    let server = Server::start().await;
    let planner = server.planner();
    for team in ["PAY", "OPS"] {
        server.admin().done("teamCreate", json!({ "key": team, "name": team }), "team { id }").await;
    }
    let (a, b) = (add(&planner, "a", "NEXT", &[]).await, add(&planner, "b", "LATER", &[]).await);
    let said = json!({ "team": "OPS", "title": "theirs", "horizon": "NEXT" });
    let theirs = planner.done("roadmapItemAdd", said, "roadmapItem { id }").await["roadmapItem"]["id"].clone();
    let unknown = "item_01h455vb4pex5vsknk084sn02q";
    let table = [
        (json!({ "roadmapItem": a, "after": b }), "INVALID", "after"),
        (json!({ "roadmapItem": a, "before": theirs }), "INVALID", "before"),
        (json!({ "roadmapItem": a, "before": a }), "INVALID", "before"),
        (json!({ "roadmapItem": a, "after": unknown }), "NOT_FOUND", "after"),
        (json!({ "roadmapItem": a, "horizon": "LATER", "expectedVersion": 7 }), "CONFLICT", "expectedVersion"),
        (json!({ "roadmapItem": unknown }), "NOT_FOUND", "roadmapItem"),
    ];

    for (input, code, field) in table {
        let refused = planner.mutate("roadmapItemMove", input.clone(), "__typename").await;
        assert_eq!(
            (codes(&refused), &refused["userErrors"][0]["field"]),
            (vec![code.to_owned()], &json!([field])),
            "{input}"
        );
    }

    let again = json!({ "id": unknown, "team": "PAY", "title": "once", "horizon": "NEXT", "effort": "1.5" });
    planner.done("roadmapItemAdd", again.clone(), "roadmapItem { id }").await;
    add(&planner, "later", "NEXT", &[]).await;
    let retried = planner.done("roadmapItemAdd", again.clone(), "roadmapItem { id version }").await;
    assert_eq!(retried["roadmapItem"], json!({ "id": unknown, "version": 1 }));
    assert_eq!(titles(&roadmap(&planner).await["next"]), ["a", "once", "later"]);
    let other = json!({ "id": unknown, "team": "PAY", "title": "other", "horizon": "NEXT" });
    assert_eq!(planner.refused("roadmapItemAdd", other).await, ["CONFLICT"]);
    assert_eq!(
        planner
            .refused("roadmapItemAdd", json!({ "team": "PAY", "title": "x", "horizon": "NEXT", "effort": "-1" }))
            .await,
        ["INVALID"]
    );
    assert_eq!(
        planner.refused("roadmapItemDrop", json!({ "roadmapItem": a, "reason": " " })).await,
        ["REASON_REQUIRED"]
    );
}

#[tokio::test]
async fn a_token_sees_and_moves_nothing_of_other_teams() {
    let server = Server::start().await;
    let ours = commit_plan(&server, "PAY").await;
    let theirs = commit_plan(&server, "OPS").await;
    let planner = server.planner();
    let said = json!({ "team": "OPS", "title": "theirs", "horizon": "NOW", "keyResults": [theirs.key_results[0], ours.key_results[0]] });
    let foreign = planner.done("roadmapItemAdd", said, "roadmapItem { id }").await["roadmapItem"]["id"].clone();
    let foreign = foreign.as_str().unwrap();
    let own = add(&planner, "own", "NOW", &[&ours.key_results[0], &theirs.key_results[0]]).await;
    let caller = server.caller("contributor", Role::Contributor, "PAY");

    assert_eq!(item(&caller, foreign).await, Value::Null);
    assert_eq!(item(&caller, &format!("{foreign}~t1793000000000000")).await, Value::Null);
    for (name, input) in [
        ("roadmapItemMove", json!({ "roadmapItem": foreign })),
        ("roadmapItemUpdate", json!({ "roadmapItem": foreign, "title": "mine" })),
        ("roadmapItemShip", json!({ "roadmapItem": foreign })),
        ("roadmapItemDrop", json!({ "roadmapItem": foreign, "reason": "no" })),
        ("roadmapItemMove", json!({ "roadmapItem": own, "after": foreign })),
        ("roadmapItemUpdate", json!({ "roadmapItem": own, "keyResults": [theirs.key_results[0]] })),
        ("roadmapItemAdd", json!({ "team": "OPS", "title": "x", "horizon": "LATER" })),
    ] {
        assert_eq!(caller.refused(name, input.clone()).await, ["NOT_FOUND"], "{name} {input}");
    }
    assert_eq!(item(&caller, &own).await["keyResults"], json!([{ "id": ours.key_results[0] }]));
    let query = r#"{ plan(team: "PAY") { objectives { keyResults { roadmapItems { nodes { id } totalCount } } } } }"#;
    let read = caller.query(query).await;
    let serving = &read["plan"]["objectives"][0]["keyResults"][0]["roadmapItems"];
    assert_eq!(*serving, json!({ "nodes": [{ "id": own }], "totalCount": 1 }));
    let boundary = json!({ "decided": [{ "subject": { "roadmapItem": foreign }, "why": "So." }] });
    let input = json!({ "team": "PAY", "kind": "PLANNING", "title": "t", "boundary": boundary });
    assert_eq!(caller.refused("meetingPrepare", input).await, ["NOT_FOUND"]);
}

#[tokio::test]
async fn a_boundary_names_a_roadmap_item() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "PAY" }), "team { id }").await;
    let planner = server.planner();
    let (a, b) = (add(&planner, "a", "NOW", &[]).await, add(&planner, "b", "NEXT", &[]).await);
    let boundary = json!({ "decided": [{ "subject": { "roadmapItem": a }, "why": "It is half done." }],
                           "open": [{ "question": "When?", "wanted": "SEQUENCING", "subject": { "roadmapItem": b } }] });
    let input = json!({ "team": "PAY", "kind": "PLANNING", "title": "t", "boundary": boundary });

    let fields = "meeting { id boundary { decided { subject { ... on RoadmapItem { id title } } } open { subject { ... on RoadmapItem { title } } } } }";
    let prepared = planner.done("meetingPrepare", input, fields).await;

    let stated = &prepared["meeting"]["boundary"];
    assert_eq!(stated["decided"][0]["subject"], json!({ "id": a, "title": "a" }));
    assert_eq!(stated["open"][0]["subject"]["title"], "b");
    let both = json!({ "decided": [{ "subject": { "roadmapItem": a }, "why": "So." }],
                       "open": [{ "question": "When?", "wanted": "SEQUENCING", "subject": { "roadmapItem": a } }] });
    let again = json!({ "meeting": prepared["meeting"]["id"], "boundary": both });
    assert_eq!(planner.refused("meetingUpdate", again).await, ["BOUNDARY_REQUIRED"]);
}
