//! The backlog through the API: an idea's way, what merges move, and evidence in a renegotiation.

use serde_json::{Value, json};

use crate::support::{
    COUNTED, Server, ask_for, but, commit_plan, deal, demand, digest, entries, keeper, submit, tally, teams,
};

const REQUESTS: &str = "status mergedInto { id } demand { requests } customerRequests { totalCount nodes { id withdrawnAt \
                        idea { id } deal { externalId } } }";

async fn read(server: &Server, id: &str, fields: &str) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Idea {{ {fields} }} }} }}");
    keeper(server).ask(&query, json!({ "id": id })).await.data()["node"].clone()
}

#[tokio::test]
async fn an_idea_goes_its_way_with_one_entry_for_each_step() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let before = entries(&server).await;
    let input = json!({
        "team": "PAY", "title": " Export to CSV ", "body": "For the auditors.", "impact": 5, "effort": 2,
        "external": { "system": "tracker", "externalId": "T-7", "url": "https://tracker.example/T-7" },
        "customerRequests": [
            { "deal": but(deal("1", "10.5", None), json!({ "contact": "purchasing", "openedOn": "2026-10-01" })), "note": "By June." },
            { "account": "An account" },
        ],
    });

    let fields = "idea { id title body status score impact effort version createdAt external { system externalId url }
        customerRequests { nodes { note account deal { system externalId status openedOn contact { name } } } } }";
    let submitted = keeper.done("ideaSubmit", input, fields).await["idea"].clone();
    let id = submitted["id"].as_str().unwrap();
    let step = |extra: Value| but(json!({ "idea": id }), extra);
    let fields = "idea { title body score status declinedBecause version }";
    let edit = json!({ "title": "Export", "body": null, "impact": null, "expectedVersion": 1 });
    let updated = keeper.done("ideaUpdate", step(edit), fields).await["idea"].clone();
    let stale = keeper.refused("ideaReview", step(json!({ "expectedVersion": 1 }))).await;
    let reviewed = keeper.done("ideaReview", step(json!({})), fields).await["idea"].clone();
    let silent = keeper.refused("ideaDecline", step(json!({ "reason": " " }))).await;
    let declined = keeper.done("ideaDecline", step(json!({ "reason": "Too small." })), fields).await["idea"].clone();
    let again = keeper.refused("ideaDecline", step(json!({ "reason": "Still." }))).await;
    let reopened = keeper.done("ideaReview", step(json!({})), fields).await["idea"].clone();

    assert_eq!((submitted["title"].as_str(), submitted["score"].as_f64()), (Some("Export to CSV"), Some(2.5)));
    let asks = &submitted["customerRequests"]["nodes"];
    assert_eq!(asks[0]["deal"]["contact"]["name"], "purchasing");
    assert_eq!((&asks[0]["account"], &asks[1]["account"]), (&json!("Account 1"), &json!("An account")));
    assert_eq!(asks[1]["deal"], Value::Null);
    assert_eq!(
        (&updated["title"], &updated["body"], &updated["score"]),
        (&json!("Export"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (stale, silent, again),
        (vec!["CONFLICT".into()], vec!["REASON_REQUIRED".into()], vec!["CONFLICT".into()])
    );
    let states =
        [&updated, &reviewed, &declined, &reopened].map(|idea| (idea["status"].clone(), idea["version"].clone()));
    assert_eq!(json!(states), json!([["NEW", 2], ["UNDER_REVIEW", 3], ["DECLINED", 4], ["UNDER_REVIEW", 5]]));
    assert_eq!((&declined["declinedBecause"], &reopened["declinedBecause"]), (&json!("Too small."), &Value::Null));
    assert_eq!(demand(&keeper, id).await["requests"], 2, "a declined idea counts demand too");
    let log = server
        .auditor()
        .query("{ auditLog(first: 7, orderBy: SEQ_DESC) { nodes { action reason subject { id } } } }")
        .await;
    let actions: Vec<_> =
        log["auditLog"]["nodes"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "IDEA_REVIEWED",
            "IDEA_DECLINED",
            "IDEA_REVIEWED",
            "IDEA_UPDATED",
            "CUSTOMER_REQUEST_UPSERTED",
            "CUSTOMER_REQUEST_UPSERTED",
            "IDEA_SUBMITTED"
        ]
    );
    assert_eq!(entries(&server).await - before, 7, "refusals leave no entry");
}

#[tokio::test]
async fn a_submission_is_whole_or_not_at_all_and_known_again_by_its_id() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let id = "idea_01h455vb4pex5vsknk084sn02q";
    let input = |title: &str, note: &str| json!({ "id": id, "team": "PAY", "title": title, "customerRequests": [{ "deal": deal("1", "1", None), "note": note }] });
    let nobody = json!({ "team": "PAY", "title": "Export", "customerRequests": [{ "account": "An account" }, { "note": "please" }] });

    let before = entries(&server).await;
    let refused = keeper.mutate("ideaSubmit", nobody, "idea { id }").await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["customerRequests", "1", "deal"]));
    assert_eq!(entries(&server).await, before);

    for _ in 0..3 {
        let made = keeper.done("ideaSubmit", input("Export", "By June."), "idea { id version }").await;
        assert_eq!(made["idea"], json!({ "id": id, "version": 1 }));
    }
    assert_eq!(entries(&server).await - before, 2);
    for other in [input("Import", "By June."), input("Export", "By July.")] {
        assert_eq!(keeper.refused("ideaSubmit", other).await, ["CONFLICT"]);
    }
    assert_eq!(entries(&server).await - before, 2);
}

#[tokio::test]
async fn an_external_identity_is_one_ideas_in_a_team_and_free_in_another() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let keeper = keeper(&server);
    let named = |team: &str| json!({ "team": team, "title": "Export", "external": { "system": "tracker", "externalId": "T-7" } });

    keeper.done("ideaSubmit", named("PAY"), "idea { id }").await;
    keeper.done("ideaSubmit", named("OPS"), "idea { id }").await;
    let plain = submit(&keeper, "PAY", "Import").await;

    assert_eq!(keeper.refused("ideaSubmit", named("PAY")).await, ["CONFLICT"]);
    let taken = json!({ "idea": plain, "external": { "system": "tracker", "externalId": "T-7" } });
    assert_eq!(keeper.refused("ideaUpdate", taken).await, ["CONFLICT"]);
}

#[tokio::test]
async fn a_merge_moves_requests_and_sends_later_posts_on() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let keeper = keeper(&server);
    let (from, into) = (submit(&keeper, "PAY", "Export").await, submit(&keeper, "PAY", "CSV export").await);
    let foreign = submit(&keeper, "OPS", "Export").await;
    let only = ask_for(&keeper, &from, deal("only", "1", None)).await;
    let twin = ask_for(&keeper, &from, deal("both", "2", None)).await;
    let kept = ask_for(&keeper, &into, deal("both", "2", None)).await;
    // Of this one the request for the target was withdrawn, and the other still stands.
    let standing = ask_for(&keeper, &from, deal("back", "4", None)).await;
    let back = ask_for(&keeper, &into, deal("back", "4", None)).await;
    let withdraw = json!({ "customerRequest": back, "reason": "A mistake." });
    keeper.done("customerRequestWithdraw", withdraw, "customerRequest { withdrawnAt }").await;
    let merge = |idea: &str, into: &str| json!({ "idea": idea, "into": into });
    assert_eq!(keeper.refused("ideaMerge", merge(&from, &from)).await, ["INVALID"]);
    assert_eq!(keeper.refused("ideaMerge", merge(&from, &foreign)).await, ["INVALID"]);

    let before = entries(&server).await;
    keeper.done("ideaMerge", merge(&from, &into), "idea { id }").await;
    assert_eq!(entries(&server).await - before, 1);

    let (left, whole) = (read(&server, &from, REQUESTS).await, read(&server, &into, REQUESTS).await);
    let standing_in = |idea: &Value| -> Vec<String> {
        let nodes = idea["customerRequests"]["nodes"].as_array().unwrap().iter();
        let standing = nodes.filter(|request| request["withdrawnAt"].is_null());
        let mut ids: Vec<_> = standing.map(|request| request["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let mut expected = vec![only.clone(), kept.clone(), back.clone()];
    expected.sort();
    assert_eq!((&left["status"], &left["mergedInto"]["id"]), (&json!("MERGED"), &json!(into)));
    assert_eq!((standing_in(&left), left["demand"]["requests"].clone()), (vec![], json!(0)));
    assert_eq!((standing_in(&whole), whole["demand"]["requests"].clone()), (expected, json!(3)));
    assert_eq!(left["customerRequests"]["totalCount"], 2, "{twin} and {standing} stay in the record");

    let news = but(deal("only", "9", Some("2026-11-01T00:00:00Z")), json!({ "stage": "Signed" }));
    assert_eq!(ask_for(&keeper, &from, news).await, only, "a post to the merged idea is one to its target");
    let fresh = ask_for(&keeper, &from, deal("fresh", "1", None)).await;
    let under_old_id = json!({ "id": twin, "idea": { "id": from }, "deal": deal("both", "2", None) });
    let same = keeper.done("customerRequestUpsert", under_old_id, "customerRequest { id }").await;
    assert_eq!(
        same["customerRequest"]["id"],
        json!(kept),
        "the id of a request that the merge left behind still works"
    );
    assert!(standing_in(&read(&server, &into, REQUESTS).await).contains(&fresh));
    assert_eq!(keeper.refused("ideaUpdate", json!({ "idea": from, "title": "Other" })).await, ["INVALID"]);
    assert_eq!(keeper.refused("ideaMerge", merge(&into, &from)).await, ["INVALID"], "no loops");

    let last = submit(&keeper, "PAY", "Exports").await;
    keeper.done("ideaMerge", merge(&into, &last), "idea { id }").await;
    ask_for(&keeper, &from, deal("through two", "1", None)).await;
    let requests = read(&server, &last, &format!("customerRequests {{ nodes {{ {COUNTED} }} }}")).await;
    let requests = requests["customerRequests"]["nodes"].as_array().unwrap().clone();
    assert_eq!(demand(&keeper, &last).await, tally(&requests));
    assert_eq!(demand(&keeper, &last).await["requests"], 5);
}

#[tokio::test]
async fn evidence_is_part_of_a_renegotiation_and_of_its_digest() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    teams(&server, &["OPS"]).await;
    let keeper = keeper(&server);
    let (one, two) = (submit(&keeper, "PAY", "Export").await, submit(&keeper, "OPS", "Import").await);
    ask_for(&keeper, &one, deal("1", "1000", None)).await;
    let drop = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let draft = |evidence: Value| json!({ "plan": committed.plan, "changes": drop, "trigger": "t", "reason": "r", "tradeOff": "x", "evidence": evidence });
    let fields = "renegotiation { id digest evidence { id demand { open { amounts { amount } } } } }";

    let drafted = keeper.done("renegotiationDraft", draft(json!([two, one])), fields).await["renegotiation"].clone();
    let id = drafted["id"].as_str().unwrap();
    let edit = |evidence: Value| json!({ "renegotiation": id, "evidence": evidence });
    let fewer = keeper.done("renegotiationUpdate", edit(json!([one])), fields).await["renegotiation"].clone();
    let turned = keeper.done("renegotiationUpdate", edit(json!([one, two])), fields).await["renegotiation"].clone();
    let kept = keeper.done("renegotiationUpdate", json!({ "renegotiation": id, "reason": "r" }), fields).await;
    keeper.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { id }").await;

    assert_eq!(drafted["evidence"][1]["demand"]["open"]["amounts"][0]["amount"], "1000");
    assert_eq!((&drafted["evidence"][0]["id"], fewer["evidence"].as_array().unwrap().len()), (&json!(two), 1));
    let digests = [&drafted["digest"], &fewer["digest"], &turned["digest"]];
    assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2], "{digests:?}");
    assert_eq!(kept["renegotiation"]["evidence"], turned["evidence"], "what is left out stays");
    assert_eq!(json!(digest(&server, id).await), turned["digest"], "what is proposed is what was drafted");
    let copied = json!({ "plan": committed.plan, "from": id });
    let copy = keeper.done("renegotiationDraft", copied, fields).await;
    assert_eq!(copy["renegotiation"]["evidence"], turned["evidence"]);
    for (evidence, code, field) in [
        (json!([one, "idea_01h455vb4pex5vsknk084sn02q"]), "NOT_FOUND", json!(["evidence", "1"])),
        (json!([one, one]), "INVALID", json!(["evidence"])),
        (json!(vec![one.clone(); 51]), "INVALID", json!(["evidence"])),
    ] {
        let refused = keeper.mutate("renegotiationDraft", draft(evidence), "renegotiation { id }").await;
        assert_eq!((&refused["userErrors"][0]["code"], &refused["userErrors"][0]["field"]), (&json!(code), &field));
    }
}
