//! A link that is slow, or stands: frames are left out; what is watched, keys and the end do not wait for it.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{
    folder, pollscope,
    pty::{Link, Terminal, start},
    tried::{Area, tried},
};

/// Pictures that were begun.
fn frames(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).matches("\x1b[?2026h").count()
}

/// Lets the link stand until the program has long not been able to write any more: whole pictures are asked for, far
/// more than the system keeps. Gives how many.
#[track_caller]
fn stand(terminal: &Terminal, mut goes_on: impl FnMut() -> bool) -> usize {
    terminal.set_link(Link::Stands);
    let mut asked = 0;
    terminal.until("sign of life", || {
        terminal.resize(39 + asked % 2, 120);
        asked += 1;
        asked >= 400 && goes_on()
    });
    asked.into()
}

#[test]
fn collection_goes_on_while_the_link_stands() {
    let file = folder("stands").join("run.pollscope");
    let file = file.to_str().unwrap();
    let mut terminal = start(&["--pause", "20ms", "--latency", "5ms", "--record", file]);
    terminal.wait_for("round 2");
    let (before, size) = (frames(&terminal.bytes()), fs::metadata(file).unwrap().len());
    let asked = stand(&terminal, || fs::metadata(file).unwrap().len() > size + 200_000);
    let grown = fs::metadata(file).unwrap().len() - size;
    terminal.set_link(Link::Free);
    terminal.resize(40, 120);
    terminal.wait_for("worker 0");
    terminal.clock_goes_on();
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let drawn = frames(&terminal.bytes()) - before;
    assert!(drawn < asked, "{drawn} frames of {asked} were drawn: the link did not stand");
    let report = pollscope(&["report", "--format", "json", "--from", file]).output().unwrap();
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["events"]["lost"], 0, "events were lost");
    assert!(report["polls"]["count"].as_u64().unwrap() > 0);
    let happened = format!(
        "{} KB were recorded meanwhile and no event was lost; of {asked} whole pictures and those after it {drawn} were drawn",
        grown / 1000
    );
    tried(Area::Terminal, "the link stands", "1 run", &happened);
}

/// The program ends although the terminal takes nothing.
#[track_caller]
fn ends(what: &str, end: impl FnOnce(&mut Terminal)) {
    let mut terminal = start(&[]);
    terminal.wait_for("worker 0");
    stand(&terminal, || true);
    end(&mut terminal);
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.restored();
    let happened = "it ends, and what it could still say restores the terminal";
    tried(Area::Terminal, what, "1 run", happened);
}

#[test]
fn q_ends_it_while_the_link_stands() {
    ends("q while the link stands", |terminal| terminal.press("q"));
}

#[test]
fn sigterm_ends_it_while_the_link_stands() {
    ends("SIGTERM while the link stands", |terminal| terminal.signal(Signal::SIGTERM));
}

#[test]
fn a_closed_terminal_ends_it_while_the_link_stands() {
    let mut terminal = start(&[]);
    terminal.wait_for("worker 0");
    stand(&terminal, || true);
    terminal.close();
    terminal.ended();
    tried(Area::Terminal, "the terminal is closed while the link stands", "1 run", "it ends");
}

#[test]
fn drawing_adapts_to_a_slow_link() {
    let file = folder("slow").join("run.pollscope");
    let file = file.to_str().unwrap();
    let mut terminal = start(&["--record", file]);
    terminal.wait_for("worker 0");
    let before = terminal.bytes().len();
    // 12 KB a second: what a modem of long ago gave.
    terminal.set_link(Link::Slow(120));
    terminal.clock_goes_on();
    terminal.clock_goes_on();
    terminal.press("b");
    terminal.wait_for("BLOCKING");
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.restored();
    let drawn = frames(&terminal.bytes()[before..]);
    let report = pollscope(&["report", "--format", "json", "--from", file]).output().unwrap();
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["events"]["lost"], 0, "events were lost");
    let happened = format!("the clock goes on and keys are heard; {drawn} frames were drawn, no event was lost");
    tried(Area::Terminal, "a slow link", "1 run, at 12 KB a second", &happened);
}
