//! A recording that comes through a pipe: the standard input is no terminal then, and keys are the terminal's all the same.

use portable_pty::CommandBuilder;

use super::{
    pty::{self, Link, Terminal, USUAL},
    tried::{Area, tried},
};

/// The replay of a recording that comes through a pipe.
pub(crate) fn replayed_from_stdin(recording: &str) -> CommandBuilder {
    let words = format!("cat '{recording}' | '{}' replay -", env!("CARGO_BIN_EXE_pollscope"));
    pty::command(&["sh", "-c", &words], USUAL, &[])
}

#[test]
fn a_recording_from_the_standard_input_is_replayed_and_keys_are_heard() {
    let file = super::recording("piped");
    let mut terminal = Terminal::new(replayed_from_stdin(&file), Link::Free);
    terminal.wait_for("REPLAY");
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    terminal.press("2");
    terminal.wait_for("ready tasks");
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!((status.exit_code(), after.as_str()), (0, ""));
    let happened = "the same screens and keys as of a file; the terminal is as it was before";
    tried(Area::Terminal, "a recording from the standard input", "1 run", happened);
}
