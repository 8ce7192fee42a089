//! Panics, on every thread that can have one (`POLLSCOPE_FAULT`): an observed one is a failed row, one of the
//! program's own ends it, with the terminal given back before the message.

use nix::sys::signal::Signal;

use super::{
    pty::{Terminal, start_with},
    tried::{Area, tried},
};

const MESSAGE: &str = "a test asked for this panic";

#[test]
fn a_panic_in_a_task_or_a_job_is_a_failed_row() {
    for fault in ["task", "job"] {
        let mut terminal = start_with(&["--once"], &[("POLLSCOPE_FAULT", fault)]);
        terminal.wait_for("panicked");
        terminal.press("q");
        let (status, after) = terminal.restored();
        assert_eq!((status.exit_code(), after.as_str()), (0, ""), "{fault}");
    }
    tried(Area::Terminal, "panics in a task and in a job", "2 runs", "a failed row, and the run goes on");
}

/// A panic of the program's own.
#[track_caller]
fn own(fault: &str, thread: &str, code: u32, cause: impl FnOnce(&mut Terminal)) {
    let mut terminal = start_with(&[], &[("POLLSCOPE_FAULT", fault)]);
    cause(&mut terminal);
    let (status, after) = terminal.restored();
    assert_eq!(status.exit_code(), code, "{after}");
    assert!(after.contains(MESSAGE) && after.contains(thread), "{after}");
    // A terminal that is raw does not go back to the first column.
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
    let happened = "the terminal is as it was before, then the message";
    tried(Area::Terminal, &format!("a panic on the thread '{thread}'"), "1 run", happened);
}

#[test]
fn a_panic_of_the_screen_restores_the_terminal_and_says_why() {
    own("screen", "screen", 1, |_| {});
}

#[test]
fn a_panic_of_the_key_reader_restores_the_terminal_and_says_why() {
    own("keys", "keys", 1, |terminal| {
        terminal.wait_for("worker 0");
        terminal.press("j");
    });
}

#[test]
fn a_panic_of_the_thread_that_writes_restores_the_terminal_and_says_why() {
    own("terminal", "terminal", 1, |_| {});
}

#[test]
fn a_panic_of_the_main_thread_restores_the_terminal_and_says_why() {
    own("main", "main", 101, |terminal| {
        terminal.wait_for("worker 0");
        terminal.signal(Signal::SIGCONT);
    });
}

#[test]
fn a_panic_of_the_collector_restores_the_terminal_and_says_why() {
    own("collector", "scope-collector", 1, |_| {});
}

#[test]
fn a_panic_of_an_export_is_told_and_the_run_goes_on() {
    let mut terminal = start_with(&[], &[("POLLSCOPE_FAULT", "export")]);
    terminal.wait_for("worker 0");
    terminal.press("e");
    terminal.wait_for("Export");
    terminal.press("\r");
    terminal.wait_for(&format!("export panicked: {MESSAGE}"));
    terminal.press("\x1b");
    terminal.clock_goes_on();
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!((status.exit_code(), after.as_str()), (0, ""));
    tried(Area::Terminal, "a panic on the thread 'export'", "1 run", "a line says so, and the run goes on");
}
