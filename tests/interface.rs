//! The interface that the library promises (docs/library.md), as it is written: a change of it shows here, and is a decision.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fmt::Write as _, fs, path::Path};

/// What is at the crate's root, and the files of what is exported there.
const FILES: &[&str] = &[
    "lib.rs",
    "dashboard.rs",
    "metrics.rs",
    "probe/channel.rs",
    "probe/current.rs",
    "probe/hooks.rs",
    "probe/mpsc.rs",
    "probe/spans.rs",
    "probe/task.rs",
    "scope.rs",
    "scope/serve.rs",
    "scope/watch.rs",
    "tracing.rs",
];

/// A file's public items, each up to its body, in one line; an `impl` stands where it has one.
fn interface(text: &str) -> String {
    let mut found = String::new();
    let (mut block, mut item) = (String::new(), String::new());
    for line in text.split("#[cfg(test)]").next().unwrap().lines() {
        let code = line.trim();
        if item.is_empty() && line.starts_with("impl") {
            block = format!("{}\n", code.trim_end_matches('{').trim_end());
        }
        if !item.is_empty() || code.starts_with("pub ") {
            item.push_str(code);
            item.push(' ');
            // A list of fields or of names is a part of the interface; a body is not.
            let is_list = ["pub struct", "pub enum", "pub use"].iter().any(|head| item.starts_with(head));
            let ends = if is_list {
                code.ends_with(';') || line == "}" || code.ends_with("};")
            } else {
                code.ends_with(['{', ';', ',', '}']) && closed(&item)
            };
            if ends || (is_list && item.ends_with("} ") && closed(&item)) {
                if line.starts_with(' ') && !is_list {
                    found.push_str(&std::mem::take(&mut block));
                    found.push_str("    ");
                }
                let shown =
                    if is_list { item.trim() } else { item.trim().trim_end_matches(['{', ',', ';']).trim_end() };
                writeln!(found, "{shown}").unwrap();
                item.clear();
            }
        }
    }
    found
}

/// No bracket of an item's head is open.
fn closed(item: &str) -> bool {
    let count = |letter| item.matches(letter).count();
    count('(') == count(')')
}

#[test]
fn what_is_promised_changes_only_on_purpose() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = String::new();
    for file in FILES {
        let text = fs::read_to_string(root.join(file)).unwrap();
        writeln!(all, "// {file}\n{}", interface(&text)).unwrap();
    }
    insta::assert_snapshot!("interface", all);
}
