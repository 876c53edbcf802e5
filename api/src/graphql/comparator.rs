//! The comparators that filters are made of, one input per kind of value, and how a filter nests.
//! A noun's own file says which of its fields take which; what comes of it in SQL is the store's matter.

use async_graphql::{ID, InputObject, InputType};
use holdline_domain::refusal::Refusal;
use uuid::Uuid;

use super::{
    audit::AuditAction,
    idea::IdeaStatus,
    input::team_key,
    meeting::{MeetingFormat, MeetingKind, MeetingStatus},
    renegotiation::RenegotiationStatus,
    scalars::DateTime,
};
use crate::store::{Bound, Filter, Value};

/// How deep `and` and `or` may nest.
const DEPTH: usize = 5;
/// How many conditions and values a filter may name: a statement takes so many parameters and no more.
const MOST: usize = 500;

/// A condition on an id.
#[derive(Debug, InputObject)]
pub(super) struct IdFilter {
    /// Exactly this one.
    eq: Option<ID>,
    /// One of these.
    r#in: Option<Vec<ID>>,
    /// None of these.
    nin: Option<Vec<ID>>,
    /// Whether there is none.
    null: Option<bool>,
}

/// A condition on a text.
#[derive(Debug, InputObject)]
pub(super) struct StringFilter {
    /// Exactly this text.
    eq: Option<String>,
    /// One of these texts.
    r#in: Option<Vec<String>>,
    /// None of these texts.
    nin: Option<Vec<String>>,
    /// Holds this text, taken literally, capital letters included.
    contains: Option<String>,
    /// Whether there is none.
    null: Option<bool>,
}

/// A condition on an instant.
#[derive(Debug, InputObject)]
pub(super) struct DateTimeFilter {
    /// After this instant.
    gt: Option<DateTime>,
    /// At or after this instant.
    gte: Option<DateTime>,
    /// Before this instant.
    lt: Option<DateTime>,
    /// At or before this instant.
    lte: Option<DateTime>,
    /// Whether there is none.
    null: Option<bool>,
}

/// A condition on a position.
#[derive(Debug, InputObject)]
pub(super) struct IntFilter {
    /// Exactly this one.
    eq: Option<i64>,
    /// After this one.
    gt: Option<i64>,
    /// At or after this one.
    gte: Option<i64>,
    /// Before this one.
    lt: Option<i64>,
    /// At or before this one.
    lte: Option<i64>,
}

/// A condition on a word of a closed set.
#[derive(Debug, InputObject)]
#[graphql(concrete(name = "AuditActionFilter", params(AuditAction)))]
#[graphql(concrete(name = "IdeaStatusFilter", params(IdeaStatus)))]
#[graphql(concrete(name = "MeetingFormatFilter", params(MeetingFormat)))]
#[graphql(concrete(name = "MeetingKindFilter", params(MeetingKind)))]
#[graphql(concrete(name = "MeetingStatusFilter", params(MeetingStatus)))]
#[graphql(concrete(name = "RenegotiationStatusFilter", params(RenegotiationStatus)))]
pub(super) struct WordFilter<T: InputType> {
    /// Exactly this.
    eq: Option<T>,
    /// One of these.
    r#in: Option<Vec<T>>,
    /// None of these.
    nin: Option<Vec<T>>,
}

/// A filter over the columns `C` while it is put together.
pub(super) struct Conditions<C>(Filter<C>);

impl<C: Copy> Conditions<C> {
    fn add(&mut self, column: C, bound: Option<Bound>) {
        self.0.all.extend(bound.map(|bound| (column, bound)));
    }

    /// One plain value.
    pub(super) fn is(&mut self, column: C, value: Option<impl Into<Value>>) {
        self.add(column, value.map(|value| Bound::any([value])));
    }

    /// The team with one key.
    pub(super) fn team(&mut self, column: C, key: Option<String>) -> Result<(), Refusal> {
        self.add(column, key.map(|key| keys(vec![key], "team").map(Bound::InTeams)).transpose()?);
        Ok(())
    }

    pub(super) fn ids(
        &mut self,
        column: C,
        field: &str,
        filter: Option<IdFilter>,
        read: impl Fn(&ID, &[&str]) -> Result<Uuid, Refusal>,
    ) -> Result<(), Refusal> {
        let Some(filter) = filter else { return Ok(()) };
        let many = |ids: Vec<ID>| -> Result<Vec<Value>, Refusal> {
            ids.iter().map(|id| read(id, &["filter", field]).map(Value::from)).collect()
        };
        self.add(column, filter.eq.map(|id| many(vec![id])).transpose()?.map(Bound::In));
        self.add(column, filter.r#in.map(many).transpose()?.map(Bound::In));
        self.add(column, filter.nin.map(many).transpose()?.map(Bound::NotIn));
        self.add(column, filter.null.map(Bound::Null));
        Ok(())
    }

    pub(super) fn texts(&mut self, column: C, field: &str, filter: Option<StringFilter>) -> Result<(), Refusal> {
        let Some(filter) = filter else { return Ok(()) };
        let one = |text: String| {
            let message = "A text holds the control character U+0000.";
            if text.contains('\0') { Err(Refusal::invalid(&["filter", field], message)) } else { Ok(text) }
        };
        let many = |texts: Vec<String>| -> Result<Vec<Value>, Refusal> {
            texts.into_iter().map(|text| one(text).map(Value::from)).collect()
        };
        self.add(column, filter.eq.map(|text| many(vec![text])).transpose()?.map(Bound::In));
        self.add(column, filter.r#in.map(many).transpose()?.map(Bound::In));
        self.add(column, filter.nin.map(many).transpose()?.map(Bound::NotIn));
        self.add(column, filter.contains.map(one).transpose()?.map(Bound::Contains));
        self.add(column, filter.null.map(Bound::Null));
        Ok(())
    }

    /// The same condition over the ids of the teams with these keys.
    pub(super) fn teams(&mut self, column: C, filter: Option<StringFilter>) -> Result<(), Refusal> {
        let Some(filter) = filter else { return Ok(()) };
        if filter.contains.is_some() {
            let message = "A team is asked for by its whole key: eq, in or nin.";
            return Err(Refusal::invalid(&["filter", "team", "contains"], message));
        }
        self.team(column, filter.eq)?;
        self.add(column, filter.r#in.map(|named| keys(named, "team")).transpose()?.map(Bound::InTeams));
        self.add(column, filter.nin.map(|named| keys(named, "team")).transpose()?.map(Bound::NotInTeams));
        self.add(column, filter.null.map(Bound::Null));
        Ok(())
    }

    pub(super) fn instants(&mut self, column: C, filter: Option<DateTimeFilter>) {
        let Some(filter) = filter else { return };
        let micros = |at: DateTime| Value::from(at.0.micros());
        self.add(column, filter.gt.map(micros).map(Bound::Gt));
        self.add(column, filter.gte.map(micros).map(Bound::Gte));
        self.add(column, filter.lt.map(micros).map(Bound::Lt));
        self.add(column, filter.lte.map(micros).map(Bound::Lte));
        self.add(column, filter.null.map(Bound::Null));
    }

    pub(super) fn numbers(&mut self, column: C, filter: Option<IntFilter>) {
        let Some(filter) = filter else { return };
        self.is(column, filter.eq);
        self.add(column, filter.gt.map(Value::from).map(Bound::Gt));
        self.add(column, filter.gte.map(Value::from).map(Bound::Gte));
        self.add(column, filter.lt.map(Value::from).map(Bound::Lt));
        self.add(column, filter.lte.map(Value::from).map(Bound::Lte));
    }

    pub(super) fn words<T: InputType>(
        &mut self,
        column: C,
        filter: Option<WordFilter<T>>,
        name: impl Fn(T) -> &'static str,
    ) {
        let Some(filter) = filter else { return };
        let names = |words: Vec<T>| words.into_iter().map(|word| Value::from(name(word))).collect();
        self.is(column, filter.eq.map(&name));
        self.add(column, filter.r#in.map(names).map(Bound::In));
        self.add(column, filter.nin.map(names).map(Bound::NotIn));
    }
}

fn keys(named: Vec<String>, field: &str) -> Result<Vec<String>, Refusal> {
    named.into_iter().map(|key| team_key(&key, field).map(|key| key.to_string())).collect()
}

/// The filters inside a filter.
pub(super) struct Nested<F> {
    /// Those that must all hold.
    pub(super) and: Option<Vec<F>>,
    /// Those of which one must hold.
    pub(super) or: Option<Vec<F>>,
}

/// A filter input of a noun.
pub(super) trait Asks: Sized {
    /// The columns that it asks about.
    type Column: Copy;
    /// Puts its own conditions, and hands back the filters inside it.
    fn put(self, all: &mut Conditions<Self::Column>) -> Result<Nested<Self>, Refusal>;
}

/// What a filter asks for; INVALID where it nests too deep or names too much.
pub(super) fn asked<F: Asks>(filter: Option<F>) -> Result<Filter<F::Column>, Refusal> {
    let Some(filter) = filter else { return Ok(Filter::default()) };
    let asked = at(filter, DEPTH)?;
    if asked.size() > MOST {
        let message = format!("A filter names at most {MOST} conditions and values, not {}.", asked.size());
        return Err(Refusal::invalid(&["filter"], message));
    }
    Ok(asked)
}

fn at<F: Asks>(filter: F, depth: usize) -> Result<Filter<F::Column>, Refusal> {
    let Some(below) = depth.checked_sub(1) else {
        let message = format!("A filter nests and and or at most {DEPTH} deep.");
        return Err(Refusal::invalid(&["filter"], message));
    };
    let mut conditions = Conditions(Filter::default());
    let nested = filter.put(&mut conditions)?;
    let each = |filters: Option<Vec<F>>| filters.into_iter().flatten().map(|filter| at(filter, below)).collect();
    let (and, or): (Result<_, Refusal>, Result<_, Refusal>) = (each(nested.and), each(nested.or));
    Ok(Filter { and: and?, or: or?, ..conditions.0 })
}
