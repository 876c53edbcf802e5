//! Tokens that pretend to be the provider's or the service's own, and what each of them is answered.

use holdline_domain::permission::Role;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Reply, Server, TestKey, TestProvider, compose};

const VIEWER: &str = "{ viewer { allTeams } }";
const CLAIM: &str = "cannot be understood";

/// A server that trusts a provider, and the provider's one key.
struct Attacked {
    server: Server,
    provider: TestProvider,
    key: TestKey,
}

impl Attacked {
    async fn begin() -> Self {
        let key = TestKey::ed("k1", 1);
        let provider = TestProvider::publishing(&[&key]).await;
        let server = Server::trusting(provider.trust()).await;
        Self { server, provider, key }
    }

    fn claims(&self) -> Value {
        self.server.claims("u-1001", Role::Viewer, &json!("*"))
    }

    /// A token with other claims; null leaves one out.
    fn with(&self, said: &Value) -> String {
        self.key.sign(&changed(self.claims(), said))
    }

    /// That a token is refused with these words, which never hold the token.
    async fn refuses(&self, what: &str, token: &str, words: &str) {
        let answer = self.server.bearer(token).ask(VIEWER, json!({})).await;
        let text = answer.body.to_string();
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{what}: {text}");
        assert!(text.contains(words), "{what}: {text}");
        let parts = token.split('.').filter(|part| part.len() > 20);
        assert!(parts.into_iter().all(|part| !text.contains(part)), "{what}: {text}");
    }
}

fn changed(mut claims: Value, said: &Value) -> Value {
    for (name, value) in said.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn hs256(secret: &[u8]) -> impl FnOnce(&[u8]) -> String {
    let secret = EncodingKey::from_secret(secret);
    move |message| crypto::sign(message, &secret, Algorithm::HS256).unwrap()
}

#[tokio::test]
async fn a_token_does_not_choose_how_it_is_checked() {
    let attacked = Attacked::begin().await;
    let (key, claims) = (&attacked.key, attacked.claims());
    attacked.server.bearer(&key.sign(&claims)).query(VIEWER).await;
    let public = key.public();
    let thief = TestKey::ed("k1", 9);
    let bytes = |text: &Value| base64_url(text.as_str().unwrap());
    let header = |alg: &str| json!({ "typ": "JWT", "alg": alg, "kid": "k1" });

    let way = "signed in the way that the provider's key is for";
    let brings = "brings a key of its own";
    let table = [
        ("alg none", compose(&header("none"), &claims, |_| String::new()), way),
        ("alg None", compose(&header("None"), &claims, |_| String::new()), way),
        ("alg none with a signature", compose(&header("none"), &claims, hs256(b"x")), way),
        ("the public key as a secret", compose(&header("HS256"), &claims, hs256(&bytes(&public["x"]))), way),
        (
            "its text as a secret",
            compose(&header("HS256"), &claims, hs256(public["x"].as_str().unwrap().as_bytes())),
            way,
        ),
        ("the whole key as a secret", compose(&header("HS256"), &claims, hs256(public.to_string().as_bytes())), way),
        ("another algorithm of a public key", key.sign_as(&json!({ "alg": "ES256" }), &claims), way),
        ("an algorithm that nobody knows", key.sign_as(&json!({ "alg": "ES256K" }), &claims), way),
        ("another key under the same id", thief.sign(&claims), "signature is wrong"),
        ("no signature", compose(&header("EdDSA"), &claims, |_| String::new()), "signature is wrong"),
        ("no key id", key.sign_as(&json!({ "kid": null }), &claims), "does not say which key"),
        ("an unknown key id", key.sign_as(&json!({ "kid": "k2" }), &claims), "does not publish"),
        ("a key id that is a path", key.sign_as(&json!({ "kid": "../../dev/null" }), &claims), "does not publish"),
        ("its own key", thief.sign_as(&json!({ "jwk": thief.public() }), &claims), brings),
        ("the place of its own key", key.sign_as(&json!({ "jku": attacked.provider.url }), &claims), brings),
        ("a certificate's place", key.sign_as(&json!({ "x5u": "https://elsewhere.example" }), &claims), brings),
        ("a certificate", key.sign_as(&json!({ "x5c": ["AAAA"] }), &claims), brings),
        ("crit", key.sign_as(&json!({ "crit": ["b64"], "b64": false }), &claims), "does not understand"),
        ("compression", key.sign_as(&json!({ "zip": "DEF" }), &claims), "does not understand"),
        ("a logout token", key.sign_as(&json!({ "typ": "logout+jwt" }), &claims), "another kind"),
        ("four parts", format!("{}.x", key.sign(&claims)), "This is no token"),
        ("two parts", key.sign(&claims).rsplit_once('.').unwrap().0.to_owned(), "This is no token"),
    ];
    for (what, token, words) in table {
        attacked.refuses(what, &token, words).await;
    }
}

#[tokio::test]
async fn one_issuers_key_signs_nothing_for_another() {
    let attacked = Attacked::begin().await;
    let (server, key, claims) = (&attacked.server, &attacked.key, attacked.claims());
    let own_kid = server.app.keys().id().to_owned();
    let grown = json!({
        "iss": "holdline", "aud": "holdline", "kind": "person", "scopes": ["admin"], "teams": "*",
        "nbf": claims["iat"],
    });
    let ours = changed(claims.clone(), &grown);
    let own_with_their_issuer = server.own_token(&json!({ "iss": ISSUER, "aud": AUDIENCE }));

    server.bearer(&server.own_token(&json!({}))).query(VIEWER).await;
    let table = [
        ("their issuer, our key", own_with_their_issuer, "signed in the way"),
        ("our issuer, their key", key.sign(&ours), "not signed with HS256"),
        ("our issuer and key id, their key", key.sign_as(&json!({ "kid": own_kid }), &ours), "not signed with HS256"),
        ("another issuer", attacked.with(&json!({ "iss": "https://elsewhere.example" })), "does not know its issuer"),
        (
            "their issuer and a slash",
            attacked.with(&json!({ "iss": format!("{ISSUER}/") })),
            "does not know its issuer",
        ),
        (
            "their issuer in capitals",
            attacked.with(&json!({ "iss": ISSUER.to_uppercase() })),
            "does not know its issuer",
        ),
        ("a list of issuers", attacked.with(&json!({ "iss": [ISSUER, "holdline"] })), "not signed with HS256"),
        ("no issuer", attacked.with(&json!({ "iss": null })), "lacks the claim iss"),
    ];
    for (what, token, words) in table {
        attacked.refuses(what, &token, words).await;
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_of_another_time_or_another_kind_is_refused() {
    let attacked = Attacked::begin().await;
    let now = attacked.server.seconds();
    let day = 24 * 60 * 60;
    let table = [
        ("another audience", json!({ "aud": "elsewhere" }), "does not name this server"),
        ("other audiences", json!({ "aud": ["a", "b"] }), "does not name this server"),
        ("an empty list", json!({ "aud": [] }), "does not name this server"),
        ("the service's own audience", json!({ "aud": "holdline" }), "does not name this server"),
        ("no audience", json!({ "aud": null }), "lacks the claim aud"),
        ("an audience that is a number", json!({ "aud": 7 }), "lacks the claim aud"),
        ("no end", json!({ "exp": null }), "lacks the claim exp"),
        ("no beginning", json!({ "iat": null }), "lacks the claim iat"),
        ("no subject", json!({ "sub": null }), "lacks the claim sub"),
        ("a subject with a space", json!({ "sub": "u-1001 " }), CLAIM),
        ("an empty subject", json!({ "sub": "" }), CLAIM),
        ("ended", json!({ "iat": now - 600, "exp": now - 31 }), "has expired"),
        ("not begun", json!({ "nbf": now + 60 }), "not valid yet"),
        ("made in the future", json!({ "iat": now + 60, "exp": now + 600 }), "not valid yet"),
        ("too long a life", json!({ "exp": now + day + 1 }), "longer than the 86400 seconds"),
        ("no life", json!({ "exp": now }), "longer than the 86400 seconds"),
        ("an end in words", json!({ "exp": "2030-01-01" }), "lacks the claim exp"),
        ("teams of a wrong type", json!({ "okr_teams": { "PAY": true } }), "okr_teams cannot"),
        ("teams that are numbers", json!({ "okr_teams": [1, 2] }), "okr_teams cannot"),
        ("roles of a wrong type", json!({ "groups": 7 }), "groups cannot"),
        ("a token id of a wrong type", json!({ "jti": 7 }), "jti cannot"),
        ("an ID token", json!({ "nonce": "n-1" }), "Send the access token"),
        ("Keycloak's ID token", json!({ "typ": "ID" }), "Send the access token"),
        ("Keycloak's refresh token", json!({ "typ": "Refresh" }), "another kind"),
        (
            "a logout token",
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
            "another kind",
        ),
        ("a bound token", json!({ "cnf": { "jkt": "t" } }), "bound to a key"),
        ("oversize", json!({ "pad": "x".repeat(16 * 1024) }), "longer than 16 KiB"),
    ];
    for (what, said, words) in table {
        attacked.refuses(what, &attacked.with(&said), words).await;
    }

    let good =
        [json!({ "aud": ["elsewhere", AUDIENCE] }), json!({ "exp": now + day }), json!({ "groups": "okr-viewers" })];
    for said in good {
        attacked.server.bearer(&attacked.with(&said)).query(VIEWER).await;
    }
}

#[tokio::test]
async fn keys_that_could_not_check_a_token_safely_are_not_used() {
    let attacked = Attacked::begin().await;
    let (good, other) = (TestKey::ed("good", 3), TestKey::ed("other", 4));
    let as_published = |key: &TestKey, said: &Value| changed(key.public(), said);
    let secret = json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0" });
    attacked.provider.reply(Reply::Keys(vec![
        good.public(),
        secret,
        as_published(&other, &json!({ "kid": "encrypts", "use": "enc" })),
        as_published(&other, &json!({ "kid": "signs", "key_ops": ["sign"] })),
        as_published(&other, &json!({ "kid": "private", "d": "AAAA" })),
        as_published(&other, &json!({ "kid": "misfit", "alg": "RS256" })),
        as_published(&other, &json!({ "kid": "twice" })),
        as_published(&good, &json!({ "kid": "twice" })),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "strange", "x": "AAAA", "y": "AAAA" }),
        json!({ "kid": 7 }),
        json!("nonsense"),
    ]));
    attacked.server.pass(61);
    let claims = attacked.claims();

    attacked.server.bearer(&good.sign(&claims)).query(VIEWER).await;

    for kid in ["encrypts", "signs", "private", "misfit", "twice", "strange"] {
        for key in [&good, &other] {
            let token = key.named(kid).sign(&claims);
            attacked.refuses(kid, &token, "does not publish").await;
        }
    }
    let header = json!({ "typ": "JWT", "alg": "HS256", "kid": "secret" });
    let shared = compose(&header, &claims, hs256(b"secret-secret-secret-secret"));
    attacked.refuses("a shared secret", &shared, "signed in the way").await;
}

fn base64_url(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}
