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
    hook::{Hook, Kind},
    signature::Signature,
};

/// The longest name of a hook, which is part of its path.
const LONGEST_NAME: usize = 40;

/// How many characters the token of a URL has at least, since it is all that there is.
const SHORTEST_TOKEN: usize = 16;

/// The stages of deals that were won, where nobody says.
const WON: [&str; 3] = ["won", "closed won", "closedwon"];
/// The stages of deals that were lost, where nobody says.
const LOST: [&str; 3] = ["lost", "closed lost", "closedlost"];

/// Every hook that there is.
#[derive(Debug, Clone, Default)]
pub struct Hooks(BTreeMap<String, Hook>);

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
            let short = |said: &Option<String>, least: usize| said.as_ref().is_some_and(|said| said.len() < least);
            if short(&organization, 1) || short(&token, SHORTEST_TOKEN) {
                let why =
                    format!("salesforce: organization is not empty, and token has {SHORTEST_TOKEN} characters or more");
                return Err(Unusable(why));
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

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
