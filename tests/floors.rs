//! The walls of ARCHITECTURE.md: imports go down the floors only, and every file says what it is for.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The floors, from the ground up; modules of one floor do not import each other.
const FLOORS: &[&[&str]] = &[
    &["text", "trace"],
    &["probe", "model", "github"],
    &["lab", "scope"],
    &["scenario", "metrics", "tracing"],
    &["tui", "report"],
    &["main", "cli", "app", "fuzzing", "dashboard"],
];

/// Crates that a module must not see, whichever floor it is on.
const WALLS: &[(&str, &[&str])] = &[
    ("tui", &["tokio::", "rayon::", "reqwest::"]),
    ("report", &["ratatui::", "crossterm::"]),
    ("scope", &["ratatui::", "crossterm::", "reqwest::"]),
    ("metrics", &["ratatui::", "crossterm::", "reqwest::", "tokio::", "rayon::"]),
    ("model", &["tokio::", "rayon::", "std::time::Instant", "quanta::"]),
    ("trace", &["tokio::", "rayon::", "ratatui::"]),
];

fn floor(module: &str) -> usize {
    FLOORS.iter().position(|floor| floor.contains(&module)).unwrap_or_else(|| panic!("{module} has no floor"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let described = found.into_iter().map(|path| {
        let below = path.strip_prefix(&root).unwrap();
        let first = below.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).unwrap();
        (module, path, text)
    });
    described.collect()
}

/// The project's modules that a text imports, as words after `crate::`, also in nested lists.
fn imports(text: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => modules.extend(heads_of_list(list)),
            None => modules.push(word(rest)),
        }
    }
    modules
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The first words of the items of `{a::b, c::{d, e}, f}`, the opening brace taken off.
fn heads_of_list(list: &str) -> Vec<String> {
    let mut depth = 1;
    let mut heads = vec![word(list.trim_start())];
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(word(list[at + 1..].trim_start())),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[test]
fn imports_go_down_the_floors() {
    let mut climbs = Vec::new();
    for (module, path, text) in all_sources() {
        if module == "lib" {
            continue;
        }
        for import in imports(&text).into_iter().filter(|import| *import != module) {
            let known = FLOORS.iter().flat_map(|floor| floor.iter()).any(|name| *name == import);
            let within_app = floor(&module) == FLOORS.len() - 1;
            if known && floor(&import) >= floor(&module) && !within_app {
                climbs.push(format!("{} imports crate::{import}", path.display()));
            }
        }
    }
    assert!(climbs.is_empty(), "{}", climbs.join("\n"));
}

#[test]
fn nobody_sees_what_is_behind_a_wall() {
    let mut seen = Vec::new();
    for (module, path, text) in all_sources() {
        for (_, forbidden) in WALLS.iter().filter(|(name, _)| *name == module) {
            // The sampler reads a runtime's own count of its tasks through a handle: the one exception.
            let exempt = path.ends_with("scope/sampler.rs");
            // Comments and texts may speak of anything.
            let is_code = |line: &&str| !line.trim_start().starts_with("//") && !line.contains('"');
            let code: String = text.lines().filter(is_code).collect();
            for name in forbidden.iter().filter(|name| !exempt && code.contains(**name)) {
                seen.push(format!("{} sees {name}", path.display()));
            }
        }
    }
    assert!(seen.is_empty(), "{}", seen.join("\n"));
}

/// What the library is made of. The pipeline and the lessons are its first customers: they use what any program can.
const LIBRARY: &[&str] = &["trace", "probe", "model", "scope"];

#[test]
fn the_library_shows_this_crate_no_more_than_others() {
    let is_hidden = |line: &&str| line.trim_start().starts_with("pub(crate) ");
    let mut hidden = Vec::new();
    for (_, path, text) in all_sources().iter().filter(|(module, ..)| LIBRARY.contains(&&**module)) {
        hidden.extend(text.lines().filter(is_hidden).map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = all_sources()
        .into_iter()
        .filter(|(_, _, text)| !text.starts_with("//!"))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn the_reader_of_imports_reads_lists() {
    let text = "use crate::{a::B, c::{d, e}, f};\nuse crate::g::h;";
    assert_eq!(imports(text), ["a", "c", "f", "g"]);
}
