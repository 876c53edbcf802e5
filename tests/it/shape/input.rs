//! Inputs made from the schema: the paths at which an argument takes an id or a team's key, and a well-formed value for
//! any argument, along such a path or with nothing but what it needs.

use serde_json::{Map, Value, json};

use super::{Argument, Schema, Shape};

/// A step into an argument: the type that has it (`Object.field` for an argument itself) and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) of: String,
    pub(crate) field: String,
}

impl Step {
    fn new(of: &str, field: &str) -> Self {
        Self { of: of.to_owned(), field: field.to_owned() }
    }
}

/// A path as a person reads it.
pub(crate) fn written(path: &[Step]) -> String {
    let fields: Vec<_> = path.iter().map(|step| step.field.as_str()).collect();
    format!("{}: {}", path[0].of, fields.join("."))
}

/// How often a path passes one type: filters hold filters.
const ROUNDS: usize = 2;

/// The paths into an argument that end at an id or at a team's key.
pub(crate) fn id_paths(schema: &Schema, owner: &str, arg: &Argument) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let names = |path: &[Step], of: &str| of == "ID" || of == "String" && names_a_team(path);
    descend(schema, &mut vec![Step::new(owner, &arg.name)], &arg.shape, &names, &mut found);
    found
}

/// The paths into an argument that end at a text, which is no team's key.
pub(crate) fn text_paths(schema: &Schema, owner: &str, arg: &Argument) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let says = |path: &[Step], of: &str| of == "String" && !names_a_team(path);
    descend(schema, &mut vec![Step::new(owner, &arg.name)], &arg.shape, &says, &mut found);
    found
}

fn descend(
    schema: &Schema,
    path: &mut Vec<Step>,
    shape: &Shape,
    wanted: &dyn Fn(&[Step], &str) -> bool,
    found: &mut Vec<Vec<Step>>,
) {
    let of = schema.get(&shape.of);
    if wanted(path, &of.name) {
        found.push(path.clone());
    }
    if path.iter().filter(|step| step.of == of.name).count() >= ROUNDS {
        return;
    }
    for arg in &of.inputs {
        path.push(Step::new(&of.name, &arg.name));
        descend(schema, path, &arg.shape, wanted, found);
        path.pop();
    }
}

/// Whether a text at a path is a team's key.
fn names_a_team(path: &[Step]) -> bool {
    let exact = |step: &Step| step.of == "StringFilter" && ["eq", "in", "nin"].contains(&step.field.as_str());
    path.iter().rev().find(|step| !exact(step)).is_some_and(|step| {
        step.field == "team" || step.field == "key" && ["Query.team", "TeamCreateInput"].contains(&step.of.as_str())
    })
}

/// Well-formed values; ids and keys are whatever `id` says of their place.
pub(crate) struct Sample<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) id: &'a dyn Fn(&[Step]) -> Value,
}

impl Sample<'_> {
    /// An argument with what it needs.
    pub(crate) fn argument(&self, owner: &str, arg: &Argument) -> Value {
        self.value(&mut vec![Step::new(owner, &arg.name)], &arg.shape, None)
    }

    /// The first argument of a path, with a value at the path's end.
    pub(crate) fn along(&self, path: &[Step], arg: &Argument, end: &Value) -> Value {
        self.value(&mut vec![path[0].clone()], &arg.shape, Some((&path[1..], end)))
    }

    fn value(&self, trail: &mut Vec<Step>, shape: &Shape, along: Option<(&[Step], &Value)>) -> Value {
        let of = self.schema.get(&shape.of);
        let one = match along {
            Some(([], end)) => end.clone(),
            _ if of.is_input() => self.fields(trail, &of.name, along),
            _ if of.name == "ID" || names_a_team(trail) => (self.id)(trail),
            _ if of.kind == "ENUM" => json!(chosen_value(&of.name, &of.values)),
            _ => plain(&of.name, &trail[trail.len() - 1].field),
        };
        if shape.list { json!([one]) } else { one }
    }

    fn fields(&self, trail: &mut Vec<Step>, name: &str, along: Option<(&[Step], &Value)>) -> Value {
        let of = self.schema.get(name);
        let through = along.map_or("", |(path, _)| path[0].field.as_str());
        let wanted = wanted(name, through, trail);
        let mut fields = Map::new();
        for arg in &of.inputs {
            let goes_on = arg.name == through;
            if !goes_on && !arg.shape.required && !wanted.contains(&arg.name.as_str()) {
                continue;
            }
            trail.push(Step::new(name, &arg.name));
            let rest = along.filter(|_| goes_on).map(|(path, end)| (&path[1..], end));
            fields.insert(arg.name.clone(), self.value(trail, &arg.shape, rest));
            trail.pop();
        }
        Value::Object(fields)
    }
}

/// The fields that may be left out and are given all the same, so that an input goes one way and says enough; `through`
/// is the field that the path goes on with, if it passes here.
fn wanted(of: &str, through: &str, trail: &[Step]) -> Vec<&'static str> {
    let dropped = if trail.iter().any(|step| step.field == "dropObjective") { "objective" } else { "keyResult" };
    match (of, through) {
        ("CommitmentChangeInput", "") => vec!["dropKeyResult"],
        ("DropInput", "") => vec![dropped, "why"],
        ("DropInput", _) => vec!["why"],
        ("PersonRef", "") => vec!["name"],
        ("IdeaRef", "") => vec!["id"],
        ("BoundarySubjectRef", "") => vec!["text"],
        ("MeetingInputDisposeInput", "" | "meetingInput") => vec!["noted"],
        ("RoadmapChangeInput", "") => vec!["add"],
        ("IdeaPromoteInput", "roadmapItem") => Vec::new(),
        ("IdeaPromoteInput", _) => vec!["horizon"],
        ("CustomerRequestUpsertInput", _) => vec!["account"],
        ("WebhookCreateInput", _) => vec!["team"],
        ("AddKeyResultInput", _) => vec!["objectiveLoad"],
        ("BacklogInput", "") | ("AmendObjectiveInput" | "AmendKeyResultInput", _) => vec!["title"],
        _ => vec!["reason", "rationale"],
    }
}

/// A value of an enum that asks for nothing else.
fn chosen_value<'v>(of: &str, values: &'v [String]) -> &'v str {
    let chosen = match of {
        "CheckInKind" => "PROGRESS",
        "Horizon" => "LATER",
        "MeetingKind" => "STATUS",
        "AuditAction" => "PLAN_DRAFTED",
        _ => "",
    };
    values.iter().find(|value| value.as_str() == chosen).unwrap_or(&values[0])
}

/// A value of a scalar.
fn plain(of: &str, field: &str) -> Value {
    match (of, field) {
        ("Int", _) => json!(1),
        ("Boolean", _) => json!(true),
        ("Decimal", "target") => json!("2"),
        ("Decimal", _) => json!("1"),
        ("DateTime", _) => json!("2026-11-20T09:00:00Z"),
        ("Date", _) => json!("2026-11-20"),
        ("CurrencyCode", _) => json!("USD"),
        ("String", "quarter" | "from" | "to" | "id") => json!("2026-Q4"),
        ("String", "url") => json!("http://127.0.0.1:9/nobody"),
        ("String", "digest") => json!("0".repeat(64)),
        ("String", _) => json!("Words"),
        _ => panic!("nothing says what a {of} is, for {field}"),
    }
}
