//! Callers: whoever holds a token, and what the API answers them.

use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    token: String,
    token_id: String,
    client: reqwest::Client,
}

/// What the API answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// The codes of user errors, in order.
pub(crate) fn codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap_or_else(|| panic!("no userErrors in {payload}"));
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

impl Answer {
    /// The data of an answer without errors.
    pub(crate) fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        &self.body["data"]
    }

    /// The code of the first top-level error.
    pub(crate) fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {:#}", self.body))
    }

    /// The body to compare with another's: without the points that are left, which tell how fast somebody asks.
    pub(crate) fn comparable(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(cost) = body.pointer_mut("/extensions/cost").and_then(Value::as_object_mut) {
            cost.remove("remaining");
        }
        body
    }
}

impl Caller {
    pub(crate) fn new(url: &str, token: String, token_id: String) -> Self {
        Self { url: url.to_owned(), token, token_id, client: reqwest::Client::new() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn token_id(&self) -> &str {
        &self.token_id
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.client.post(&self.url).bearer_auth(&self.token).json(&body).send().await.unwrap();
        Answer { status: sent.status().as_u16(), body: sent.json().await.unwrap() }
    }

    /// Sends a query; the answer is what came over HTTP.
    pub(crate) async fn send(&self, query: &str) -> reqwest::Response {
        self.client.post(&self.url).bearer_auth(&self.token).json(&json!({ "query": query })).send().await.unwrap()
    }

    /// Asks under an idempotency key.
    pub(crate) async fn ask_under(&self, key: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(&self.url).bearer_auth(&self.token).header("Idempotency-Key", key);
        let accept = "application/graphql-response+json";
        let sent = request.header("Accept", accept).json(&body).send().await.unwrap();
        Answer { status: sent.status().as_u16(), body: sent.json().await.unwrap() }
    }

    /// Asks, and expects data.
    pub(crate) async fn query(&self, query: &str) -> Value {
        self.ask(query, json!({})).await.data().clone()
    }

    /// Runs a mutation by its name; answers with its payload, refused or not.
    pub(crate) async fn mutate(&self, name: &str, input: Value, fields: &str) -> Value {
        self.try_mutate(name, input, fields).await.data()[name].clone()
    }

    pub(crate) async fn try_mutate(&self, name: &str, input: Value, fields: &str) -> Answer {
        let mut kind = name.to_owned();
        kind[..1].make_ascii_uppercase();
        let query = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} userErrors {{ code message field remedy }} }} }}"
        );
        self.ask(&query, json!({ "input": input })).await
    }

    /// Runs a mutation that must go through.
    pub(crate) async fn done(&self, name: &str, input: Value, fields: &str) -> Value {
        let payload = self.mutate(name, input, fields).await;
        assert_eq!(payload["userErrors"], json!([]), "{name} was refused: {payload:#}");
        payload
    }

    /// Runs a mutation that must be refused; answers with the codes.
    pub(crate) async fn refused(&self, name: &str, input: Value) -> Vec<String> {
        let codes = codes(&self.mutate(name, input, "__typename").await);
        assert!(!codes.is_empty(), "{name} went through");
        codes
    }
}
