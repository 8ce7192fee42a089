//! The dashboard on a program's own terminal: the example, as a process of its own.

use std::{env, fs, panic::resume_unwind, path::Path};

use portable_pty::CommandBuilder;
use serde_json::Value;

use super::{
    folder, pollscope,
    pty::{self, Link, Terminal, USUAL},
    tried::{Area, tried},
};

#[path = "../../examples/dashboard.rs"]
mod program;

/// Set where a panic is asked for.
const PANICS: &str = "POLLSCOPE_TEST_PANICS";

/// What the other tests run in a terminal.
#[test]
#[ignore = "a program for the other tests"]
fn the_program() {
    if env::var_os(PANICS).is_some() {
        let panics = || -> () { panic!("out of paper") };
        let scope = pollscope::Scope::new().unwrap();
        let runtime =
            scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
        let dashboard = pollscope::dashboard::open(&scope).unwrap();
        assert!(pollscope::dashboard::open(&scope).unwrap_err().to_string().contains("open already"));
        while scope.summary().unwrap().tasks.spawned < 20 {
            let _ = runtime.block_on(runtime.spawn(pollscope::task("prints", async move { panics() })));
        }
        return dashboard.wait().unwrap();
    }
    if let Err(error) = program::main() {
        resume_unwind(Box::new(error.to_string()));
    }
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
    terminal.press("b");
    terminal.wait_for("the program decides what runs");
    terminal.press("R");
    terminal.wait_for("recording into");
    terminal.wait_for("REC");
    terminal.press("e");
    terminal.wait_for("for ui.perfetto.dev");
    terminal.press("jjj\r");
    terminal.wait_for("exported to");
    // Whoever quits has the recording, too.
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!(status.exit_code(), 0);
    let [file] = &files(&folder, ".pollscope")[..] else { panic!("{after}") };
    let name = Path::new(file).file_name().unwrap().to_str().unwrap();
    assert!(after.contains("recorded ") && after.contains(name), "{after}");
    let report = pollscope(&["report", "--format", "json", "--from", file]).output().unwrap();
    assert_eq!(report.status.code(), Some(0), "{}", String::from_utf8_lossy(&report.stderr));
    let [exported] = &files(&folder, ".report.json")[..] else { panic!("no export") };
    for json in [report.stdout, fs::read(exported).unwrap()] {
        let report: Value = serde_json::from_slice(&json).unwrap();
        assert!(report["tasks"]["spawned"].as_u64().unwrap() > 2);
        assert_eq!(report["events"]["lost"], 0);
    }
    let happened = "both have what the program did; what would change it is refused in words";
    tried(Area::Terminal, "R, e and q on a program's own dashboard", "1 run", happened);
}

#[test]
fn a_task_that_panics_does_not_end_the_dashboard_of_its_program() {
    let mut command = program_in(&folder("own-panics"));
    command.env(PANICS, "1");
    let mut terminal = Terminal::new(command, Link::Free);
    terminal.wait_for("out of paper");
    // The dashboard is there again.
    terminal.until("whole picture", || {
        let contents = terminal.contents();
        contents.lines().next().is_some_and(|line| line.contains("pollscope")) && !contents.contains("RUST_BACKTRACE")
    });
    terminal.clock_goes_on();
    terminal.press("q");
    let (status, after) = terminal.restored();
    assert_eq!(status.exit_code(), 0, "{after}");
    // Its message was printed where it stays.
    assert!(terminal.contents().contains("out of paper"), "{}", terminal.contents());
    let happened =
        "the dashboard goes on, their messages are on the screen that was there before; a second one is refused";
    tried(Area::Terminal, "20 tasks panic under a program's own dashboard", "1 run", happened);
}
