//! The program is stopped and goes on: by its own key, in a shell that has jobs, and by others.
#![cfg(target_os = "linux")]

use std::{fs, process::Command};

use nix::sys::signal::Signal;

use super::{
    pty::{self, Link, Terminal, start},
    tried::{Area, tried},
};

/// A run that is always the same, and whose last picture tells that it is the last.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/recordings/block-in-place.pollscope");

/// What a shell does with a job that stops, and goes on when somebody presses enter.
const SHELL: &str = "set -m; \"$0\" \"$@\"; echo it has stopped; read -r line; fg; echo it ended with $?";

/// Runs the program as a job of a shell.
fn job(args: &[&str]) -> Terminal {
    let words = [&["sh", "-c", SHELL, env!("CARGO_BIN_EXE_pollscope")], args].concat();
    Terminal::new(pty::command(&words, pty::USUAL, &[]), Link::Free)
}

/// It has stopped, and the shell has the terminal as it was.
#[track_caller]
fn has_stopped(terminal: &Terminal) {
    terminal.wait_for("it has stopped");
    assert!(terminal.has_its_modes_back(), "{}", terminal.modes());
    assert!(terminal.is_given_back(), "{}", terminal.contents());
}

/// The last picture of a replay, after which no other comes.
#[track_caller]
fn last_picture(terminal: &mut Terminal) -> String {
    terminal.press("\x1b[F");
    // The header tells at once where it goes, the rest when it is there.
    terminal.wait_for("at its end");
    terminal.wait_for("the round is over");
    let (mut picture, mut same) = (String::new(), 0);
    terminal.until("picture that stands", || {
        let now = terminal.picture();
        same = if now == picture { same + 1 } else { 0 };
        picture = now;
        same == 50
    });
    picture
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_draws_it_whole() {
    let mut terminal = job(&["replay", RECORDED]);
    terminal.wait_for("REPLAY");
    let picture = last_picture(&mut terminal);
    terminal.press("\x1a");
    has_stopped(&terminal);
    terminal.press("\r");
    terminal.until("the same picture", || terminal.picture() == picture);
    terminal.press("?");
    terminal.wait_for("Keys");
    terminal.press("\x1b");
    terminal.until("no help", || !terminal.contents().contains("Keys"));
    terminal.press("q");
    let (_, after) = terminal.restored();
    assert!(after.contains("it ended with 0"), "{after}");
    let happened = "the shell has the terminal as it was; then the same picture, drawn whole, hears its keys";
    tried(Area::Terminal, "ctrl-z and fg", "1 run of a replay", happened);
}

#[test]
fn what_is_watched_goes_on_after_fg() {
    let mut terminal = job(&[]);
    terminal.wait_for("worker 0");
    terminal.press("\x1a");
    has_stopped(&terminal);
    terminal.press("\r");
    terminal.wait_for("worker 0");
    terminal.clock_goes_on();
    terminal.press("q");
    let (_, after) = terminal.restored();
    assert!(after.contains("it ended with 0"), "{after}");
    tried(Area::Terminal, "ctrl-z and fg of a live dashboard", "1 run", "it goes on, and ends with 0");
}

#[test]
fn ctrl_z_where_nobody_could_continue_it_only_draws_again() {
    let mut terminal = start(&[]);
    terminal.wait_for("worker 0");
    terminal.press("\x1a");
    let entered = || String::from_utf8_lossy(&terminal.bytes()).matches("\x1b[?1049h").count();
    terminal.until("terminal taken again", || entered() == 2);
    terminal.clock_goes_on();
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    tried(Area::Terminal, "ctrl-z without a shell", "1 run", "the screen just comes back");
}

#[test]
fn a_process_stopped_by_others_takes_its_terminal_again() {
    let mut terminal = start(&["replay", RECORDED]);
    terminal.wait_for("REPLAY");
    let picture = last_picture(&mut terminal);
    let modes = terminal.modes();
    terminal.signal(Signal::SIGSTOP);
    let stat = format!("/proc/{}/stat", terminal.process);
    terminal.until("stop", || fs::read_to_string(&stat).unwrap().contains(") T "));
    // What a shell does meanwhile.
    terminal.overwrite("\x1b[?1049l\x1b[?25h$ ls\r\nfiles\r\n");
    let sane = Command::new("stty").args(["-F", &terminal.device(), "sane"]).status().unwrap();
    assert!(sane.success() && terminal.modes() != modes);
    terminal.signal(Signal::SIGCONT);
    terminal.until("the same picture", || terminal.picture() == picture);
    assert_eq!(terminal.modes(), modes);
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
    let happened = "it takes the terminal again and draws it whole";
    tried(Area::Terminal, "SIGSTOP and SIGCONT from others", "1 run, with a shell on the terminal meanwhile", happened);
}
