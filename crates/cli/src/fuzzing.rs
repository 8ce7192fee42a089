//! What holds whatever comes from outside, as functions of bytes: the targets of `cargo fuzz` and of the tests that run
//! everywhere. It knows what is asked of each part, and not how a part does it.

#![expect(clippy::expect_used, reason = "a property that does not hold panics")]

#[cfg(test)]
mod tests;

use pollscope_core::{
    model::{
        history::History,
        picture::{LifeView, TimelineView, View},
    },
    report,
    trace::{
        clock::{Nanos, SECOND},
        log::{Batch, HISTORY, Log},
        recording,
    },
};
use pollscope_lab::{github::client, panels};
use pollscope_tui::{self};

/// A target: its name, which is also its file's and its corpus's, and what it asserts of any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub holds: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "recording", holds: recording },
    Target { name: "link", holds: client::fuzzing::link },
    Target { name: "json", holds: client::fuzzing::json },
    Target { name: "text", holds: text },
    Target { name: "keys", holds: panels::fuzzing::keys },
    Target { name: "attach", holds: crate::attach::fuzzing::attach },
];

/// Asserts what the target of that name does.
pub fn holds(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of the table");
    (target.holds)(bytes);
}

/// A recording of more batches or of a longer time is read, but not looked at: that only takes time.
const BATCHES: usize = 200;
const LENGTH: Nanos = 600 * SECOND;

/// A file, the inside of a block or instructions for a collector, as the first byte says: it is read within bounds, and
/// what is read can be shown, reported and exported.
pub fn recording(bytes: &[u8]) {
    let batches = match bytes {
        [0x1f, ..] => recording::fuzzing::read(bytes),
        [b'{', ..] => recording::fuzzing::read_inside(bytes),
        _ => recording::fuzzing::written(bytes),
    };
    let length = batches.last().zip(batches.first()).map_or(0, |(last, first)| last.upto() - first.upto());
    if batches.len() <= BATCHES && length <= LENGTH {
        shown(&batches);
    }
}

/// Text on the screen and in the reasons of errors.
pub fn text(bytes: &[u8]) {
    pollscope_tui::fuzzing::text(bytes);
    client::fuzzing::plain(bytes);
}

/// Pictures of some instants, the report and the exports of what was recorded.
fn shown(batches: &[Batch]) {
    let mut history = History::within(1 << 20, Log::new).of_the_past().with_scenarios(pollscope_lab::scenarios());
    for batch in batches {
        history.append(&mut batch.clone());
    }
    let (oldest, newest) = (history.oldest(), history.now());
    assert!(oldest <= newest, "{oldest} is after {newest}");
    for at in [None, Some(oldest), Some(oldest + (newest - oldest) / 2)] {
        let timeline = Some(TimelineView { to: at, length: 10 * SECOND, cells: 40, thread: Some(1) });
        let life = Some(LifeView { task: 5, cells: 20 });
        let view = View { at, timeline, life, tasks: (0, 20), past_labs: true, ..View::default() };
        let picture = history.picture(&view);
        assert!(picture.at <= newest);
    }
    let summary = history.summary();
    let (mut text, mut json) = (Vec::new(), Vec::new());
    report::text(&summary, &mut text).expect("a vector takes it");
    pollscope_tui::fuzzing::lines(&String::from_utf8(text).expect("a report is text"));
    report::json(&summary, &mut json).expect("a vector takes it");
    serde_json::from_slice::<serde_json::Value>(&json).expect("a report is JSON");
    exported(batches);
}

fn exported(batches: &[Batch]) {
    let read = || batches.iter().cloned().map(Ok::<_, recording::Error>);
    let (mut trace, mut picture) = (Vec::new(), Vec::new());
    report::perfetto(read(), &mut trace, HISTORY).expect("a vector takes it");
    serde_json::from_slice::<serde_json::Value>(&trace).expect("a trace is JSON");
    report::svg(read(), pollscope_lab::scenarios(), &mut picture, HISTORY).expect("a vector takes it");
    let picture = String::from_utf8(picture).expect("a drawing is text");
    assert!(!picture.chars().any(|letter| letter.is_control() && letter != '\n'));
}
