//! History from a file: what an import may add, and what it says where the file is silent.
//! Holds PLAN_IMPORTED and the import's own words; everything else an import does goes through the nouns' own rules.

use crate::{
    ids::PersonId,
    plan::PlanHead,
    refusal::{Broken, Code, Refusal, Refusals},
    text::Prose,
    time::Timestamp,
};

/// What an imported record says where the file says nothing.
pub const NOT_RECORDED: &str = "not recorded";

/// `not recorded`, as prose.
#[must_use]
pub fn not_recorded() -> Option<Prose> {
    Prose::parse(NOT_RECORDED).ok()
}

/// What an existing plan says to a row of a file that it does not have: PLAN_IMPORTED, or that it was never imported.
#[must_use]
pub fn no_further_rows(head: &PlanHead) -> Refusal {
    let quarter = head.span.quarter;
    if head.imported {
        let message = format!("The plan for {quarter} was imported before and does not have this row.");
        Refusal::new(Code::PlanImported, message)
    } else {
        let message = format!("The team has a live plan for {quarter}; history is not imported over it.");
        Refusal::new(Code::Conflict, message).remedy("Change the live plan through renegotiationDraft.")
    }
}

/// INVALID unless a date of a file is past, and not before the moment `since`.
pub fn check_date(at: Timestamp, since: Option<Timestamp>, now: Timestamp) -> Result<(), Refusals> {
    let mut broken = Broken::none();
    broken.when(at > now, || {
        Refusal::invalid(&["date"], format!("The date {} is in the future.", at.utc().date_naive()))
    });
    broken.when(since.is_some_and(|since| at < since), || {
        Refusal::invalid(&["date"], "The date is before the plan was committed.")
    });
    broken.finish()
}

/// The owner of an objective whose file names owners of key results only: the owner of most of them, the first in
/// the file among equals.
#[must_use]
pub fn objective_owner(owners: &[Option<PersonId>]) -> Option<PersonId> {
    let count = |owner: PersonId| owners.iter().flatten().filter(|other| **other == owner).count();
    let named = || owners.iter().flatten().copied();
    let most = named().map(count).max()?;
    named().find(|owner| count(*owner) == most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_is_owned_by_whoever_owns_most_of_it_then_by_the_first() {
        let [a, b] = [1_u128, 2].map(|n| PersonId::from(uuid::Uuid::from_u128(n)));
        let table = [
            (vec![], None),
            (vec![None], None),
            (vec![Some(a), Some(b)], Some(a)),
            (vec![Some(a), Some(b), None, Some(b)], Some(b)),
        ];
        for (owners, expected) in table {
            assert_eq!(objective_owner(&owners), expected, "{owners:?}");
        }
    }
}
