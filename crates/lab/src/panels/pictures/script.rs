//! A hand-made log of some seconds: two workers, a Rayon thread, a producer that waits for room. What each lane did is
//! written down beside it, so that a picture can be compared with it.

use std::sync::Arc;

use pollscope_core::{
    model::{
        history::History,
        picture::{LaneState, Picture, View},
    },
    trace::{
        clock::{MICRO, MILLI, Nanos, SECOND},
        event::{Event, JobKind, JobQueued, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
        log::{Batch, Log},
        record::{ActivityId, Doing, Fact, NOBODY, Outcome, Record, ThreadId},
    },
};

use crate::settings::Settings;

/// How long the log is.
pub(super) const LENGTH: Nanos = 12 * SECOND;
const WORKERS: [ThreadId; 2] = [1, 2];
pub(super) const RAYON: ThreadId = 3;
pub(super) const PRODUCER: ThreadId = 4;
const QUEUE: u32 = 70;
const NAMES: [&str; 5] =
    ["harbor/lantern", "quarry/granite-db", "fjord/tokamak", "meadow/rayline", "orchard/hyperloom"];
/// The task of the first name.
pub(super) const FIRST_TASK: ActivityId = 10;

/// A stretch of a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) thread: ThreadId,
    pub(super) from: Nanos,
    pub(super) to: Nanos,
    pub(super) state: LaneState,
}

/// A poll, with the wake that made its task ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    pub(super) task: ActivityId,
    pub(super) thread: ThreadId,
    pub(super) start: Nanos,
    pub(super) end: Nanos,
    pub(super) woken: (Nanos, ThreadId),
}

/// A log in the making.
#[derive(Default)]
pub(super) struct Script {
    records: Vec<(ThreadId, Record)>,
    events: Vec<Stamped>,
    pub(super) stretches: Vec<Stretch>,
    pub(super) polls: Vec<Poll>,
}

impl Script {
    /// The log of the pictures.
    pub(super) fn new() -> Self {
        let mut script = Self::default();
        script.begin();
        let mut random = fastrand::Rng::with_seed(11);
        for worker in WORKERS {
            script.worker(worker, &mut random);
        }
        script.compute(&mut random);
        script.produce(&mut random);
        script.beat(&mut random);
        script
    }

    /// The same where the operating system tells nothing.
    pub(super) fn unmeasured() -> Self {
        let mut script = Self::new();
        script.records.retain(|(_, record)| !matches!(record.fact(), Some(Fact::Spent { .. })));
        script.events.retain(|it| !matches!(it.event, Event::Os(_) | Event::OsTotals { .. } | Event::Process { .. }));
        script
    }

    /// The same with these names, in turn, for its threads, tasks, jobs and queues.
    pub(super) fn named(mut self, names: &[String]) -> Self {
        let mut names = names.iter().cycle().map(|name| Arc::from(name.as_str()));
        let places = self.events.iter_mut().filter_map(|it| match &mut it.event {
            Event::Thread(ThreadBegan { name, .. })
            | Event::Task(TaskBegan { name, .. })
            | Event::Job(JobQueued { name, .. })
            | Event::Queue { name, .. } => Some(name),
            _ => None,
        });
        for (place, name) in places.zip(&mut names) {
            *place = name;
        }
        self
    }

    /// The log, folded.
    pub(super) fn history(&self) -> History<Log> {
        self.history_within(usize::MAX)
    }

    /// The same, in so many bytes of memory.
    pub(super) fn history_within(&self, memory: usize) -> History<Log> {
        let (mut records, mut events) = (self.records.clone(), self.events.clone());
        records.sort_by_key(|(_, record)| record.at());
        events.sort_by_key(|event| event.at);
        let mut history = History::within(memory, Log::new).with_scenarios(crate::scenarios());
        let (mut records, mut events) = (records.into_iter().peekable(), events.into_iter().peekable());
        for upto in (0..=LENGTH).step_by(10 * MILLI as usize).skip(1) {
            let mut batch = Batch::default();
            let mut runs: Vec<(ThreadId, Vec<Record>)> = Vec::new();
            while let Some((thread, record)) = records.next_if(|(_, record)| record.at() <= upto) {
                match runs.iter_mut().find(|(it, _)| *it == thread) {
                    Some((_, run)) => run.push(record),
                    None => runs.push((thread, vec![record])),
                }
            }
            for (thread, run) in runs {
                batch.extend(thread, &run);
            }
            while let Some(event) = events.next_if(|event| event.at <= upto) {
                batch.push(event);
            }
            batch.close(upto);
            history.append(&mut batch);
        }
        history
    }

    /// How long a lane was in a state between two instants.
    pub(super) fn time(&self, thread: ThreadId, state: LaneState, from: Nanos, to: Nanos) -> Nanos {
        let of_lane = self.stretches.iter().filter(|it| it.thread == thread && it.state == state);
        of_lane.map(|it| it.to.min(to).saturating_sub(it.from.max(from))).sum()
    }

    fn event(&mut self, at: Nanos, event: Event) {
        self.events.push(Stamped { at, event });
    }

    fn fact(&mut self, thread: ThreadId, at: Nanos, fact: Fact) {
        self.records.push((thread, Record::new(at, fact)));
    }

    fn did(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        self.stretches.push(Stretch { thread, from, to, state });
    }

    fn begin(&mut self) {
        let setup = Settings { workers: 2, rayon_threads: 1, ..Settings::default() }.setup();
        self.event(1, Event::LabBuilt { generation: 1, setup });
        let threads = [
            (1, "tokio", ThreadKind::Worker),
            (2, "tokio", ThreadKind::Worker),
            (RAYON, "rayon-0", ThreadKind::Rayon),
            (PRODUCER, "producer", ThreadKind::Scenario),
        ];
        for (thread, name, kind) in threads {
            let began =
                ThreadBegan { thread, name: name.into(), kind, os_id: None, generation: 1, parks: true, own: false };
            self.event(2, Event::Thread(began));
        }
        for worker in WORKERS {
            self.fact(worker, 3, Fact::Worker { index: Some(worker - 1) });
            self.fact(worker, 4, Fact::Park);
        }
        self.event(5, Event::Queue { queue: QUEUE, name: "repos".into(), capacity: 4 });
        for (place, name) in NAMES.into_iter().enumerate() {
            let task = FIRST_TASK + place as u32;
            let began = TaskBegan { task, name: Arc::from(name), kind: TaskKind::Task, parent: None };
            self.event(MILLI, Event::Task(began));
        }
        for second in 0..LENGTH / SECOND {
            let cpu = second * 700 * MILLI;
            self.event(second * SECOND + 6, Event::Process { cpu, rss: 1 << 24 });
        }
    }

    /// A worker is awake for a few polls and parks again.
    fn worker(&mut self, worker: ThreadId, random: &mut fastrand::Rng) {
        let mut at = 2 * MILLI;
        while at < LENGTH - 600 * MILLI {
            self.fact(worker, at, Fact::Unpark { cpu_us: 0 });
            for _ in 0..random.u32(1..5) {
                let start = at + random.u64(1..20) * MICRO;
                self.did(worker, at, start, LaneState::Runtime);
                at = self.poll(worker, start, random);
            }
            self.did(worker, at, at + 4 * MICRO, LaneState::Runtime);
            at += 4 * MICRO;
            self.fact(worker, at, Fact::Park);
            at += if random.u8(0..8) == 0 { random.u64(20..300) * MILLI } else { random.u64(50..8_000) * MICRO };
        }
    }

    /// One poll. Gives its end.
    fn poll(&mut self, thread: ThreadId, start: Nanos, random: &mut fastrand::Rng) -> Nanos {
        let (took, state) = match random.u32(0..400) {
            0 => (random.u64(100..500) * MILLI, LaneState::Blocked),
            1..4 => (random.u64(12..60) * MILLI, LaneState::Hogged),
            4..20 => (random.u64(1_100..6_000) * MICRO, LaneState::Polling),
            _ => (random.u64(3..180) * MICRO, LaneState::Polling),
        };
        let end = start + took;
        // One task goes from worker to worker, the others stay.
        let shared = (start / SECOND % 2 == u64::from(thread - 1)) && start % SECOND < 400 * MILLI;
        let own = if thread == 1 { 0 } else { 3 };
        let task = FIRST_TASK + if shared && random.bool() { 2 } else { own + random.u32(0..2) };
        let by_thread = if random.u8(0..3) == 0 { thread } else { 3 - thread };
        let longest = if by_thread == thread { 90 * MICRO } else { 9 * MICRO };
        let woken = (start - random.u64(MICRO..longest), by_thread);
        let by = if random.bool() { NOBODY } else { FIRST_TASK + random.u32(0..5) };
        self.fact(by_thread, woken.0, Fact::Wake { task, by, by_ref: true });
        if took > 2 * MILLI {
            self.fact(thread, start + MILLI, Fact::Open { what: task, age: MILLI, doing: Doing::Poll });
        }
        if took >= MILLI {
            let cpu_us = if state == LaneState::Blocked { 0 } else { (took / MICRO) as u32 };
            self.fact(thread, end, Fact::Spent { cpu_us, waited_us: Some(0) });
        }
        self.fact(thread, end, Fact::Poll { task, took, outcome: Outcome::Pending, nested: false });
        self.did(thread, start, end, state);
        self.polls.push(Poll { task, thread, start, end, woken });
        end
    }

    /// Jobs of the Rayon thread.
    fn compute(&mut self, random: &mut fastrand::Rng) {
        let (mut at, mut job) = (300 * MILLI, 100);
        while at < LENGTH - 600 * MILLI {
            let (queued, start) = (at, at + random.u64(10..400) * MICRO);
            let end = start + random.u64(500..250_000) * MICRO;
            job += 1;
            let by = Some(FIRST_TASK + random.u32(0..5));
            self.event(queued, Event::Job(JobQueued { job, name: "compare".into(), kind: JobKind::Rayon, by }));
            if end - start > 2 * MILLI {
                self.fact(RAYON, start + MILLI, Fact::Open { what: job, age: MILLI, doing: Doing::Job });
            }
            self.fact(RAYON, end, Fact::Job { job, took: end - start, panicked: false, nested: false });
            self.did(RAYON, start, end, LaneState::Job);
            at = end + random.u64(1..400) * MILLI;
        }
    }

    /// The producer waits for room most of the time.
    fn produce(&mut self, random: &mut fastrand::Rng) {
        let mut at = 100 * MILLI;
        while at < LENGTH - 900 * MILLI {
            let end = at + random.u64(200..800) * MILLI;
            self.fact(PRODUCER, end, Fact::Waited { queue: QUEUE, took: end - at, for_room: true, nested: false });
            self.fact(PRODUCER, end + MICRO, Fact::Sent { queue: QUEUE, depth: random.u32(1..5) });
            self.did(PRODUCER, at, end, LaneState::WaitsForRoom);
            at = end + random.u64(1..100) * MILLI;
        }
    }

    fn beat(&mut self, random: &mut fastrand::Rng) {
        self.event(7, Event::PulseStarted { task: 99, first_due: 50 * MILLI, period: 50 * MILLI });
        for due in (50 * MILLI..LENGTH - MILLI).step_by(50 * MILLI as usize) {
            let late = random.u64(20..900) * MICRO;
            self.fact(1, due + late, Fact::Pulse { count: 1, late });
        }
    }
}

/// The picture that a screen asks for.
pub(super) fn picture(history: &mut History<Log>, view: Option<View>) -> Box<Picture> {
    Box::new(history.picture(&view.unwrap_or_default()))
}
