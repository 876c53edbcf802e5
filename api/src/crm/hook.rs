//! A hook: what is believed of a message that came to it, what is answered, and into which parts it is taken.

use std::fmt;

use holdline_domain::time::Timestamp;

use super::{
    Part, Reading, hubspot, json, salesforce,
    signature::{self, Header, Signature},
};

/// A hook.
#[derive(Clone)]
pub struct Hook {
    /// The last part of its path.
    pub name: String,
    /// How what it says is read.
    pub reading: Reading,
    pub(super) kind: Kind,
}

/// What is believed of a message, and how it is taken apart.
#[derive(Clone)]
pub(super) enum Kind {
    HubSpot { secret: String, url: String },
    Salesforce { organization: Option<String>, token: Option<String>, secret: Option<String> },
    Json { signature: Signature, items: Option<String> },
}

/// Its name alone: the rest holds secrets.
impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a message says of itself, beside its bytes.
pub struct Envelope<'e> {
    /// A header by its name in lower case.
    pub header: Header<'e>,
    /// The token of its query, where it has one.
    pub token: Option<&'e str>,
    /// When it came.
    pub at: Timestamp,
}

/// The headers of Standard Webhooks.
const STANDARD_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

impl Hook {
    /// Whether a message has what it takes to be believed at all; asked before anything of it is read.
    #[must_use]
    pub fn may_enter(&self, envelope: &Envelope<'_>) -> bool {
        let has = |names: &[&str]| names.iter().all(|name| (envelope.header)(name).is_some());
        match &self.kind {
            Kind::HubSpot { .. } => has(&["x-hubspot-signature-v3", "x-hubspot-request-timestamp"]),
            Kind::Salesforce { token, .. } if Self::is_xml(envelope.header) => {
                token.as_deref().zip(envelope.token).is_some_and(|(want, said)| signature::same(want, said))
            }
            Kind::Salesforce { .. } | Kind::Json { signature: Signature::StandardWebhooks { .. }, .. } => {
                has(&STANDARD_HEADERS)
            }
            Kind::Json { signature: Signature::HmacSha256 { header, .. }, .. } => has(&[&header.to_lowercase()]),
        }
    }

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
                        && known(organization, salesforce::organization(body).as_deref());
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
        (matches!(self.kind, Kind::Salesforce { .. }) && Self::is_xml(header)).then_some(salesforce::ACK)
    }

    /// The parts of a message.
    pub(super) fn parts(&self, xml: bool, body: &[u8]) -> Vec<Part> {
        let names = &self.reading.names;
        match &self.kind {
            Kind::HubSpot { .. } => {
                let dates = ["opened_on", "closed_on"].map(|meaning| self.reading.name(meaning).unwrap_or_default());
                hubspot::parts(body, &dates)
            }
            Kind::Salesforce { .. } if xml => salesforce::parts(body),
            Kind::Salesforce { .. } => json::parts(body, None, names),
            Kind::Json { items, .. } => json::parts(body, items.as_deref(), names),
        }
    }
}
