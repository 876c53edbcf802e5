//! Asks one operation of the API, well-formed and about things that never were, and says which scope was missing.

use serde_json::{Value, json};

use crate::{
    shape::{Argument, Sample, Schema, Step, kind_at, prefix, request},
    support::{Answer, Caller},
    world::{World, unknown},
};

/// What a row is about.
pub(super) enum Operation<'n> {
    /// A field of `Query`, `Mutation` or `Subscription`.
    Root(&'n str, &'n str),
    /// One of the ways that an argument can go: `Mutation.meetingInputDispose(backlog)`.
    Way(&'n str, &'n str, &'n str),
    /// A field beneath, of a type of which the world has one: `Objective.history`.
    Field(&'n str, &'n str),
    /// What a payload leads to: `Mutation.ideaUpdate{idea.team.plan}`.
    Payload(&'n str),
}

impl<'n> Operation<'n> {
    pub(super) fn parse(name: &'n str) -> Self {
        if let Some(path) = name.strip_prefix("Mutation.ideaUpdate{") {
            return Self::Payload(path.trim_end_matches('}'));
        }
        let (of, field) = name.split_once('.').unwrap_or_else(|| panic!("{name} is no operation"));
        match field.trim_end_matches(')').split_once('(') {
            Some((field, way)) => Self::Way(of, field, way),
            None if ["Query", "Mutation", "Subscription"].contains(&of) => Self::Root(of, field),
            None => Self::Field(of, field),
        }
    }

    /// Whether introspection cannot tell that there is such an operation: kinds of ids.
    pub(super) fn is_untold(&self) -> bool {
        matches!(self, Self::Way("Query", ..))
    }
}

/// Who knows how to ask.
pub(super) struct Asker {
    pub(super) schema: Schema,
    pub(super) world: World,
}

impl Asker {
    /// The ways of the mutation that has several, each of which makes another thing.
    pub(super) fn ways(&self) -> Vec<String> {
        let input = &self.schema.get("MeetingInputDisposeInput").inputs;
        let ways = input.iter().filter(|way| !way.shape.required);
        ways.map(|way| format!("Mutation.meetingInputDispose({})", way.name)).collect()
    }

    /// Every query, mutation and subscription.
    pub(super) fn roots(&self) -> Vec<String> {
        let of =
            |root: &'static str| self.schema.get(root).fields.iter().map(move |one| format!("{root}.{}", one.name));
        of("Query").chain(of("Mutation")).chain(of("Subscription")).collect()
    }

    /// `yes`, or the scope that was missing. A mutation must reach its rules: INVALID says that it did not.
    pub(super) async fn ask(&self, caller: &Caller, operation: &str) -> String {
        let answer = match Operation::parse(operation) {
            Operation::Root(of, field) => self.ask_root(caller, of, field, |_| None).await,
            Operation::Way(of, field, way) => self.ask_way(caller, of, field, way).await,
            Operation::Field(of, field) => self.ask_field(caller, of, field).await,
            Operation::Payload(path) => self.ask_payload(caller, path).await,
        };
        verdict(operation, &answer)
    }

    async fn ask_root(
        &self,
        caller: &Caller,
        of: &str,
        field: &str,
        given: impl Fn(&Argument) -> Option<Value>,
    ) -> Answer {
        let sample = Sample { schema: &self.schema, id: &nothing };
        let selected = if of == "Mutation" { "{ userErrors { code field message } }" } else { "{ __typename }" };
        let (query, variables) = request(&sample, (of, field), None, given, selected);
        if of == "Subscription" { caller.first(&query, variables).await } else { caller.ask(&query, variables).await }
    }

    /// A way is a field of the input, or a kind of id.
    async fn ask_way(&self, caller: &Caller, of: &str, field: &str, way: &str) -> Answer {
        let sample = Sample { schema: &self.schema, id: &nothing };
        let owner = format!("{of}.{field}");
        self.ask_root(caller, of, field, |arg| {
            let input = self.schema.get(&arg.shape.of);
            let Some(chosen) = input.inputs.iter().find(|one| one.name == way) else {
                return Some(json!(unknown(way)));
            };
            let path = [step(&owner, &arg.name), step(&input.name, way)];
            Some(sample.along(&path, arg, &sample.argument(&input.name, chosen)))
        })
        .await
    }

    async fn ask_field(&self, caller: &Caller, of: &str, field: &str) -> Answer {
        let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {field} {{ __typename }} }} }} }}");
        caller.ask(&query, json!({ "id": self.world.one_of(of) })).await
    }

    /// The payload of an idea that was edited, and a way on from there.
    pub(super) async fn ask_payload(&self, caller: &Caller, path: &str) -> Answer {
        let beneath = path.rsplit('.').fold("__typename".to_owned(), |inner, field| format!("{field} {{ {inner} }}"));
        let input = json!({ "idea": self.world.id("planned idea"), "title": self.world.says("idea") });
        caller.try_mutate("ideaUpdate", input, &beneath).await
    }
}

/// An id or a key of nothing.
fn nothing(path: &[Step]) -> Value {
    let kind = kind_at(path).unwrap_or_else(|| panic!("no kind for the id at {path:?}"));
    match kind {
        "key" | "chosen key" => json!("NONE"),
        "anything" => json!(unknown("plan")),
        kind => json!(unknown(prefix(kind))),
    }
}

fn step(of: &str, field: &str) -> Step {
    Step { of: of.to_owned(), field: field.to_owned() }
}

fn verdict(operation: &str, answer: &Answer) -> String {
    if let Some(error) = answer.body["errors"].as_array().and_then(|errors| errors.first()) {
        // A plan or a meeting of nothing is looked for by whoever may look.
        let looks = ["Subscription.planChanged", "Subscription.meetingChanged"].contains(&operation);
        if looks && error["extensions"]["code"] == "NOT_FOUND" {
            return "yes".to_owned();
        }
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{operation}: {:#}", answer.body);
        return error["extensions"]["scope"].as_str().unwrap().to_owned();
    }
    let refused = answer.body["data"]
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(|data| data["userErrors"].as_array());
    for error in refused.flatten() {
        assert_ne!(error["code"], "INVALID", "{operation} did not reach its rules: {:#}", answer.body);
    }
    "yes".to_owned()
}
