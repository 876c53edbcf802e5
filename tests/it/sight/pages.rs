//! Cursors that somebody took from a list with foreign things in it, in the hands of who does not see them.

use serde_json::{Value, json};

use super::{Scene, crawl::tells};
use crate::{
    shape::{Argument, Sample, request, whole},
    support::Caller,
    world::{World, everything},
};

/// A list: a field of `Query`, or of a team.
struct List<'s> {
    scene: &'s Scene,
    of: &'static str,
    field: &'s str,
}

/// Where an answer after or before a foreign cursor tells of the foreign team.
pub(super) async fn after_foreign_cursors(scene: &Scene) -> Vec<String> {
    let mut told = Vec::new();
    let everything = everything(&scene.server);
    for of in ["Query", "Team"] {
        let lists = scene.schema.get(of).fields.iter().filter(|field| field.args.iter().any(|arg| arg.name == "after"));
        for field in lists {
            let list = List { scene, of, field: &field.name };
            let cursors = list.cursors(&everything).await;
            assert!(!cursors.is_empty(), "{of}.{} is empty", field.name);
            for (way, cursor) in ["after", "before"].iter().flat_map(|way| cursors.iter().map(move |one| (*way, one))) {
                let answer =
                    list.ask(&scene.outsider, &scene.ours, "", |arg| (arg == way).then(|| cursor.clone())).await;
                if tells(&answer, &scene.theirs) {
                    told.push(format!("{of}.{} {way} {cursor}: {answer:#}", field.name));
                }
            }
        }
    }
    told
}

impl List<'_> {
    /// Every cursor of the list for who sees everything; of a list of a team, theirs.
    async fn cursors(&self, everything: &Caller) -> Vec<Value> {
        let first = |arg: &str| (arg == "first").then(|| json!(250));
        let answer = self.ask(everything, &self.scene.theirs, "{ edges { cursor } }", first).await;
        let data = if self.of == "Team" { &answer["data"]["team"] } else { &answer["data"] };
        let edges = data[self.field]["edges"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        edges.iter().map(|edge| edge["cursor"].clone()).collect()
    }

    /// Asks for the list, of one team where it is a team's; for everything of it where nothing is selected.
    async fn ask(&self, caller: &Caller, team: &World, selected: &str, given: impl Fn(&str) -> Option<Value>) -> Value {
        let schema = &self.scene.schema;
        let sample = Sample { schema, id: &|path| team.named_at(path) };
        // Both teams have an item, and who searches sees the best hits of both or of one.
        let given = |arg: &Argument| if arg.name == "text" { Some(json!("item")) } else { given(&arg.name) };
        let everything = whole(schema, &schema.get(self.of).field(self.field).shape.of, &[]);
        let selected = if selected.is_empty() { &everything } else { selected };
        let holder = format!("team(key: \"{}\")", team.team);
        let holder = (self.of == "Team").then_some(holder.as_str());
        let (query, variables) = request(&sample, (self.of, self.field), holder, given, selected);
        caller.ask(&query, variables).await.body
    }
}
