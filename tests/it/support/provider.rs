//! A sign-in provider of one's own: signs tokens with keys made for tests, and publishes the keys as the test wants.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose as base64_of};
use holdline::auth::{Mapping, Pace, Source, TeamsFrom, Trust};
use holdline_domain::{permission::Role, text::Line};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};

use super::{Caller, Server};

/// Who the provider says it is; nothing is ever fetched from there.
pub(crate) const ISSUER: &str = "https://id.example.com/realms/main";
pub(crate) const AUDIENCE: &str = "holdline-api";

/// A key that signs, under an id.
#[derive(Clone)]
pub(crate) struct TestKey {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    signs: EncodingKey,
}

impl TestKey {
    /// An Ed25519 key; each seed is another one.
    pub(crate) fn ed(kid: &str, seed: u8) -> Self {
        // RFC 8410: what stands before the 32 bytes of a key.
        let mut der = vec![48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
        der.extend([seed; 32]);
        Self { kid: kid.into(), algorithm: Algorithm::EdDSA, signs: EncodingKey::from_ed_der(&der) }
    }

    /// The RSA key, for one of its algorithms.
    pub(crate) fn rsa(kid: &str, algorithm: Algorithm) -> Self {
        let der = der(include_str!("../keys/test-only-rsa.pem"));
        Self { kid: kid.into(), algorithm, signs: EncodingKey::from_rsa_der(&der) }
    }

    /// The P-256 key.
    pub(crate) fn p256(kid: &str) -> Self {
        let der = der(include_str!("../keys/test-only-p256.pem"));
        Self { kid: kid.into(), algorithm: Algorithm::ES256, signs: EncodingKey::from_ec_der(&der) }
    }

    /// The same key under another id.
    pub(crate) fn named(&self, kid: &str) -> Self {
        Self { kid: kid.into(), ..self.clone() }
    }

    /// What the provider publishes of it.
    pub(crate) fn public(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.signs, self.algorithm).unwrap();
        let mut public = serde_json::to_value(jwk).unwrap();
        (public["kid"], public["use"]) = (json!(self.kid), json!("sig"));
        public
    }

    /// A token of these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({}), claims)
    }

    /// A token whose header says something else; null leaves a name out.
    pub(crate) fn sign_as(&self, said: &Value, claims: &Value) -> String {
        let mut header = json!({ "typ": "JWT", "alg": self.algorithm, "kid": self.kid });
        for (name, value) in said.as_object().unwrap() {
            header[name] = value.clone();
        }
        header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        compose(&header, claims, |message| crypto::sign(message, &self.signs, self.algorithm).unwrap())
    }
}

/// A token whose signature is made by hand.
pub(crate) fn compose(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> String) -> String {
    let part = |value: &Value| base64_of::URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{signature}")
}

fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    base64_of::STANDARD.decode(lines).unwrap()
}

/// What the provider answers when its keys are asked for.
#[derive(Clone)]
pub(crate) enum Reply {
    Keys(Vec<Value>),
    Text(String),
    Elsewhere(String),
    Status(u16),
    Slowly(Duration, Vec<Value>),
    Silence,
}

/// A server on this machine that publishes keys.
pub(crate) struct TestProvider {
    pub(crate) url: String,
    reply: Arc<Mutex<Reply>>,
    fetches: Arc<AtomicU64>,
}

impl TestProvider {
    /// One that publishes these keys.
    pub(crate) async fn publishing(keys: &[&TestKey]) -> Self {
        let reply = Arc::new(Mutex::new(Reply::Status(404)));
        let fetches = Arc::new(AtomicU64::new(0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let (told, counted) = (Arc::clone(&reply), Arc::clone(&fetches));
        let routes = Router::new().route(
            "/jwks",
            get(async move || {
                counted.fetch_add(1, Ordering::SeqCst);
                let reply = told.lock().unwrap().clone();
                answer(reply).await
            }),
        );
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let provider = Self { url, reply, fetches };
        provider.publish(keys);
        provider
    }

    /// Publishes other keys from now on.
    pub(crate) fn publish(&self, keys: &[&TestKey]) {
        self.reply(Reply::Keys(keys.iter().map(|key| key.public()).collect()));
    }

    /// Answers in another way from now on.
    pub(crate) fn reply(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// How often the keys were asked for.
    pub(crate) fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::SeqCst)
    }

    /// What a service that trusts it is told.
    pub(crate) fn trust(&self) -> Trust {
        trust(Source::url(&self.url).unwrap())
    }
}

async fn answer(reply: Reply) -> Response {
    match reply {
        Reply::Keys(keys) => json!({ "keys": keys }).to_string().into_response(),
        Reply::Text(text) => text.into_response(),
        Reply::Elsewhere(url) => Redirect::temporary(&url).into_response(),
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Slowly(pause, keys) => {
            tokio::time::sleep(pause).await;
            json!({ "keys": keys }).to_string().into_response()
        }
        Reply::Silence => std::future::pending().await,
    }
}

/// A trusted provider with keys from somewhere: groups are roles, `okr_teams` holds the teams.
pub(crate) fn trust(source: Source) -> Trust {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Integration);
    Trust {
        issuer: Line::parse(ISSUER).unwrap(),
        audience: AUDIENCE.into(),
        longest_life: 24 * 60 * 60,
        mapping: Mapping {
            roles_claim: "groups".into(),
            roles: roles.map(|role| (role, format!("okr-{}s", role.name()))).collect(),
            teams: TeamsFrom::Claim("okr_teams".into()),
            name_claim: "name".into(),
            system_claim: None,
        },
        source,
        pace: Pace {
            refresh: Duration::from_mins(10),
            floor: Duration::from_mins(1),
            keep: Duration::from_hours(24),
            limit: Duration::from_secs(5),
        },
    }
}

impl Server {
    /// The claims of somebody whom the provider knows, as of now and for an hour.
    pub(crate) fn claims(&self, subject: &str, role: Role, teams: &Value) -> Value {
        let now = self.seconds();
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "jti": format!("jti-of-{subject}"),
            "iat": now, "exp": now + 3600, "groups": [format!("okr-{}s", role.name())], "okr_teams": teams,
        })
    }

    /// A token that the service's own key signs and that says something else than the service would.
    pub(crate) fn own_token(&self, said: &Value) -> String {
        let now = self.seconds();
        let mut claims = json!({
            "iss": "holdline", "aud": "holdline", "sub": "u-1001", "jti": "forged", "iat": now, "exp": now + 3600,
            "kind": "person", "scopes": ["read"], "teams": "*", "groups": ["okr-viewers"], "okr_teams": "*",
        });
        claims.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let key = EncodingKey::from_secret(&std::fs::read(self.folder().join("signing.key")).unwrap());
        let header = json!({ "typ": "JWT", "alg": "HS256", "kid": self.app.keys().id() });
        compose(&header, &claims, |message| crypto::sign(message, &key, Algorithm::HS256).unwrap())
    }

    /// Whoever sends this token.
    pub(crate) fn bearer(&self, token: &str) -> Caller {
        Caller::new(&self.url, token.to_owned(), String::new())
    }
}
