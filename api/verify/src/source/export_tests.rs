//! An export is read whatever it holds: each bad line is named, and what can be read is still judged.

use serde_json::json;

use crate::{
    Ask, Finding, Key,
    entry::tests::body,
    note::tests::{checkpoint, key},
    tree::{Tree, hex, leaf},
};

/// The lines of a sound export of so many entries, the first of which names a key.
fn export(size: u64) -> Vec<String> {
    let mut tree = Tree::default();
    let mut lines = vec![json!({ "holdline": "audit-export", "format": 1, "size": size.to_string() }).to_string()];
    for seq in 0..size {
        let mut members = json!({ "seq": seq.to_string() });
        if seq == 0 {
            members["action"] = json!("CHECKPOINT_KEY_SET");
            members["before"] = json!({ "checkpointKey": null });
            members["after"] = json!({ "checkpointKey": key("log", 1) });
        }
        let body = body(&members);
        tree.push(leaf(&body));
        let body = String::from_utf8(body).unwrap();
        let leaf = hex(&leaf(body.as_bytes()));
        lines.push(json!({ "seq": seq.to_string(), "leafHash": leaf, "body": body }).to_string());
    }
    let note = checkpoint("log", size, &tree.root(size).unwrap(), &[1]);
    lines.push(json!({ "checkpoint": note }).to_string());
    lines
}

fn told(bytes: &[u8], ask: &Ask) -> Vec<String> {
    let mut lines = Vec::new();
    let mut out = |finding: &Finding| lines.push(finding.to_string());
    let report = crate::verify_export(bytes, ask, &mut out, &mut |_| {}).unwrap();
    assert_eq!(report.findings, lines.len() as u64);
    lines
}

fn told_of(lines: &[String]) -> Vec<String> {
    told((lines.join("\n") + "\n").as_bytes(), &Ask::default())
}

#[test]
fn a_sound_export_is_told_nothing_of() {
    assert_eq!(told_of(&export(5)), Vec::<String>::new());
    let pinned = Ask { key: Some(Key::parse(&key("log", 2)).unwrap()), ..Ask::default() };
    let told = told((export(5).join("\n")).as_bytes(), &pinned);
    assert!(told[0].starts_with("key-unexpected: entry 0: "), "{told:?}");
}

#[test]
fn a_broken_line_is_named_and_reading_goes_on() {
    let table = [
        (0, "{}", "export-malformed: Line 1 is not the header of an export of format 1."),
        (2, "", "export-malformed: Line 3 is no line of an export: EOF"),
        (2, "{\"seq\":\"1\",\"seq\":\"1\"}", "export-malformed: Line 3 is no line of an export: duplicate field"),
        (2, "{\"seq\":\"1\",\"more\":1}", "export-malformed: Line 3 is no line of an export: unknown field"),
        (2, "{\"seq\":\"01\",\"body\":\"\"}", "export-malformed: Line 3 has no position in seq."),
        (2, "{\"seq\":\"1\"}", "export-malformed: Line 3 has no text in body."),
        (2, "{\"seq\":\"1\",\"body\":\"x\"}", "body-malformed: entry 1: the body is not the log's JSON"),
        (
            2,
            "{\"seq\":\"18446744073709551615\",\"body\":\"{}\"}",
            "sequence-broken: entries 1 to 18446744073709551614: ",
        ),
        (6, "{\"checkpoint\":\"x\"}", "checkpoint-malformed: The checkpoint of line 7 is no signed note"),
    ];
    for (number, text, said) in table {
        let mut lines = export(5);
        text.clone_into(&mut lines[number]);
        let told = told_of(&lines);
        assert!(told.iter().any(|told| told.starts_with(said)), "{said}: {told:#?}");
    }
}

#[test]
fn entries_that_are_missing_moved_or_altered_are_named() {
    let mut dropped = export(5);
    dropped.remove(3);
    assert!(told_of(&dropped)[0].starts_with("sequence-broken: entry 2: there is no such entry"));
    let mut cut = export(5);
    cut.drain(4..=5);
    assert!(told_of(&cut)[0].starts_with("log-cut: entries 3 to 4: the export promises 5 entries"));
    let mut swapped = export(5);
    swapped.swap(2, 3);
    assert!(told_of(&swapped).iter().any(|line| line.starts_with("sequence-broken: entry 1: the entry stands behind")));
    let mut altered = export(5);
    altered[3] = altered[3].replace("SERVICE", "SERVISE");
    let told = told_of(&altered);
    assert!(told[0].starts_with("leaf-altered: entry 2: "), "{told:?}");
    assert!(told[1].starts_with("checkpoint-inconsistent: entries 0 to 4: "), "{told:?}");
}

#[test]
fn what_is_no_export_at_all_ends_in_findings_and_nothing_else() {
    for bytes in [&b""[..], b"\n", b"\xff\xfe", b"[[[[", b"null\nnull\n", &vec![b'['; 200_000]] {
        assert!(!told(bytes, &Ask::default()).is_empty());
    }
}

#[test]
fn the_example_of_the_written_format_is_sound() {
    let format = include_str!("../../../docs/log.md");
    let example = format.split("```jsonl\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(example.lines().count(), 5);
    assert_eq!(told(example.as_bytes(), &Ask::default()), Vec::<String>::new());
    let edited = example.replacen("Payments", "Payment5", 1);
    assert!(told(edited.as_bytes(), &Ask::default())[0].starts_with("leaf-altered: entry 1: "));
}
