//! The dashboard as a user has it: in a pseudo terminal, read back through a terminal emulator.
//!
//! A test waits for what a person would wait for, a text on the screen, up to a deadline that only a
//! broken program reaches.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Nobody waits for this long; a broken program does.
const DEADLINE: Duration = Duration::from_secs(60);

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

fn parser(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(size(rows), size(cols), 0)
}

/// How many of these bytes are no part of a picture that is still being made: as a terminal does, nobody looks at one that is.
fn whole(bytes: &[u8]) -> usize {
    const BEGINS: &[u8] = b"\x1b[?2026h";
    const ENDS: &[u8] = b"\x1b[?2026l";
    let last = |mark: &[u8]| bytes.windows(mark.len()).rposition(|it| it == mark);
    match last(BEGINS) {
        Some(begins) if last(ENDS).is_none_or(|ends| ends < begins) => begins,
        // A mark may be half there.
        _ => {
            (1..BEGINS.len()).find(|half| bytes.ends_with(&BEGINS[..*half])).map_or(bytes.len(), |it| bytes.len() - it)
        }
    }
}

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    fn start(args: &[&str], rows: u16, cols: u16) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pollscope"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env_remove("GITHUB_TOKEN");
        command.env_remove("NO_COLOR");
        command.env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"));
        command.env_remove("POLLSCOPE_FAULT");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(parser(rows, cols)));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let (mut some, mut bytes) = ([0; 8192], Vec::new());
            while let Ok(count @ 1..) = output.read(&mut some) {
                bytes.extend_from_slice(&some[..count]);
                let whole = whole(&bytes);
                shown.lock().unwrap().process(&bytes[..whole]);
                bytes.drain(..whole);
            }
            shown.lock().unwrap().process(&bytes);
        });
        let keys = pair.master.take_writer().unwrap();
        Self { master: pair.master, keys, child, screen }
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as asked.
    #[track_caller]
    fn wait(&self, what: &str, mut is: impl FnMut(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let contents = self.contents();
            if is(&contents) {
                return contents;
            }
            assert!(start.elapsed() < DEADLINE, "no {what} on the screen:\n{contents}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn wait_for(&self, text: &str) -> String {
        self.wait(text, |contents| contents.contains(text))
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn resize(&self, rows: u16, cols: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(size(rows), size(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The exit code, and whether the terminal is as it was: main screen, cursor shown.
    #[track_caller]
    fn ends(mut self) -> u32 {
        let start = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            assert!(start.elapsed() < DEADLINE, "it does not end:\n{}", self.contents());
            thread::sleep(Duration::from_millis(5));
        };
        // The reader may be a moment behind.
        let restored = |parser: &vt100::Parser| !parser.screen().alternate_screen() && !parser.screen().hide_cursor();
        while !restored(&self.screen.lock().unwrap()) {
            assert!(start.elapsed() < DEADLINE, "the terminal was not restored:\n{}", self.contents());
            thread::sleep(Duration::from_millis(5));
        }
        code
    }
}

/// Pages read so far, by the first row's gauges: any `n/m` with n above 0.
fn has_progress(contents: &str) -> bool {
    contents.split_whitespace().any(|word| {
        word.split_once('/')
            .is_some_and(|(done, all)| done.parse::<u32>().is_ok_and(|done| done > 0) && all.parse::<u32>().is_ok())
    })
}

/// The header's clock, seconds.
fn clock(contents: &str) -> Option<u32> {
    let header = contents.lines().next()?;
    header.split_whitespace().find_map(|word| {
        let (minutes, seconds) = word.split_once(':')?;
        Some(minutes.parse::<u32>().ok()? * 60 + seconds.parse::<u32>().ok()?)
    })
}

/// The instant that is looked at, in microseconds of the lab's life, while it is not now.
fn instant(contents: &str) -> Option<u32> {
    let header = contents.lines().next()?;
    header.split_whitespace().find_map(|word| {
        let (clock, micros) = word.split_once('.')?;
        let (minutes, seconds) = clock.split_once(':')?;
        let number = |word: &str| word.parse::<u32>().ok();
        let micros = number(&micros.replace('_', ""))?;
        Some((number(minutes)? * 60 + number(seconds)?) * 1_000_000 + micros)
    })
}

#[test]
fn time_is_frozen_rewound_slowed_and_live_again() {
    let mut terminal = Terminal::start(&[], 40, 120);
    terminal.wait("some seconds", |contents| clock(contents).is_some_and(|seconds| seconds >= 3));
    terminal.press(" ");
    let frozen = instant(&terminal.wait_for("FROZEN")).unwrap();
    let behind = terminal.wait("how far it is behind", |contents| {
        contents.contains("FROZEN") && !contents.contains("FROZEN  0.") && contents.contains(" s behind")
    });
    assert_eq!(instant(&behind), Some(frozen), "what is frozen moves");
    let at = |terminal: &Terminal, what: &str, is: &dyn Fn(u32) -> bool| {
        instant(&terminal.wait(what, |contents| instant(contents).is_some_and(is))).unwrap()
    };
    terminal.press("[");
    let first = at(&terminal, "the poll before", &|instant| instant < frozen);
    terminal.press(&"[".repeat(20));
    at(&terminal, "polls before", &|instant| instant < first);
    terminal.press(&"]".repeat(20));
    at(&terminal, "the same poll again", &|instant| instant == first);
    // By time: a twentieth of ten seconds.
    terminal.press("\x1b[D");
    at(&terminal, "half a second before", &|instant| instant + 500_000 == first);
    terminal.press("<");
    terminal.wait_for("SPEED ×1/10");
    let slow = at(&terminal, "time that goes on", &|instant| instant + 500_000 > first);
    terminal.press("<");
    terminal.wait_for("SPEED ×1/100");
    terminal.press(" ");
    at(&terminal, "a later instant", &|instant| instant >= slow);
    terminal.wait_for("FROZEN");
    terminal.press(")");
    // The keys that bring the present back are named.
    terminal.wait_for("end live");
    terminal.press("\x1b[F");
    terminal.wait("now", |contents| !contents.contains("FROZEN") && instant(contents).is_none());
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn a_run_is_recorded_and_replayed_and_looked_at_closely() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("run.pollscope");
    let file = file.to_str().unwrap();
    let mut terminal = Terminal::start(&["--record", file], 40, 120);
    terminal.wait_for("● REC");
    terminal.press("b");
    terminal.wait_for("stop blocking");
    terminal.wait("some seconds", |contents| clock(contents).is_some_and(|seconds| seconds >= 3));
    terminal.press("R");
    terminal.wait_for("recorded ");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);

    let mut terminal = Terminal::start(&["replay", file], 40, 120);
    terminal.wait_for("REPLAY ×1");
    terminal.press("b");
    terminal.wait_for("this is a recording");
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    // The timeline: fit, then closer and closer about the cursor, by wheel and by key, and back.
    terminal.press("2");
    terminal.wait_for("ready tasks");
    terminal.press(" +++");
    terminal.wait_for("timeline  1.25 s");
    terminal.press("\x1b[<64;60;20M");
    terminal.wait_for("timeline  625 ms");
    terminal.press("\x1b[<65;60;20M");
    terminal.wait_for("timeline  1.25 s");
    terminal.press("u");
    terminal.wait_for("timeline  625 ms");
    // Long polls are found and marked.
    terminal.press("/>50ms poll @worker\r");
    terminal.wait_for("find >50ms poll @worker");
    terminal.wait_for("asleep ");
    terminal.press("/");
    terminal.wait_for("enter finds");
    terminal.press("xyz\r");
    // No thread is called so.
    terminal.wait_for("no earlier match");
    // A poll of worker 0, and what woke its task.
    terminal.press("g[");
    terminal.wait_for("It took ");
    terminal.wait_for("▸ worker 0");
    terminal.press("e");
    terminal.wait_for("perfetto");
    terminal.press("jjj\r");
    terminal.wait_for("exported to ");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
    let report = std::fs::read_to_string(folder.join("run.report.json")).unwrap();
    assert!(report.contains("\"wait\": \"blocking\"") || report.contains("\"wait\":\"blocking\""), "{report}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn block_see_resize_recover_quit() {
    let mut terminal = Terminal::start(&[], 40, 120);
    terminal.wait("progress", has_progress);
    terminal.press("b");
    let blocked = terminal.wait_for("BLOCKING");
    let since = clock(&blocked).unwrap_or_else(|| panic!("no clock:\n{blocked}"));
    terminal.wait("a blocked poll", |contents| {
        contents.contains("sleep inside a poll") || contents.contains("sleeps inside a poll")
    });
    terminal
        .wait("a clock that runs while workers are blocked", |contents| clock(contents).is_some_and(|now| now > since));
    terminal.press("?");
    terminal.wait_for("Keys");
    terminal.press("\x1b");
    terminal.wait("no help", |contents| !contents.contains("Keys"));
    terminal.resize(24, 80);
    terminal.wait("a screen of 80 columns", |contents| contents.contains("worker 0") && contents.lines().count() <= 24);
    terminal.resize(8, 30);
    terminal.wait_for("60");
    terminal.resize(40, 120);
    terminal.wait_for("worker 0");
    terminal.press("b");
    terminal.wait_for("ASYNC");
    // Whatever a busy machine makes it say instead.
    terminal.wait("no word of a blocked worker", |contents| {
        !contents.contains("inside a poll") && !contents.contains("held its worker")
    });
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn labs_are_rebuilt_without_leaving_the_dashboard() {
    let mut terminal = Terminal::start(&["--workers", "2"], 40, 120);
    terminal.wait_for("worker 1");
    terminal.press("+");
    terminal.wait_for("worker 2");
    terminal.press("f");
    terminal.wait_for("current-thread");
    terminal.press("r");
    terminal.wait("progress", has_progress);
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_lesson_from_the_list_to_what_was_measured_and_back() {
    let mut terminal = Terminal::start(&["lesson"], 40, 120);
    let chosen = |contents: &str| contents.lines().find(|line| line.contains('▸')).map(str::to_owned);
    let mut line = chosen(&terminal.wait_for("▸")).unwrap();
    while !line.contains("join-async") {
        terminal.press("j");
        line = chosen(&terminal.wait("next line", |contents| chosen(contents).is_some_and(|it| it != line))).unwrap();
    }
    terminal.press("\r");
    terminal.wait_for("answer");
    terminal.press("b");
    terminal.wait_for("▸ b");
    terminal.press("\r");
    terminal.wait_for("it runs");
    terminal.wait_for("worker 0");
    // On a busy machine a measurement may be another: that is said too.
    let verdict = terminal.wait_for("s the lesson says");
    assert!(verdict.contains("you said b") && verdict.contains("Start 1, Start 2, Start 3"), "{verdict}");
    // What does not depend on it is as the lesson says.
    for measured in ["all three start, in order", "all three are done", "nothing of it sleeps inside a poll"] {
        assert!(verdict.contains(&format!("✓ {measured}")), "{verdict}");
    }
    terminal.press("\u{1b}");
    terminal.wait_for("answer");
    terminal.press("\u{1b}");
    terminal.wait_for("open");
    terminal.press("1");
    terminal.wait("the pipeline again", has_progress);
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_kept_run_and_the_next_stand_side_by_side() {
    let mut terminal = Terminal::start(&["--pause", "100ms", "--latency", "5ms", "--max-pages", "1"], 40, 120);
    terminal.press("c");
    terminal.wait_for("kept as 'before'");
    terminal.wait_for("round 2");
    terminal.press("b");
    let compared = terminal.wait_for("less is better");
    assert!(compared.contains("async") && compared.contains("blocking"), "{compared}");
    terminal.press("1");
    terminal.wait_for("brasskettle");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_stepped_lesson_goes_on_at_a_key() {
    let mut terminal = Terminal::start(&["lesson", "what-await-is"], 40, 120);
    terminal.wait_for("answer");
    terminal.press("ss");
    terminal.wait_for("step by step");
    terminal.press("\r");
    terminal.wait_for("an executor of our own");
    terminal.press("\r");
    for state in 1..=3 {
        terminal.wait_for("the next poll");
        terminal.press("\r");
        terminal.wait_for(&format!("it is in state {state}"));
    }
    terminal.press("\u{1b}");
    terminal.wait_for("speed step by step");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn four_strategies_stand_side_by_side() {
    let waits = "async,blocking,spawn-blocking,block-in-place";
    let short = ["--pause", "50ms", "--latency", "5ms", "--max-pages", "1"];
    let args = [&["compare", "pipeline", "--wait", waits], &short[..]].concat();
    let mut terminal = Terminal::start(&args, 40, 120);
    let compared = terminal.wait_for("less is better");
    for label in waits.split(',') {
        assert!(compared.contains(label), "no {label} in\n{compared}");
    }
    terminal.wait_for("was done first");
    terminal.press("6");
    terminal.wait_for("priorities of tasks");
    terminal.press("q");
    assert_eq!(terminal.ends(), 0);
}
