//! What a terminal can: colours and characters. What is written is looked at byte by byte.

use std::collections::BTreeSet;

use super::{
    pollscope,
    pty::{Link, Terminal, command},
    tried::{Area, tried},
};

/// A kind of colour, as a style of the terminal's says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Colour {
    Sixteen,
    Indexed,
    True,
}

/// The colours that were written, by kind, and how many times each.
fn colours(bytes: &[u8]) -> Vec<Colour> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for sequence in text.split("\x1b[").skip(1) {
        let end = sequence.find(|it: char| !it.is_ascii_digit() && it != ';').unwrap_or(sequence.len());
        if sequence[end..].starts_with('m') {
            found.extend(style(&sequence[..end]));
        }
    }
    found
}

fn style(numbers: &str) -> Vec<Colour> {
    let numbers: Vec<u32> = numbers.split(';').map(|number| number.parse().unwrap_or(0)).collect();
    let mut found = Vec::new();
    let mut rest = numbers.as_slice();
    while let Some((first, more)) = rest.split_first() {
        let (colour, taken) = match (first, more) {
            (38 | 48 | 58, [2, ..]) => (Some(Colour::True), 5),
            (38 | 48 | 58, [5, ..]) => (Some(Colour::Indexed), 3),
            (30..=37 | 40..=47 | 90..=97 | 100..=107, _) => (Some(Colour::Sixteen), 1),
            _ => (None, 1),
        };
        found.extend(colour);
        rest = &rest[taken.min(rest.len())..];
    }
    found
}

/// All that a terminal with that environment receives, from the first frame to the end: with alarm, help, timeline.
fn written(env: &[(&str, &str)]) -> Vec<u8> {
    let mut terminal = Terminal::new(command(&[env!("CARGO_BIN_EXE_pollscope")], env, &[]), Link::Free);
    terminal.wait_for("worker 0");
    terminal.press("b");
    terminal.wait_for("inside a poll");
    terminal.press("?");
    terminal.wait_for("Keys");
    terminal.press("\x1b");
    terminal.until("no help", || !terminal.contents().contains("Keys"));
    terminal.press("2");
    terminal.wait_for("ready tasks");
    terminal.press("q");
    let (status, _) = terminal.restored();
    assert_eq!(status.exit_code(), 0);
    terminal.bytes()
}

/// Tries an environment: these kinds of colours are written, all of them and no others.
#[track_caller]
fn only(what: &str, env: &[(&str, &str)], expected: &[Colour]) {
    let env = [&[("LANG", "C.UTF-8")], env].concat();
    let found = colours(&written(&env));
    let kinds: BTreeSet<_> = found.iter().copied().collect();
    assert!(kinds.iter().all(|kind| expected.contains(kind)), "{what}: {kinds:?}");
    let most = expected.last();
    assert!(most.is_none_or(|most| kinds.contains(most)), "{what}: {kinds:?}");
    let happened = match most {
        None => "no colour is written".to_owned(),
        Some(_) => format!("{} colours written, none that it does not have", found.len()),
    };
    tried(Area::Terminal, what, "1 run of dashboard, alarm, help and timeline", &happened);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn no_color_is_heard() {
    only("NO_COLOR", &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], &[]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn sixteen_colours_are_written_so_that_every_terminal_knows_them() {
    only("a terminal of 16 colours", &[("TERM", "xterm")], &[Colour::Sixteen]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn a_terminal_of_256_colours_gets_no_others() {
    only("a terminal of 256 colours", &[("TERM", "xterm-256color")], &[Colour::Sixteen, Colour::Indexed]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn true_colours_are_written_where_the_terminal_has_them() {
    let env = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
    only("a terminal of true colours", &env, &[Colour::Sixteen, Colour::Indexed, Colour::True]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn tmux_gets_256_colours() {
    only("TERM=tmux-256color", &[("TERM", "tmux-256color")], &[Colour::Sixteen, Colour::Indexed]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn screen_gets_16_colours() {
    only("TERM=screen", &[("TERM", "screen")], &[Colour::Sixteen]);
}

#[test]
fn without_utf_8_only_ascii_is_written() {
    for locale in [&[("LANG", "C")][..], &[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")]] {
        let bytes = written(&[&[("TERM", "xterm-256color")], locale].concat());
        let foreign: Vec<_> = bytes.split(u8::is_ascii).filter(|part| !part.is_empty()).collect();
        assert!(foreign.is_empty(), "{locale:?}: {:?}", String::from_utf8_lossy(&foreign.concat()));
    }
    tried(Area::Terminal, "no UTF-8", "2 runs: LANG=C, LC_ALL=POSIX", "nothing but ASCII is written");
}

#[test]
fn a_dumb_terminal_is_refused_in_words() {
    let recording = super::recording("dumb");
    let replay = ["replay", &recording];
    for args in [&[][..], &["lesson"], &replay] {
        let words = [&[env!("CARGO_BIN_EXE_pollscope")], args].concat();
        let terminal = Terminal::new(command(&words, &[("TERM", "dumb")], &[]), Link::Free);
        let (status, said) = terminal.restored();
        assert_eq!(status.exit_code(), 2, "{said}");
        assert!(said.contains("a terminal; '") && !said.contains('\x1b'), "{said:?}");
    }
    tried(Area::Terminal, "TERM=dumb", "3 runs: dashboard, lesson, replay", "refused, with what works instead");
}

#[test]
fn without_a_terminal_the_dashboard_is_refused_in_words() {
    for args in [&[][..], &["lesson"], &["replay", "nothing"]] {
        let output = pollscope(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("a terminal; '") && output.stdout.is_empty(), "{said}");
    }
    tried(Area::Terminal, "no terminal", "3 runs: dashboard, lesson, replay", "refused, with what works instead");
}
