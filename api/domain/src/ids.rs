//! Typed ids: a kind's prefix and a `UUIDv7` in the `TypeID` form (`plan_01k…`, TypeID specification 0.3).
//! Holds the codec and the kinds; refuses to make ids, which the service's id source does.

use std::{fmt, hash::Hash, marker::PhantomData};

use uuid::Uuid;

/// A kind of thing that has an id.
pub trait Kind {
    /// What the id starts with, before the underscore.
    const PREFIX: &'static str;
    /// The noun in a sentence.
    const NOUN: &'static str;
}

/// The id of a thing of kind `K`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, encode(self.uuid))
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }
}

/// Why a text is no id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdError {
    /// The text is an id of another kind; holds the prefix that was found.
    WrongKind(String),
    /// The text is no id at all.
    Malformed,
}

impl<K: Kind> Id<K> {
    /// The bare UUID, as the database keeps it.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// Reads `prefix_suffix`; the suffix is 26 characters of Crockford's base 32.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let (prefix, uuid) = split(text).ok_or(IdError::Malformed)?;
        if prefix == K::PREFIX { Ok(uuid.into()) } else { Err(IdError::WrongKind(prefix.to_owned())) }
    }
}

/// Takes any id apart into its prefix and its UUID.
#[must_use]
pub fn split(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, suffix) = text.rsplit_once('_')?;
    Some((prefix, decode(suffix)?))
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..26).rev().map(|place| char::from(ALPHABET[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)])).collect()
}

fn decode(suffix: &str) -> Option<Uuid> {
    // 26 characters carry 130 bits: the first may only hold the top three.
    if suffix.len() != 26 || suffix.as_bytes()[0] > b'7' {
        return None;
    }
    suffix
        .bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            Some(bits << 5 | digit as u128)
        })
        .map(Uuid::from_u128)
}

/// A row is the name of the id, the kind (an empty enum, so that no value of it can exist), what the id starts with, and the
/// noun in a sentence.
macro_rules! kinds {
    ($($id:ident: $kind:ident, $prefix:literal, $noun:literal;)*) => {
        mod kinds {
            $(#[doc = concat!("Kind: ", $noun, ".")]
            pub enum $kind {}

            impl super::Kind for $kind {
                const PREFIX: &'static str = $prefix;
                const NOUN: &'static str = $noun;
            })*
        }

        $(#[doc = concat!("The id of one ", $noun, ": `", $prefix, "_…`.")]
        pub type $id = Id<kinds::$kind>;)*
    };
}

kinds! {
    TeamId: Team, "team", "team";
    PlanId: Plan, "plan", "plan";
    PlanRevisionId: PlanRevision, "rev", "plan revision";
    ObjectiveId: Objective, "obj", "objective";
    KeyResultId: KeyResult, "kr", "key result";
    CheckInId: CheckIn, "checkin", "check-in";
    RenegotiationId: Renegotiation, "reneg", "renegotiation";
    DecisionId: Decision, "decision", "decision";
    MeetingId: Meeting, "meeting", "meeting";
    OpenQuestionId: OpenQuestion, "question", "open question";
    AcknowledgementId: Acknowledgement, "ack", "acknowledgement";
    PersonId: Person, "person", "person";
    IdeaId: Idea, "idea", "idea";
    RoadmapItemId: RoadmapItem, "item", "roadmap item";
    DealId: Deal, "deal", "deal";
    CustomerRequestId: CustomerRequest, "request", "customer request";
    MeetingInputId: MeetingInput, "input", "meeting input";
    AuditEntryId: AuditEntry, "audit", "audit entry";
    WebhookId: Webhook, "webhook", "webhook";
    WebhookDeliveryId: WebhookDelivery, "delivery", "webhook delivery";
    HookEventId: HookEvent, "hook", "hook event";
    PublishedLinkId: PublishedLink, "link", "published link";
}

#[cfg(test)]
#[path = "ids_tests.rs"]
mod tests;
