//! The ways to end: by key, by signal, while the program starts, while it ends, and while all that it watches is stuck.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::{
    pty::{Terminal, start},
    tried::{Area, tried},
};

/// What each of them shows.
const RESTORED: &str = "the terminal is as it was before, no process is left";

/// A dashboard that shows something.
fn shown() -> Terminal {
    let terminal = start(&[]);
    terminal.wait_for("worker 0");
    assert!(!terminal.has_its_modes_back(), "the terminal was not taken");
    terminal
}

#[track_caller]
fn key(key: &str) {
    let mut terminal = shown();
    terminal.press(key);
    let (status, after) = terminal.restored();
    assert_eq!((status.exit_code(), after.as_str()), (0, ""));
}

#[test]
fn q_restores_the_terminal() {
    key("q");
    tried(Area::Terminal, "the key q", "1 run", RESTORED);
}

#[test]
fn ctrl_c_restores_the_terminal() {
    key("\x03");
    tried(Area::Terminal, "the key ctrl-c", "1 run", RESTORED);
}

#[track_caller]
fn signal(signal: Signal) {
    let terminal = shown();
    terminal.signal(signal);
    let (status, after) = terminal.restored();
    assert_eq!((status.exit_code(), after.as_str()), (0, ""));
    tried(Area::Terminal, signal.as_str(), "1 run", RESTORED);
}

#[test]
fn sigterm_restores_the_terminal() {
    signal(Signal::SIGTERM);
}

#[test]
fn sighup_restores_the_terminal() {
    signal(Signal::SIGHUP);
}

#[test]
fn sigint_restores_the_terminal() {
    signal(Signal::SIGINT);
}

#[test]
fn sigquit_restores_the_terminal() {
    signal(Signal::SIGQUIT);
}

#[test]
fn keys_while_it_starts_are_heard_or_end_it() {
    for keys in ["q", "\x03", "?jk\x1b[Aq", "\x1b[A\x1b[Bb\x03"] {
        // Before the program can have read anything.
        let mut terminal = start(&[]);
        terminal.press(keys);
        terminal.restored();
    }
    tried(Area::Terminal, "keys while it starts", "4 runs, typed before the first frame", RESTORED);
}

#[test]
fn a_signal_at_any_moment_of_the_start_restores_the_terminal() {
    let mut taken = 0;
    for moment in 0..16 {
        let terminal = start(&[]);
        // By what the terminal has received: nothing, then more and more of the first frames.
        terminal.until("some bytes", || terminal.bytes().len() >= moment * 24);
        terminal.signal(Signal::SIGTERM);
        terminal.restored();
        taken += u32::from(!terminal.bytes().is_empty());
    }
    let how = format!("16 runs, in {taken} of which the terminal was taken already");
    tried(Area::Terminal, "SIGTERM while it starts", &how, RESTORED);
}

#[test]
fn keys_while_it_ends_are_not_heard() {
    for keys in ["qqqq", "q\x1b[A?bbb\x03\r", "\x03b\x1b[<0;5;5M"] {
        let mut terminal = shown();
        terminal.press(keys);
        terminal.press("jjjj");
        assert_eq!(terminal.restored().0.exit_code(), 0);
    }
    tried(Area::Terminal, "keys while it ends", "3 runs, typed with the last key and after it", RESTORED);
}

/// A way to keep every worker busy for an hour, or all but.
#[track_caller]
fn quits_while_stuck(what: &str, args: &[&str]) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let mut terminal = start(args);
        terminal.wait_for("inside a poll");
        terminal.wait_for("worker 0");
        let start = Instant::now();
        terminal.press("q");
        // Its guard is a minute.
        assert_eq!(terminal.ended().exit_code(), 0);
        took.push(start.elapsed());
        terminal.restored();
    }
    let longest = took.iter().max().map(Duration::as_millis).unwrap_or_default();
    let happened = format!("at most {longest} ms from the key to the end; no process is left");
    tried(Area::Terminal, what, "3 runs", &happened);
}

#[test]
fn every_worker_blocked_for_an_hour_does_not_hold_up_quitting() {
    let hour = ["--pause", "1h", "--wait", "blocking", "--latency", "1ms"];
    quits_while_stuck("q while every worker is blocked for an hour", &hour);
}

#[test]
fn the_only_worker_blocked_for_an_hour_does_not_hold_up_quitting() {
    let hour = ["--pause", "1h", "--wait", "blocking", "--latency", "1ms", "--flavor", "current-thread"];
    quits_while_stuck("q while the only thread of the runtime is blocked for an hour", &hour);
}

#[test]
fn the_blocking_pool_asleep_for_an_hour_does_not_hold_up_quitting() {
    for wait in ["spawn-blocking", "block-in-place"] {
        let mut terminal = start(&["--pause", "1h", "--wait", wait, "--latency", "1ms"]);
        terminal.wait_for("blocking");
        terminal.clock_goes_on();
        terminal.press("q");
        assert_eq!(terminal.restored().0.exit_code(), 0, "{wait}");
    }
    tried(
        Area::Terminal,
        "q while the blocking pool sleeps for an hour",
        "2 runs: spawn-blocking, block-in-place",
        RESTORED,
    );
}

#[test]
fn sigterm_ends_it_while_every_worker_is_blocked_for_an_hour() {
    let terminal = start(&["--pause", "1h", "--wait", "blocking", "--latency", "1ms"]);
    terminal.wait_for("inside a poll");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.restored().0.exit_code(), 0);
    tried(Area::Terminal, "SIGTERM while every worker is blocked for an hour", "1 run", RESTORED);
}
