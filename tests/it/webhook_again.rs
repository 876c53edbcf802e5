//! Dead letters: what was tried too often, and is told again when somebody asks for it, once for each time they ask.

use serde_json::{Value, json};

use crate::{
    support::{Manner, Receiver, Server, teams},
    webhook::{hook, ideas, state, submitted, until},
};

#[tokio::test]
async fn after_ten_attempts_an_entry_is_a_dead_letter_that_can_be_told_again() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::behaving(|_, _| Manner::Says(503, Vec::new())).await;
    let (id, _) = hook(&server, json!({ "url": receiver.url, "actions": submitted() })).await;
    ideas(&server, "PAY", 1).await;

    for attempts in 1..10 {
        receiver.until(attempts).await;
        until(&server, "a failure", |state| state["deliveries"]["nodes"][0]["failures"] == attempts).await;
        server.pass(28 * 60 * 60);
    }
    let dead = until(&server, "a dead letter", |state| state["dead"] == 1).await;
    assert_eq!((receiver.got().len(), &dead["pending"]), (10, &json!(0)));
    receiver.behave(|_, _| Manner::Says(200, Vec::new()));
    let again = server.admin().done("webhookRedeliver", json!({ "webhook": id }), "redelivered webhook { dead }").await;
    assert_eq!(again, json!({ "redelivered": 1, "webhook": { "dead": 0 }, "userErrors": [] }));
    until(&server, "told", |state| state["deliveries"]["nodes"][0]["status"] == "DELIVERED").await;

    let delivery = dead["deliveries"]["nodes"][0]["id"].clone();
    let named = json!({ "webhook": id, "deliveries": [delivery.clone()] });
    assert_eq!(server.admin().done("webhookRedeliver", named, "redelivered").await["redelivered"], 1);
    receiver.until(12).await;
    let astray = json!({ "webhook": id, "deliveries": ["delivery_01h455vb4pex5vsknk084sn02q"] });
    assert_eq!(server.admin().refused("webhookRedeliver", astray).await, ["NOT_FOUND"]);

    // Under one key it is told once more, however often somebody asks.
    let told = async || until(&server, "told", |state| state["deliveries"]["nodes"][0]["status"] == "DELIVERED").await;
    told().await;
    let query = "mutation($input: WebhookRedeliverInput!) { webhookRedeliver(input: $input) { redelivered } }";
    let (admin, input) = (server.admin(), json!({ "input": { "webhook": id, "deliveries": [delivery] } }));
    let first = admin.ask_under("once", query, input.clone()).await;
    receiver.until(13).await;
    told().await;
    let again = admin.ask_under("once", query, input).await;
    assert_eq!((&first.data()["webhookRedeliver"]["redelivered"], first.data()), (&json!(1), again.data()));
    assert_eq!(state(&server).await["deliveries"]["nodes"][0]["status"], "DELIVERED");
}

#[tokio::test]
async fn what_was_told_is_forgotten_after_a_week_and_what_was_not_is_not() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::start().await;
    hook(&server, json!({ "url": receiver.url, "actions": submitted() })).await;
    ideas(&server, "PAY", 2).await;
    let told = |state: &Value| {
        let nodes = state["deliveries"]["nodes"].as_array().unwrap();
        nodes.len() == 2 && nodes.iter().all(|node| node["status"] == "DELIVERED")
    };
    until(&server, "both told", told).await;
    receiver.behave(|_, _| Manner::Says(503, Vec::new()));
    ideas(&server, "PAY", 1).await;
    until(&server, "a failure", |state| state["deliveries"]["nodes"][2]["failures"] == 1).await;

    // Whoever sends looks for what is old between two attempts.
    for (hours, failures) in [(5 * 24, 2), (28, 3)] {
        server.pass(hours * 60 * 60);
        until(&server, "a further failure", |state| state["deliveries"]["nodes"][2]["failures"] == failures).await;
    }
    let after_six_days = state(&server).await;
    server.pass(2 * 24 * 60 * 60);
    let left =
        until(&server, "two forgotten", |state| state["deliveries"]["nodes"].as_array().unwrap().len() == 1).await;

    assert_eq!(after_six_days["deliveries"]["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(left["deliveries"]["nodes"][0]["id"], after_six_days["deliveries"]["nodes"][2]["id"]);
    assert_eq!(left["pending"], 1, "{left:#}");
}
