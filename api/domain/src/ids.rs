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

/// Declares the kinds: each is an empty enum, so that no value of it can exist.
mod kinds {
    use super::Kind;
    /// A team.
    pub enum Team {}
    /// A plan.
    pub enum Plan {}
    /// A revision of a committed plan.
    pub enum PlanRevision {}
    /// An objective.
    pub enum Objective {}
    /// A key result.
    pub enum KeyResult {}
    /// A check-in.
    pub enum CheckIn {}
    /// A renegotiation.
    pub enum Renegotiation {}
    /// A decision on a renegotiation.
    pub enum Decision {}
    /// A meeting.
    pub enum Meeting {}
    /// An open question of a meeting.
    pub enum OpenQuestion {}
    /// An acknowledgement.
    pub enum Acknowledgement {}
    /// A person.
    pub enum Person {}
    /// An idea.
    pub enum Idea {}
    /// A roadmap item.
    pub enum RoadmapItem {}
    /// A deal.
    pub enum Deal {}
    /// A customer request.
    pub enum CustomerRequest {}
    /// Something said in a meeting.
    pub enum MeetingInput {}
    /// An audit entry.
    pub enum AuditEntry {}
    /// A webhook.
    pub enum Webhook {}
    /// The telling of an entry to a webhook.
    pub enum WebhookDelivery {}
    /// What a CRM sent.
    pub enum HookEvent {}
    /// A link under which anybody reads a team's plan.
    pub enum PublishedLink {}

    impl Kind for Team {
        const PREFIX: &'static str = "team";
        const NOUN: &'static str = "team";
    }
    impl Kind for Plan {
        const PREFIX: &'static str = "plan";
        const NOUN: &'static str = "plan";
    }
    impl Kind for PlanRevision {
        const PREFIX: &'static str = "rev";
        const NOUN: &'static str = "plan revision";
    }
    impl Kind for Objective {
        const PREFIX: &'static str = "obj";
        const NOUN: &'static str = "objective";
    }
    impl Kind for KeyResult {
        const PREFIX: &'static str = "kr";
        const NOUN: &'static str = "key result";
    }
    impl Kind for CheckIn {
        const PREFIX: &'static str = "checkin";
        const NOUN: &'static str = "check-in";
    }
    impl Kind for Renegotiation {
        const PREFIX: &'static str = "reneg";
        const NOUN: &'static str = "renegotiation";
    }
    impl Kind for Decision {
        const PREFIX: &'static str = "decision";
        const NOUN: &'static str = "decision";
    }
    impl Kind for Meeting {
        const PREFIX: &'static str = "meeting";
        const NOUN: &'static str = "meeting";
    }
    impl Kind for OpenQuestion {
        const PREFIX: &'static str = "question";
        const NOUN: &'static str = "open question";
    }
    impl Kind for Acknowledgement {
        const PREFIX: &'static str = "ack";
        const NOUN: &'static str = "acknowledgement";
    }
    impl Kind for Person {
        const PREFIX: &'static str = "person";
        const NOUN: &'static str = "person";
    }
    impl Kind for Idea {
        const PREFIX: &'static str = "idea";
        const NOUN: &'static str = "idea";
    }
    impl Kind for RoadmapItem {
        const PREFIX: &'static str = "item";
        const NOUN: &'static str = "roadmap item";
    }
    impl Kind for Deal {
        const PREFIX: &'static str = "deal";
        const NOUN: &'static str = "deal";
    }
    impl Kind for CustomerRequest {
        const PREFIX: &'static str = "request";
        const NOUN: &'static str = "customer request";
    }
    impl Kind for MeetingInput {
        const PREFIX: &'static str = "input";
        const NOUN: &'static str = "meeting input";
    }
    impl Kind for AuditEntry {
        const PREFIX: &'static str = "audit";
        const NOUN: &'static str = "audit entry";
    }
    impl Kind for Webhook {
        const PREFIX: &'static str = "webhook";
        const NOUN: &'static str = "webhook";
    }
    impl Kind for WebhookDelivery {
        const PREFIX: &'static str = "delivery";
        const NOUN: &'static str = "webhook delivery";
    }
    impl Kind for HookEvent {
        const PREFIX: &'static str = "hook";
        const NOUN: &'static str = "hook event";
    }
    impl Kind for PublishedLink {
        const PREFIX: &'static str = "link";
        const NOUN: &'static str = "published link";
    }
}

/// The id of a team.
pub type TeamId = Id<kinds::Team>;
/// The id of a plan.
pub type PlanId = Id<kinds::Plan>;
/// The id of a plan revision.
pub type PlanRevisionId = Id<kinds::PlanRevision>;
/// The id of an objective.
pub type ObjectiveId = Id<kinds::Objective>;
/// The id of a key result.
pub type KeyResultId = Id<kinds::KeyResult>;
/// The id of a check-in.
pub type CheckInId = Id<kinds::CheckIn>;
/// The id of a renegotiation.
pub type RenegotiationId = Id<kinds::Renegotiation>;
/// The id of a decision.
pub type DecisionId = Id<kinds::Decision>;
/// The id of a meeting.
pub type MeetingId = Id<kinds::Meeting>;
/// The id of an open question.
pub type OpenQuestionId = Id<kinds::OpenQuestion>;
/// The id of an acknowledgement.
pub type AcknowledgementId = Id<kinds::Acknowledgement>;
/// The id of a person.
pub type PersonId = Id<kinds::Person>;
/// The id of an idea.
pub type IdeaId = Id<kinds::Idea>;
/// The id of a roadmap item.
pub type RoadmapItemId = Id<kinds::RoadmapItem>;
/// The id of a deal.
pub type DealId = Id<kinds::Deal>;
/// The id of a customer request.
pub type CustomerRequestId = Id<kinds::CustomerRequest>;
/// The id of a meeting input.
pub type MeetingInputId = Id<kinds::MeetingInput>;
/// The id of an audit entry.
pub type AuditEntryId = Id<kinds::AuditEntry>;
/// The id of a webhook.
pub type WebhookId = Id<kinds::Webhook>;
/// The id of a webhook delivery.
pub type WebhookDeliveryId = Id<kinds::WebhookDelivery>;
/// The id of what a CRM sent.
pub type HookEventId = Id<kinds::HookEvent>;
/// The id of a published link.
pub type PublishedLinkId = Id<kinds::PublishedLink>;

#[cfg(test)]
#[path = "ids_tests.rs"]
mod tests;
