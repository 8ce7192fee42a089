//! Recordings that are made to exhaust memory through what the pipeline and the lessons keep: their folds stay within the
//! history's bound, as core's do (`crates/core/tests/memory.rs`).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Cursor;

use peak_alloc::PeakAlloc;
use pollscope_core::{
    model::{
        history::History,
        picture::{TimelineView, View},
    },
    trace::{
        clock::{MILLI, SECOND},
        event::{Event, Stamped},
        log::{Batch, Log, Store},
        recording::{FileLog, Recording, Stream, Writer},
    },
};
use pollscope_lab::{
    lessons::{Curve, LessonEvent},
    pipeline::{NearDuplicate, PipelineEvent, RepoResult, ResultState, RowChange, RowEvent},
    settings::Settings,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// As `--history` is where nobody says otherwise.
const HISTORY: usize = 256 << 20;

/// What a hostile recording is full of: the events of its batch with that number.
type Hostile = (&'static str, u32, fn(u32) -> Vec<Event>);

const HOSTILE: &[Hostile] = &[
    ("repositories without end", 300, |number| {
        let queued = |each| row(number * 1000 + each, RowChange::Queued { name: "owner/name".into() });
        (0..1000).map(queued).collect()
    }),
    ("results of a hundred thousand pairs", 200, |number| {
        let change = RowChange::Done(result(vec![NearDuplicate { a: 1, b: 2, similarity: 0.5 }; 100_000]).into());
        vec![row(number, RowChange::Queued { name: "owner/name".into() }), row(number, change)]
    }),
    ("a lesson that prints megabytes", 300, |number| {
        let began = LessonEvent::Began { name: "await".into(), run: 1 };
        let printed = LessonEvent::Printed { line: "x".repeat(1 << 20).into() };
        (number == 0).then_some(began).into_iter().chain([printed]).map(Event::from).collect()
    }),
    ("curves of a hundred thousand points", 200, |number| {
        let curve = Curve { name: "n".into(), over: "o".into(), points: vec![(1.0, 2.0); 100_000] };
        let began = LessonEvent::Began { name: "n".into(), run: 1 };
        vec![if number == 0 { began.into() } else { LessonEvent::Curve(curve).into() }]
    }),
    ("settings of a megabyte", 300, |_| {
        let settings = Settings { api_url: Some("x".repeat(1 << 20)), ..Settings::default() };
        vec![Event::SetupChanged(settings.setup())]
    }),
];

fn row(row: u32, change: RowChange) -> Event {
    PipelineEvent::Row(RowEvent { row, change }).into()
}

fn result(near_duplicates: Vec<NearDuplicate>) -> RepoResult {
    RepoResult {
        repo: "owner/name".into(),
        renamed_from: None,
        issues: 1,
        pulls: 1,
        state: ResultState::Ok,
        reason: None,
        cut: false,
        near_duplicates,
        labels: Vec::new(),
        words: Vec::new(),
        open_days_median: None,
        close_days_median: None,
    }
}

/// The recording in a few bytes; its batches are 10 ms apart.
fn recorded((_, batches, events): &Hostile) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for number in 0..*batches {
        let at = u64::from(number + 1) * 10 * MILLI;
        let mut batch = Batch::default();
        for event in events(number) {
            batch.push(Stamped { at, event });
        }
        batch.close(at);
        writer.batch(&batch).unwrap();
    }
    writer.finish().unwrap()
}

/// Looks at the end, the beginning, and at what is between.
fn look_around<S: Store>(history: &mut History<S>) {
    let end = history.now();
    for at in [None, Some(end / 2), Some(0)] {
        let timeline = TimelineView { to: at, length: SECOND, cells: 100, thread: Some(1) };
        history.picture(&View { at, timeline: Some(timeline), ..View::default() });
    }
}

/// The most memory that it took, in bytes, besides what was there before.
fn peak(act: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    act();
    MEMORY.peak_usage() - before
}

#[test]
fn no_recording_of_a_scenario_takes_more_memory_than_it_may() {
    for hostile in HOSTILE {
        let bytes = recorded(hostile);
        let file = peak(|| {
            let recording = Recording::new(Cursor::new(&bytes[..])).unwrap();
            let history = History::within(HISTORY, |limit| FileLog::new(recording, limit)).of_the_past();
            let mut history = history.with_scenarios(pollscope_lab::scenarios());
            for number in 0..history.store().blocks() {
                let block = history.store().block(number).unwrap();
                block.iter().for_each(|batch| history.fold(batch));
            }
            look_around(&mut history);
        });
        let pipe = peak(|| {
            let history = History::within(HISTORY, Log::new).of_the_past();
            let mut history = history.with_scenarios(pollscope_lab::scenarios());
            for block in Stream::new(&bytes[..]).unwrap() {
                block.unwrap().iter_mut().for_each(|batch| drop(history.append(batch)));
            }
            look_around(&mut history);
        });
        println!("{}: {} MB as a file, {} MB as a pipe", hostile.0, file >> 20, pipe >> 20);
        assert!(file.max(pipe) < HISTORY, "{}: {} and {} MB", hostile.0, file >> 20, pipe >> 20);
    }
}
