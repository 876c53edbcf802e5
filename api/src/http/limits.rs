//! The limits on a parsed document, and the refusal for each: depth, aliases, directives, root fields, expanded
//! selections and cost. What runs counts for all of them; the rest of the document counts for what validation would
//! walk. It holds no resolver's limits (page sizes) and nothing about who is asking.

use std::fmt;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::{Pos, Variables};

use super::validate::published::Published;
use super::weigh::{MAX_LEVELS, Scales, USUAL_LIST, Unweighable, Weight};

/// Fields inside each other.
pub const MAX_DEPTH: u64 = 20;
/// Fields with an alias, in the operation that runs.
pub const MAX_ALIASES: u64 = 30;
/// Directives on anything, in the operation that runs.
pub const MAX_DIRECTIVES: u64 = 20;
/// Fields, spreads and inline fragments in the whole document, fragments written out.
pub const MAX_SELECTIONS: u64 = 1_000;
/// Fields at the root of the operation that runs.
pub const MAX_ROOT_FIELDS: u64 = 20;
/// Fields, each multiplied by the rows of the lists around it.
pub const MAX_COST: u64 = 20_000;

/// Why a parsed document is not run, with what was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooMuch {
    /// Fields nest this deep.
    Depth(u64),
    /// Selection sets and fragments nest deeper than can be followed.
    Levels,
    /// A fragment spreads itself, at this place.
    Cycle(Pos),
    /// The document has this many selections.
    Selections(u64),
    /// The operation has this many aliases.
    Aliases(u64),
    /// The operation has this many directives.
    Directives(u64),
    /// The operation has this many root fields.
    RootFields(u64),
    /// The operation costs this much.
    Cost(u64),
}

impl TooMuch {
    /// The error code a client sees.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Depth(_) | Self::Levels => "QUERY_TOO_DEEP",
            Self::Cycle(_) => "GRAPHQL_VALIDATION_FAILED",
            Self::Selections(_) => "QUERY_TOO_LARGE",
            Self::Aliases(_) | Self::Directives(_) | Self::RootFields(_) | Self::Cost(_) => "QUERY_TOO_COMPLEX",
        }
    }
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Depth(n) => write!(
                f,
                "Fields nest {n} deep; at most {MAX_DEPTH} are allowed. Start a second query at an id from the first."
            ),
            Self::Levels => write!(
                f,
                "Fields and fragments nest more than {MAX_LEVELS} deep, which is the most. Use fewer fragments in fragments."
            ),
            Self::Cycle(_) => {
                f.write_str("A fragment spreads itself, directly or through others. Take that spread out.")
            }
            Self::Selections(n) => write!(
                f,
                "The document selects {n} times with its fragments written out; at most {MAX_SELECTIONS} are allowed. \
                 Split it into several requests."
            ),
            Self::Aliases(n) => write!(
                f,
                "The operation has {n} aliases; at most {MAX_ALIASES} are allowed. Ask for a list with a filter instead."
            ),
            Self::Directives(n) => write!(
                f,
                "The operation has {n} directives; at most {MAX_DIRECTIVES} are allowed. Leave out what you do not want."
            ),
            Self::RootFields(n) => write!(
                f,
                "The operation has {n} root fields; at most {MAX_ROOT_FIELDS} are allowed. Split it into several requests."
            ),
            Self::Cost(n) => write!(
                f,
                "The operation costs {n}; at most {MAX_COST} are allowed. A field costs 1 times the `first` of every \
                 list around it, and times {USUAL_LIST} for one without pages: ask for smaller pages, or for the inner lists in a second query."
            ),
        }
    }
}

impl From<Unweighable> for TooMuch {
    fn from(why: Unweighable) -> Self {
        match why {
            Unweighable::Levels => Self::Levels,
            Unweighable::Cycle(at) => Self::Cycle(at),
        }
    }
}

/// Accepts a document whose operation `running` may run with these variables; the answer is that operation's weight.
pub fn check(
    published: &Published,
    document: &ExecutableDocument,
    running: &OperationDefinition,
    variables: &Variables,
) -> Result<Weight, TooMuch> {
    let mut scales = Scales::new(published, document, running, variables);
    let weight = scales.operation(running)?;
    let mut whole = weight;
    for (_, other) in document.operations.iter() {
        if !std::ptr::eq(&raw const other.node, running) {
            whole.add(scales.operation(&other.node)?);
        }
    }
    whole.add(scales.leftover_fragments()?);
    if whole.selections > MAX_SELECTIONS {
        return Err(TooMuch::Selections(whole.selections));
    }
    // A fragment weighed near the root may be spread far below it, so the walk's own bound does not suffice.
    if whole.levels > MAX_LEVELS {
        return Err(TooMuch::Levels);
    }
    within(&weight).map(|()| weight)
}

// What was counted, the limit, and the refusal that says so.
type Rule = (u64, u64, fn(u64) -> TooMuch);

fn within(weight: &Weight) -> Result<(), TooMuch> {
    let rules: [Rule; 5] = [
        (weight.depth, MAX_DEPTH, TooMuch::Depth),
        (weight.aliases, MAX_ALIASES, TooMuch::Aliases),
        (weight.directives, MAX_DIRECTIVES, TooMuch::Directives),
        (weight.top_fields, MAX_ROOT_FIELDS, TooMuch::RootFields),
        (weight.cost, MAX_COST, TooMuch::Cost),
    ];
    rules.into_iter().find(|(counted, limit, _)| counted > limit).map_or(Ok(()), |(counted, _, why)| Err(why(counted)))
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
