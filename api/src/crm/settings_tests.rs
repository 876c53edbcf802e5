//! The settings' own mistakes, each said by hook and field.

use super::*;

fn parse(text: &str) -> Result<Hooks, String> {
    let calendar = FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap();
    Hooks::parse(text, calendar).map_err(|why| why.0)
}

#[test]
fn what_is_missing_or_unknown_is_said_by_hook_and_field_and_no_secret_is_repeated() {
    let hubspot = "[hubspot]\nsecret = \"s\"\nurl = \"https://a.example/hooks/hubspot\"\nteam = \"PAY\"\n";
    let table = [
        (hubspot.to_owned(), "hubspot: map.idea is missing"),
        (format!("{hubspot}map.idea = \"x\"\nmap.colour = \"x\""), "map.colour is none of"),
        (format!("{hubspot}map.idea = \"x\"\ncurrency = \"EURO\""), "hubspot: currency"),
        (format!("{}map.idea = \"x\"", hubspot.replace("PAY", "P A Y")), "hubspot: team"),
        ("[salesforce]\nteam = \"PAY\"\nmap.idea = \"x\"".into(), "say organization and token"),
        ("[salesforce]\nteam = \"PAY\"\nsecret = \"hush hush\"\nmap.idea = \"x\"".into(), "secret is no secret"),
        ("[salesforce]\nteam = \"PAY\"\nsecret = \"whsec_\"\nmap.idea = \"x\"".into(), "secret is no secret"),
        (
            "[salesforce]\nteam = \"PAY\"\norganization = \"00D\"\ntoken = \"\"\nmap.idea = \"x\"".into(),
            "token has 16 characters",
        ),
        ("[hubspot]\nsecret = \"hush hush".into(), "line 2"),
        ("[pipedrive]\nteam = \"PAY\"".into(), "unknown field `pipedrive`"),
        (
            "[json.\"a b\"]\nteam = \"PAY\"\nsignature = { kind = \"hmac-sha256\", secret = \"s\", header = \"x\" }\n"
                .into(),
            "json.a b: is no free name",
        ),
    ];
    for (text, said) in table {
        let why = parse(&text).unwrap_err();
        assert!(why.contains(said) && !why.contains("hush"), "{why}");
    }
}

#[test]
fn a_hook_knows_the_usual_names_and_takes_others() {
    let hooks = parse(
        "[hubspot]\nsecret = \"s\"\nurl = \"https://a.example/hooks/hubspot\"\nteam = \"PAY\"\ncurrency = \"EUR\"\n\
         map.idea = \"requested_feature\"\nmap.stage = \"my_stage\"\n\
         [json.pipedrive]\nteam = \"OPS\"\nitems = \"/data\"\nmap = { external_id = \"/id\", idea = \"/wish\" }\n\
         signature = { kind = \"hmac-sha256\", secret = \"s\", header = \"x-sig\", encoding = \"base64\" }\n",
    )
    .unwrap();
    let hubspot = &hooks.get("hubspot").unwrap().reading;
    let names = ["idea", "stage", "amount", "external_id"].map(|meaning| hubspot.name(meaning));
    assert_eq!(names, [Some("requested_feature"), Some("my_stage"), Some("amount"), None]);
    assert_eq!(hooks.get("pipedrive").unwrap().reading.system.as_str(), "pipedrive");
    assert!(hooks.get("salesforce").is_none());
}
