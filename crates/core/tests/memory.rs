//! Recordings that were made to exhaust memory: opening one and looking around in it takes no more than `--history`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::{
    convert::Infallible,
    io::{self, Cursor},
    sync::{Mutex, MutexGuard, PoisonError},
};

use peak_alloc::PeakAlloc;
use pollscope_core::{
    model::{
        history::History,
        picture::{TimelineView, View},
        scenario::Scenarios,
    },
    report,
    trace::{
        clock::{MILLI, SECOND},
        event::{
            Event, JobKind, JobQueued, Payload, ScenarioEvent, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind,
        },
        log::{Batch, Item, Log, Store},
        record::{Doing, Fact, Outcome, Record},
        recording::{FileLog, Recording, Stream, Writer},
    },
};
use tried::{Area, tried};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// As `--history` is where nobody says otherwise.
const HISTORY: usize = 256 << 20;

/// A small log, which soon forgets what was first.
const LOG: usize = 32 << 20;

fn scenario(payload: &impl serde::Serialize) -> Event {
    Event::Scenario(Box::new(ScenarioEvent::new("test/said", payload)))
}

/// What a hostile recording is full of: the events and records of its batch with that number.
type Hostile = (&'static str, u32, fn(u32) -> Batch);

const HOSTILE: &[Hostile] = &[
    ("names of a megabyte, of tasks that never end", 300, |number| events([task(number, &"x".repeat(1 << 20))])),
    ("tasks whose numbers are far apart", 200, |number| {
        events((0..1000).map(|each| task((number * 1000 + each).wrapping_mul(21_473), "t")))
    }),
    ("tasks that never end", 300, |number| events((0..1000).map(|each| task(number * 1000 + each, "a usual name")))),
    ("threads that never end, each at work", 300, |number| {
        let mut batch = events((0..100).map(|each| thread(number * 100 + each, 1)));
        for each in number * 100..number * 100 + 100 {
            let age = u64::from(number + 1) * 5 * MILLI;
            batch.extend(each, &[Record::new(instant(number), Fact::Open { what: 7, age, doing: Doing::Poll })]);
        }
        batch
    }),
    ("jobs that never end", 200, |number| {
        events((0..1000).map(|each| {
            let (job, name) = (number * 1000 + each, "a job".into());
            Event::Job(JobQueued { job, name, kind: JobKind::Rayon, by: None })
        }))
    }),
    ("events of a scenario that nobody knows, without end", 300, |number| {
        events((0..1000).map(|each| scenario(&(number * 1000 + each, "owner/name"))))
    }),
    ("labs without end, each with threads", 300, |number| {
        events((0..100).flat_map(|each| {
            let generation = number * 100 + each;
            [Event::LabBuilt { generation: 0, setup: Payload::default() }, thread(each, generation)]
        }))
    }),
    ("payloads of a megabyte", 300, |_| events([scenario(&"x".repeat(1 << 20))])),
    ("setups of a megabyte", 300, |_| events([Event::SetupChanged(Payload::of(&"x".repeat(1 << 20)))])),
    ("spans in each other without end", 300, |number| {
        let open = |each| Fact::Open { what: number * 1000 + each, age: MILLI, doing: Doing::Poll };
        let mut batch = events((number == 0).then(|| thread(1, 1)));
        batch.extend(1, &(0..1000).map(|each| Record::new(instant(number), open(each))).collect::<Vec<_>>());
        batch
    }),
    ("findings of parts without end, each with a name", 300, |number| {
        let jobs = number * 100..number * 100 + 100;
        let queued = jobs.clone().map(|job| {
            let name = format!("{job:>1000}").into();
            Event::Job(JobQueued { job, name, kind: JobKind::Rayon, by: None })
        });
        let mut batch = events((number == 0).then(|| thread(1, 1)).into_iter().chain(queued));
        let took = 20 * MILLI;
        let records = jobs.flat_map(|job| {
            [
                Fact::Worker { index: Some(0) },
                Fact::Part { what: job, age: took / 2, doing: Doing::Job },
                Fact::Job { job, took, panicked: false, nested: true },
                Fact::Poll { task: job, took, outcome: Outcome::Pending, nested: false },
            ]
        });
        batch.extend(1, &records.map(|fact| Record::new(instant(number), fact)).collect::<Vec<_>>());
        batch
    }),
    ("polls of tasks that nobody has told of", 600, |number| {
        let poll = |task| Fact::Poll { task, took: 1, outcome: Outcome::Pending, nested: false };
        let mut batch = events((number == 0).then(|| thread(1, 1)));
        let records = (0..1000).map(|each| Record::new(instant(number), poll(number * 1000 + each)));
        batch.extend(1, &records.collect::<Vec<_>>());
        batch
    }),
    ("blocks as large as they may be, of the smallest events", 24, |_| {
        events(std::iter::repeat_n(Event::ToldAnew, 250_000))
    }),
    ("queues without end", 20, |number| {
        events((0..1000).map(|each| Event::Queue { queue: number * 1000 + each, name: "q".into(), capacity: 1 }))
    }),
];

/// What exports hold nothing of: to read it once more tells nothing.
const NOT_EXPORTED: [&str; 4] = [
    "repositories without end",
    "a lesson that prints megabytes",
    "curves of a hundred thousand points",
    "settings of a megabyte",
];

fn instant(number: u32) -> u64 {
    u64::from(number + 1) * 10 * MILLI
}

fn events(events: impl IntoIterator<Item = Event>) -> Batch {
    let mut batch = Batch::default();
    events.into_iter().for_each(|event| batch.push(Stamped { at: 0, event }));
    batch
}

fn task(task: u32, name: &str) -> Event {
    Event::Task(TaskBegan { task, name: name.into(), kind: TaskKind::Task, parent: None })
}

fn thread(thread: u32, generation: u32) -> Event {
    let (name, kind) = ("worker".into(), ThreadKind::Worker);
    Event::Thread(ThreadBegan { thread, name, kind, os_id: None, generation, parks: true, own: false })
}

/// The recording in a few bytes; its batches are 10 ms apart.
fn recorded((_, batches, batch): &Hostile) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for number in 0..*batches {
        let made = batch(number);
        let mut at = Batch::default();
        made.replay().for_each(|item| match item {
            Item::Event(event) => {
                at.push(Stamped { at: instant(number), event: event.event.clone() });
            }
            Item::Record(thread, record) => at.extend(thread, &[record]),
        });
        at.close(instant(number));
        writer.batch(&at).unwrap();
    }
    writer.finish().unwrap()
}

/// Looks at the end, the beginning, and at what is between.
fn look_around<S: Store>(history: &mut History<S>) {
    let end = history.now();
    for at in [None, Some(end / 2), Some(0)] {
        let timeline = TimelineView { to: at, length: SECOND, cells: 100, thread: Some(1) };
        history.picture(&View { at, timeline: Some(timeline), tasks: (0, 50), ..View::default() });
    }
}

/// The most memory that it took, in bytes, besides what was there before.
fn peak(act: impl FnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    act();
    MEMORY.peak_usage() - before
}

/// One at a time: they count the same memory.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Polls of two workers, as they are drained: so many of each.
fn drained(batch: &mut Batch, upto: u64, polls: usize) {
    let poll = Fact::Poll { task: 7, took: 80, outcome: Outcome::Pending, nested: false };
    for worker in [1, 2] {
        // A ring is taken in parts.
        for part in vec![Record::new(upto, poll); polls].chunks(1000) {
            batch.extend(worker, part);
        }
    }
    batch.close(upto);
}

#[test]
fn an_ordinary_event_takes_16_bytes_and_the_log_what_it_says() {
    let _alone = alone();
    let mut told = Vec::new();
    for (how, most, polls) in [
        ("busy", 18.0, &[3_000, 20_000, 7_000, 9_500][..]),
        ("a burst, then less", 18.0, &[600_000, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500, 2_500]),
        ("a hundred at once", 18.0, &[50]),
        ("one by one", 200.0, &[1]),
    ] {
        let before = MEMORY.current_usage();
        let (mut log, mut batch, mut all) = (Log::new(LOG), Batch::default(), 0);
        for (upto, polls) in (1..).zip(polls.iter().cycle()) {
            drained(&mut batch, upto, *polls);
            all += log.append(&mut batch).map_or(0, |kept| kept.bytes());
            if all > 3 * LOG {
                break;
            }
        }
        let kept: usize = log.batches().map(|batch| batch.len()).sum();
        let taken = MEMORY.current_usage() - before;
        let apart = batch.bytes();
        let each = (taken - apart) as f64 / kept as f64;
        println!("{how}: {each:.2} bytes an event, {} bytes said for {taken}", log.bytes());
        assert!(each <= most, "{how}: {each} bytes an event");
        assert!(taken <= log.bytes() + log.bytes() / 16 + apart, "{how}: {taken} of {}", log.bytes());
        told.push(format!("{each:.1} bytes an event {how}"));
    }
    tried(Area::Load, "a log of ordinary events", "every allocation counted", &told.join(", "));
}

#[test]
fn no_recording_takes_more_memory_than_it_may() {
    let _alone = alone();
    let mut most = 0;
    for hostile in HOSTILE {
        let bytes = recorded(hostile);
        let file = peak(|| {
            let recording = Recording::new(Cursor::new(&bytes[..])).unwrap();
            let mut history = History::within(HISTORY, |limit| FileLog::new(recording, limit)).of_the_past();
            for number in 0..history.store().blocks() {
                let block = history.store().block(number).unwrap();
                block.iter().for_each(|batch| history.fold(batch));
            }
            look_around(&mut history);
        });
        let pipe = peak(|| {
            let mut history = History::within(HISTORY, Log::new).of_the_past();
            for block in Stream::new(&bytes[..]).unwrap() {
                block.unwrap().iter_mut().for_each(|batch| drop(history.append(batch)));
            }
            look_around(&mut history);
        });
        let read = || Stream::new(&bytes[..]).unwrap().flat_map(Result::unwrap).map(Ok::<_, Infallible>);
        let (mut exported, mut drawn) = (0, 0);
        if !NOT_EXPORTED.contains(&hostile.0) {
            exported = peak(|| report::perfetto(read(), io::sink(), HISTORY).unwrap());
            drawn = peak(|| report::svg(read(), Scenarios::default(), io::sink(), HISTORY).unwrap());
        }
        println!(
            "{}: {} KB packed; {} MB as a file, {} MB as a pipe, {} MB and {} MB for exports",
            hostile.0,
            bytes.len() >> 10,
            file >> 20,
            pipe >> 20,
            exported >> 20,
            drawn >> 20,
        );
        most = [most, file, pipe, exported, drawn].into_iter().max().unwrap();
    }
    assert!(most < HISTORY, "{}", most >> 20);
    let how = format!(
        "{} recordings, as files and as pipes, looked at in three places, and {} of them exported for Perfetto and as SVG",
        HOSTILE.len(),
        HOSTILE.len() - NOT_EXPORTED.len()
    );
    let happened = format!("{} MB of memory at most, where the history may have 256", most >> 20);
    tried(Area::Load, "recordings that are made to exhaust memory", &how, &happened);
}
