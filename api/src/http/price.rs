//! What a request costs in points: its selections, as they are weighed, the values of the lists that it brings along, and
//! for a mutation what it writes. Holds no limit: what is too dear to run at all is refused by the limits.

use async_graphql::{Value, Variables, parser::types::OperationType};

use super::weigh::Weight;

/// What a write costs beside what it answers: it is committed to disk.
const WRITE: u64 = 10;

/// The points of an operation. What its arguments list counts as it is written out, or as its variables hold it; each root field of a mutation is taken to write every row that the variables hold.
#[must_use]
pub(super) fn price(operation: OperationType, weight: &Weight, variables: &Variables) -> u64 {
    let given = variables.values().map(rows).fold(0, u64::saturating_add);
    let cost = weight.cost.saturating_add(weight.rows);
    if operation != OperationType::Mutation {
        return cost.saturating_add(given);
    }
    cost.saturating_add(weight.top_fields.saturating_mul(given.saturating_add(WRITE)))
}

fn rows(value: &Value) -> u64 {
    match value {
        Value::List(list) => list.iter().map(rows).fold(list.len() as u64, u64::saturating_add),
        Value::Object(fields) => fields.values().map(rows).fold(0, u64::saturating_add),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn a_mutation_costs_more_by_its_writes_and_by_the_rows_it_is_given() {
        let weight = Weight { cost: 3, top_fields: 2, rows: 5, ..Weight::default() };
        let table = [
            (OperationType::Query, value!({}), 8),
            (OperationType::Query, value!({ "ids": [1, 2, 3] }), 8 + 3),
            (OperationType::Mutation, value!({}), 8 + 2 * 10),
            (OperationType::Mutation, value!({ "input": { "title": "a" } }), 8 + 2 * 10),
            (OperationType::Mutation, value!({ "input": { "requests": [{ "a": 1 }, { "a": [1, 2] }] } }), 8 + 2 * 14),
        ];
        for (operation, variables, expected) in table {
            assert_eq!(price(operation, &weight, &Variables::from_value(variables)), expected);
        }
    }
}
