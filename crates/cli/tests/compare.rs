//! What `pollscope compare` claims, run as a user does.
//!
//! As in `tests/report.rs`, no test asserts on a wall-clock time: the runs are set against each other.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Few and short pages, on one worker: what blocks there blocks everybody.
const SHORT: &[&str] = &["--latency", "10ms", "--pause", "200ms", "--max-pages", "1", "--concurrency", "6"];

fn compare(args: &[&str]) -> Output {
    let repos: Vec<_> =
        pollscope_lab::github::embedded::repositories(1).iter().take(6).map(ToString::to_string).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.args(["compare", "pipeline"]).args(repos).args(SHORT).args(args);
    command
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"))
        .env_remove("GITHUB_TOKEN")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = compare(&[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a refused command line says on stderr.
fn refusal(args: &[&str]) -> String {
    let output = compare(args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn figure<'v>(comparison: &'v Value, name: &str) -> &'v Value {
    comparison["table"].as_array().unwrap().iter().find(|figure| figure["name"] == name).unwrap()
}

fn value(comparison: &Value, name: &str, run: usize) -> f64 {
    figure(comparison, name)["values"][run].as_f64().unwrap()
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn blocking_is_set_against_async() {
    let both = json(&["--wait", "async,blocking", "--workers", "1"]);
    assert_eq!(both["schema"], 1);
    assert_eq!(both["labels"], serde_json::json!(["async", "blocking"]));
    assert_eq!(both["refused"], serde_json::json!([]));
    for (run, wait) in ["async", "blocking"].into_iter().enumerate() {
        let report = &both["runs"][run];
        assert_eq!((&report["schema"], &report["settings"]["wait"]), (&1.into(), &wait.into()));
        assert_eq!(report["events"]["lost"], 0);
    }
    // The same seed: the same work.
    assert_eq!(both["runs"][0]["pipeline"]["pages"], both["runs"][1]["pipeline"]["pages"]);
    assert!(value(&both, "blocked", 1) > 2.0 * value(&both, "blocked", 0), "{:#}", both["table"]);
    assert!(value(&both, "makespan", 1) > 1.2 * value(&both, "makespan", 0), "{:#}", both["table"]);
    assert_eq!((&figure(&both, "makespan")["best"], &figure(&both, "makespan")["worst"]), (&0.into(), &1.into()));
    let takeaway = both["takeaway"].as_str().unwrap();
    assert!(takeaway.contains("'async' was done first"), "{takeaway}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn lanes_are_on_one_scale() {
    let both = json(&["--wait", "async,blocking", "--workers", "1"]);
    let longest = |run: usize| {
        let lanes = both["lanes"][run]["lanes"].as_array().unwrap();
        lanes.iter().map(|lane| lane["columns"].as_str().unwrap().len()).max().unwrap()
    };
    assert!(longest(0) < longest(1), "{:#}", both["lanes"]);
    let worker = both["lanes"][1]["lanes"].as_array().unwrap().iter().find(|lane| lane["kind"] == "worker").unwrap();
    assert!(worker["columns"].as_str().unwrap().contains('B'), "{worker:#}");
}

#[test]
fn what_tokio_refuses_is_listed() {
    let comparison = json(&["--wait", "async,block-in-place", "--flavor", "current-thread"]);
    assert_eq!(comparison["runs"].as_array().unwrap().len(), 1);
    let refused = &comparison["refused"][0];
    assert_eq!(refused["wait"], "block-in-place");
    assert!(refused["reason"].as_str().unwrap().contains("current-thread"), "{refused:#}");

    let none = refusal(&["--wait", "block-in-place", "--flavor", "current-thread"]);
    assert!(none.contains("no combination is left"), "{none}");
}

#[test]
fn the_text_has_table_and_lanes() {
    let output = compare(&["--wait", "async,block-in-place", "--flavor", "current-thread"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["makespan", "left out: wait block-in-place", "threads over time", "This is one run"] {
        assert!(text.contains(part), "no '{part}' in {text}");
    }
}

#[test]
fn too_many_runs_are_counted_and_refused() {
    let line = refusal(&[
        "--wait",
        "async,blocking,spawn-blocking",
        "--compute",
        "rayon,inline,spawn-blocking,block-in-place,thread",
    ]);
    assert!(
        line.contains("15 runs") && line.contains("at most 12") && line.contains("5 values of --compute"),
        "{line}"
    );
}

#[test]
fn an_unknown_strategy_is_told_the_known_ones() {
    let line = refusal(&["--wait", "async,sleepy"]);
    assert!(line.contains("sleepy") && line.contains("spawn-blocking"), "{line}");
}

#[test]
fn the_table_says_for_each_use_case_who_serves_it_and_what_shows_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_pollscope"))
        .args(["compare", "--table", "--format", "json"])
        .env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"))
        .output()
        .unwrap();
    assert!(output.status.success());
    let table: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = table["table"].as_array().unwrap();
    assert_eq!((&table["schema"], rows.len()), (&Value::from(1), 10));
    for cell in rows.iter().flat_map(|row| row["cells"].as_array().unwrap()) {
        assert!(["yes", "with care", "no"].contains(&cell["answer"].as_str().unwrap()), "{cell}");
        assert!(cell["lesson"].is_string() || cell["measured"].is_string(), "{cell}");
    }
}
