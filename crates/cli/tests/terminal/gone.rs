//! Who reads has gone: the terminal is closed, the pipe is closed, the disk that the output goes to is full.

use std::{
    io::pipe,
    process::{Command, Output},
};

use super::{
    SHORT, folder, pollscope, pty,
    pty::{Link, Terminal, start},
    tried::{Area, tried},
};

/// Closes a terminal.
#[track_caller]
fn closed(what: &str, mut terminal: Terminal) {
    terminal.close();
    terminal.ended();
    tried(Area::Terminal, what, "1 run", "the program ends by itself, no process is left");
}

#[test]
fn a_closed_terminal_ends_the_dashboard() {
    let terminal = start(&[]);
    terminal.wait_for("worker 0");
    closed("the terminal is closed", terminal);
}

#[test]
fn a_closed_terminal_ends_it_while_every_worker_is_blocked() {
    let terminal = start(&["--pause", "1h", "--wait", "blocking", "--latency", "1ms"]);
    terminal.wait_for("inside a poll");
    closed("the terminal is closed while every worker is blocked for an hour", terminal);
}

#[test]
fn a_closed_terminal_ends_a_replay_that_draws_nothing_more() {
    let mut terminal = start(&["replay", &super::recording("closed")]);
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    closed("the terminal of a replay that is at its end is closed", terminal);
}

#[test]
fn a_terminal_that_goes_without_a_signal_ends_the_dashboard() {
    let mut command = pty::command(&[env!("CARGO_BIN_EXE_pollscope")], pty::USUAL, &[]);
    // The system tells only those whose terminal it is.
    command.set_controlling_tty(false);
    let terminal = Terminal::new(command, Link::Free);
    terminal.wait_for("worker 0");
    closed("the terminal goes without SIGHUP", terminal);
}

#[test]
fn a_recording_outlives_its_terminal() {
    let file = folder("outlives").join("run.pollscope");
    let file = file.to_str().unwrap();
    let mut terminal = start(&[&["--record", file][..], &SHORT].concat());
    terminal.wait_for("round 2");
    terminal.close();
    terminal.ended();
    let output = pollscope(&["report", "--from", file]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    tried(Area::Terminal, "the terminal is closed while recording", "1 run", "the recording is whole");
}

/// What a program says whose output nobody takes.
#[track_caller]
fn unheard(mut command: Command, args: &[&str]) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // 101 is a panic; without a code it was a signal.
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(said.starts_with("pollscope: ") && said.lines().count() == 1, "{args:?}: {said}");
    output
}

/// Everything that prints, as the command line has it.
fn printing(recording: &str) -> Vec<Vec<&str>> {
    let report = [&["report"][..], &SHORT].concat();
    let json = [&["report", "--format", "json"][..], &SHORT].concat();
    let compare = [&["compare", "--format", "text"][..], &SHORT].concat();
    let lines = "config --print-default|config|completions bash|completions zsh|completions fish|completions elvish|\
                 completions powershell|man|lesson --list|lesson --format json join-async|\
                 compare --table --format json|--help|help report|--version|fake-github";
    let mut all: Vec<Vec<&str>> = lines.split('|').map(|line| line.split_whitespace().collect()).collect();
    all.extend([report, json, compare, vec!["report", "--from", recording]]);
    all
}

#[test]
fn a_closed_pipe_is_a_line_and_no_panic() {
    let recording = super::recording("pipe");
    let all = printing(&recording);
    for args in &all {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = pollscope(args);
        command.stdout(writer);
        unheard(command, args);
    }
    let how = format!("{} commands, all that print", all.len());
    tried(Area::Terminal, "stdout is a closed pipe", &how, "one line on stderr, exit code 1");
}

#[test]
fn a_pipe_that_closes_for_stderr_too_is_no_panic() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = pollscope(&["report", "--record", "/", "--format", "json"]);
    let status = command.stdout(writer.try_clone().unwrap()).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2));
    tried(Area::Terminal, "stdout and stderr are a closed pipe", "1 run", "its exit code is as ever");
}

#[test]
fn an_export_into_a_closed_pipe_is_a_line_and_no_panic() {
    let recording = super::recording("export");
    for to in ["perfetto", "svg", "json"] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let mut command = pollscope(&["export", &recording, "--to", to, "-o", "/dev/stdout"]);
        command.stdout(writer);
        unheard(command, &[to]);
    }
    tried(
        Area::Terminal,
        "an export into a closed pipe",
        "3 runs: perfetto, svg, json",
        "one line on stderr, exit code 1",
    );
}

#[test]
#[cfg(target_os = "linux")]
fn output_on_a_full_disk_is_a_line_and_no_panic() {
    let recording = super::recording("full");
    let all = printing(&recording);
    for args in &all {
        let mut command = pollscope(args);
        command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let output = unheard(command, args);
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{args:?}: {output:?}");
    }
    let how = format!("{} commands, all that print", all.len());
    tried(Area::Terminal, "stdout is on a full disk", &how, "one line on stderr that says so, exit code 1");
}
