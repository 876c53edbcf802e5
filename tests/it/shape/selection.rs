//! A selection of all that an object says of itself: its values, and what is no node of its own written out. Of a node
//! beneath it only the id is asked for: it can be asked for by that.

use super::{Argument, Schema, Shape, schema::Type};

/// All of a type, in braces; without some fields (`Type.field`).
pub(crate) fn whole(schema: &Schema, of: &str, without: &[String]) -> String {
    fields(schema, schema.get(of), without, &mut Vec::new())
}

fn fields(schema: &Schema, of: &Type, without: &[String], above: &mut Vec<String>) -> String {
    above.push(of.name.clone());
    let mut chosen = vec!["__typename".to_owned()];
    chosen.extend(of.possible.iter().map(|one| {
        let one = schema.get(one);
        let inner = if is_node(one) { "{ id }".to_owned() } else { fields(schema, one, without, above) };
        format!("... on {} {inner}", one.name)
    }));
    for field in of.fields.iter().filter(|_| of.kind == "OBJECT") {
        // Edges repeat the nodes, and cursors name the request.
        let repeats = of.name.ends_with("Connection") && ["edges", "pageInfo"].contains(&field.name.as_str());
        if !repeats && !without.contains(&format!("{}.{}", of.name, field.name)) {
            let beneath = beneath(schema, &field.shape, without, above);
            chosen.extend(beneath.map(|beneath| format!("{}{}{beneath}", field.name, needed(&field.args))));
        }
    }
    above.pop();
    format!("{{ {} }}", chosen.join(" "))
}

/// What stands after a field's name; nothing at all where its type is selected further up.
fn beneath(schema: &Schema, shape: &Shape, without: &[String], above: &mut Vec<String>) -> Option<String> {
    let of = schema.get(&shape.of);
    if of.is_leaf() {
        return Some(String::new());
    }
    if is_node(of) {
        return Some(" { __typename id }".to_owned());
    }
    (!above.contains(&of.name)).then(|| format!(" {}", fields(schema, of, without, above)))
}

/// The arguments that a field cannot do without, which are numbers: the first revision, say.
fn needed(args: &[Argument]) -> String {
    let needed: Vec<_> = args.iter().filter(|arg| arg.shape.required).map(|arg| format!("{}: 1", arg.name)).collect();
    if needed.is_empty() { String::new() } else { format!("({})", needed.join(", ")) }
}

fn is_node(of: &Type) -> bool {
    of.name == "Node" || of.interfaces.iter().any(|one| one == "Node")
}
