//! The first start shows what is seen and which keys to try, and no later one does.

use super::{
    folder,
    pty::{self, Link, Terminal, USUAL},
    tried::{Area, tried},
};

/// Starts it as somebody whose home is that folder, until there is a picture; says whether it welcomed them.
#[track_caller]
fn welcomes(home: &str) -> bool {
    let mut command = pty::command(&[env!("CARGO_BIN_EXE_pollscope")], USUAL, &[("HOME", home)]);
    // Whoever names a file of settings is no newcomer.
    command.env_remove("POLLSCOPE_CONFIG");
    let mut terminal = Terminal::new(command, Link::Free);
    terminal.wait_for("worker 0");
    let welcomed = terminal.contents().contains("Welcome");
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!((status.exit_code(), after.as_str()), (0, ""));
    welcomed
}

#[test]
fn whoever_starts_it_first_is_welcomed_once() {
    let (mine, theirs) = (folder("first-start"), folder("another-first-start"));
    let homes = [mine.to_str().unwrap(), mine.to_str().unwrap(), theirs.to_str().unwrap()];
    assert_eq!(homes.map(welcomes), [true, false, true]);
    tried(
        Area::Terminal,
        "the first start and the second",
        "3 runs, 2 homes",
        "a welcome at the first of each, and no later",
    );
}
