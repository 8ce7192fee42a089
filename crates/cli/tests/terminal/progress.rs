//! What takes longer than a second says how far it is, and a key stops it: what was read until then is what there is.

use std::fs::File;

use pollscope_core::trace::{
    clock::SECOND,
    event::{Event, Stamped, TaskBegan, TaskKind},
    log::Batch,
    record::{Fact, Record},
    recording::Writer,
};
use pollscope_lab::{pipeline::PipelineEvent, settings::Settings};

use super::{
    pty::start,
    tried::{Area, tried},
};

/// Tasks that never end, and that nobody keeps a waker of: at every tick of the trace each is looked at.
const TASKS: u32 = 2_000;
/// From one block to the next: a key is heard between two, so what one takes is what somebody waits at most.
const BLOCK: u64 = SECOND;
/// To fold all of them takes minutes, so that it is under way whenever somebody looks.
const BLOCKS: u64 = 30_000;

/// A small recording that takes long to open.
fn slow_recording(name: &str) -> String {
    let file = super::folder(name).join("slow.pollscope");
    let mut writer = Writer::new(File::create(&file).unwrap()).unwrap();
    let mut batch = Batch::default();
    batch.push(Stamped { at: 1, event: Event::LabBuilt { generation: 1, setup: Settings::default().setup() } });
    for task in 1..=TASKS {
        let began = TaskBegan { task, name: "waits".into(), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: 2, event: Event::Task(began) });
        batch.extend(1, &[Record::new(3, Fact::Wakers { task, alive: 0 })]);
    }
    for block in 1..=BLOCKS {
        batch.push(Stamped { at: block * BLOCK, event: PipelineEvent::RoundDone.into() });
        batch.close(block * BLOCK);
        writer.batch(&batch).unwrap();
        writer.flush_block().unwrap();
        batch.clear();
    }
    writer.finish().unwrap();
    file.to_str().unwrap().to_owned()
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

/// A command without a screen is stopped by that key, and says where.
#[track_caller]
fn is_stopped(args: &[&str], key: &str, said: &str) {
    let mut terminal = start(args);
    terminal.wait_for("esc stops");
    terminal.press(key);
    terminal.wait_for(said);
    assert_eq!(terminal.restored().0.exit_code(), 1);
}

#[test]
fn the_report_of_a_recording_that_takes_long_is_stopped_by_key() {
    let recording = slow_recording("progress-report");
    let said = "the report is of what could be read: stopped by key, at";
    is_stopped(&["report", "--from", &recording], "\x1b", said);
    let happened = "how far it is; then the report of what was read until then, and exit code 1";
    tried(Area::Terminal, "esc while report --from reads a recording that takes long", "1 run", happened);
}

#[test]
fn a_comparison_that_takes_long_is_stopped_by_key() {
    // A run goes on for as long as its slowest answer takes.
    is_stopped(&["compare", "--latency", "20s", "--wait", "async,blocking"], "q", "stopped by key, at 0%");
    let happened = "how far it is; then it says where it was stopped, and exit code 1";
    tried(Area::Terminal, "q while compare makes its runs", "1 run", happened);
}
