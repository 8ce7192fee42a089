//! The dashboard on a program's own terminal: the example, as a process of its own.

use std::{
    env, fs,
    panic::resume_unwind,
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use portable_pty::CommandBuilder;
use serde_json::Value;

use super::{
    folder, pollscope,
    pty::{self, Link, Terminal, USUAL},
    tried::{Area, tried},
};

#[path = "../../../../examples/dashboard.rs"]
mod program;

/// Set where a panic is asked for.
const PANICS: &str = "POLLSCOPE_TEST_PANICS";
/// So many tasks panic then, and so many pairs of threads.
const TASKS: usize = 20;
const PAIRS: usize = 10;

/// What the other tests run in a terminal.
#[test]
#[ignore = "a program for the other tests"]
fn the_program() {
    if env::var_os(PANICS).is_some() {
        return panics();
    }
    if let Err(error) = program::main() {
        resume_unwind(Box::new(error.to_string()));
    }
}

/// Of tasks, one after the other, and of threads, two at a time. What is quit then is opened once more.
fn panics() {
    let panics = |which: usize| -> () { panic!("out of paper {which}.") };
    let scope = pollscope::Scope::new().unwrap();
    let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
    let dashboard = pollscope_tui::open::open(&scope).unwrap();
    assert!(pollscope_tui::open::open(&scope).unwrap_err().to_string().contains("open already"));
    for which in 0..TASKS {
        let task = runtime.spawn(pollscope::task("prints", async move { panics(which) }));
        assert!(runtime.block_on(task).unwrap_err().is_panic());
    }
    for pair in 0..PAIRS {
        let both = Arc::new(Barrier::new(2));
        let prints = [0, 1].map(|which| {
            let both = Arc::clone(&both);
            runtime.spawn_blocking(move || {
                both.wait();
                panics(TASKS + 2 * pair + which);
            })
        });
        for print in prints {
            assert!(runtime.block_on(print).unwrap_err().is_panic());
        }
    }
    while dashboard.is_open() {
        thread::sleep(Duration::from_millis(1));
    }
    pollscope_tui::open::open(&scope).unwrap().wait().unwrap();
    dashboard.wait().unwrap();
}

fn program_in(folder: &Path) -> CommandBuilder {
    let this = env::current_exe().unwrap();
    let words = [this.to_str().unwrap(), "own::the_program", "--exact", "--ignored", "--nocapture"];
    let mut command = pty::command(&words, USUAL, &[]);
    command.cwd(folder);
    command
}

/// The files of a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    files.filter(|path| path.ends_with(ending)).collect()
}

#[test]
fn a_program_on_its_own_terminal_is_recorded_and_exported_by_key() {
    let folder = folder("own");
    let mut terminal = Terminal::new(program_in(&folder), Link::Free);
    terminal.wait_for("GET /page");
    // No scenario adds keys to it: what runs is the program's to say.
    terminal.press("b?");
    terminal.wait_for("One step back");
    assert!(!terminal.contents().contains("Block the workers"), "{}", terminal.contents());
    terminal.press("?");
    terminal.press("R");
    terminal.wait_for("recording into");
    terminal.wait_for("REC");
    // Twice: both in one second, or not.
    let exported = |folder: &Path| files(folder, ".report.json");
    for count in 1..=2 {
        let before = exported(&folder);
        terminal.press("e");
        terminal.wait_for("for ui.perfetto.dev");
        terminal.press("jjj\r");
        terminal.until("export", || exported(&folder).len() == count);
        let new = exported(&folder).into_iter().find(|path| !before.contains(path)).unwrap();
        terminal.wait_for(&format!("exported to {}", Path::new(&new).file_name().unwrap().to_str().unwrap()));
    }
    // Whoever quits has the recording, too.
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!(status.exit_code(), 0);
    let [file] = &files(&folder, ".pollscope")[..] else { panic!("{after}") };
    let name = Path::new(file).file_name().unwrap().to_str().unwrap();
    assert!(after.contains("recorded ") && after.contains(name), "{after}");
    let report = pollscope(&["report", "--format", "json", "--from", file]).output().unwrap();
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
    let exported = exported(&folder).into_iter().map(|path| fs::read(path).unwrap());
    for json in exported.chain([report.stdout]) {
        let report: Value = serde_json::from_slice(&json).unwrap();
        assert!(report["tasks"]["spawned"].as_u64().unwrap() > 2);
        assert_eq!(report["events"]["lost"], 0);
    }
    let happened = "both have what the program did; no key would change it";
    tried(Area::Terminal, "R, e and q on a program's own dashboard", "1 run", happened);
}

#[test]
fn a_task_that_panics_does_not_end_the_dashboard_of_its_program() {
    let mut command = program_in(&folder("own-panics"));
    command.env(PANICS, "1");
    let mut terminal = Terminal::new(command, Link::Free);
    let all = |terminal: &Terminal| String::from_utf8_lossy(&terminal.bytes()).into_owned();
    for which in 0..TASKS + 2 * PAIRS {
        terminal.until("message", || all(&terminal).contains(&format!("out of paper {which}.")));
    }
    // The dashboard is there again.
    let is_there = |terminal: &Terminal| {
        let contents = terminal.contents();
        contents.lines().next().is_some_and(|line| line.contains("pollscope")) && !contents.contains("RUST_BACKTRACE")
    };
    terminal.until("whole picture", || is_there(&terminal));
    terminal.clock_goes_on();
    let takes = |terminal: &Terminal| all(terminal).matches(TAKES).count();
    let before = takes(&terminal);
    terminal.press("q");
    terminal.until("second dashboard", || takes(&terminal) > before && is_there(&terminal));
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!(status.exit_code(), 0, "{after}");
    // Their messages were printed where they stay.
    let all = all(&terminal);
    let printed: String = all.split(TAKES).enumerate().map(|(at, part)| beside_the_screen(at, part)).collect();
    for which in 0..TASKS + 2 * PAIRS {
        assert_eq!(printed.matches(&format!("out of paper {which}.")).count(), 1, "{which}: {printed}");
    }
    let happened = "the dashboard goes on, each message is once on the screen that was there before; a second one is refused \
                    until the first is quit";
    tried(
        Area::Terminal,
        "20 tasks, and threads 10 times two at once, panic under a program's own dashboard",
        "1 run",
        happened,
    );
}

/// What takes the terminal, and gives it back.
const TAKES: &str = "\x1b[?1049h";
const GIVES_BACK: &str = "\x1b[?1049l";

/// What a part between two takings has after the terminal was given back; all of the first.
fn beside_the_screen(at: usize, part: &str) -> &str {
    if at == 0 { part } else { part.split_once(GIVES_BACK).map_or("", |(_, after)| after) }
}
