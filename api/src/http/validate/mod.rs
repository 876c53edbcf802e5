//! What async-graphql's own validation lets through, and the answers of graphql-js say that it should not: this pass runs
//! on the parsed document after its limits and before execution, where async-graphql judges the rest. One rule, one file;
//! `.ci/node/validation.mjs` compares both with the reference implementation. No rule of the domain is here.

pub mod fault;
pub mod given;
mod introspection;
pub mod lift;
pub mod once;
pub mod overlap;
pub mod positions;
pub mod published;
pub mod spelling;
pub mod subscription;
pub mod values;
pub mod walk;

use async_graphql::parser::types::ExecutableDocument;

use self::fault::{Fault, MAX_FAULTS};
use self::overlap::Clash;
use self::published::Published;

/// Why a document is not executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// All that is wrong with it, from top to bottom.
    Faults(Vec<Fault>),
    /// Its fields take too long to compare.
    TooManyLooks,
}

/// Judges a document with all its operations and fragments.
pub fn judge(published: &Published, text: &str, document: &ExecutableDocument) -> Result<(), Invalid> {
    let walk = walk::walk(published, document);
    let mut faults = positions::judge(&walk);
    faults.extend(walk.faults);
    faults.extend(spelling::judge(text));
    faults.extend(subscription::judge(document));
    match overlap::judge(published, document) {
        Ok(()) => {}
        Err(Clash::Fault(fault)) => faults.push(fault),
        Err(Clash::TooMany) => return Err(Invalid::TooManyLooks),
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by(|one, other| (&one.places, &one.sentence).cmp(&(&other.places, &other.sentence)));
    faults.truncate(MAX_FAULTS);
    Err(Invalid::Faults(faults))
}

#[cfg(test)]
mod tests;
