//! A provider named whole, named in part, and named wrongly.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    provider: ProviderSettings,
}

const WHOLE: [&str; 11] = [
    "--oidc-issuer=https://id.example.com/realms/main",
    "--oidc-audience=holdline-api",
    "--oidc-jwks-url=https://id.example.com/realms/main/certs",
    "--oidc-roles-claim=realm_access.roles",
    "--oidc-role=planner=okr-planners",
    "--oidc-role=approver=CN=okr,OU=groups",
    "--oidc-teams-claim=okr_teams",
    "--oidc-name-claim=preferred_username",
    "--oidc-system-claim=crm",
    "--oidc-role=integration=okr-crm",
    "--oidc-longest-life=1h",
];

fn settings(said: &[&str]) -> ProviderSettings {
    Line::try_parse_from([&["holdline"], said].concat()).map_err(|error| error.to_string()).unwrap().provider
}

/// The whole, with some settings left out and others added.
fn trust(without: &[&str], with: &[&str]) -> Result<Option<Trust>, String> {
    let kept = WHOLE.into_iter().filter(|said| !without.iter().any(|name| said.starts_with(name)));
    settings(&kept.chain(with.iter().copied()).collect::<Vec<_>>()).trust().map_err(|unusable| unusable.0)
}

#[test]
fn without_settings_there_is_no_provider_and_with_all_of_them_there_is_one() {
    assert!(settings(&[]).trust().unwrap().is_none());

    let trust = trust(&[], &[]).unwrap().unwrap();

    assert_eq!(trust.issuer.as_str(), "https://id.example.com/realms/main");
    assert_eq!((trust.longest_life, trust.pace.refresh), (3600, Duration::from_mins(10)));
    assert_eq!(trust.mapping.roles[1], (Role::Approver, "CN=okr,OU=groups".into()));
    assert_eq!((trust.mapping.roles.len(), trust.mapping.name_claim.as_str()), (3, "preferred_username"));
}

#[test]
fn half_a_provider_is_refused_with_what_is_missing() {
    for name in [
        "--oidc-issuer",
        "--oidc-audience",
        "--oidc-jwks-url",
        "--oidc-roles-claim",
        "--oidc-role=",
        "--oidc-teams-claim",
    ] {
        let said = trust(&[name], &[]).unwrap_err();
        let setting = name.trim_end_matches('=');
        assert!(
            said.starts_with("A sign-in provider is named only in part. Also needed: ") && said.contains(setting),
            "{said}"
        );
        assert_eq!(said.matches(" (HOLDLINE_OIDC_").count(), if setting.ends_with("-url") { 2 } else { 1 }, "{said}");
    }
    let alone = settings(&["--oidc-longest-life=1h"]).trust().unwrap_err().0;
    assert_eq!(alone.matches(';').count(), 5, "{alone}");
    assert!(trust(&["--oidc-audience"], &["--oidc-audience= "]).is_err());
}

#[test]
fn a_setting_that_cannot_be_used_says_which_and_why() {
    let table: [(&[&str], &[&str], &str); 8] = [
        (&["--oidc-issuer"], &["--oidc-issuer=holdline"], "--oidc-issuer (HOLDLINE_OIDC_ISSUER) is not a URL"),
        (&["--oidc-issuer"], &["--oidc-issuer=https://id.example.com "], "is not a URL"),
        (&["--oidc-jwks-url"], &["--oidc-jwks-url=http://id.example.com/certs"], "must begin with https://"),
        (&["--oidc-jwks-url"], &["--oidc-jwks-url=https://a:secret@id.example.com/"], "holds a login"),
        (&[], &["--oidc-jwks-file=jwks.json"], "--oidc-jwks-file are both given"),
        (
            &["--oidc-jwks-url"],
            &["--oidc-jwks-file=/nowhere/jwks.json"],
            "(/nowhere/jwks.json) cannot be used: No such file",
        ),
        (&[], &["--oidc-all-teams"], "--oidc-all-teams are both given"),
        (&["--oidc-system-claim"], &[], "gives the role integration"),
    ];
    for (without, with, words) in table {
        let said = trust(without, with).unwrap_err();
        assert!(said.contains(words) && !said.contains("secret"), "{said}");
    }
}

#[test]
fn a_role_is_given_by_a_value() {
    assert_eq!(given("planner=okr-planners"), Ok((Role::Planner, "okr-planners".into())));
    assert_eq!(given(" viewer = everybody "), Ok((Role::Viewer, "everybody".into())));
    for text in ["planner", "boss=okr", "=okr", "planner=", "planner= "] {
        assert!(given(text).is_err(), "{text}");
    }
    let several = settings(&["--oidc-role=viewer=a;planner=b"]).role;
    assert_eq!(several, [(Role::Viewer, "a".into()), (Role::Planner, "b".into())]);
}
