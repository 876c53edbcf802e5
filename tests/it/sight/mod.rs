//! Invariant 10 by every path that the schema has: where an argument takes an id or a team's key, a foreign one is
//! answered like one that never was; and nothing that a token of one team reads tells of another team.

mod alike;
mod crawl;
mod links;
mod pages;
mod places;
mod words;

use serde_json::{Value, json};

use self::{
    alike::Probe,
    crawl::{Seen, crawl, node},
    places::{Place, places},
};
use crate::{
    shape::Schema,
    support::{Caller, Server, entries},
    world::{World, everything},
};

/// The word in every text of the team that the token holds, and in every text of the one that it does not.
const OURS: &str = "lighthouse";
const THEIRS: &str = "zanzibar";

/// Two teams with one of everything, and somebody with every scope who holds the first alone.
struct Scene {
    server: Server,
    schema: Schema,
    ours: World,
    theirs: World,
    outsider: Caller,
}

fn outsider(server: &Server) -> Caller {
    server.caller_with("outsider", &holdline_domain::permission::Scope::ALL, "PAY")
}

async fn scene() -> Scene {
    let server = Server::start().await;
    let theirs = World::furnish(&server, "OPS", THEIRS, None).await;
    let ours = World::furnish(&server, "PAY", OURS, Some(&theirs)).await;
    let schema = Schema::of(&everything(&server)).await;
    let outsider = outsider(&server);
    Scene { server, schema, ours, theirs, outsider }
}

/// All that who sees everything reads of a team.
async fn as_it_stands(scene: &Scene, team: &World) -> Vec<Value> {
    let everything = everything(&scene.server);
    let mut read = Vec::new();
    for id in team.ids.values() {
        let of = everything.ask("query($id: ID!) { node(id: $id) { __typename } }", json!({ "id": id })).await;
        let of = of.data()["node"]["__typename"].as_str().unwrap();
        read.push(node(&everything, &scene.schema, of, id).await);
    }
    read
}

#[tokio::test]
async fn invariant_10_a_foreign_id_and_an_unknown_one_are_answered_alike_wherever_one_is_taken() {
    let mut scene = scene().await;
    links::both_ways(&mut scene).await;
    let places = places(&scene.schema);
    let before = (entries(&scene.server).await, as_it_stands(&scene, &scene.theirs).await);

    let mut wrong = Vec::new();
    for place in &places {
        let probe = Probe { scene: &scene, place };
        wrong.extend(probe.faults().await);
    }

    assert!(wrong.is_empty(), "{} faults at {} places:\n{}", wrong.len(), places.len(), wrong.join("\n"));
    let after = (entries(&scene.server).await, as_it_stands(&scene, &scene.theirs).await);
    assert_eq!(before, after, "something was written");
}

#[tokio::test]
async fn invariant_10_what_a_token_of_one_team_reads_holds_nothing_of_another_team() {
    let mut scene = scene().await;
    links::both_ways(&mut scene).await;

    let seen = crawl(&scene.outsider, &scene.schema, &scene.ours).await;

    let met = seen.types();
    let unmet: Vec<_> = scene.schema.get("Node").possible.iter().filter(|of| !met.contains(of.as_str())).collect();
    assert!(unmet.is_empty(), "the crawl met no {unmet:?}");
    let told = seen.tells_of(&scene.theirs);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn invariant_10_what_another_team_does_changes_nothing_that_a_token_of_one_team_reads() {
    let server = Server::start().await;
    let ours = World::furnish(&server, "PAY", OURS, None).await;
    let schema = Schema::of(&everything(&server)).await;
    let outsider = outsider(&server);
    let before = crawl(&outsider, &schema, &ours).await;

    let theirs = World::furnish(&server, "OPS", THEIRS, Some(&ours)).await;
    let scene = Scene { server, schema, ours, theirs, outsider };
    links::to_ours(&scene).await;

    let after = crawl(&scene.outsider, &scene.schema, &scene.ours).await;
    let changed = Seen::differences(&before, &after);
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[tokio::test]
async fn invariant_10_a_word_of_a_foreign_team_finds_what_nobodys_word_finds() {
    let mut scene = scene().await;
    links::both_ways(&mut scene).await;

    let apart = words::told_apart(&scene).await;

    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

#[tokio::test]
async fn invariant_10_a_foreign_cursor_leads_to_nothing_of_the_foreign_team() {
    let mut scene = scene().await;
    links::both_ways(&mut scene).await;

    let told = pages::after_foreign_cursors(&scene).await;

    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn invariant_10_the_proof_of_a_foreign_entry_is_answered_like_that_of_none() {
    let scene = scene().await;
    let log = "{ auditLog(first: 250, orderBy: SEQ_ASC) { nodes { seq team { key } } } }";
    let entries = everything(&scene.server).query(log).await["auditLog"]["nodes"].as_array().unwrap().clone();
    let size = entries.len();
    let prove = async |seq: &Value, tree_size: Option<usize>| {
        let query =
            "query($seq: Int!, $treeSize: Int) { auditInclusionProof(seq: $seq, treeSize: $treeSize) { body } }";
        scene.outsider.ask(query, json!({ "seq": seq, "treeSize": tree_size })).await.comparable()
    };

    for tree_size in [None, Some(1), Some(size), Some(size + 1)] {
        let none = prove(&json!(1_000_000), tree_size).await;
        for entry in &entries {
            let ours = entry["team"]["key"] == "PAY";
            let shown = prove(&entry["seq"], tree_size).await;
            assert_eq!(shown == none, !ours, "{entry} under {tree_size:?}: {shown:#}");
        }
    }
}
