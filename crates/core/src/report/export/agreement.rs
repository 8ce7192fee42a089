//! Whoever counts polls counts the same: the live picture's figures, the watch, the report, CSV and Perfetto, on random
//! scripts.
//!
//! What they are held against each other for is each poll's class and the time in each class. The scripts have what once
//! made them disagree: threads whose times nobody read, samples instead, spans whose end was lost, workers that are handed
//! over, parts, and records that come late.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{csv, perfetto, sample};
use crate::{
    model::{
        history::History,
        long_polls::LongPoll,
        picture::{PollClass, SLOW_POLL},
        summary::Summary,
    },
    report,
    trace::{
        clock::{MICRO, MILLI, Nanos},
        event::{Event, OsSample, OsState, Stamped, TaskKind, ThreadBegan, ThreadKind},
        log::{Batch, Log},
        record::{ActivityId, Doing, Fact, Outcome, Record, ThreadId},
    },
};

const SCRIPTS: u64 = 60;
const TASKS: ActivityId = 12;
/// From here on ids are those of futures inside tasks.
const FIRST_PART: ActivityId = 100;
/// A thread that the trace never introduces.
const STRANGER: ThreadId = 9;

/// How one poll was spent: blocked, on the CPU, waiting for a core, unknown.
type Times = [Nanos; 4];

/// A poll of a millisecond or more: its thread's label is left out, which says what a thread is now in one place and what
/// it was in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Poll {
    start: Nanos,
    took: Nanos,
    task: String,
    times: Times,
    class: String,
}

/// One thread at work.
struct Worker<'r> {
    random: &'r mut fastrand::Rng,
    thread: ThreadId,
    now: Nanos,
    cpu: Nanos,
    records: Vec<(ThreadId, Record)>,
    events: Vec<(Nanos, Event)>,
}

impl Worker<'_> {
    fn tell(&mut self, fact: Fact) {
        self.records.push((self.thread, Record::new(self.now, fact)));
    }

    fn length(&mut self) -> Nanos {
        match self.random.u32(0..10) {
            0..4 => self.random.u64(100..MILLI),
            4 => MILLI,
            5..7 => self.random.u64(MILLI..SLOW_POLL),
            7 => SLOW_POLL,
            _ => self.random.u64(SLOW_POLL..400 * MILLI),
        }
    }

    /// Goes on for so long, seen by the collector and the sampler or by neither.
    fn pass(&mut self, what: ActivityId, doing: Doing, took: Nanos) {
        let (start, end) = (self.now, self.now + took);
        let is_seen = took >= 2 * MILLI && self.random.bool();
        if is_seen {
            self.now = start + MILLI;
            self.tell(Fact::Open { what, age: MILLI, doing });
            while self.random.u32(0..8) > 0 && self.now + SLOW_POLL < end {
                self.now += SLOW_POLL;
                self.cpu += self.random.u64(0..=SLOW_POLL);
                let states = [OsState::Runnable, OsState::Asleep, OsState::Stopped];
                let state = states[self.random.usize(0..states.len())];
                let sample = OsSample { thread: self.thread, cpu: self.cpu, state, base: None };
                self.events.push((self.now, Event::Os(sample)));
            }
        }
        self.now = end;
    }

    /// What it reads of itself, which is often nothing, and may be more than can be.
    fn read(&mut self, took: Nanos) {
        let us = |random: &mut fastrand::Rng| random.u64(0..took / MICRO * 5 / 4 + 2) as u32;
        let cpu_us = us(self.random);
        match self.random.u32(0..4) {
            0 => {}
            1 => self.tell(Fact::Spent { cpu_us, waited_us: None }),
            _ => {
                let waited_us = Some(us(self.random));
                self.tell(Fact::Spent { cpu_us, waited_us });
            }
        }
    }

    fn poll(&mut self) {
        let (task, took) = (self.random.u32(1..=TASKS), self.length());
        let start = self.now;
        if self.random.u32(0..3) == 0 {
            let part = FIRST_PART + task;
            self.tell(Fact::Part { what: part, age: 0, doing: Doing::Poll });
            self.pass(task, Doing::Poll, took);
            self.tell(Fact::Poll { task: part, took: took / 2, outcome: Outcome::Pending, nested: true });
        } else {
            self.pass(task, Doing::Poll, took);
        }
        if took > MILLI / 2 {
            self.read(took);
        }
        let outcome = match self.random.u32(0..12) {
            0 => Outcome::HandedOver,
            // Its record is lost, and what was read of it is the next one's.
            1 => return,
            _ => Outcome::Pending,
        };
        self.tell(Fact::Poll { task, took: self.now - start, outcome, nested: false });
        if outcome == Outcome::HandedOver {
            self.tell(Fact::Worker { index: None });
            self.job();
            self.tell(Fact::Worker { index: Some(self.thread) });
        }
    }

    fn job(&mut self) {
        let took = self.length();
        self.pass(500 + self.thread, Doing::Job, took);
        self.read(took);
        self.tell(Fact::Job { job: 500 + self.thread, took, panicked: false, nested: false });
    }

    fn go_on(&mut self) {
        for _ in 0..40 {
            match self.random.u32(0..12) {
                0 => self.job(),
                1 => self.tell(Fact::Park),
                2 => {
                    let took = self.length();
                    self.now += took;
                    self.tell(Fact::Waited { queue: 1, took, for_room: true, nested: false });
                }
                3 => {
                    let task = self.random.u32(1..=TASKS);
                    self.tell(Fact::Wake { task, by: 0, by_ref: true });
                }
                _ => self.poll(),
            }
            self.now += self.random.u64(0..3 * MILLI);
        }
        // Something is in flight when the trace ends.
        let task = self.random.u32(1..=TASKS);
        self.pass(task, Doing::Poll, 30 * MILLI);
    }
}

/// A random trace, in batches of random lengths.
fn script(seed: u64) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut events = vec![(0, sample::lab(1)), (0, Event::Queue { queue: 1, name: "q".into(), capacity: 4 })];
    for task in 1..=TASKS {
        events.push((0, sample::task(task, &format!("task {task}"), TaskKind::Task, None)));
        events.push((0, sample::task(FIRST_PART + task, &format!("part {task}"), TaskKind::Sub, Some(task))));
    }
    let mut records = Vec::new();
    for thread in [1, 2, 3, STRANGER] {
        // The third is the program's own, and a worker while it says so.
        let own = thread == 3;
        if thread != STRANGER {
            let name = "tokio".into();
            let kind = ThreadKind::Worker;
            let began = ThreadBegan { thread, name, kind, os_id: None, generation: 1, parks: true, own };
            events.push((0, Event::Thread(began)));
        }
        let now = random.u64(1..5 * MILLI);
        let mut worker = Worker { random: &mut random, thread, now, cpu: 0, records: Vec::new(), events: Vec::new() };
        worker.tell(Fact::Worker { index: Some(thread) });
        worker.go_on();
        records.append(&mut worker.records);
        events.append(&mut worker.events);
    }
    records.sort_by_key(|(_, record)| record.at());
    cut(&mut random, events, &records)
}

/// In batches of random lengths; now and then a thread's records come one batch late.
fn cut(random: &mut fastrand::Rng, mut events: Vec<(Nanos, Event)>, records: &[(ThreadId, Record)]) -> Vec<Batch> {
    events.sort_by_key(|it| it.0);
    let end = records.iter().map(|it| it.1.at()).chain(events.iter().map(|it| it.0)).max().unwrap_or(0) + 50 * MILLI;
    let (mut batches, mut upto) = (Vec::new(), 0);
    let (mut next_event, mut next_record, mut late) = (0, 0, Vec::new());
    while upto <= end {
        upto += random.u64(MILLI..300 * MILLI);
        let mut batch = Batch::default();
        while let Some((at, event)) = events.get(next_event).filter(|it| it.0 <= upto) {
            batch.push(Stamped { at: *at, event: event.clone() });
            next_event += 1;
        }
        let from = next_record;
        next_record += records[from..].partition_point(|it| it.1.at() <= upto);
        let mut of_batch = std::mem::take(&mut late);
        of_batch.extend_from_slice(&records[from..next_record]);
        if random.u32(0..4) == 0 && upto <= end {
            let thread = random.u32(1..=3);
            late = of_batch.extract_if(.., |it| it.0 == thread).collect();
        }
        of_batch.sort_by_key(|it| it.0);
        for (thread, record) in of_batch {
            batch.extend(thread, &[record]);
        }
        batch.close(upto);
        batches.push(batch);
    }
    batches
}

fn folded(batches: &[Batch]) -> History<Log> {
    let mut history = History::within(64 << 20, Log::new);
    for batch in batches {
        history.append(&mut batch.clone());
    }
    history
}

/// The largest share; of equal ones the first in the order of [`Times`].
fn largest(took: Nanos, times: Times) -> String {
    let names = ["blocked", "cpu-bound", "runnable", "unknown"];
    let most = times.iter().max().unwrap();
    let at = times.iter().position(|time| time == most).unwrap();
    if took < SLOW_POLL { "short".to_owned() } else { names[at].to_owned() }
}

fn of_watch(polls: &[LongPoll]) -> Vec<Poll> {
    let poll = |it: &LongPoll| {
        let times = [it.asleep, it.on_cpu, it.no_core, it.unknown];
        Poll { start: it.since, took: it.took, task: it.task.clone(), times, class: largest(it.took, times) }
    };
    let mut polls: Vec<_> = polls.iter().filter(|it| !it.in_flight).map(poll).collect();
    polls.sort();
    polls
}

/// The outermost polls of `polls.csv` that have ended and that the fold knows: those that are split, and of the short ones
/// how long they took.
struct Table {
    split: Vec<Poll>,
    short: Vec<Nanos>,
    handed_over: u64,
}

fn of_csv(batches: &[Batch], name: &str) -> Table {
    let folder = std::env::temp_dir().join(format!("pollscope-agreement-{name}-{}", std::process::id()));
    csv(sample::read(batches.to_vec()), &folder, sample::MEMORY).unwrap();
    let text = fs::read_to_string(folder.join("polls.csv")).unwrap();
    fs::remove_dir_all(folder).unwrap();
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let mut table = Table { split: Vec::new(), short: Vec::new(), handed_over: 0 };
    for row in lines {
        let field = |name: &str| row[header.iter().position(|it| *it == name).unwrap()];
        let number = |name: &str| field(name).parse::<Nanos>().unwrap_or_else(|_| panic!("{name} in {row:?}"));
        let class = field("class");
        assert_eq!(class.is_empty(), field("nested") == "true" || field("thread") == "thread 9", "{row:?}");
        if class.is_empty() || field("outcome") == "unfinished" {
            continue;
        }
        table.handed_over += u64::from(field("outcome") == "handed-over");
        let (start, took) = (number("start_ns"), number("duration_ns"));
        if took < MILLI {
            assert_eq!((class, field("unknown_ns")), ("short", ""), "{row:?}");
            table.short.push(took);
            continue;
        }
        let times = ["blocked_ns", "on_cpu_ns", "runnable_ns", "unknown_ns"].map(number);
        let (task, class) = (field("task").to_owned(), class.to_owned());
        table.split.push(Poll { start, took, task, times, class });
    }
    table.split.sort();
    table
}

/// What a slice says of itself. Where it is drawn depends on its neighbours.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Drawn {
    task: String,
    class: String,
    times: Times,
}

impl Drawn {
    fn of(poll: &Poll) -> Self {
        Self { task: poll.task.clone(), class: poll.class.clone(), times: poll.times }
    }
}

fn of_perfetto(batches: &[Batch]) -> Vec<Drawn> {
    let mut out = Vec::new();
    perfetto(sample::read(batches.to_vec()), &mut out, sample::MEMORY).unwrap();
    let file: Value = serde_json::from_slice(&out).unwrap();
    let mut polls = Vec::new();
    for event in file["traceEvents"].as_array().unwrap() {
        let args = &event["args"];
        let Some(class) = args["class"].as_str().filter(|_| args["unfinished"] != true) else { continue };
        let time = |name: &str| args[name].as_u64().unwrap_or(0);
        let times = ["blocked_ns", "on_cpu_ns", "runnable_ns", "unknown_ns"].map(time);
        let (task, class) = (event["name"].as_str().unwrap().to_owned(), class.to_owned());
        polls.push(Drawn { task, class, times });
    }
    polls.sort();
    polls
}

/// How many polls are of each class, and their time by share.
fn sums(polls: &[Poll]) -> (BTreeMap<&str, u64>, Times) {
    let (mut counts, mut times) = (BTreeMap::new(), Times::default());
    for poll in polls {
        *counts.entry(poll.class.as_str()).or_default() += 1;
        times.iter_mut().zip(poll.times).for_each(|(sum, time)| *sum += time);
    }
    (counts, times)
}

fn of_report(summary: &Summary) -> Value {
    let mut out = Vec::new();
    report::json(summary, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// The report's figures against those of the table.
fn assert_reported(report: &Value, table: &Table, seed: u64) {
    let polls = &report["polls"];
    let number = |name: &str| polls[name].as_f64().unwrap();
    let (counts, times) = sums(&table.split);
    let all = table.split.len() + table.short.len();
    assert_eq!(polls["count"], all as u64 - table.handed_over, "seed {seed}");
    let slow: u64 = counts.iter().filter(|(class, _)| **class != "short").map(|(_, count)| count).sum();
    assert_eq!(polls["over_10ms"], slow, "seed {seed}");
    let names = ["blocked_ms", "hogged_ms", "runnable_ms", "unknown_ms"];
    let short: Nanos = table.short.iter().sum();
    for (name, time) in names.into_iter().zip(times).chain([("short_ms", short)]) {
        let ms = time as f64 / MILLI as f64;
        assert!((number(name) - ms).abs() < 1e-6, "seed {seed}: {name} {} {ms}", number(name));
    }
    let longest = table.split.iter().map(|poll| poll.took).max().unwrap_or(0) as f64 / MILLI as f64;
    assert!((number("longest_ms") - longest).abs() < 1e-6, "seed {seed}");
}

#[test]
fn everybody_counts_the_same_polls() {
    for seed in 0..SCRIPTS {
        let batches = script(seed);
        let table = of_csv(&batches, "all");
        let mut history = folded(&batches);
        assert_reported(&of_report(&history.summary()), &table, seed);
        let meters = history.meters().polls;
        let (counts, times) = sums(&table.split);
        assert_eq!([meters.blocked, meters.hogged, meters.no_core, meters.unknown], times, "seed {seed}");
        assert_eq!(of_watch(&history.long_polls(0, MILLI).polls), table.split, "seed {seed}");
        let drawn = of_perfetto(&batches);
        let mut expected: Vec<_> = table.split.iter().map(Drawn::of).collect();
        expected.sort();
        assert_eq!(drawn, expected, "seed {seed}");
        for class in PollClass::ALL {
            let name = class.name();
            assert!(seed > 0 || counts.contains_key(name), "no poll is {name}: {counts:?}");
        }
    }
}

#[test]
fn a_watch_that_begins_late_has_the_rest_of_the_same_polls() {
    for seed in 0..SCRIPTS {
        let batches = script(seed);
        let all = of_csv(&batches, "late").split;
        let history = folded(&batches);
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..5 {
            let after = random.u64(0..history.now());
            let at_least = [MILLI, SLOW_POLL][random.usize(0..2)];
            let expected: Vec<_> =
                all.iter().filter(|it| it.start + it.took > after && it.took >= at_least).cloned().collect();
            let watched = history.long_polls(after, at_least);
            assert_eq!(of_watch(&watched.polls), expected, "seed {seed}, after {after}");
        }
    }
}
