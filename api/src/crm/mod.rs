//! What CRMs say of deals: read alike from an export and from a hook. `settings` is which hooks there are, `hook` one of them, `signature` what
//! is believed of a message, `hubspot`, `salesforce` and `json` what each says, `deal_state` a deal that is told of bit by
//! bit, `inbox` the task that turns what came in into customer requests. An integration reaches those and ideas, and
//! nothing else: whatever a hook says goes through the use case that the API's integrations use.

mod deal_state;
mod hook;
mod hubspot;
mod inbox;
mod json;
mod reading;
mod salesforce;
mod settings;
mod signature;

pub use deal_state::{Change, DealState};
pub use hook::{Envelope, Hook};
pub use inbox::Inbox;
pub use reading::{MEANINGS, Reading};
pub use settings::{Hooks, Unusable};
pub use signature::Header;

use std::collections::BTreeMap;

use holdline_domain::refusal::Refusals;

/// What a message says of one deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The whole of it, by the CRM's own names.
    Whole(BTreeMap<String, String>),
    /// What changed of the deal with this id.
    Changed(String, Vec<Change>),
}

/// A part of a message, as it came, with what it says or why it cannot be read.
pub(crate) type Part = (String, Result<Told, Refusals>);
