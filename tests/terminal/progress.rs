//! What takes longer than a second says how far it is, and a key stops it: what was read until then is what there is.

use std::fs::{self, File};

use pollscope::trace::{
    clock::SECOND,
    event::{Event, Stamped, TaskBegan, TaskKind},
    log::Batch,
    recording::Writer,
    settings::Settings,
};

use super::{
    pty::{Terminal, start},
    tried::{Area, tried},
};

/// Tasks that never end: whatever is asked of each at every tick of the trace is asked as often.
const TASKS: u32 = 2_000;
/// Ten seconds of ticks each: to fold all of them takes minutes, so that it is under way whenever somebody looks.
const BLOCKS: u64 = 20_000;

/// A small recording that takes long to open.
fn slow_recording(name: &str) -> String {
    let file = super::folder(name).join("slow.pollscope");
    let mut writer = Writer::new(File::create(&file).unwrap()).unwrap();
    let mut batch = Batch::default();
    let settings = Box::new(Settings::default());
    batch.push(Stamped { at: 1, event: Event::LabBuilt { generation: 1, settings } });
    for task in 1..=TASKS {
        let began = TaskBegan { task, name: "waits".into(), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: 2, event: Event::Task(began) });
    }
    for block in 1..=BLOCKS {
        batch.push(Stamped { at: block * 10 * SECOND, event: Event::RoundDone });
        batch.close(block * 10 * SECOND);
        writer.batch(&batch).unwrap();
        writer.flush_block().unwrap();
        batch.clear();
    }
    writer.finish().unwrap();
    file.to_str().unwrap().to_owned()
}

/// A command says that it can be stopped, is stopped, and ends with that word and exit code 1.
#[track_caller]
fn stop(mut terminal: Terminal, what: &str, key: &str) {
    terminal.wait_for("esc stops");
    assert!(terminal.contents().contains(what), "{}", terminal.contents());
    terminal.press(key);
    let (status, _) = terminal.restored();
    assert_eq!(status.exit_code(), 1);
    assert!(terminal.contents().contains("stopped by key, at"), "{}", terminal.contents());
    assert!(!terminal.contents().contains("esc stops"), "{}", terminal.contents());
}

#[test]
fn an_export_that_takes_long_is_stopped_by_key() {
    let recording = slow_recording("progress-export");
    let out = recording.replace("slow.pollscope", "out.json");
    for key in ["\x1b", "q", "\x03"] {
        stop(start(&["export", &recording, "--to", "json", "-o", &out]), "exporting to", key);
        let exported: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
        assert_eq!(exported["tasks"]["spawned"], TASKS);
        fs::remove_file(&out).unwrap();
    }
    let happened = "how far it is; then exit code 1, and the export has what was read until then";
    tried(Area::Terminal, "esc, q and ctrl-c while an export takes long", "3 runs", happened);
}

#[test]
fn a_report_of_a_recording_that_takes_long_is_stopped_by_key() {
    let recording = slow_recording("progress-report");
    let terminal = start(&["report", "--from", &recording]);
    stop(terminal, "opening", "\x1b");
    let happened = "how far it is; then exit code 1, and a report of what was read until then";
    tried(Area::Terminal, "esc while a report opens a recording that takes long", "1 run", happened);
}

#[test]
fn a_comparison_is_stopped_by_key() {
    stop(start(&["compare", "--wait", "async,blocking", "--pause", "60s"]), "comparing 2 runs", "\x1b");
    let happened = "how far it is; then exit code 1";
    tried(Area::Terminal, "esc while a comparison takes long", "1 run, within the first round", happened);
}

#[test]
fn the_opening_of_a_recording_that_takes_long_is_stopped_by_key() {
    let recording = slow_recording("progress-replay");
    let mut terminal = start(&["replay", &recording]);
    terminal.wait_for("opening");
    terminal.wait_for("esc stops");
    terminal.press("\x1b");
    terminal.wait_for("the recording is open up to here: stopped by key, at");
    // The next step back of the same key is an ordinary one; what was read can be looked at.
    terminal.press("2");
    terminal.wait_for("timeline");
    terminal.press("q");
    assert_eq!(terminal.restored().0.exit_code(), 0);
    let happened = "how far it is; then what was read until then is shown, and hears its keys";
    tried(Area::Terminal, "esc while a replay opens a recording that takes long", "1 run", happened);
}
