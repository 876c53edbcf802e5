//! Which hooks there are, from a TOML file that only its owner may read: it holds secrets. Refuses what would only be
//! noticed when a deal is lost: an unknown name, a meaning that is missing, a secret that is none.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use holdline_domain::{
    money::Currency,
    text::{Line, TeamKey},
    time::FiscalCalendar,
};
use serde::Deserialize;

use super::{
    MEANINGS, Reading,
    signature::{self, Header, Signature},
};

/// The longest name of a hook, which is part of its path.
const LONGEST_NAME: usize = 40;

/// The stages of deals that were won, where nobody says.
const WON: [&str; 3] = ["won", "closed won", "closedwon"];
/// The stages of deals that were lost, where nobody says.
const LOST: [&str; 3] = ["lost", "closed lost", "closedlost"];

/// Every hook that there is.
#[derive(Debug, Clone, Default)]
pub struct Hooks(BTreeMap<String, Hook>);

/// A hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The last part of its path.
    pub name: String,
    /// How what it says is read.
    pub reading: Reading,
    pub(super) kind: Kind,
}

/// What is believed of a message, and how it is taken apart.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    HubSpot { secret: String, url: String },
    Salesforce { organization: Option<String>, token: Option<String>, secret: Option<String> },
    Json { signature: Signature, items: Option<String> },
}

/// A file of hooks that cannot be used, in words that complete a sentence about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Unusable(pub String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    hubspot: Option<HubSpot>,
    salesforce: Option<Salesforce>,
    #[serde(default)]
    json: BTreeMap<String, Json>,
}

/// What every hook says.
#[derive(Deserialize)]
struct Terms {
    team: String,
    system: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    date_format: Option<String>,
    currency: Option<String>,
    won: Option<Vec<String>>,
    lost: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct HubSpot {
    secret: String,
    url: String,
    #[serde(flatten)]
    terms: Terms,
}

#[derive(Deserialize)]
struct Salesforce {
    organization: Option<String>,
    token: Option<String>,
    secret: Option<String>,
    #[serde(flatten)]
    terms: Terms,
}

#[derive(Deserialize)]
struct Json {
    signature: Signature,
    items: Option<String>,
    #[serde(flatten)]
    terms: Terms,
}

/// The names that HubSpot has for its own properties.
const HUBSPOT: [(&str, &str); 4] =
    [("amount", "amount"), ("stage", "dealstage"), ("opened_on", "createdate"), ("closed_on", "closedate")];
/// The names that Salesforce has for the fields of an opportunity.
const SALESFORCE: [(&str, &str); 7] = [
    ("external_id", "Id"),
    ("amount", "Amount"),
    ("stage", "StageName"),
    ("opened_on", "CreatedDate"),
    ("closed_on", "CloseDate"),
    ("updated_at", "SystemModstamp"),
    ("note", "Description"),
];

impl Hooks {
    /// Reads a file that only its owner may read.
    pub fn load(path: &Path, calendar: FiscalCalendar) -> Result<Self, Unusable> {
        let unusable = |why: std::io::Error| Unusable(why.to_string());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(path).map_err(unusable)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(Unusable("others may read it, and it holds secrets: chmod 600".into()));
            }
        }
        Self::parse(&fs::read_to_string(path).map_err(unusable)?, calendar)
    }

    /// Reads the text of such a file.
    pub fn parse(text: &str, calendar: FiscalCalendar) -> Result<Self, Unusable> {
        // The error's own words quote the line, which may hold a secret.
        let place = |error: &toml::de::Error| {
            error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().lines().count().max(1))
        };
        let file: File =
            toml::from_str(text).map_err(|error| Unusable(format!("line {}: {}", place(&error), error.message())))?;
        let mut hooks = Self::default();
        if let Some(HubSpot { secret, url, terms }) = file.hubspot {
            wanted("hubspot", &[("secret", &secret), ("url", &url)])?;
            let reading = terms.reading("hubspot", &HUBSPOT, &["idea"], calendar)?;
            // Its id comes with each event, and so does its time.
            hooks.add("hubspot", reading, Kind::HubSpot { secret, url });
        }
        if let Some(Salesforce { organization, token, secret, terms }) = file.salesforce {
            if secret.is_none() && (organization.is_none() || token.is_none()) {
                let why = "salesforce: say organization and token for outbound messages, or secret for JSON";
                return Err(Unusable(why.into()));
            }
            if let Some(secret) = &secret {
                let signature = Signature::StandardWebhooks { secret: secret.clone() };
                signature.check().map_err(|why| Unusable(format!("salesforce: secret {why}")))?;
            }
            let reading = terms.reading("salesforce", &SALESFORCE, &["external_id", "idea"], calendar)?;
            hooks.add("salesforce", reading, Kind::Salesforce { organization, token, secret });
        }
        for (name, Json { signature, items, terms }) in file.json {
            let fits = (1..=LONGEST_NAME).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if !fits || hooks.0.contains_key(&name) {
                let why = "is no free name of 1 to 40 letters, digits, - and _";
                return Err(Unusable(format!("json.{name}: {why}")));
            }
            signature.check().map_err(|why| Unusable(format!("json.{name}: signature.secret {why}")))?;
            let reading = terms.reading(&name, &[], &["external_id", "idea"], calendar)?;
            hooks.add(&name, reading, Kind::Json { signature, items });
        }
        Ok(hooks)
    }

    fn add(&mut self, name: &str, reading: Reading, kind: Kind) {
        self.0.insert(name.to_owned(), Hook { name: name.to_owned(), reading, kind });
    }

    /// A hook by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Hook> {
        self.0.get(name)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What must not be empty.
fn wanted(hook: &str, fields: &[(&str, &str)]) -> Result<(), Unusable> {
    match fields.iter().find(|(_, value)| value.is_empty()) {
        Some((field, _)) => Err(Unusable(format!("{hook}: {field} is empty"))),
        None => Ok(()),
    }
}

impl Terms {
    fn reading(
        self,
        hook: &str,
        usual: &[(&'static str, &str)],
        needed: &[&str],
        calendar: FiscalCalendar,
    ) -> Result<Reading, Unusable> {
        let wrong = |field: &str, why: &str| Unusable(format!("{hook}: {field} {why}"));
        let mut names: BTreeMap<&'static str, String> =
            usual.iter().map(|(meaning, name)| (*meaning, (*name).to_owned())).collect();
        for (meaning, name) in self.map {
            let known = MEANINGS.into_iter().find(|known| *known == meaning);
            let known = known
                .ok_or_else(|| wrong(&format!("map.{meaning}"), &format!("is none of {}", MEANINGS.join(", "))))?;
            names.insert(known, name);
        }
        if let Some(missing) = needed.iter().find(|meaning| !names.contains_key(**meaning)) {
            return Err(wrong(&format!("map.{missing}"), "is missing"));
        }
        let currency = self.currency.map(|code| Currency::parse(&code)).transpose();
        let currency = currency.map_err(|why| wrong("currency", why))?;
        if currency.is_none() {
            // Amounts without a currency are no amounts.
            names.remove("amount");
        }
        let stages = |said: Option<Vec<String>>, usual: &[&str]| {
            said.unwrap_or_else(|| usual.iter().map(|stage| (*stage).to_owned()).collect())
        };
        Ok(Reading {
            system: Line::parse(self.system.as_deref().unwrap_or(hook)).map_err(|why| wrong("system", &why))?,
            team: TeamKey::parse(&self.team).map_err(|why| wrong("team", &why))?,
            names: names.into_iter().collect(),
            date_format: self.date_format.unwrap_or_else(|| "%Y-%m-%d".to_owned()),
            currency,
            won: stages(self.won, &WON),
            lost: stages(self.lost, &LOST),
            calendar,
        })
    }
}

/// What a message says of itself, beside its bytes.
pub struct Envelope<'e> {
    /// A header by its name in lower case.
    pub header: Header<'e>,
    /// The token of its query, where it has one.
    pub token: Option<&'e str>,
    /// When it came.
    pub at: holdline_domain::time::Timestamp,
}

impl Hook {
    /// Whether a message is the CRM's, by the bytes that came.
    #[must_use]
    pub fn believes(&self, envelope: &Envelope<'_>, body: &[u8]) -> bool {
        match &self.kind {
            Kind::HubSpot { secret, url } => signature::hubspot(secret, url, envelope.header, body, envelope.at),
            Kind::Json { signature, .. } => signature.verifies(envelope.header, body, envelope.at),
            Kind::Salesforce { organization, token, secret } => {
                if Self::is_xml(envelope.header) {
                    // Salesforce signs nothing: the token of the URL and the organization are all there is.
                    let known = |want: &Option<String>, said: Option<&str>| {
                        want.as_deref().zip(said).is_some_and(|(want, said)| signature::same(want, said))
                    };
                    return known(token, envelope.token)
                        && known(organization, super::salesforce::organization(body).as_deref());
                }
                secret.as_ref().is_some_and(|secret| {
                    let signature = Signature::StandardWebhooks { secret: secret.clone() };
                    signature.verifies(envelope.header, body, envelope.at)
                })
            }
        }
    }

    /// Whether a message is XML rather than JSON.
    #[must_use]
    pub fn is_xml(header: Header<'_>) -> bool {
        header("content-type").is_some_and(|kind| kind.to_lowercase().contains("xml"))
    }

    /// What is answered once a message is kept, where that is more than nothing.
    #[must_use]
    pub fn acknowledgement(&self, header: Header<'_>) -> Option<&'static str> {
        (matches!(self.kind, Kind::Salesforce { .. }) && Self::is_xml(header)).then_some(super::salesforce::ACK)
    }

    /// The parts of a message.
    pub(super) fn parts(&self, xml: bool, body: &[u8]) -> Vec<super::Part> {
        let names = &self.reading.names;
        match &self.kind {
            Kind::HubSpot { .. } => super::hubspot::parts(body, self.reading.name("stage").unwrap_or_default()),
            Kind::Salesforce { .. } if xml => super::salesforce::parts(body),
            Kind::Salesforce { .. } => super::json::parts(body, None, names),
            Kind::Json { items, .. } => super::json::parts(body, items.as_deref(), names),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
