//! A request for one field: each argument that is given or needed as a variable of its own, beneath whatever leads to
//! the field.

use serde_json::{Map, Value};

use super::{Argument, Sample};

/// Asks `of.field`, with the arguments that `given` says and those that it needs; `selected` stands in braces already.
/// `holder` is what leads to the field, where it is no field of a root.
pub(crate) fn request(
    sample: &Sample<'_>,
    (of, field): (&str, &str),
    holder: Option<&str>,
    given: impl Fn(&Argument) -> Option<Value>,
    selected: &str,
) -> (String, Value) {
    let owner = format!("{of}.{field}");
    let mut variables = Map::new();
    let (mut declared, mut passed) = (Vec::new(), Vec::new());
    for arg in &sample.schema.get(of).field(field).args {
        let value = given(arg).or_else(|| arg.shape.required.then(|| sample.argument(&owner, arg)));
        if let Some(value) = value {
            declared.push(format!("${}: {}", arg.name, arg.shape.written()));
            passed.push(format!("{0}: ${0}", arg.name));
            variables.insert(arg.name.clone(), value);
        }
    }
    let (declared, passed) = (braced(&declared), braced(&passed));
    let operation = match of {
        "Mutation" => "mutation",
        "Subscription" => "subscription",
        _ => "query",
    };
    let asked = format!("{{ {field}{passed} {selected} }}");
    let asked = holder.map_or_else(|| asked.clone(), |holder| format!("{{ {holder} {asked} }}"));
    (format!("{operation}{declared} {asked}"), Value::Object(variables))
}

fn braced(inner: &[String]) -> String {
    if inner.is_empty() { String::new() } else { format!("({})", inner.join(", ")) }
}
