//! The walls of ARCHITECTURE.md: which crate may know which, and, inside a crate, which module may import which.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A crate: its folder, those of our crates that it may depend on, and its modules from the ground up. Modules of one floor
/// do not import each other.
struct Crate {
    folder: &'static str,
    may_know: &'static [&'static str],
    floors: &'static [&'static [&'static str]],
}

const CRATES: &[Crate] = &[
    Crate {
        folder: "crates/core",
        may_know: &[],
        floors: &[&["text", "trace"], &["model", "recorder", "wire"], &["observe", "report", "show"], &["replayer"]],
    },
    Crate { folder: ".", may_know: &["pollscope-core"], floors: &[&["probe"], &["scope"], &["metrics", "tracing"]] },
    Crate { folder: "crates/tui", may_know: &["pollscope-core"], floors: &[] },
    Crate {
        folder: "crates/lab",
        may_know: &["pollscope-core", "pollscope", "pollscope-tui"],
        floors: &[
            &["duration", "float", "github"],
            &["settings"],
            &["lab"],
            &["pipeline"],
            &["lessons"],
            &["command", "usecases"],
            &["panels"],
        ],
    },
    Crate {
        folder: "crates/cli",
        may_know: &["pollscope-core", "pollscope", "pollscope-tui", "pollscope-lab"],
        floors: &[&["report"], &["attach", "cli"], &["app", "fuzzing"], &["main"]],
    },
];

/// Crates that know no scenario, and words that are a scenario's. Comments and texts may speak of anything.
const NO_SCENARIO: &[&str] = &["crates/core", ".", "crates/tui"];
const OF_A_SCENARIO: &[&str] =
    &["lesson", "repositor", "github", "pipeline", "usecase", "use_case", "repo_", "strategy"];

/// Crates of others that a module must not see, though its crate may.
const UNSEEN: &[(&str, &[&str])] = &[
    ("crates/core/src/model", &["std::time::Instant", "quanta::"]),
    ("src/scope", &["reqwest::"]),
    ("src/metrics", &["tokio::", "rayon::"]),
    ("crates/lab/src/panels", &["tokio::", "rayon::", "reqwest::"]),
];

/// The crates that are members of the workspace.
fn crates() -> impl Iterator<Item = &'static Crate> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = [")).unwrap();
    let members: Vec<_> = members.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    for member in &members {
        assert!(CRATES.iter().any(|it| it.folder == member), "{member} has no row in CRATES");
    }
    CRATES.iter().filter(move |it| members.iter().any(|member| member == it.folder))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
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

/// A crate's files: the module at the crate's root that each is below, its path and its text.
fn files_of(folder: &str) -> Vec<(String, PathBuf, String)> {
    let root = root().join(folder).join("src");
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

/// The names in a manifest's tables of dependencies of that kind.
fn dependencies(folder: &str, kind: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).rsplit('.').next() == Some(kind) && !line.contains("workspace.");
        } else if inside && let Some(name) = line.split(['=', '.', ' ']).next().filter(|name| !name.is_empty()) {
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn a_crate_depends_on_those_below_it_alone() {
    for it in crates() {
        let ours = dependencies(it.folder, "dependencies");
        let ours: Vec<_> = ours.iter().filter(|name| name.starts_with("pollscope")).collect();
        assert!(!ours.is_empty() || it.may_know.is_empty(), "{}: no dependency was read", it.folder);
        for name in ours {
            assert!(it.may_know.contains(&name.as_str()), "{} depends on {name}", it.folder);
        }
    }
}

#[test]
fn imports_go_down_the_floors() {
    let mut climbs = Vec::new();
    for Crate { folder, floors, .. } in crates().filter(|it| !it.floors.is_empty()) {
        let floor = |module: &str| floors.iter().position(|floor| floor.contains(&module));
        for (module, path, text) in files_of(folder).into_iter().filter(|(module, ..)| module != "lib") {
            let own = floor(&module).unwrap_or_else(|| panic!("{folder}: {module} has no floor"));
            let others = imports(&text).into_iter().filter(|import| *import != module);
            climbs.extend(
                others
                    .filter(|import| floor(import).is_some_and(|floor| floor >= own))
                    .map(|import| format!("{} imports crate::{import}", path.display())),
            );
        }
    }
    assert!(climbs.is_empty(), "{}", climbs.join("\n"));
}

#[test]
fn a_module_does_not_see_what_is_not_its_own() {
    let mut seen = Vec::new();
    for it in crates() {
        for (_, path, text) in files_of(it.folder) {
            let below = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            for (_, forbidden) in UNSEEN.iter().filter(|(module, _)| below.trim_start_matches("./").starts_with(module))
            {
                let code: String = code(&text).collect();
                seen.extend(
                    forbidden.iter().filter(|name| code.contains(**name)).map(|name| format!("{below} sees {name}")),
                );
            }
        }
    }
    assert!(seen.is_empty(), "{}", seen.join("\n"));
}

/// The lines of a file that are code, without those that hold a text.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains('"'))
}

#[test]
fn core_library_and_screen_know_no_scenario() {
    let mut known = Vec::new();
    for it in crates().filter(|it| NO_SCENARIO.contains(&it.folder)) {
        for (_, path, text) in files_of(it.folder) {
            let tells = |line: &&str| OF_A_SCENARIO.iter().any(|word| line.to_lowercase().contains(word));
            known.extend(code(&text).filter(tells).map(|line| format!("{}: {}", path.display(), line.trim())));
        }
    }
    assert!(known.is_empty(), "{}", known.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let all = crates().flat_map(|it| files_of(it.folder));
    let silent: Vec<_> =
        all.filter(|(_, _, text)| !text.starts_with("//!")).map(|(_, path, _)| path.display().to_string()).collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn the_reader_of_imports_reads_lists() {
    let text = "use crate::{a::B, c::{d, e}, f};\nuse crate::g::h;";
    assert_eq!(imports(text), ["a", "c", "f", "g"]);
}
