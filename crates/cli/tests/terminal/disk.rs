//! The disk is full, or the file may not grow any more, while a run is recorded: the run goes on, says so, and what was
//! written can be read.
#![cfg(target_os = "linux")]

use std::{
    path::Path,
    process::{Command, Output},
};

use nix::sys::signal::{self, Signal};
use serde_json::Value;

use super::{
    EMPTY, SHORT, folder, pollscope,
    pty::{self, Link, Terminal, start},
    standing_pipe,
    tried::{Area, tried},
};

const FULL: &str = "No space left on device";
const TOO_LARGE: &str = "File too large";

/// Bytes in halves of KiB that a file may have: for a block or two, each of a second.
const LIMIT: &str = "ulimit -f 160; exec \"$0\" \"$@\"";

/// The recording breaks, the dashboard goes on.
#[track_caller]
fn goes_on(mut terminal: Terminal, why: &str) {
    terminal.wait_for("the recording has ended, the run goes on");
    assert!(terminal.contents().contains(why), "{}", terminal.contents());
    terminal.wait_for("REC FAILED");
    terminal.clock_goes_on();
    terminal.press("q");
    let (status, said) = terminal.restored();
    assert_eq!(status.exit_code(), 1);
    assert!(said.contains("could not be written to its end") && said.contains(why), "{said}");
}

/// The report is printed whole, then it is said that its recording is not.
#[track_caller]
fn reports(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("could not be written to its end") && said.contains(why), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["polls"]["count"].as_u64().unwrap() > 0);
}

/// What was written can be read, and it is said that it is not all.
#[track_caller]
fn is_readable(file: &Path) {
    let output = pollscope(&["report", "--format", "json", "--from", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the report is of what could be read"), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["polls"]["count"].as_u64().unwrap() > 0);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_dashboard() {
    goes_on(start(&["--record", "/dev/full"]), FULL);
    let happened = "the run goes on; the screen says that the recording ended and why, and so does stderr at the end";
    tried(Area::Terminal, "a full disk while the dashboard records", "1 run", happened);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_report() {
    let args = [&["report", "--format", "json", "--record", "/dev/full"][..], &SHORT].concat();
    reports(&pollscope(&args).output().unwrap(), FULL);
    tried(
        Area::Terminal,
        "a full disk while a report records",
        "1 run",
        "the report is whole; stderr says what is not",
    );
}

#[test]
fn a_file_that_may_not_grow_ends_the_recording_and_not_the_dashboard() {
    let file = folder("grows").join("run.pollscope");
    let words = ["sh", "-c", LIMIT, env!("CARGO_BIN_EXE_pollscope"), "--record", file.to_str().unwrap()];
    goes_on(Terminal::new(pty::command(&words, pty::USUAL, &[]), Link::Free), TOO_LARGE);
    is_readable(&file);
    let happened = "the run goes on and says why the recording ended; its whole blocks can be read";
    tried(Area::Terminal, "a recording that may not grow, of the dashboard", "1 run, ulimit -f", happened);
}

#[test]
fn a_file_that_may_not_grow_ends_the_recording_and_not_the_report() {
    let file = folder("report-grows").join("run.pollscope");
    let mut command = Command::new("sh");
    command.args(["-c", LIMIT, env!("CARGO_BIN_EXE_pollscope"), "report", "--format", "json"]);
    command.args(["--pause", "500ms", "--latency", "5ms", "--record", file.to_str().unwrap()]);
    command.env_clear().env("POLLSCOPE_CONFIG", EMPTY);
    reports(&command.output().unwrap(), TOO_LARGE);
    is_readable(&file);
    let happened = "the report is whole; stderr says why the recording is not; its whole blocks can be read";
    tried(Area::Terminal, "a recording that may not grow, of a report", "1 run, ulimit -f", happened);
}

#[test]
fn a_full_disk_when_a_recording_is_ended_by_key_is_said() {
    // A recording that `R` begins lies in the folder of the program.
    let mut command = pty::command(&["sh", "-c", LIMIT, env!("CARGO_BIN_EXE_pollscope")], pty::USUAL, &[]);
    command.cwd(folder("by-key"));
    let mut terminal = Terminal::new(command, Link::Free);
    terminal.wait_for("worker 0");
    terminal.press("R");
    terminal.wait_for("REC FAILED");
    terminal.press("R");
    terminal.wait_for("could not be written to its end");
    terminal.until("no recording", || !terminal.contents().contains("REC FAILED"));
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    tried(Area::Terminal, "a recording that may not grow is ended by its key", "1 run, ulimit -f", "its key says why");
}

#[test]
fn a_file_that_may_not_grow_ends_the_recordings_and_not_the_comparison_or_the_lesson() {
    let folder = folder("others-grow");
    let compare = [&["compare", "--wait", "async,blocking"][..], &SHORT].concat();
    for args in [compare, vec!["lesson", "join-async"]] {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pollscope")]).args(&args);
        command.args(["--format", "json", "--record", folder.join("run.pollscope").to_str().unwrap()]);
        command.env_clear().env("POLLSCOPE_CONFIG", EMPTY);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("could not be written to its end") && said.contains(TOO_LARGE), "{said}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap();
    }
    let happened = "what was measured is printed whole; stderr says what is not";
    tried(Area::Terminal, "recordings that may not grow, of a comparison and a lesson", "2 runs, ulimit -f", happened);
}

/// A recording into a pipe that nobody empties: its end is waited for, but not by somebody who has seen enough.
#[test]
fn a_recording_into_a_pipe_that_stands_can_be_given_up() {
    let (pipe, held) = standing_pipe("pipe-stands");
    let mut terminal = start(&["--pause", "20ms", "--latency", "5ms", "--record", pipe.to_str().unwrap()]);
    terminal.wait_for("round 3");
    terminal.clock_goes_on();
    terminal.clock_goes_on();
    terminal.press("q");
    terminal.until("terminal given back", || terminal.has_its_modes_back());
    // The first may come while the screen ends.
    terminal.until("end", || {
        let _ = signal::kill(terminal.process, Signal::SIGINT);
        terminal.has_ended()
    });
    terminal.restored();
    drop(held);
    let happened = "the screen ends at once, and ctrl-c ends the wait for the pipe";
    tried(Area::Terminal, "q while a recording goes into a pipe that stands", "1 run", happened);
}
