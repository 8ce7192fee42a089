//! Traces for the tests: by hand, and at random with all that makes slices hard to nest.
//!
//! The random ones are made as `probe/recorder.rs` makes them: a span's record comes at its end, a poll that
//! is handed over ends and goes on later, long spans are rounded, clocks are coarse and disagree a little.

use std::convert::Infallible;

use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    event::{Event, JobKind, JobQueued, Payload, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
    log::Batch,
    record::{ActivityId, Fact, NOBODY, Outcome, Record, ThreadId},
};

/// What exports may take here.
pub(super) const MEMORY: usize = 64 << 20;

/// What a test reads: nothing goes wrong.
pub(super) fn read(batches: Vec<Batch>) -> impl Iterator<Item = Result<Batch, Infallible>> {
    batches.into_iter().map(Ok)
}

/// What happened, in any order, in batches of so many nanoseconds.
pub(super) fn batches(events: &[(Nanos, Event)], records: &[(ThreadId, Record)], length: Nanos) -> Vec<Batch> {
    let end = events.iter().map(|it| it.0).chain(records.iter().map(|it| it.1.at())).max().unwrap_or(0);
    // Stable: a thread's records of one instant stay in order.
    let mut records = records.to_vec();
    records.sort_by_key(|(_, record)| record.at());
    let mut batches = Vec::new();
    for from in (0..=end).step_by(length as usize) {
        let within = |at: Nanos| (from..from + length).contains(&at);
        let mut batch = Batch::default();
        for (at, event) in events.iter().filter(|it| within(it.0)) {
            batch.push(Stamped { at: *at, event: event.clone() });
        }
        let first = records.partition_point(|it| it.1.at() < from);
        let last = records.partition_point(|it| it.1.at() < from + length);
        let mut of_batch = records[first..last].to_vec();
        of_batch.sort_by_key(|(thread, _)| *thread);
        for (thread, record) in of_batch {
            batch.extend(thread, &[record]);
        }
        batch.close(from + length);
        if !batch.is_empty() {
            batches.push(batch);
        }
    }
    batches
}

pub(super) fn lab(generation: u32) -> Event {
    Event::LabBuilt { generation, setup: Payload::default() }
}

pub(super) fn thread(thread: ThreadId, kind: ThreadKind, name: &str) -> Event {
    Event::Thread(ThreadBegan { thread, name: name.into(), kind, os_id: None, generation: 1, parks: true, own: false })
}

pub(super) fn task(task: ActivityId, name: &str, kind: TaskKind, parent: Option<ActivityId>) -> Event {
    Event::Task(TaskBegan { task, name: name.into(), kind, parent })
}

pub(super) fn job(job: ActivityId, name: &str, by: Option<ActivityId>) -> Event {
    Event::Job(JobQueued { job, name: name.into(), kind: JobKind::Blocking, by })
}

pub(super) fn poll(task: ActivityId, took: Nanos, outcome: Outcome, nested: bool) -> Fact {
    Fact::Poll { task, took, outcome, nested }
}

pub(super) fn wake(task: ActivityId, by: ActivityId) -> Fact {
    Fact::Wake { task, by, by_ref: true }
}

/// Tasks and jobs of a thread have numbers of their own: nobody is polled twice at a time.
const OF_A_THREAD: ActivityId = 1_000;
const THREADS: ThreadId = 4;
const DEEPEST: u32 = 5;

/// One thread at work.
struct Worker<'a> {
    random: &'a mut fastrand::Rng,
    thread: ThreadId,
    /// The clock moves in steps of so many nanoseconds.
    step: Nanos,
    now: Nanos,
    records: Vec<(ThreadId, Record)>,
    /// The outermost span, if it is a poll: since when, and of what.
    outer: Option<(Nanos, ActivityId)>,
    handed: Nanos,
    within: Vec<ActivityId>,
}

impl Worker<'_> {
    fn read_clock(&self) -> Nanos {
        self.now / self.step * self.step
    }

    fn pass(&mut self) {
        let random = &mut *self.random;
        self.now += match random.u32(0..100) {
            0..40 => random.u64(0..30),
            40..80 => random.u64(30..2_000),
            80..97 => random.u64(2_000..MILLI),
            97..99 => random.u64(MILLI..200 * MILLI),
            _ => random.u64(200 * MILLI..9 * SECOND),
        };
    }

    /// A poll may tell of a wake besides.
    fn emit(&mut self, fact: Fact) {
        let woken = matches!(fact, Fact::Poll { nested: false, .. }) && self.random.bool();
        self.records.push((self.thread, Record::new(self.read_clock(), fact).with_wake(woken)));
    }

    /// Two readings of the clock are off by a little.
    fn took(&mut self, start: Nanos) -> Nanos {
        (self.read_clock() - start + self.random.u64(0..3)).saturating_sub(1)
    }

    fn id(&mut self, depth: u32, job: bool) -> ActivityId {
        let kind = if job { 500 } else { 0 };
        (self.thread + 1) * OF_A_THREAD + kind + depth * 10 + self.random.u32(0..3)
    }

    fn span(&mut self, depth: u32) {
        match self.random.u32(0..6) {
            0 => self.job(depth),
            1 => self.wait(depth),
            _ => self.poll(depth),
        }
        self.pass();
    }

    fn inside(&mut self, depth: u32) {
        for _ in 0..self.random.u32(0..4) {
            self.pass();
            match self.random.u32(0..8) {
                0 | 1 => self.wake(),
                2 if self.outer.is_some() => self.hand_over(),
                _ if depth < DEEPEST => self.span(depth + 1),
                _ => {}
            }
        }
        self.pass();
    }

    fn poll(&mut self, depth: u32) {
        let task = self.id(depth, false);
        let (start, handed) = (self.read_clock(), self.handed);
        self.within.push(task);
        if depth == 0 {
            self.outer = Some((start, task));
        }
        self.inside(depth);
        self.within.pop();
        let start = if depth == 0 { self.outer.take().map_or(start, |outer| outer.0) } else { start };
        let elsewhere = if depth == 0 { 0 } else { self.handed - handed };
        let took = self.took(start).saturating_sub(elsewhere);
        if depth == 0 && took > MILLI {
            self.emit(Fact::Spent { cpu_us: 1, waited_us: None });
        }
        self.emit(poll(task, took, Outcome::Pending, depth > 0));
    }

    fn job(&mut self, depth: u32) {
        let job = self.id(depth, true);
        let start = self.read_clock();
        let outer = self.outer.take();
        self.within.push(job);
        self.inside(depth);
        self.within.pop();
        self.outer = outer;
        let took = self.took(start);
        self.emit(Fact::Job { job, took, panicked: false, nested: depth > 0 });
    }

    fn wait(&mut self, depth: u32) {
        let start = self.read_clock();
        self.pass();
        let took = self.took(start);
        self.emit(Fact::Waited { queue: 1, took, for_room: self.thread.is_multiple_of(2), nested: depth > 0 });
    }

    fn wake(&mut self) {
        let thread = self.random.u32(0..THREADS);
        let task = (thread + 1) * OF_A_THREAD + self.random.u32(0..DEEPEST) * 10 + self.random.u32(0..3);
        self.emit(wake(task, self.within.last().copied().unwrap_or(NOBODY)));
    }

    /// `block_in_place` in the outermost poll or in one inside it.
    fn hand_over(&mut self) {
        let Some((start, task)) = self.outer.take() else { return };
        let took = self.took(start);
        self.emit(poll(task, took, Outcome::HandedOver, false));
        let from = self.read_clock();
        let within = std::mem::take(&mut self.within);
        self.pass();
        self.job(0);
        self.pass();
        self.within = within;
        let now = self.read_clock();
        self.handed += now - from;
        self.outer = Some((now, task));
    }
}

/// A random trace of several threads.
pub(super) fn random(seed: u64) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut events = vec![(0, lab(1))];
    let mut records = Vec::new();
    let step = [1, 1, 10, 41, 100][(seed % 5) as usize];
    for it in 0..THREADS {
        events.push((0, thread(it, ThreadKind::Worker, "t")));
        for depth in 0..=DEEPEST {
            for number in 0..3 {
                let id = (it + 1) * OF_A_THREAD + depth * 10 + number;
                let kind = if depth == 0 { TaskKind::Task } else { TaskKind::Sub };
                events.push((0, task(id, &format!("task {id}"), kind, None)));
            }
        }
        let mut worker = Worker {
            random: &mut random,
            thread: it,
            step,
            now: 1_000,
            records: Vec::new(),
            outer: None,
            handed: 0,
            within: Vec::new(),
        };
        for _ in 0..150 {
            worker.wake();
            worker.pass();
            worker.span(0);
        }
        records.append(&mut worker.records);
    }
    batches(&events, &records, 500 * MILLI)
}
