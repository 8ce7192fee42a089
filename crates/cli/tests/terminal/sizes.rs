//! Sizes: storms of them, and the smallest and largest.

use super::{
    pty::{Terminal, start},
    tried::{Area, tried},
};

/// A recording at its end: a picture that stands still.
fn still(recording: &str) -> Terminal {
    let mut terminal = start(&["replay", recording]);
    terminal.wait_for("REPLAY");
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    terminal
}

fn leave(mut terminal: Terminal) {
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
}

/// The picture that a terminal shows at last is that of another that was never resized.
#[track_caller]
fn settles(terminal: &Terminal, quiet: &Terminal) {
    terminal.until("picture without rests of other sizes", || terminal.picture() == quiet.picture());
}

#[test]
fn a_storm_of_sizes_leaves_nothing_behind() {
    let recording = super::recording("storm");
    let quiet = still(&recording);
    let mut terminal = still(&recording);
    settles(&terminal, &quiet);
    let seed = 5;
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..200 {
        match round % 20 {
            0 => terminal.resize(1, 1),
            1 => terminal.resize(1, 2),
            2 => terminal.resize(200, 500),
            _ => terminal.resize(random.u16(1..=200), random.u16(1..=500)),
        }
    }
    terminal.resize(40, 120);
    settles(&terminal, &quiet);
    // There and back at once: to the program nothing has changed, to the terminal all may have.
    for (rows, cols) in [(1, 1), (40, 60), (2, 120)] {
        terminal.resize(rows, cols);
        terminal.resize(40, 120);
        settles(&terminal, &quiet);
    }
    terminal.press("?");
    terminal.wait_for("Keys");
    terminal.press("\x1b");
    terminal.until("no help", || !terminal.contents().contains("Keys"));
    leave(terminal);
    leave(quiet);
    let happened = "the picture is that of a terminal that was never resized; it hears its keys";
    tried(Area::Terminal, "a storm of sizes", &format!("200 sizes, seed {seed}, and 3 there and back"), happened);
}

#[test]
fn the_smallest_and_the_largest_size_are_drawn_and_left_by_key() {
    let sizes = [(1, 1), (1, 2), (2, 1), (200, 500), (1, 500), (200, 1)];
    for (rows, cols) in sizes {
        let mut terminal = start(&[]);
        terminal.wait_for("worker 0");
        let before = terminal.bytes().len();
        terminal.resize(rows, cols);
        // A frame of the new size is drawn, which clears first.
        let clear = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("\x1b[2J");
        terminal.until("frame of the new size", || clear(&terminal.bytes()[before..]));
        terminal.press("q");
        assert_eq!(terminal.restored().0.exit_code(), 0, "{rows}×{cols}");
    }
    let all = sizes.map(|(rows, cols)| format!("{cols}×{rows}")).join(", ");
    tried(Area::Terminal, "the smallest and the largest terminal", &all, "drawn, and left by key");
}
