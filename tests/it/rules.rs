//! The rules that the API names: each has its table beside the rule and its story through the API.

use std::{fs, path::Path};

use crate::support::Server;

/// The sources below a folder whose names end so, but for this one.
fn sources(folder: &Path, ending: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            text.push_str(&sources(&path, ending));
        } else if name.ends_with(ending) && name != "rules.rs" {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

/// `DEAL_ONCE` as the domain writes it.
fn variant(code: &str) -> String {
    let word = |word: &str| format!("{}{}", &word[..1], word[1..].to_lowercase());
    format!("Code::{}", code.split('_').map(word).collect::<String>())
}

#[tokio::test]
async fn every_rule_is_refused_in_a_table_beside_it_and_in_a_story_through_the_api() {
    let server = Server::start().await;
    let rules = server.planner().query("{ rules { code statement remedy } }").await["rules"].clone();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let stories = sources(&tests.join("it"), ".rs");
    let tables = sources(&tests.join("../api/domain/src"), "_tests.rs");

    let codes: Vec<_> = rules.as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect();
    // A story compares with the code alone, or with a line of the command line that ends with it.
    let told = |code: &str| [format!("\"{code}\""), format!(" {code}\"")].iter().any(|said| stories.contains(said));
    let untold: Vec<_> = codes.iter().filter(|code| !told(code)).collect();
    let untried: Vec<_> = codes.iter().filter(|code| !tables.contains(&variant(code))).collect();

    assert!(codes.len() >= 23, "{codes:?}");
    assert!(untold.is_empty() && untried.is_empty(), "without a story: {untold:?}; without a table: {untried:?}");
}
