//! Sign-in through a provider: whom its tokens stand for, with which rights, and how one is taken back.

use holdline::auth::{Source, TeamsFrom};
use holdline_domain::permission::Role;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{
    Answer, ISSUER, Reply, Server, TestKey, TestProvider, but, codes, deal, holdline, shown, submit, trust, verified,
};

const VIEWER: &str = "{ viewer { person { subject issuer name kind } scopes teams allTeams expiresAt } }";
const TEAM: &str = "mutation { teamCreate(input: { key: \"PAY\", name: \"Payments\" }) { team { key } } }";

fn refusal(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.code(), answer.body["errors"][0]["message"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_of_the_provider_stands_for_its_person_with_the_mapped_roles_and_teams() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    let mut claims = server.claims("u-1001", Role::Planner, &json!(["PAY", "not a key", "OPS"]));
    claims["name"] = json!("Somebody");
    claims["exp"] = json!(server.seconds() + 600);

    let viewer = server.bearer(&key.sign(&claims)).query(VIEWER).await;

    assert_eq!(
        viewer["viewer"],
        json!({
            "person": { "subject": "u-1001", "issuer": ISSUER, "name": "Somebody", "kind": "PERSON" },
            "scopes": Role::Planner.scopes().iter().map(|scope| scope.name()).collect::<Vec<_>>(),
            "teams": ["OPS", "PAY"], "allTeams": false, "expiresAt": "2026-11-02T09:10:00.000000Z",
        })
    );
}

#[tokio::test]
async fn each_kind_of_key_checks_the_tokens_of_its_own_algorithm_and_no_other() {
    let keys = [
        TestKey::rsa("rs", Algorithm::RS256),
        TestKey::rsa("ps", Algorithm::PS256),
        TestKey::p256("es"),
        TestKey::ed("ed", 1),
    ];
    let provider = TestProvider::publishing(&keys.each_ref()).await;
    let server = Server::trusting(provider.trust()).await;
    let claims = server.claims("u-1001", Role::Viewer, &json!("*"));

    for key in &keys {
        for named in &keys {
            let token = key.named(&named.kid).sign(&claims);
            let answer = server.bearer(&token).ask(VIEWER, json!({})).await;
            let expected = if key.kid == named.kid { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{} as {}: {:#}", key.kid, named.kid, answer.body);
        }
    }
}

#[tokio::test]
async fn a_key_without_an_algorithm_is_good_for_the_usual_one_of_its_type() {
    let key = TestKey::rsa("k1", Algorithm::RS256);
    let mut public = key.public();
    public.as_object_mut().unwrap().remove("alg");
    let provider = TestProvider::publishing(&[]).await;
    provider.reply(Reply::Keys(vec![public]));
    let server = Server::trusting(provider.trust()).await;
    let claims = server.claims("u-1001", Role::Viewer, &json!("*"));

    let usual = server.bearer(&key.sign(&claims)).ask(VIEWER, json!({})).await;
    let other = server.bearer(&TestKey::rsa("k1", Algorithm::PS256).sign(&claims)).ask(VIEWER, json!({})).await;

    assert_eq!((usual.status, other.status), (200, 401));
}

#[tokio::test]
async fn the_same_subject_of_two_issuers_is_two_people() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    let person = "{ viewer { person { id issuer subject } } }";

    let own = server.caller("admin", Role::Viewer, "*").query(person).await;
    let theirs = server.claims("admin", Role::Viewer, &json!("*"));
    let theirs = server.bearer(&key.sign(&theirs)).query(person).await;

    assert_ne!(own["viewer"]["person"]["id"], theirs["viewer"]["person"]["id"]);
    assert_eq!(own["viewer"]["person"]["issuer"], "holdline");
    assert_eq!(theirs["viewer"]["person"]["issuer"], ISSUER);
}

#[tokio::test]
async fn what_somebody_of_the_provider_did_stands_in_the_log_with_key_and_token() {
    let key = TestKey::p256("k1");
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    let admin = server.bearer(&key.sign(&server.claims("u-1001", Role::Admin, &json!("*"))));

    admin.ask(TEAM, json!({})).await.data();
    let log = admin.query("{ auditLog(first: 1) { nodes { action actor { subject issuer } } } }").await;
    let exported = holdline(&server.database, &["audit", "export"]).await.out;

    let actor = json!({ "subject": "u-1001", "issuer": ISSUER });
    assert_eq!(log["auditLog"]["nodes"][0], json!({ "action": "TEAM_CREATED", "actor": actor }));
    let entry = exported.lines().find(|line| line.contains("TEAM_CREATED")).unwrap();
    let entry: Value = serde_json::from_str(entry).unwrap();
    let by = &serde_json::from_str::<Value>(entry["body"].as_str().unwrap()).unwrap()["by"];
    let told = ["role", "key", "token"].map(|name| by[name].as_str().unwrap());
    assert_eq!(told, ["admin", "k1", "jti-of-u-1001"]);
    verified(&server).await;
}

#[tokio::test]
async fn a_revoked_token_of_the_provider_is_not_accepted_from_the_next_request_on() {
    let key = TestKey::p256("k1");
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    let claims = server.claims("u-1001", Role::Admin, &json!("*"));
    let mut unnamed = claims.clone();
    unnamed.as_object_mut().unwrap().remove("jti");
    let (with_id, without) = (key.sign(&claims), key.sign(&unnamed));
    let without_id = shown(&Sha256::digest(without.rsplit_once('.').unwrap().0));

    for (token, id) in [(with_id, "jti-of-u-1001".to_owned()), (without, without_id)] {
        let caller = server.bearer(&token);
        caller.query(VIEWER).await;
        server.admin().done("tokenRevoke", json!({ "token": id, "reason": "Lost." }), "token").await;

        let answer = caller.ask(VIEWER, json!({})).await;

        assert_eq!(refusal(&answer), (401, "UNAUTHENTICATED", "The token was revoked; ask for another one."), "{id}");
    }
    // Another signature over the same claims is the same token.
    let again = server.bearer(&key.sign(&unnamed)).ask(VIEWER, json!({})).await;
    assert_eq!(again.status, 401);
}

#[tokio::test]
async fn somebody_without_a_role_here_is_known_and_forbidden() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    let mut claims = server.claims("u-1001", Role::Viewer, &json!("*"));
    for groups in [json!(["everybody", "chess"]), json!([]), json!(null), json!("viewer")] {
        claims["groups"] = groups;
        let answer = server.bearer(&key.sign(&claims)).ask(VIEWER, json!({})).await;
        let said = "You are signed in, but none of your roles at the sign-in provider means anything here. \
                    Ask whoever runs this server which one you need.";
        assert_eq!(refusal(&answer), (403, "FORBIDDEN", said));
    }

    claims["groups"] = json!(["everybody", "okr-viewers", "okr-auditors"]);
    let viewer = server.bearer(&key.sign(&claims)).query(VIEWER).await;

    assert_eq!(viewer["viewer"]["scopes"], json!(["read", "audit:read", "audit:export"]));
}

#[tokio::test]
async fn a_token_without_teams_sees_none() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    server.admin().ask(TEAM, json!({})).await.data();
    let seen = async |teams: Value| {
        let mut claims = server.claims("u-1001", Role::Viewer, &teams);
        if teams.is_null() {
            claims.as_object_mut().unwrap().remove("okr_teams");
        }
        server.bearer(&key.sign(&claims)).query("{ teams { totalCount } }").await["teams"]["totalCount"].clone()
    };

    assert_eq!(seen(json!(null)).await, 0);
    assert_eq!(seen(json!([])).await, 0);
    assert_eq!(seen(json!(["OPS"])).await, 0);
    assert_eq!(seen(json!("PAY")).await, 1);
    assert_eq!(seen(json!(["*"])).await, 1);
}

#[tokio::test]
async fn a_program_of_the_provider_posts_for_its_own_crm_system_alone() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let mut trust = provider.trust();
    trust.mapping.roles.push((Role::Integration, "okr-crm".into()));
    trust.mapping.system_claim = Some("system".into());
    trust.mapping.teams = TeamsFrom::All;
    let server = Server::trusting(trust).await;
    let mut claims = server.claims("client-7", Role::Viewer, &json!(null));
    claims["groups"] = json!(["okr-crm", "okr-viewers"]);

    let unbound = server.bearer(&key.sign(&claims)).ask(VIEWER, json!({})).await;
    claims["system"] = json!("crm");
    let bound = server.bearer(&key.sign(&claims));
    let viewer = bound.query(VIEWER).await;
    server.admin().ask(TEAM, json!({})).await.data();
    let idea = submit(&bound, "PAY", "Invoices").await;
    let post = async |system: &str| {
        let deal = but(deal("D-1", "100", None), json!({ "system": system }));
        let input = json!({ "idea": { "id": idea }, "deal": deal });
        codes(&bound.mutate("customerRequestUpsert", input, "customerRequest { id }").await)
    };

    assert_eq!((unbound.status, unbound.code()), (403, "FORBIDDEN"));
    assert_eq!(viewer["viewer"]["person"]["kind"], "SERVICE");
    assert_eq!((post("other").await, post("crm").await), (vec!["INVALID".to_owned()], vec![]));
}

#[tokio::test]
async fn a_command_with_half_a_provider_does_not_start_and_says_what_is_missing() {
    let server = Server::start_embedded().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let start = async |more: &[&str]| {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--oidc-issuer", ISSUER, "--oidc-audience", "holdline-api"];
        let rest = ["--oidc-roles-claim", "groups", "--oidc-role", "viewer=okr", "--oidc-all-teams"];
        let ran = holdline(&server.database, &[&serve, more, &rest].concat()).await;
        (ran.code, ran.err)
    };
    let file_of = ["--oidc-jwks-file", file.to_str().unwrap()];

    let (code, said) = start(&[]).await;
    assert_eq!(code, 2);
    assert!(said.contains("Also needed: --oidc-jwks-url (HOLDLINE_OIDC_JWKS_URL) or --oidc-jwks-file"), "{said}");
    let (code, said) = start(&file_of).await;
    assert_eq!(code, 2);
    assert!(said.contains("cannot be used: No such file"), "{said}");
    std::fs::write(&file, json!({ "keys": [{ "kty": "oct", "k": "AAAA", "kid": "k1" }] }).to_string()).unwrap();
    let (code, said) = start(&file_of).await;
    assert_eq!(code, 2);
    assert!(said.contains("it has no key that can be used"), "{said}");
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_when_they_change() {
    let (first, second) = (TestKey::ed("k1", 1), TestKey::ed("k2", 2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let write = |keys: &[&TestKey]| {
        let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
        std::fs::write(&file, json!({ "keys": keys }).to_string()).unwrap();
    };
    write(&[&first]);
    let server = Server::trusting(trust(Source::File(file.clone()))).await;
    let claims = server.claims("u-1001", Role::Viewer, &json!("*"));
    let status = async |key: &TestKey| server.bearer(&key.sign(&claims)).ask(VIEWER, json!({})).await.status;
    assert_eq!((status(&first).await, status(&second).await), (200, 401));

    write(&[&first, &second]);
    server.pass(61);

    assert_eq!((status(&first).await, status(&second).await), (200, 200));
}
