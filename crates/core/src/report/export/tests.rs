//! The exports read back: what a viewer would make of the timeline.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::{perfetto, sample};
use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    event::{Event, TaskKind, ThreadKind},
    log::{Batch, Item},
    record::{Doing, Fact, Outcome, Record},
};

type Track = (u64, u64);

/// An event of the file.
#[derive(Clone, Debug)]
struct Read {
    phase: String,
    track: Track,
    at: Nanos,
    took: Nanos,
    name: String,
    all: Value,
}

/// The file's events. Times are read as text: a fraction would forgive what an integer does not.
fn read(batches: Vec<Batch>) -> Vec<Read> {
    let mut out = Vec::new();
    perfetto(sample::read(batches), &mut out, sample::MEMORY).unwrap();
    let file: Value = serde_json::from_slice(&out).unwrap();
    let events = file["traceEvents"].as_array().unwrap();
    let nanos = |value: &Value| (value.as_f64().unwrap_or(0.0) * 1e3).round() as Nanos;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |it: &Value| Read {
        phase: text(&it["ph"]),
        track: (it["pid"].as_u64().unwrap_or(0), it["tid"].as_u64().unwrap_or(0)),
        at: nanos(&it["ts"]),
        took: nanos(&it["dur"]),
        name: text(&it["name"]),
        all: it.clone(),
    };
    events.iter().map(read).collect()
}

fn count(events: &[Read], is: impl Fn(&Read) -> bool) -> usize {
    events.iter().filter(|it| is(it)).count()
}

fn slices<'a>(events: &'a [Read], name: &'a str) -> impl Iterator<Item = &'a Read> {
    events.iter().filter(move |it| it.phase == "X" && it.name == name)
}

/// Goes through each track as Perfetto's importer does: by time, else in the order of the file. Gives the
/// number of outermost spans of threads.
fn assert_nested(events: &[Read]) -> usize {
    let mut outermost = 0;
    let mut tracks: BTreeMap<Track, Vec<&Read>> = BTreeMap::new();
    for it in events.iter().filter(|it| ["X", "s", "f"].contains(&it.phase.as_str())) {
        tracks.entry(it.track).or_default().push(it);
    }
    for (track, mut events) in tracks {
        events.sort_by_key(|it| it.at);
        let mut open: Vec<&Read> = Vec::new();
        for it in events {
            if it.phase != "X" {
                let top = open.last().unwrap();
                assert_eq!(top.at, it.at, "an end of an arrow is at no beginning on {track:?}: {it:?}");
                assert_eq!(top.name == "wake", it.phase == "s", "{it:?} is bound to {top:?}");
                continue;
            }
            while open.pop_if(|top| top.at + top.took <= it.at).is_some() {}
            if let Some(top) = open.last() {
                assert!(it.at + it.took <= top.at + top.took, "on {track:?} {it:?} sticks out of {top:?}");
            } else {
                outermost += usize::from(track.0 == 1 && it.name != "wake");
            }
            open.push(it);
        }
    }
    outermost
}

/// Spans of a trace that are within no other.
fn outermost(batches: &[Batch]) -> usize {
    let is_outermost = |item: &Item<'_>| {
        let Item::Record(_, record) = item else { return false };
        let fact = record.fact().unwrap();
        matches!(
            fact,
            Fact::Poll { nested: false, .. } | Fact::Job { nested: false, .. } | Fact::Waited { nested: false, .. }
        )
    };
    batches.iter().flat_map(Batch::replay).filter(is_outermost).count()
}

/// Polls and jobs of a trace, and wakes that led to a poll, counted one by one.
fn counted(batches: &[Batch]) -> (usize, usize) {
    let mut wakes: FxHashMap<u32, Vec<Nanos>> = FxHashMap::default();
    let mut handed: FxHashMap<u32, bool> = FxHashMap::default();
    let mut began: FxHashMap<u32, Nanos> = FxHashMap::default();
    let mut ended: FxHashMap<u32, Nanos> = FxHashMap::default();
    let (mut spans, mut answered) = (0, 0);
    for item in batches.iter().flat_map(Batch::replay) {
        let Item::Record(_, record) = item else { continue };
        match record.fact().unwrap() {
            Fact::Job { .. } => spans += 1,
            // The poll that it led to is known already: a coarse clock gives both one instant.
            Fact::Wake { task, .. } if began.get(&task).is_some_and(|began| record.at() <= *began) => {}
            Fact::Wake { task, .. } => wakes.entry(task).or_default().push(record.at()),
            Fact::Poll { task, took, outcome, .. } => {
                spans += 1;
                let start = (record.at() - took).max(ended.insert(task, record.at()).unwrap_or(0));
                let goes_on = handed.insert(task, outcome == Outcome::HandedOver) == Some(true);
                let waiting = wakes.entry(task).or_default();
                if !goes_on {
                    answered += usize::from(waiting.iter().any(|at| *at <= start));
                    waiting.retain(|at| *at > start);
                    began.insert(task, start);
                }
            }
            _ => {}
        }
    }
    (spans, answered)
}

#[test]
fn random_traces_nest_and_nothing_is_missing() {
    for seed in 0..50 {
        let batches = sample::random(seed);
        let ((spans, answered), outermost) = (counted(&batches), outermost(&batches));
        let events = read(batches);
        assert_eq!(assert_nested(&events), outermost, "seed {seed}");
        let is_span =
            |it: &Read| it.phase == "X" && it.track.0 == 1 && !it.name.starts_with("waits") && it.name != "wake";
        assert_eq!(count(&events, is_span), spans, "seed {seed}");
        let ends = ["s", "f"].map(|phase| count(&events, |it| it.phase == phase));
        assert_eq!(ends, [answered; 2], "seed {seed}");
        assert!(answered > 20, "seed {seed} has arrows");
    }
}

#[test]
fn every_track_has_one_name() {
    let events = read(sample::random(7));
    let mut names: BTreeMap<Track, usize> = BTreeMap::new();
    for it in events.iter().filter(|it| it.name == "thread_name") {
        *names.entry(it.track).or_default() += 1;
    }
    for it in events.iter().filter(|it| it.phase == "X") {
        assert_eq!(names.get(&it.track), Some(&1), "{it:?}");
    }
}

/// A worker, a task with a sub-future, a job, a queue and a poll that is in flight at the end.
fn scripted() -> Vec<Batch> {
    let queue = Event::Queue { queue: 3, name: "results".into(), capacity: 4 };
    let events = [
        (0, sample::lab(1)),
        (0, sample::thread(0, ThreadKind::Worker, "lab-worker")),
        (0, sample::thread(1, ThreadKind::Blocking, "lab-worker")),
        (0, sample::task(10, "a \"<name>\"\u{1}", TaskKind::Task, None)),
        (0, sample::task(11, "sub", TaskKind::Sub, Some(10))),
        (0, sample::task(12, "endless", TaskKind::Task, None)),
        (0, sample::job(20, "crunch", Some(10))),
        (0, queue),
    ];
    let records = [
        (0, 1, Fact::Worker { index: Some(0) }),
        (1, 3_000_000, sample::wake(10, 0)),
        (0, 4_000_123, sample::poll(11, 1_000, Outcome::Ready, true)),
        (0, 4_000_200, Fact::Spent { cpu_us: 1, waited_us: Some(0) }),
        (0, 4_000_200, sample::poll(10, 2_077, Outcome::Pending, false)),
        (1, 5_000_000, Fact::Waited { queue: 3, took: 400, for_room: true, nested: true }),
        (1, 5_000_500, Fact::Job { job: 20, took: 1_000, panicked: false, nested: false }),
        (1, 5_000_600, Fact::Sent { queue: 3, depth: 2 }),
        (0, 6_000_000, Fact::Pulse { count: 1, late: 1_500_000 }),
        (0, 7_000_000, Fact::Open { what: 12, age: 500_000, doing: Doing::Poll }),
    ];
    let records: Vec<_> = records.into_iter().map(|(thread, at, fact)| (thread, Record::new(at, fact))).collect();
    sample::batches(&events, &records, 10 * MILLI)
}

#[test]
fn a_scripted_trace_says_what_happened() {
    let events = read(scripted());
    assert_nested(&events);
    let name = "a \"<name>\"\u{1}";
    let [poll] = slices(&events, name).collect::<Vec<_>>()[..] else { panic!("one poll") };
    assert_eq!((poll.track, poll.at, poll.took), ((1, 1), 3_998_123, 2_077));
    let args = &poll.all["args"];
    assert_eq!((&args["outcome"], &args["cpu_us"], &args["waited_us"]), (&"pending".into(), &1.into(), &0.into()));
    let [job] = slices(&events, "crunch").collect::<Vec<_>>()[..] else { panic!("one job") };
    assert_eq!((job.track, &job.all["args"]["queued_by"]), ((1, 2), &name.into()));
    assert_eq!(slices(&events, "waits for room in results").count(), 1);
    let [endless] = slices(&events, "endless").collect::<Vec<_>>()[..] else { panic!("one poll in flight") };
    assert_eq!((endless.at, endless.took), (6_500_000, 3_500_000));
    assert_eq!(endless.all["args"]["unfinished"], true);
    let own: Vec<_> = slices(&events, "poll").map(|it| it.track).collect();
    assert_eq!(own, [(2, 1_000_011), (2, 1_000_010), (2, 1_000_012)]);
    // The arrow's beginning.
    let [wake] = slices(&events, "wake").collect::<Vec<_>>()[..] else { panic!("one wake") };
    assert_eq!((wake.track, wake.at), ((1, 2), 3_000_000));
}

#[test]
fn counters_and_names_are_told() {
    let events = read(scripted());
    let counter = |name: &str| {
        let of = events.iter().filter(|it| it.phase == "C" && it.name == name);
        of.map(|it| it.all["args"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(counter("depth of results"), [r#"{"items":2}"#]);
    assert_eq!(counter("pulse is late by"), [r#"{"ms":1.5}"#]);
    assert_eq!(counter("ready").len(), 1);
    let named = |track| {
        let of = events.iter().find(|it| it.name == "thread_name" && it.track == track);
        of.map(|it| it.all["args"]["name"].as_str().unwrap().to_owned())
    };
    assert_eq!(named((1, 1)).unwrap(), "worker 0");
    assert_eq!(named((1, 2)).unwrap(), "blocking 0");
    assert_eq!(named((2, 1_000_011)).unwrap(), "sub");
}

#[test]
fn a_finding_is_told_once_when_it_fired() {
    let events = [
        (0, sample::lab(1)),
        (0, sample::thread(0, ThreadKind::Worker, "tokio")),
        (0, sample::task(1, "sleeper", TaskKind::Task, None)),
    ];
    let mut records = vec![(0, Record::new(1, Fact::Worker { index: Some(0) }))];
    for at in [SECOND, 2 * SECOND] {
        records.push((0, Record::new(at, Fact::Spent { cpu_us: 10, waited_us: Some(0) })));
        records.push((0, Record::new(at, sample::poll(1, 400 * MILLI, Outcome::Pending, false))));
    }
    let events = read(sample::batches(&events, &records, 20 * MILLI));
    let found: Vec<_> = events.iter().filter(|it| it.phase == "i" && it.name == "blocked-worker").collect();
    assert_eq!(found.iter().map(|it| it.at).collect::<Vec<_>>(), [600 * MILLI]);
    assert!(found[0].all["args"]["text"].as_str().unwrap().contains("sleeper"));
}

#[test]
fn an_error_ends_the_export() {
    let broken = || std::io::Error::other("cut off");
    let error = perfetto([Err(broken())], Vec::new(), sample::MEMORY).unwrap_err();
    assert_eq!(error.to_string(), "the trace could not be read: cut off");
}

#[test]
fn a_poll_that_is_handed_over_is_drawn_in_parts_around_the_job() {
    let mut events = vec![(0, sample::lab(1)), (0, sample::job(20, "sleep", Some(11)))];
    events.extend([0, 1].map(|it| (0, sample::thread(it, ThreadKind::Worker, "tokio"))));
    events.push((0, sample::task(10, "outer", TaskKind::Task, None)));
    events.push((0, sample::task(11, "inner", TaskKind::Sub, Some(10))));
    let records = [
        (0, 1, Fact::Worker { index: Some(0) }),
        (0, 2_000, Fact::Poll { task: 10, took: 1_000, outcome: Outcome::HandedOver, nested: false }),
        (0, 2_000, Fact::Worker { index: None }),
        (1, 2_100, Fact::Worker { index: Some(0) }),
        (0, 9_000, Fact::Job { job: 20, took: 6_900, panicked: false, nested: false }),
        // It began at 1.5 µs and was polled for 500 ns before the job and 900 ns after it.
        (0, 10_000, sample::poll(11, 1_400, Outcome::Ready, true)),
        (0, 10_100, sample::poll(10, 1_000, Outcome::Pending, false)),
    ];
    let records: Vec<_> = records.into_iter().map(|(thread, at, fact)| (thread, Record::new(at, fact))).collect();
    let events = read(sample::batches(&events, &records, MILLI));
    assert_nested(&events);
    let places = |name| slices(&events, name).map(|it| (it.at, it.at + it.took)).collect::<Vec<_>>();
    assert_eq!(places("outer"), [(1_000, 2_000), (9_007, 10_100)]);
    assert_eq!((places("sleep"), places("inner")), (vec![(2_100, 9_000)], vec![(9_008, 10_000)]));
    let names = events.iter().filter(|it| it.name == "thread_name" && it.track.0 == 1);
    let names: Vec<_> = names.map(|it| it.all["args"]["name"].clone()).collect();
    assert_eq!(names, ["worker 0", "worker 0 #2"]);
}
