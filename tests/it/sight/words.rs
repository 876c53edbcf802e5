//! What can be asked of the queries in words: a word of a foreign team finds what a word finds that nobody wrote.

use serde_json::json;

use super::{OURS, Scene, THEIRS};
use crate::shape::{Argument, Sample, Step, request, text_paths, whole, written};

/// A word that nobody wrote.
const NOBODYS: &str = "nonesuch";
/// What stands behind the team's word in a text of theirs.
const TEXTS: [&str; 8] = ["", " idea", " item", " meeting", " reason", " trigger", " tracker", " ticket"];
/// Arguments that are texts by type and no words: places in a list, quarters, and keys, which are asked for whole; and
/// filters in filters.
const NO_WORDS: [&str; 9] = ["after", "before", "quarter", "id", "from", "to", "team", "and", "or"];

/// A place where a query takes words.
struct Question<'s> {
    scene: &'s Scene,
    field: &'s str,
    arg: &'s Argument,
    path: Vec<Step>,
}

/// Where the two words are answered otherwise, and where a word of ours is answered like any other, so that nobody could
/// tell.
pub(super) async fn told_apart(scene: &Scene) -> Vec<String> {
    let mut apart = Vec::new();
    for question in questions(scene) {
        let mut counts = false;
        for text in TEXTS {
            let (theirs, nobodys) = (question.ask(THEIRS, text).await, question.ask(NOBODYS, text).await);
            counts |= question.ask(OURS, text).await != nobodys;
            if theirs != nobodys {
                apart.push(format!("{}, word{text}:\n  {theirs}\n  {nobodys}", written(&question.path)));
            }
        }
        if !counts {
            apart.push(format!("{} finds nothing of ours", written(&question.path)));
        }
    }
    apart
}

fn questions(scene: &Scene) -> Vec<Question<'_>> {
    let mut questions = Vec::new();
    for field in &scene.schema.get("Query").fields {
        let owner = format!("Query.{}", field.name);
        for arg in &field.args {
            let paths = text_paths(&scene.schema, &owner, arg).into_iter();
            let wordy = paths.filter(|path| !path.iter().any(|step| NO_WORDS.contains(&step.field.as_str())));
            questions.extend(wordy.map(|path| Question { scene, field: &field.name, arg, path }));
        }
    }
    questions
}

impl Question<'_> {
    /// The answer, the word itself left out.
    async fn ask(&self, word: &str, text: &str) -> String {
        let Scene { schema, ours, outsider, .. } = self.scene;
        let sample = Sample { schema, id: &|path| ours.named_at(path) };
        let said = json!(format!("{word}{text}"));
        let given = |arg: &Argument| (arg.name == self.arg.name).then(|| sample.along(&self.path, arg, &said));
        let selected = whole(schema, &schema.get("Query").field(self.field).shape.of, &[]);
        let (query, variables) = request(&sample, ("Query", self.field), None, given, &selected);
        outsider.ask(&query, variables).await.comparable().to_string().replace(word, "…")
    }
}
