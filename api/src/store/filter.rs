//! What a list is asked for: comparators on the columns of a noun, joined by `and` and `or`, as SQL that both databases
//! understand. Values are always parameters. What a column is in SQL, the noun's own file says.

use std::borrow::Cow;

use holdline_domain::ids::Id;
pub use sea_orm::Value;

use super::{Access, row};

/// A condition on one column.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the comparator of its name")]
pub enum Bound {
    In(Vec<Value>),
    NotIn(Vec<Value>),
    /// On a team's id: that of one of the teams with these keys.
    InTeams(Vec<String>),
    /// On a team's id: that of none of the teams with these keys.
    NotInTeams(Vec<String>),
    Gt(Value),
    Gte(Value),
    Lt(Value),
    Lte(Value),
    Contains(String),
    Null(bool),
}

/// Which items of a list are asked for; `C` names the columns of the noun.
#[derive(Debug, Clone)]
pub struct Filter<C> {
    /// Conditions that must all hold.
    pub all: Vec<(C, Bound)>,
    /// Further filters that must all hold.
    pub and: Vec<Self>,
    /// Filters of which one must hold; none given is no condition.
    pub or: Vec<Self>,
}

impl<C> Default for Filter<C> {
    fn default() -> Self {
        Self { all: Vec::new(), and: Vec::new(), or: Vec::new() }
    }
}

impl<C: Copy> Filter<C> {
    /// One condition.
    #[must_use]
    pub fn of(column: C, bound: Bound) -> Self {
        Self::default().also(column, bound)
    }

    /// A further condition.
    #[must_use]
    pub fn also(mut self, column: C, bound: Bound) -> Self {
        self.all.push((column, bound));
        self
    }

    /// How many filters and values it names.
    #[must_use]
    pub fn size(&self) -> usize {
        let values: usize = self.all.iter().map(|(_, bound)| bound.size()).sum();
        1 + values + self.and.iter().chain(&self.or).map(Self::size).sum::<usize>()
    }

    /// Whether it asks about any of these columns.
    pub(super) fn asks(&self, columns: &impl Fn(C) -> bool) -> bool {
        self.all.iter().any(|(column, _)| columns(*column))
            || self.and.iter().chain(&self.or).any(|filter| filter.asks(columns))
    }

    /// Whether only one value of a column is asked for.
    pub(super) fn fixes(&self, column: &impl Fn(C) -> bool) -> bool {
        self.all.iter().any(|(bound_on, bound)| column(*bound_on) && bound.is_one())
            || self.and.iter().any(|filter| filter.fixes(column))
    }

    /// As a condition in brackets; appends the values that it needs.
    pub(super) fn sql(&self, name: &impl Fn(C) -> Cow<'static, str>, values: &mut Vec<Value>) -> String {
        let mut parts = vec!["1 = 1".to_owned()];
        parts.extend(self.all.iter().map(|(column, bound)| bound.sql(&name(*column), values)));
        parts.extend(self.and.iter().map(|filter| filter.sql(name, values)));
        if !self.or.is_empty() {
            let any: Vec<_> = self.or.iter().map(|filter| filter.sql(name, values)).collect();
            parts.push(format!("({})", any.join(" OR ")));
        }
        format!("({})", parts.join(" AND "))
    }
}

impl Bound {
    /// One of these words.
    pub fn any<T: Into<Value>>(words: impl IntoIterator<Item = T>) -> Self {
        Self::In(words.into_iter().map(Into::into).collect())
    }

    fn is_one(&self) -> bool {
        match self {
            Self::In(values) => values.len() == 1,
            Self::InTeams(keys) => keys.len() == 1,
            _ => false,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::In(values) | Self::NotIn(values) => 1 + values.len(),
            Self::InTeams(keys) | Self::NotInTeams(keys) => 1 + keys.len(),
            Self::Gt(_) | Self::Gte(_) | Self::Lt(_) | Self::Lte(_) | Self::Contains(_) | Self::Null(_) => 1,
        }
    }

    fn sql(&self, column: &str, values: &mut Vec<Value>) -> String {
        match self {
            Self::In(of) => among(column, "IN", of.iter().cloned(), values),
            Self::NotIn(of) => among(column, "NOT IN", of.iter().cloned(), values),
            Self::InTeams(keys) => of_teams(column, "IN", keys, values),
            Self::NotInTeams(keys) => of_teams(column, "NOT IN", keys, values),
            Self::Gt(value) => compared(column, ">", value, values),
            Self::Gte(value) => compared(column, ">=", value, values),
            Self::Lt(value) => compared(column, "<", value, values),
            Self::Lte(value) => compared(column, "<=", value, values),
            Self::Contains(text) if text.is_empty() => format!("{column} IS NOT NULL"),
            // LIKE minds capital letters on the one database and not on the other.
            Self::Contains(text) => {
                values.push(text.clone().into());
                format!("REPLACE({column}, ${}, '') <> {column}", values.len())
            }
            Self::Null(true) => format!("{column} IS NULL"),
            Self::Null(false) => format!("{column} IS NOT NULL"),
        }
    }
}

/// That a team's id is one that a token may see.
pub(super) fn seen(access: &Access, column: &str, values: &mut Vec<Value>) -> String {
    match access {
        Access::All => "1 = 1".to_owned(),
        Access::Only(teams) => among(column, "IN", teams.iter().copied().map(Id::uuid).map(Value::from), values),
    }
}

fn among(column: &str, word: &str, of: impl Iterator<Item = Value>, values: &mut Vec<Value>) -> String {
    let from = values.len() + 1;
    values.extend(of);
    match (values.len() + 1 - from, word) {
        (0, "IN") => "1 = 0".to_owned(),
        (0, _) => "1 = 1".to_owned(),
        (count, _) => format!("{column} {word} ({})", row::marks(from, count)),
    }
}

/// One team is looked up and compared: a list of its rows is then walked in an index that has the team in front.
fn of_teams(column: &str, word: &str, keys: &[String], values: &mut Vec<Value>) -> String {
    if let ([key], "IN") = (keys, word) {
        values.push(key.into());
        return format!("{column} = (SELECT k.id FROM team k WHERE k.key = ${})", values.len());
    }
    let named = among("k.key", "IN", keys.iter().map(Value::from), values);
    format!("{column} {word} (SELECT k.id FROM team k WHERE {named})")
}

fn compared(column: &str, sign: &str, value: &Value, values: &mut Vec<Value>) -> String {
    values.push(value.clone());
    format!("{column} {sign} ${}", values.len())
}
