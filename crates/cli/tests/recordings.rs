//! Recordings as a user has them: written by a run, reported, replayed and exported by another.

#![cfg_attr(not(unix), allow(unused_imports, dead_code, reason = "some tests need a Unix"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tried::{Area, tried};

/// A folder of the test's own, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn pollscope(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"));
    command.args(args).current_dir(folder).env_remove("GITHUB_TOKEN");
    command
}

#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Why it was refused, and the exit code.
fn refused(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

const FAST: [&str; 4] = ["--pause", "20ms", "--latency", "5ms"];
/// A run of more than a second: a block is written each.
const SLOW: [&str; 4] = ["--pause", "300ms", "--latency", "5ms"];

/// A report of a run that was recorded as `run.pollscope`.
fn recorded(folder: &Path, more: &[&str]) -> String {
    let args = [&["report", "--format", "json", "--record", "run.pollscope"], more].concat();
    done(&pollscope(folder, &args))
}

#[test]
fn a_recording_is_reported_figure_by_figure() {
    let folder = folder("figures");
    let live = recorded(&folder, &[&FAST[..], &["--wait", "blocking"]].concat());
    let from = ["report", "--format", "json", "--from", "run.pollscope"];
    assert_eq!(done(&pollscope(&folder, &from)), live);
    // The same through a pipe.
    let mut piped = command(&folder, &["report", "--format", "json", "--from", "-"]);
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let bytes = fs::read(folder.join("run.pollscope")).unwrap();
    piped.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert_eq!(done(&piped.wait_with_output().unwrap()), live);
    // Less memory than the run has events changes no figure.
    assert_eq!(done(&pollscope(&folder, &[&from[..], &["--history", "1MiB"]].concat())), live);
}

/// The lines that `trace/recording.rs` gives for reading a recording without this program.
fn documented_lines() -> Vec<&'static str> {
    let documented =
        include_str!("../../core/src/trace/recording.rs").lines().map(|line| line.trim_start_matches("//!"));
    let lines = documented.skip_while(|line| *line != " ```python").skip(1).take_while(|line| *line != " ```");
    lines.map(|line| line.strip_prefix(' ').unwrap()).collect()
}

#[test]
fn the_documented_lines_read_a_recording() {
    let python = Command::new("python3").arg("--version").output();
    if !python.is_ok_and(|output| output.status.success()) {
        println!("NOT RUN: there is no python3");
        return;
    }
    let folder = folder("documented");
    let report: Value = serde_json::from_str(&recorded(&folder, &SLOW)).unwrap();
    let lines = documented_lines();
    let inner = lines.last().unwrap().find("at, tag").unwrap();
    // What it reads is of use: it counts outermost polls, by the numbers that the file itself gives.
    let counts = format!("{}polls += tag & 15 == poll and tag >> 7 == 0", " ".repeat(inner));
    let poll = "poll = next(kind['number'] for kind in head['record']['kinds'] if kind['name'] == 'poll')";
    let at = lines.iter().position(|line| line.starts_with("while")).unwrap();
    let program = [&["polls = 0"], &lines[..at], &[poll], &lines[at..], &[&counts, "print(polls)"]].concat().join("\n");
    let output = Command::new("python3").args(["-c", &program, "run.pollscope"]).current_dir(&folder).output().unwrap();
    assert_eq!(done(&output).trim(), report["polls"]["count"].to_string(), "{program}");
}

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes() {
    let folder = folder("damaged");
    recorded(&folder, &SLOW);
    let whole = fs::read(folder.join("run.pollscope")).unwrap();
    fs::write(folder.join("cut.pollscope"), &whole[..whole.len() - 100]).unwrap();
    let output = pollscope(&folder, &["report", "--from", "cut.pollscope"]);
    let (code, why) = refused(&output);
    assert!(code == Some(1) && why.contains("what comes before can be read"), "{code:?} {why}");
    assert!(!output.stdout.is_empty(), "no report of what could be read");
    for (name, content) in [("text", b"not a recording".as_slice()), ("empty", b""), ("head", &whole[..40])] {
        fs::write(folder.join(name), content).unwrap();
        let (code, why) = refused(&pollscope(&folder, &["report", "--from", name]));
        assert!(code == Some(2) && why.lines().count() == 1 && why.contains(name), "{name}: {code:?} {why}");
    }
    let (code, why) = refused(&pollscope(&folder, &["report", "--from", "missing"]));
    assert!(code == Some(2) && why.contains("missing"), "{code:?} {why}");
}

#[test]
fn the_samples_show_what_they_are_for() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("assets/recordings");
    let report = |name: &str| -> Value {
        let file = samples.join(name);
        let output = pollscope(&samples, &["report", "--format", "json", "--from", file.to_str().unwrap()]);
        serde_json::from_str(&done(&output)).unwrap()
    };
    let rules = |report: &Value| -> Vec<String> {
        report["findings"].as_array().unwrap().iter().map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
    };
    let blocked = report("blocked.pollscope");
    assert!(rules(&blocked).contains(&"blocked-worker".to_owned()));
    assert!(blocked["polls"]["blocked_ms"].as_f64().unwrap() > 1000.0);
    assert!(!rules(&report("block-in-place.pollscope")).contains(&"blocked-worker".to_owned()));
    report("one-blocks-all.pollscope");
    // Each of them is small enough to be kept beside the code.
    for entry in fs::read_dir(&samples).unwrap() {
        assert!(entry.unwrap().metadata().unwrap().len() < 500_000);
    }
}

#[test]
fn a_killed_run_leaves_what_it_had() {
    let folder = folder("killed");
    let file = folder.join("run.pollscope");
    let args = ["report", "--record", "run.pollscope", "--pause", "60s"];
    let mut run = command(&folder, &args).stdout(Stdio::null()).spawn().unwrap();
    // The first block of the run is written by itself, a second after the beginning: then there is a report.
    let deadline = Instant::now() + Duration::from_secs(60);
    let reported = loop {
        if file.exists() && pollscope(&folder, &["report", "--from", "run.pollscope"]).status.success() {
            break true;
        }
        if Instant::now() > deadline {
            break false;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(reported, "no block was written while it ran");
    let report: Value =
        serde_json::from_str(&done(&pollscope(&folder, &["report", "--format", "json", "--from", "run.pollscope"])))
            .unwrap();
    assert!(report["tasks"]["spawned"].as_u64().unwrap() > 0);
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder("present");
    fs::write(folder.join("run.pollscope"), "precious").unwrap();
    let (code, why) = refused(&pollscope(&folder, &["report", "--record", "run.pollscope"]));
    assert!(code == Some(2) && why.contains("exists already"), "{code:?} {why}");
    assert_eq!(fs::read_to_string(folder.join("run.pollscope")).unwrap(), "precious");
    let (code, why) = refused(&pollscope(&folder, &["report", "--record", "no/such/folder/run"]));
    assert!(code == Some(2) && why.contains("cannot be written"), "{code:?} {why}");
}

#[test]
fn a_recording_is_exported_in_every_format() {
    let folder = folder("exports");
    let report: Value = serde_json::from_str(&recorded(&folder, &FAST)).unwrap();
    for format in ["perfetto", "svg", "csv", "json"] {
        done(&pollscope(&folder, &["export", "run.pollscope", "--to", format]));
        let (code, why) = refused(&pollscope(&folder, &["export", "run.pollscope", "--to", format]));
        assert!(code == Some(2) && why.contains("exists already"), "{format}: {code:?} {why}");
    }
    let json: Value = serde_json::from_slice(&fs::read(folder.join("run.report.json")).unwrap()).unwrap();
    assert_eq!(json, report);
    let perfetto: Value = serde_json::from_slice(&fs::read(folder.join("run.perfetto.json")).unwrap()).unwrap();
    let events = perfetto["traceEvents"].as_array().unwrap();
    let slices = events.iter().filter(|event| event["ph"] == "X").count() as u64;
    assert!(slices >= report["polls"]["count"].as_u64().unwrap(), "{slices} slices");
    let polls = fs::read_to_string(folder.join("run.csv/polls.csv")).unwrap();
    let outermost = polls.lines().filter(|line| line.contains(",false,")).count() as u64;
    assert_eq!(outermost, report["polls"]["count"].as_u64().unwrap());
    let svg = fs::read_to_string(folder.join("run.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("worker 0") && svg.trim_end().ends_with("</svg>"));
}

#[test]
fn several_runs_have_files_of_their_own() {
    let folder = folder("several");
    let args = [&["compare", "--wait", "async,blocking", "--format", "json", "--record", "run.pollscope"], &FAST[..]];
    let compared: Value = serde_json::from_str(&done(&pollscope(&folder, &args.concat()))).unwrap();
    for (at, name) in ["run.1.pollscope", "run.2.pollscope"].into_iter().enumerate() {
        let report: Value =
            serde_json::from_str(&done(&pollscope(&folder, &["report", "--format", "json", "--from", name]))).unwrap();
        assert_eq!(report["settings"], compared["runs"][at]["settings"], "{name}");
    }
    done(&pollscope(&folder, &["lesson", "join-or-spawn", "--format", "json", "--record", "lesson.pollscope"]));
    done(&pollscope(&folder, &["report", "--from", "lesson.pollscope"]));
}

#[test]
fn the_history_has_a_least_size_and_a_unit() {
    let folder = folder("sizes");
    for (size, said) in [("10", "1MiB is the least"), ("many", "with its unit")] {
        let (code, why) = refused(&pollscope(&folder, &["report", "--history", size]));
        assert!(code == Some(2) && why.contains(said), "{code:?} {why}");
    }
}

/// A file can be called anything.
#[cfg(unix)]
#[test]
fn a_name_of_a_file_is_no_command_for_the_terminal() {
    let folder = folder("named");
    recorded(&folder, &[]);
    let name = "a\u{1b}]0;title\u{7}\u{9b}31m\u{202e}b\u{200b}.pollscope";
    fs::copy(folder.join("run.pollscope"), folder.join(name)).unwrap();
    let absent = format!("not {name}");
    let said: Vec<String> = [
        &["export", name, "--to", "json"][..],
        &["export", name, "--to", "json", "--out", &format!("{absent}/x")],
        &["report", "--from", &absent],
        &["report", "--record", &format!("{absent}/x")],
        &["config", "--config", &absent],
    ]
    .iter()
    .map(|args| String::from_utf8(pollscope(&folder, args).stderr).unwrap())
    .collect();
    let is_raw = |letter: char| letter != '\n' && (letter.is_control() || matches!(letter, '\u{202e}' | '\u{200b}'));
    for words in said {
        assert!(words.contains("31m") && !words.contains(is_raw), "{words:?}");
    }
    let happened = "each message has the name without what a terminal takes for a command";
    tried(Area::Text, "names of files with escape sequences", "5 commands", happened);
}
