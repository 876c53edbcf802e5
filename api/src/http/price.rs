//! What a request costs in points: its selections, as they are weighed, and for a mutation what it writes. Holds no
//! limit: what is too dear to run at all is refused by the limits.

use async_graphql::{Value, Variables, parser::types::OperationType};

use super::weigh::Weight;

/// What a write costs beside what it answers: it is committed to disk.
const WRITE: u64 = 10;

/// The points of an operation. Each root field of a mutation is taken to write every row that the variables hold.
#[must_use]
pub(super) fn price(operation: OperationType, weight: &Weight, variables: &Variables) -> u64 {
    if operation != OperationType::Mutation {
        return weight.cost;
    }
    let rows = variables.values().map(rows).fold(WRITE, u64::saturating_add);
    weight.cost.saturating_add(weight.top_fields.saturating_mul(rows))
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
        let weight = Weight { cost: 3, top_fields: 2, ..Weight::default() };
        let table = [
            (OperationType::Query, value!({ "ids": [1, 2, 3] }), 3),
            (OperationType::Mutation, value!({}), 3 + 2 * 10),
            (OperationType::Mutation, value!({ "input": { "title": "a" } }), 3 + 2 * 10),
            (OperationType::Mutation, value!({ "input": { "requests": [{ "a": 1 }, { "a": [1, 2] }] } }), 3 + 2 * 14),
        ];
        for (operation, variables, expected) in table {
            assert_eq!(price(operation, &weight, &Variables::from_value(variables)), expected);
        }
    }
}
