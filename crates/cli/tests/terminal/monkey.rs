//! Somebody presses keys in a hurry on the real program: any key, click, turn of the wheel and size, while it runs.

use std::time::{Duration, Instant};

use super::{
    pty::{Link, Terminal, USUAL, command},
    tried::{Area, tried},
};

/// Bursts of keys on each screen; more, where `POLLSCOPE_MONKEY` says how many seconds each shall take.
const BURSTS: u32 = 8;
const KEYS: u32 = 60;

/// The key esc, however the bytes are read: twice, since alone it may be the beginning of what follows, and then a letter,
/// so that what follows does not become a sequence without an end.
const ESC: &str = "\x1b\x1bj";
/// Esc, and the key that ends the program: where a line is being written, that one would only leave the line.
const END: &str = "\x1b\x1b\x03";

/// Where it begins. From there keys lead everywhere.
const STARTS: &[&[&str]] = &[
    &[],
    &["--wait", "blocking", "--workers", "2"],
    &["--source", "embedded", "--once", "--theme", "high-contrast"],
    &["lesson"],
    &["lesson", "future-by-hand"],
    &["compare", "--wait", "async,blocking", "--pause", "5ms", "--latency", "1ms", "--max-pages", "1"],
];

/// Whatever a terminal sends, but for the keys that end the program or stop it.
fn any_key(random: &mut fastrand::Rng) -> String {
    const SEQUENCES: &[&str] = &[
        "\x1b[A",
        "\x1b[B",
        "\x1b[C",
        "\x1b[D",
        "\x1b[H",
        "\x1b[F",
        "\x1b[5~",
        "\x1b[6~",
        "\x1b[Z",
        "\x1b[3~",
        "\x1bOP",
        "\x1b[15~",
        "\x1b[1;5C",
        "\x1b[1;2D",
        "\r",
        "\t",
        "\x7f",
        ESC,
        ESC,
        "é",
        "\u{202e}",
        "🦀",
        "\x1b[200~x\x1b[201~",
    ];
    match random.u8(0..10) {
        0..5 => char::from(random.u8(b' '..=b'~')).to_string().replace('q', "?"),
        5..8 => random.choice(SEQUENCES).unwrap().to_string(),
        8 => {
            format!("\x1b[<{};{};{}M", random.choice(&[0, 0, 2, 64, 65]).unwrap(), random.u8(1..130), random.u8(1..45))
        }
        _ => {
            let letter = random.u8(1..=26);
            // ctrl-c, ctrl-z.
            char::from(if matches!(letter, 3 | 26) { 12 } else { letter }).to_string()
        }
    }
}

/// The program draws in that size.
#[track_caller]
fn draws(terminal: &Terminal, (rows, cols): (u16, u16), seed: u64) -> bool {
    let before = terminal.bytes().len();
    terminal.resize(rows, cols);
    terminal.until(&format!("picture after the keys of seed {seed}"), || {
        terminal.has_ended() || terminal.bytes().len() > before
    });
    !terminal.has_ended()
}

/// A hurry on one screen. Says how many keys it was.
fn hurry(args: &[&str], seed: u64) -> u32 {
    let program = [&[env!("CARGO_BIN_EXE_pollscope")], args].concat();
    let mut command = command(&program, USUAL, &[]);
    command.cwd(super::folder(&format!("monkey-{seed}")));
    let mut terminal = Terminal::new(command, Link::Free);
    let mut random = fastrand::Rng::with_seed(seed);
    // Not before: a key ends what a comparison has under way.
    terminal.until("picture", || terminal.contents().contains('◉'));
    let (mut pressed, mut last) = (0, String::new());
    for burst in 0..BURSTS {
        let keys: String = (0..KEYS).map(|_| any_key(&mut random)).collect();
        terminal.press(&keys);
        last = keys;
        pressed += KEYS;
        terminal.resize(random.u16(1..=60), random.u16(1..=220));
        if !draws(&terminal, (40 + burst as u16 % 2, 120), seed) {
            break;
        }
    }
    // A click on the key that quits has ended it, or this does.
    if !terminal.has_ended() {
        terminal.press(END);
    }
    terminal.until(&format!("end of seed {seed}: {last:?}"), || terminal.has_ended());
    let (status, said) = terminal.restored();
    assert_eq!(status.exit_code(), 0, "seed {seed}: {said}");
    pressed
}

#[test]
fn whoever_hurries_gets_a_picture_and_the_terminal_back() {
    let seconds = std::env::var("POLLSCOPE_MONKEY").ok().and_then(|it| it.parse().ok()).unwrap_or(0);
    let (recording, (_scope, _lab, server)) = (super::recording("monkey-recording"), super::attach::program());
    let address = server.address().to_string();
    let others = [&["replay", &recording][..], &["attach", &address]];
    let starts: Vec<_> = STARTS.iter().copied().chain(others).collect();
    let (mut seed, mut pressed) = (1, 0);
    for args in &starts {
        let start = Instant::now();
        loop {
            pressed += hurry(args, seed);
            seed += 1;
            if start.elapsed() >= Duration::from_secs(seconds) {
                break;
            }
        }
    }
    let how = format!("{} starts, {} seeds, {pressed} keys", starts.len(), seed - 1);
    let happened = "a picture after each burst; then ctrl-c gives the terminal back, and no process is left";
    tried(Area::Terminal, "keys in a hurry on the running program", &how, happened);
}
