//! Ids of the API: the live id of a thing, or that id and the moment it is read as of.
//! `plan_01k…` is the plan now; `plan_01k…~t1546300800000000` as of that microsecond; `plan_01k…~r2` at revision 2.

use async_graphql::ID;
use holdline_domain::{
    ids::{Id, IdError, Kind},
    refusal::Refusal,
    time::Timestamp,
};

/// When a thing is read as of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pin {
    /// Now.
    Live,
    /// At an instant.
    At(Timestamp),
    /// In a revision of its plan.
    Revision(u32),
}

impl Pin {
    /// The id of a thing read as of this.
    pub(super) fn id<K: Kind>(self, id: Id<K>) -> ID {
        match self {
            Self::Live => ID(id.to_string()),
            Self::At(at) => ID(format!("{id}~t{}", at.micros())),
            Self::Revision(number) => ID(format!("{id}~r{number}")),
        }
    }
}

/// Takes an id apart into the live id and the moment; none where the moment is malformed.
pub(super) fn split_pin(text: &str) -> Option<(&str, Pin)> {
    let Some((live, moment)) = text.split_once('~') else { return Some((text, Pin::Live)) };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (kind, number) = moment.split_at_checked(1)?;
    if !digits(number) {
        return None;
    }
    let pin = match kind {
        "t" => Pin::At(Timestamp::from_micros(number.parse().ok()?)?),
        "r" => Pin::Revision(number.parse().ok().filter(|number| *number > 0)?),
        _ => return None,
    };
    // One thing has one id: 007 is not another spelling of 7.
    (!number.starts_with('0') || number == "0").then_some((live, pin))
}

/// The live id of the kind that an argument takes.
pub(super) fn parse<K: Kind>(id: &ID, field: &[&str]) -> Result<Id<K>, Refusal> {
    let noun = K::NOUN;
    if id.contains('~') {
        let message = format!("This is the id of a {noun} as of another time; use the id of `live`.");
        return Err(Refusal::invalid(field, message));
    }
    Id::parse(id).map_err(|error| match error {
        IdError::WrongKind(prefix) => {
            let message = format!("The id of a kind \"{noun}\" begins with {}_, this one with {prefix}_.", K::PREFIX);
            Refusal::invalid(field, message)
        }
        IdError::Malformed => Refusal::invalid(field, format!("This is not the id of a {noun}.")),
    })
}

/// Ids of a list, each refused under its place.
pub(super) fn parse_all<K: Kind>(ids: &[ID], field: &str) -> Result<Vec<Id<K>>, Refusal> {
    ids.iter().enumerate().map(|(place, id)| parse(id, &[field, &place.to_string()])).collect()
}
