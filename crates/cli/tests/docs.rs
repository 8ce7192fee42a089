//! What the documents say exists: links, headings, lessons, commands and findings.
//!
//! It reads the documents as text and knows no more of Markdown than they use.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Parser;
use pollscope_cli::cli::Cli;
use pollscope_core::model::picture::Rule;
use pollscope_lab::lessons::Lesson;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The documents, with their text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// The lines of a document, and for each whether it is in a fenced block, its fences included.
fn lines(text: &str) -> Vec<(bool, &str)> {
    let mut is_code = false;
    text.lines()
        .map(|line| {
            let is_fence = line.starts_with("```");
            let was_code = is_code;
            is_code ^= is_fence;
            (was_code || is_fence, line)
        })
        .collect()
}

/// What is outside fenced blocks, as one line: words may be wrapped between a name and its kind.
fn prose(text: &str) -> String {
    let words = lines(text).into_iter().filter(|(is_code, _)| !is_code).flat_map(|(_, line)| line.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// What is outside `code` too: a bracket in code is no link.
fn without_code(prose: &str) -> String {
    prose.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Where links and pictures lead: `](here)`, and `[name]: here` at the beginning of a line.
fn links(text: &str) -> Vec<String> {
    let prose = without_code(&prose(text));
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = lines(text)
        .into_iter()
        .filter(|(is_code, line)| !is_code && line.starts_with('['))
        .filter_map(|(_, line)| line.split_once("]: "))
        .map(|(_, target)| target);
    inline.chain(named).map(|target| target.trim().to_owned()).collect()
}

/// A heading as the anchor that leads to it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>().to_lowercase()
}

/// The headings of a document, as they are written.
fn headings(text: &str) -> Vec<String> {
    let heads = lines(text).into_iter().filter(|(is_code, line)| !is_code && line.starts_with('#'));
    heads.map(|(_, line)| line.trim_start_matches('#').trim().to_owned()).collect()
}

/// The commands of Pollscope in fenced blocks, without what a shell makes of the rest of the line.
fn commands(text: &str) -> Vec<String> {
    let code = lines(text).into_iter().filter(|(is_code, _)| *is_code).map(|(_, line)| line.trim_start());
    let commands = code.filter_map(|line| {
        let line = line.strip_prefix("$ ").unwrap_or(line);
        let line = line.split(" #").next()?.split(" | ").next()?.split(" > ").next()?;
        let words = line
            .strip_prefix("cargo run --release -- ")
            .or_else(|| line.strip_prefix("pollscope ").or((line.trim() == "pollscope").then_some("")))?;
        Some(format!("pollscope {words}").trim().to_owned())
    });
    commands.collect()
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for (path, text) in documents() {
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !heading.is_empty() {
                let anchors: Vec<_> =
                    headings(&fs::read_to_string(&target).unwrap()).iter().map(|it| anchor(it)).collect();
                assert!(anchors.iter().any(|it| it == heading), "{}: no heading {link}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "no link was found: the pictures of the README are some");
}

/// Whoever reads the README loads them.
#[test]
fn a_picture_that_moves_takes_less_than_a_megabyte() {
    let pictures = fs::read_dir(root().join("assets/pictures")).unwrap().map(|entry| entry.unwrap().path());
    let moving: Vec<_> = pictures.filter(|path| path.extension().is_some_and(|it| it == "gif")).collect();
    assert!(moving.len() >= 3, "{moving:?}");
    for path in moving {
        assert!(fs::metadata(&path).unwrap().len() < 1_000_000, "{path:?}");
    }
}

#[test]
fn lessons_that_are_named_exist() {
    let mut seen = 0;
    for (path, text) in documents() {
        for rest in prose(&text).split("esson `").skip(1) {
            let name = rest.split('`').next().unwrap();
            assert!(Lesson::named(name).is_some(), "{}: there is no lesson {name}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "no lesson was found");
}

#[test]
fn commands_are_understood() {
    let mut seen = 0;
    for (path, text) in documents() {
        for command in commands(&text) {
            if let Err(error) = Cli::try_parse_from(command.split_whitespace()) {
                panic!("{}: {command}: {error}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "no command was found");
}

#[test]
fn every_finding_is_explained_and_no_other() {
    let text = fs::read_to_string(root().join("docs/findings.md")).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with("Findings\n")).unwrap();
    let explained: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let names: Vec<_> = Rule::ALL.into_iter().map(Rule::name).collect();
    assert_eq!(explained, names, "in the order of their weight");
}

#[test]
fn a_document_is_read_as_it_is_meant() {
    let text = "# One `of` two\n\n[a](b.md#c) and `[x](y)`, lesson\n`wakers`.\n\n[n]: d.md\n\n```sh\n\
                pollscope lesson --list   # names\n# no heading\n$ pollscope report | less\ncargo test\n```\n";
    assert_eq!(links(text), ["b.md#c", "d.md"]);
    assert_eq!(headings(text), ["One `of` two"]);
    assert_eq!(anchor(&headings(text)[0]), "one-of-two");
    assert_eq!(commands(text), ["pollscope lesson --list", "pollscope report"]);
    assert!(prose(text).contains("lesson `wakers`"));
}
