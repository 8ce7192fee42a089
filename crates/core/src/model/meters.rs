//! What a fleet's tools are given: counts since the trace began, of all labs together, and what is so now.
//!
//! A summary is of one lab and starts over with the next; what is counted here never goes back. It is one compact,
//! owned value, whatever the number of tasks and threads, and knows nobody who exports it.

mod past;

use std::{collections::BTreeMap, sync::Arc};

pub(super) use self::past::Past;
use super::{
    index::{Index, Times},
    picture::{Rule, TaskCounts},
    poll_class::PollClass,
    state::State,
    thread::Thread,
};
use crate::trace::{clock::Nanos, event::ThreadKind, record::Doing};

/// The name of all queues that found no place among those that are counted by name.
pub const OTHER_QUEUES: &str = "other";

/// A distribution: durations, each in the middle of its bucket (to 1%), with how often they came, in order.
pub type Spread = Vec<(Nanos, u64)>;

/// Counts since the trace began, and what is so now.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// let meters = scope.link().meters().unwrap();
/// for (rule, times, holds) in meters.findings {
///     println!("{}: {times} times, now: {holds}", rule.name());
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Meters {
    /// Tasks; sub-futures and the pulse are none.
    pub tasks: TasksMeter,
    /// Polls that have ended, nested ones not counted.
    pub polls: PollsMeter,
    /// Threads by what they are for, also those that have ended.
    pub threads: BTreeMap<ThreadKind, ThreadsMeter>,
    /// Queues and gates by name, in a bounded number.
    pub queues: Vec<QueueMeter>,
    /// How often each rule fired, and whether it holds now.
    pub findings: [(Rule, u64, bool); Rule::ALL.len()],
    /// Records and events.
    pub emitted: u64,
    /// Of those that should have been, lost.
    pub lost: u64,
    /// From wake to poll.
    pub ready: Spread,
    /// How late due times of the pulse ran.
    pub late: Spread,
    /// How long polls took that ended since meters were asked for first.
    pub polled: Spread,
    /// Tasks, now.
    pub tasks_now: TaskCounts,
    /// Workers of the present lab, now.
    pub workers_now: WorkerCounts,
    /// How late the oldest due time of the pulse is that has not run.
    pub late_now: Nanos,
}

/// Tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TasksMeter {
    /// Spawned.
    pub spawned: u64,
    /// Ready.
    pub completed: u64,
    /// Panicked.
    pub failed: u64,
    /// Dropped before they were ready.
    pub cancelled: u64,
    /// Ended, and nobody saw how.
    pub closed: u64,
}

/// Polls that have ended; times in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollsMeter {
    /// How many.
    pub count: u64,
    /// Asleep, in polls of a millisecond or more.
    pub blocked: Nanos,
    /// On the CPU, in polls of a millisecond or more.
    pub hogged: Nanos,
    /// Without a core, in polls of a millisecond or more.
    pub no_core: Nanos,
    /// In polls under a millisecond.
    pub short: Nanos,
    /// Nothing tells.
    pub unknown: Nanos,
}

/// Threads of one kind; times in nanoseconds. What is in flight counts when it has ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadsMeter {
    /// In polls.
    pub polling: Nanos,
    /// In jobs.
    pub job: Nanos,
    /// Workers, awake in no poll of ours.
    pub runtime: Nanos,
    /// On the CPU; none where not measured.
    pub cpu: Option<Nanos>,
    /// Ready, without a core; none where not measured.
    pub no_core: Option<Nanos>,
}

/// Queues or gates of one name.
#[derive(Clone, Debug)]
pub struct QueueMeter {
    /// Their name, cut to a bounded length.
    pub name: Arc<str>,
    /// Items that they hold at most, together.
    pub capacity: u64,
    /// Items that they hold now.
    pub depth: u64,
    /// Items that went in.
    pub sent: u64,
    /// Items that came out.
    pub received: u64,
    /// Time that threads waited for room, nanoseconds.
    pub blocked: Nanos,
}

/// How many workers do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerCounts {
    /// In a poll of less than 10 ms so far.
    pub polling: u32,
    /// In a long poll, asleep; or asleep in code that no probe sees.
    pub blocked: u32,
    /// In a long poll, on the CPU.
    pub hogged: u32,
    /// In a long poll, without a core.
    pub no_core: u32,
    /// In a long poll of which nothing tells.
    pub unknown: u32,
    /// In a job, or waiting at a queue.
    pub job: u32,
    /// Awake, in no poll of ours.
    pub runtime: u32,
    /// Parked.
    pub parked: u32,
}

impl State {
    /// All that is counted, and what is so at the instant `at`.
    pub(super) fn meters(&self, index: &Index, at: Nanos) -> Meters {
        let past = &index.past;
        let totals = past.totals_with(&self.totals);
        Meters {
            tasks: TasksMeter {
                spawned: totals.spawned,
                completed: totals.completed,
                failed: totals.failed,
                cancelled: totals.cancelled,
                closed: totals.closed,
            },
            polls: PollsMeter {
                count: totals.polls,
                blocked: totals.split.blocked,
                hogged: totals.split.cpu,
                no_core: totals.split.runnable,
                short: totals.split.short,
                unknown: totals.split.unknown,
            },
            threads: self.threads_by_kind(past),
            queues: past.queues_with(&self.queues),
            findings: Rule::ALL.map(|rule| {
                let holds = self.findings.iter().any(|it| it.rule == rule && it.is_active(at));
                (rule, past.fired(rule), holds)
            }),
            emitted: self.totals.emitted,
            lost: self.totals.lost,
            ready: past.ready_with(&index.ready).spread(),
            late: past.late_with(&index.late).spread(),
            polled: index.polled.as_ref().map(Times::spread).unwrap_or_default(),
            tasks_now: self.counts(at),
            workers_now: self.worker_counts(at),
            late_now: self.pulse.late(at),
        }
    }

    fn threads_by_kind(&self, past: &Past) -> BTreeMap<ThreadKind, ThreadsMeter> {
        let mut kinds = past.threads.clone();
        for (_, it) in self.threads.iter() {
            kinds.entry(it.kind).or_default().add(it);
        }
        kinds
    }

    fn worker_counts(&self, at: Nanos) -> WorkerCounts {
        let mut counts = WorkerCounts::default();
        for (_, it) in self.workers() {
            let count = match &it.open {
                Some(open) if open.doing == Doing::Poll => match open.class(at) {
                    PollClass::Short => &mut counts.polling,
                    PollClass::Blocked => &mut counts.blocked,
                    PollClass::CpuBound => &mut counts.hogged,
                    PollClass::Runnable => &mut counts.no_core,
                    PollClass::Unknown => &mut counts.unknown,
                },
                Some(_) => &mut counts.job,
                None if it.unseen_since(at).is_some() => &mut counts.blocked,
                None if it.awake => &mut counts.runtime,
                None => &mut counts.parked,
            };
            *count += 1;
        }
        counts
    }
}

impl ThreadsMeter {
    /// Adds a thread of the kind. By what it began as: `block_in_place` changes what a thread is, and no count may go
    /// from one kind to another.
    fn add(&mut self, it: &Thread) {
        self.polling = self.polling.saturating_add(it.totals.polling);
        self.job = self.job.saturating_add(it.totals.job);
        self.runtime = self.runtime.saturating_add(it.totals.runtime);
        let totals = it.os.totals.map(|(_, totals)| totals);
        self.cpu = sum(self.cpu, totals.map(|totals| totals.cpu));
        self.no_core = sum(self.no_core, totals.and_then(|totals| totals.waited));
    }
}

fn sum(a: Option<Nanos>, b: Option<Nanos>) -> Option<Nanos> {
    a.into_iter().chain(b).reduce(Nanos::saturating_add)
}
