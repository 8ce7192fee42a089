//! A made-up hour of a busy program, as batches: any number of events, always the same lanes and tasks.
//!
//! What there is besides polls and wakes (tasks, jobs, samples, the pulse) is as much in an hour of a million events as in
//! one of a hundred million.

#![expect(clippy::cast_possible_wrap, reason = "there are fewer than 2^62 events")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use pollscope_core::trace::{
    clock::{MICRO, MILLI, Nanos, SECOND},
    event::{
        Event, JobKind, JobQueued, OsSample, OsState, OsTotals, Payload, Stamped, TaskBegan, TaskKind, ThreadBegan,
        ThreadKind,
    },
    log::{Batch, Log},
    record::{Fact, NOBODY, Outcome, Record},
    recording::Writer,
};

/// How long it lasts.
pub(crate) const LENGTH: Nanos = 3600 * SECOND;
/// From one watermark to the next.
const BATCH: Nanos = 5 * MILLI;
/// Threads by kind.
const WORKERS: u32 = 16;
const RAYON: u32 = 16;
const BLOCKING: u32 = 32;
const LANES: u32 = WORKERS + RAYON + BLOCKING;
/// Tasks in all.
const TASKS: u64 = 100_000;
/// Tasks alive at once: each is so for ten seconds.
const ALIVE: usize = 278;
/// Jobs in all.
const JOBS: u64 = 50_000;
/// From one due time of the pulse to the next.
const PERIOD: Nanos = 50 * MILLI;
/// The pulse's task: of a number that no other has.
const PULSE: u32 = 1;

/// Parts of a record in which what is due is counted.
const PARTS: i64 = 1_000_000;
/// A worker does not wake up for fewer records than this.
const TURN: usize = 6;

/// A thread in the making.
#[derive(Clone, Copy, Default)]
struct Lane {
    /// Its last record.
    last: Nanos,
    cpu: Nanos,
}

/// The task that began, and the one that ends.
#[derive(Clone, Copy, Default)]
struct Changed {
    began: Option<u32>,
    ended: Option<u32>,
}

/// The hour, batch by batch.
pub(crate) struct Hour {
    random: fastrand::Rng,
    /// Records of workers a batch, in millionths: what other events leave of the whole.
    rate: i64,
    /// What is due of them, in millionths.
    due: i64,
    upto: Nanos,
    lanes: Vec<Lane>,
    alive: Vec<u32>,
    next: u32,
    began: u64,
    queued: u64,
    /// Events so far.
    events: u64,
}

impl Hour {
    pub(crate) fn new(events: u64) -> Self {
        let batches = LENGTH / BATCH;
        let seconds = LENGTH / SECOND;
        let besides = TASKS + JOBS * 3 + seconds * (u64::from(LANES) * 11 / 10 + 1);
        Self {
            random: fastrand::Rng::with_seed(7),
            rate: (events.saturating_sub(besides) / batches) as i64 * PARTS
                + (events.saturating_sub(besides) % batches) as i64 * PARTS / batches as i64,
            due: 0,
            upto: 0,
            lanes: vec![Lane::default(); LANES as usize],
            alive: Vec::new(),
            next: PULSE + 1,
            began: 0,
            queued: 0,
            events: 0,
        }
    }

    /// The next batch; none when the hour is over.
    pub(crate) fn fill(&mut self, batch: &mut Batch) -> bool {
        batch.clear();
        if self.upto >= LENGTH {
            return false;
        }
        let from = self.upto;
        self.upto += BATCH;
        if from == 0 {
            beginning(batch);
        }
        self.samples(batch, from);
        let changed = self.tasks(batch, from);
        let job = self.job(batch, from);
        self.due += self.rate;
        self.workers(batch, from, changed);
        self.pools(batch, job);
        batch.close(self.upto);
        self.events += batch.len() as u64;
        true
    }

    /// Begins a task when one is due, and says which ends instead.
    fn tasks(&mut self, batch: &mut Batch, from: Nanos) -> Changed {
        if self.began * LENGTH / TASKS > from {
            return Changed::default();
        }
        self.began += 1;
        let task = self.next;
        self.next += 1;
        let name = ["fetch", "parse", "store", "session"][task as usize % 4];
        let began = TaskBegan { task, name: Arc::from(name), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: from + 1, event: Event::Task(began) });
        self.alive.push(task);
        let ended = (self.alive.len() > ALIVE).then(|| self.alive.remove(0));
        Changed { began: Some(task), ended }
    }

    /// Queues a job when one is due: on Rayon's pool or the blocking one.
    fn job(&mut self, batch: &mut Batch, from: Nanos) -> Option<(u32, JobKind)> {
        if self.queued * LENGTH / JOBS > from {
            return None;
        }
        self.queued += 1;
        let (job, kind) = (self.next, if self.random.bool() { JobKind::Rayon } else { JobKind::Blocking });
        self.next += 1;
        let by = self.random.choice(&self.alive).copied();
        let queued = JobQueued { job, name: Arc::from("compress"), kind, by };
        batch.push(Stamped { at: from + 2, event: Event::Job(queued) });
        Some((job, kind))
    }

    /// What the operating system says once a second of each thread and of the process; totals once a minute.
    fn samples(&mut self, batch: &mut Batch, from: Nanos) {
        let at = from + MILLI;
        let slot = from / BATCH % (SECOND / BATCH);
        // Spread over the second, so that no batch has them all.
        for thread in (0..LANES).filter(|thread| u64::from(*thread) * 3 == slot) {
            let cpu = self.lanes[thread as usize].cpu;
            let thread = thread + 1;
            let sample = OsSample { thread, cpu, state: OsState::Asleep, base: None };
            batch.push(Stamped { at, event: Event::Os(sample) });
            if (from / SECOND).is_multiple_of(10) {
                let totals = OsTotals { thread, cpu, waited: Some(cpu / 50), voluntary: 9, involuntary: 3 };
                batch.push(Stamped { at, event: Event::OsTotals(totals) });
            }
        }
        if slot == 0 {
            batch.push(Stamped { at, event: Event::Process { cpu: from * 2, rss: 100 << 20 } });
        }
    }

    /// The records of workers and of Rayon's threads: a few have most of what happens in a few milliseconds.
    fn workers(&mut self, batch: &mut Batch, from: Nanos, mut changed: Changed) {
        let pulse = from > 0 && from.is_multiple_of(PERIOD);
        let due = usize::try_from(self.due / PARTS).unwrap_or(0);
        if due < TURN && !pulse && changed.began.is_none() {
            return;
        }
        let busy = (due / 8).clamp(1, 20);
        let first = self.random.u32(0..WORKERS);
        for turn in 0..busy as u32 {
            // Workers have four turns of five.
            let thread = if turn % 5 < 4 { (first + turn) % WORKERS } else { WORKERS + self.random.u32(0..RAYON) };
            let made = self.records(thread, from, due / busy, std::mem::take(&mut changed), pulse && turn == 0);
            self.due -= made.len() as i64 * PARTS;
            batch.extend(thread + 1, &made);
        }
    }

    /// The job that was queued runs to the end of the batch.
    fn pools(&mut self, batch: &mut Batch, job: Option<(u32, JobKind)>) {
        let Some((job, kind)) = job else { return };
        let pool = if kind == JobKind::Rayon { WORKERS..WORKERS + RAYON } else { WORKERS + RAYON..LANES };
        let thread = self.random.u32(pool);
        let lane = &mut self.lanes[thread as usize];
        let at = self.upto - 1;
        let took = (at - lane.last).min(self.random.u64(MILLI..40 * MILLI));
        (lane.last, lane.cpu) = (at, lane.cpu + took);
        let spent = Fact::Spent { cpu_us: (took / MICRO) as u32, waited_us: Some(0) };
        let ended = Fact::Job { job, took, panicked: false, nested: false };
        batch.extend(thread + 1, &[Record::new(at, spent), Record::new(at, ended)]);
    }

    /// What a thread does within a batch: polls, and wakes before them, from an unpark to a park.
    fn records(&mut self, thread: u32, from: Nanos, count: usize, changed: Changed, pulses: bool) -> Vec<Record> {
        let lane = &mut self.lanes[thread as usize];
        let mut made = Vec::with_capacity(count + 8);
        let mut at = lane.last.max(from);
        let step = (self.upto - at).saturating_sub(1) / (count as u64 + 8);
        let mut add = |at: &mut Nanos, fact| {
            *at += step;
            made.push(Record::new(*at, fact));
        };
        let long = at - lane.last > 40 * MILLI;
        if thread < WORKERS {
            add(&mut at, Fact::Unpark { cpu_us: 2 });
        }
        if pulses {
            add(&mut at, Fact::Pulse { count: 1, late: self.random.u64(0..300 * MICRO) });
        }
        if let Some(task) = changed.ended {
            add(&mut at, Fact::Poll { task, took: step / 2, outcome: Outcome::Ready, nested: false });
        }
        let mut polled = changed.began;
        for _ in 2..count.max(2) + usize::from(polled.is_some()) {
            let Some(task) = polled.or_else(|| self.random.choice(&self.alive).copied()) else { break };
            if polled.is_none() {
                let by = if self.random.bool() { NOBODY } else { task };
                add(&mut at, Fact::Wake { task, by, by_ref: self.random.bool() });
                polled = Some(task);
                continue;
            }
            let took = self.random.u64(1..step.clamp(2, 400 * MICRO));
            lane.cpu += took;
            add(&mut at, Fact::Poll { task, took, outcome: Outcome::Pending, nested: false });
            polled = None;
        }
        // Now and then a worker was blocked since before the batch.
        if let Some(task) = self.alive.first().copied().filter(|_| long && self.random.u8(0..100) == 0) {
            add(&mut at, Fact::Spent { cpu_us: 900, waited_us: Some(100) });
            add(&mut at, Fact::Poll { task, took: 30 * MILLI, outcome: Outcome::Pending, nested: false });
        }
        if thread < WORKERS {
            add(&mut at, Fact::Park);
        }
        lane.last = at;
        made
    }
}

fn beginning(batch: &mut Batch) {
    batch.push(Stamped { at: 1, event: Event::LabBuilt { generation: 1, setup: Payload::default() } });
    for thread in 1..=LANES {
        let (kind, name) = match thread - 1 {
            ..WORKERS => (ThreadKind::Worker, "tokio"),
            number if number < WORKERS + RAYON => (ThreadKind::Rayon, "rayon"),
            _ => (ThreadKind::Blocking, "tokio"),
        };
        let began = ThreadBegan {
            thread,
            name: Arc::from(name),
            kind,
            os_id: Some(1000 + thread),
            generation: 1,
            parks: true,
            own: false,
        };
        batch.push(Stamped { at: 2, event: Event::Thread(began) });
        if kind == ThreadKind::Worker {
            batch.extend(thread, &[Record::new(3, Fact::Worker { index: Some(thread - 1) })]);
        }
    }
    let pulse = TaskBegan { task: PULSE, name: Arc::from("pulse"), kind: TaskKind::Pulse, parent: None };
    batch.push(Stamped { at: 4, event: Event::Task(pulse) });
    batch.push(Stamped { at: 4, event: Event::PulseStarted { task: PULSE, first_due: PERIOD, period: PERIOD } });
}

/// Writes an hour of so many million events, with a block a second, as a recorder does, and says what that took.
pub(crate) fn write(folder: &Path, millions: u64) -> PathBuf {
    let path = folder.join(format!("{millions}.pollscope"));
    let mut writer = Writer::new(File::create(&path).unwrap()).unwrap();
    let (mut hour, mut batch) = (Hour::new(millions * 1_000_000), Batch::default());
    // Keeps only the last batch: what it keeps of each is what a log has of it.
    let mut log = Log::new(0);
    let (mut kept, mut spent, mut upto) = (0, 0.0, 0);
    while hour.fill(&mut batch) {
        let start = Instant::now();
        writer.batch(&batch).unwrap();
        upto += BATCH;
        if upto % SECOND == 0 {
            writer.flush_block().unwrap();
        }
        spent += start.elapsed().as_secs_f64();
        kept += log.append(&mut batch).map_or(0, |batch| batch.bytes() as u64);
    }
    writer.finish().unwrap();
    let (events, size) = (hour.events as f64, fs::metadata(&path).unwrap().len() as f64);
    println!(
        "{millions:>3} M: written {:.2} M events, {:.2} M events/s; {:.1} bytes an event in memory, {:.2} in the file ({:.0} MB)",
        events / 1e6,
        events / spent / 1e6,
        kept as f64 / events,
        size / events,
        size / 1e6,
    );
    path
}

/// Bytes of a process's memory, as the system counts what is called so (`VmRSS`, `VmHWM`); 0 where it does not say.
pub(crate) fn memory(process: &str, called: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(called)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) << 10
}
