//! The interface that the library promises (docs/library.md), as it is written: a change of it shows here, and is a decision.
//! What is promised has an example.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fmt::Write as _, fs, path::Path};

/// What is at the crate's root, and the files of what is exported there.
const FILES: &[&str] = &[
    "src/lib.rs",
    "crates/tui/src/open.rs",
    "src/metrics.rs",
    "src/probe/channel.rs",
    "src/probe/current.rs",
    "src/probe/hooks.rs",
    "src/probe/mpsc.rs",
    "src/probe/spans.rs",
    "src/probe/task.rs",
    "src/scope.rs",
    "src/scope/serve.rs",
    "src/scope/serve/serve_error.rs",
    "src/scope/watch.rs",
    "src/tracing.rs",
];

/// Where what those files export is written.
const EXPORTED: &[&str] = &["src/metrics/table.rs", "src/probe.rs", "crates/core/src/wire/address.rs"];

/// What the functions there give, and whose types have an example each.
const GIVEN: &[&str] = &[
    "crates/core/src/model/long_polls.rs",
    "crates/core/src/model/picture/finding.rs",
    "crates/core/src/model/summary.rs",
];
const SHOWN: &[&str] = &["LongPoll", "LongPolls", "Finding", "Rule", "Summary"];

/// Types of which each method has an example; for others, one of the type is enough.
const EACH_METHOD: &[&str] = &[
    "Scope",
    "Link",
    "Watch",
    "Listen",
    "Server",
    "Dashboard",
    "Hooks",
    "Probes",
    "QueueSender<T>",
    "QueueReceiver<T>",
    "Gate",
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
        // What only the library itself sees of a type is nobody else's.
        let is_private = item.starts_with("pub struct") && line.starts_with(' ') && !code.starts_with("pub ");
        if is_private {
            continue;
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    for file in FILES.iter().chain(EXPORTED).chain(GIVEN) {
        let text = fs::read_to_string(root.join(file)).unwrap();
        writeln!(all, "// {file}\n{}", interface(&text)).unwrap();
    }
    insta::assert_snapshot!("interface", all);
}

/// What wants an example and has none in the comment above it: a file's public functions, structs, enums and constants,
/// and the methods of some types.
fn without_example(text: &str) -> Vec<&str> {
    let (mut bare, mut block) = (Vec::new(), "");
    let (mut has_example, mut is_hidden) = (false, false);
    for line in text.split("#[cfg(test)]").next().unwrap().lines() {
        let code = line.trim();
        if line.starts_with("impl") {
            block = code.split_once(' ').map_or("", |(_, of)| of.trim_end_matches(" {"));
        }
        if code.starts_with("///") || code.starts_with("#[") {
            has_example |= code.starts_with("/// ```");
            is_hidden |= code == "#[doc(hidden)]";
            continue;
        }
        if wants_example(line, block) && !has_example && !is_hidden {
            bare.push(code.trim_end_matches(" {"));
        }
        (has_example, is_hidden) = (false, false);
    }
    bare
}

/// Whether a line is the head of an item that wants one; `block` is what the last `impl` is of.
fn wants_example(line: &str, block: &str) -> bool {
    let code = line.trim_start();
    let is = |kinds: &[&str]| code.strip_prefix("pub ").is_some_and(|rest| kinds.iter().any(|it| rest.starts_with(it)));
    let is_method = line != code && is(&["fn ", "async fn ", "const fn "]);
    let is_free = line == code && is(&["fn ", "async fn ", "const "]);
    // A macro may be around a type.
    is_free || is(&["struct ", "enum "]) || (is_method && EACH_METHOD.contains(&block))
}

#[test]
fn every_promised_item_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bare = Vec::new();
    for file in FILES.iter().chain(EXPORTED) {
        let text = fs::read_to_string(root.join(file)).unwrap();
        bare.extend(without_example(&text).into_iter().map(|item| format!("{file}: {item}")));
    }
    for file in GIVEN {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let is_shown = |item: &&str| SHOWN.contains(&item.rsplit(' ').next().unwrap());
        bare.extend(without_example(&text).into_iter().filter(is_shown).map(|item| format!("{file}: {item}")));
    }
    assert!(bare.is_empty(), "no example in the comment above:\n{}", bare.join("\n"));
}

#[test]
fn an_example_that_is_missing_is_seen() {
    let text = "\
/// ```
/// ```
#[inline]
pub fn shown() {
}
/// Bare.
pub fn bare() {
}
impl<T> QueueSender<T> {
    /// Bare.
    pub fn send(&self) {
    }
}
impl Other {
    /// Bare, of a type whose example shows all.
    pub fn method(&self) {
";
    assert_eq!(without_example(text), ["pub fn bare()", "pub fn send(&self)"]);
}
