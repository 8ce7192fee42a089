//! A recording that a key begins and ends, one whose file stands, and exports by key.

use std::{
    fs::{self, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use portable_pty::CommandBuilder;
use serde_json::Value;

use super::{
    folder,
    pipe::replayed_from_stdin,
    pollscope,
    pty::{self, Link, Terminal, USUAL, start},
    standing_pipe,
    tried::{Area, tried},
};

/// Rounds follow each other soon.
const QUICK: [&str; 4] = ["--pause", "20ms", "--latency", "5ms"];

/// The program in a folder of its own, where what its keys write lies.
fn command_in(folder: &Path, args: &[&str]) -> CommandBuilder {
    let mut command = pty::command(&[&[env!("CARGO_BIN_EXE_pollscope")], args].concat(), USUAL, &[]);
    command.cwd(folder);
    command
}

/// The only file of a folder whose name ends so.
#[track_caller]
fn only(folder: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    assert_eq!(found.len(), 1, "{ending}: {found:?}");
    found.remove(0)
}

/// The report of a recording.
#[track_caller]
fn report(file: &Path) -> Value {
    let output = pollscope(&["report", "--format", "json", "--from", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_recording_that_a_key_begins_has_what_came_before() {
    let folder = folder("from-live");
    let mut terminal = Terminal::new(command_in(&folder, &QUICK), Link::Free);
    terminal.wait_for("round 2");
    terminal.press("R");
    terminal.wait_for("with what came before");
    terminal.press("R");
    terminal.wait_for("recorded");
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let file = only(&folder, ".pollscope");
    // A round was over before the key, of twelve repositories.
    let report = report(&file);
    let spawned = report["tasks"]["spawned"].as_u64().unwrap();
    assert!(spawned >= 12, "{spawned} tasks");
    let mut terminal = start(&["replay", file.to_str().unwrap()]);
    terminal.wait_for("REPLAY");
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    // All of it is read.
    terminal.wait_for("round 2");
    // By steps of half a second to its beginning, which is that of the run, and two of them on.
    terminal.press(&"h".repeat(400));
    terminal.press("ll");
    terminal.wait_for("round 1 ");
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let happened = "the file begins with the run, and is replayed from there";
    tried(Area::Terminal, "R in the second round of a run, and R again", "1 run", happened);
}

#[test]
fn a_recording_into_a_pipe_that_stands_does_not_hold_up_the_dashboard() {
    let (pipe, mut held) = standing_pipe("pipe-ends");
    // Full before anything comes.
    let mut fill = OpenOptions::new().write(true).custom_flags(nix::libc::O_NONBLOCK).open(&pipe).unwrap();
    while fill.write(&[0; 4096]).is_ok() {}
    let mut terminal = start(&["--record", pipe.to_str().unwrap()]);
    terminal.wait_for("REC");
    terminal.press("R");
    terminal.until("end of the recording", || !terminal.contents().contains("REC"));
    // The file has not taken it all, and everything goes on.
    terminal.clock_goes_on();
    terminal.press("b");
    terminal.wait_for("BLOCKING");
    // Now somebody reads.
    let reader = std::thread::spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while held.read(&mut bytes).is_ok_and(|count| count > 0 && !bytes[..count].ends_with(b"enough")) {}
    });
    terminal.wait_for("recorded");
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    fs::write(&pipe, "enough").unwrap();
    reader.join().unwrap();
    let happened = "pictures and keys go on; the end is told when somebody has read it";
    tried(Area::Terminal, "R ends a recording into a pipe that stands", "1 run", happened);
}

/// Exports in the format of a line of the list, and waits until it says so.
#[track_caller]
fn export(terminal: &mut Terminal, line: usize) {
    terminal.press("e");
    terminal.wait_for("Export");
    terminal.press(&"j".repeat(line));
    terminal.press("\r");
    terminal.wait_for("exported to");
    terminal.until("list that is closed", || !terminal.contents().contains("for ui.perfetto.dev"));
}

#[test]
fn a_key_exports_what_a_live_run_holds() {
    let folder = folder("live-exports");
    let mut terminal = Terminal::new(command_in(&folder, &QUICK), Link::Free);
    terminal.wait_for("round 2");
    for line in 0..4 {
        export(&mut terminal, line);
        // What it said makes room for what it says next.
        terminal.until("line that is gone", || !terminal.contents().contains("exported to"));
    }
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let json = |ending| serde_json::from_slice::<Value>(&fs::read(only(&folder, ending)).unwrap()).unwrap();
    assert!(json(".perfetto.json")["traceEvents"].as_array().unwrap().len() > 100);
    assert!(json(".report.json")["polls"]["count"].as_u64().unwrap() > 10);
    assert!(fs::read_to_string(only(&folder, ".svg")).unwrap().ends_with("</svg>\n"));
    for table in ["polls.csv", "tasks.csv", "threads.csv"] {
        assert!(fs::read_to_string(only(&folder, ".csv").join(table)).unwrap().lines().count() > 2, "{table}");
    }
    let happened = "each is written, and has what happened until then";
    tried(Area::Terminal, "the four exports of a live run, by key", "1 run", happened);
}

#[test]
fn a_key_exports_what_came_through_a_pipe() {
    let recording = super::recording("piped-export");
    let folder = folder("piped-exports");
    let mut command = replayed_from_stdin(&recording);
    command.cwd(&folder);
    let mut terminal = Terminal::new(command, Link::Free);
    terminal.wait_for("REPLAY");
    terminal.press("\x1b[F");
    terminal.wait_for("at its end");
    export(&mut terminal, 3);
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let exported: Value = serde_json::from_slice(&fs::read(only(&folder, ".report.json")).unwrap()).unwrap();
    assert_eq!(exported, report(Path::new(&recording)));
    tried(
        Area::Terminal,
        "an export of a replay of the standard input",
        "1 run",
        "the report of the file it came from",
    );
}
