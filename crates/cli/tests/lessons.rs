//! Every lesson, run as a user does without a dashboard: each is right by its own measurement.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn lesson(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"))
        .arg("lesson")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The names, in the order in which they are taught.
fn names() -> Vec<String> {
    let list = lesson(&["--list"]);
    assert!(list.status.success());
    let list = String::from_utf8(list.stdout).unwrap();
    list.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn every_lesson_holds_by_what_it_measures() {
    let run = lesson(&["--all", "--format", "json"]);
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["schema"], 1);
    let mut failed = Vec::new();
    for lesson in report["lessons"].as_array().unwrap() {
        let expectations = lesson["expectations"].as_array().unwrap();
        assert!(expectations.len() >= 2, "a lesson needs expectations: {lesson:#}");
        for expectation in expectations {
            assert!(!expectation["text"].as_str().unwrap().is_empty() && expectation["measured"].is_string());
        }
        let all_hold = expectations.iter().all(|expectation| expectation["holds"] != false);
        assert_eq!(lesson["holds"], all_hold, "{lesson:#}");
        if !all_hold {
            failed.push(lesson.clone());
        }
    }
    let ran: Vec<_> = report["lessons"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(ran, names());
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(run.status.code(), Some(0));
}

#[test]
fn a_lesson_for_people_has_its_code_and_its_figures() {
    let run = lesson(&["join-blocking", "--format", "text"]);
    let text = String::from_utf8(run.stdout).unwrap();
    for part in ["thread::sleep(NAP);", "[x] Start 1, done 1", "measured", "holds"] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[test]
fn an_unknown_lesson_is_refused_with_the_nearest() {
    let run = lesson(&["join-asink", "--format", "text"]);
    assert_eq!(run.status.code(), Some(2));
    let error = String::from_utf8(run.stderr).unwrap();
    assert!(error.contains("did you mean 'join-async'"), "{error}");
}

#[test]
fn the_readme_names_every_lesson() {
    let readme = include_str!("../../../README.md");
    for name in names() {
        assert!(readme.contains(&name), "{name}");
    }
}
