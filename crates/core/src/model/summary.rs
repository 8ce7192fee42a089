//! What a whole run amounts to: the figures of a report, in its words and units.
//!
//! The field names are the report's JSON schema 1; all `_ms` are milliseconds with fractions.

use std::{any::Any, sync::Arc};

use serde::{Serialize, Serializer};

use super::{
    index::Index, picture::Finding, scenario::ScenarioSection, state::State, thread::Thread, totals::QueueState,
};
use crate::trace::{
    clock::{Nanos, millis},
    event::{Coverage, SchedulerSample, ThreadKind, bound},
    record::Doing,
};

/// The version of the reports' shape.
pub const SCHEMA: u32 = 1;

/// A run, summed up. `serde` writes it as a report has it.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
/// runtime.block_on(runtime.spawn(pollscope::task("answer", async { 42 })))?;
/// let summary = scope.summary().unwrap();
/// assert_eq!((summary.tasks.spawned, summary.tasks.completed), (1, 1));
/// println!("{:.1} ms at most from a wake to its poll; {} findings", summary.ready.max_ms, summary.findings.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Summary {
    /// The version of this shape.
    pub schema: u32,
    /// From the lab's start to the end.
    pub elapsed_ms: f64,
    /// The process.
    pub process: Process,
    /// The tasks.
    pub tasks: Tasks,
    /// Their polls.
    pub polls: Polls,
    /// The pulse.
    pub pulse: Pulse,
    /// From wake to poll.
    pub ready: Ready,
    /// The threads.
    pub threads: Vec<ThreadLine>,
    /// What is seen that no probe tells.
    pub coverage: Coverage,
    /// The runtime's own figures; none where it does not tell them (Tokio does under `--cfg tokio_unstable`).
    pub scheduler: Option<Box<SchedulerSample>>,
    /// The queues.
    pub queues: Vec<QueueLine>,
    /// What was found.
    pub findings: Vec<FindingLine>,
    /// The trace itself.
    pub events: Events,
    /// What the scenarios add: see [`section`](Self::section).
    #[serde(flatten, serialize_with = "keys_of")]
    pub sections: Vec<Arc<dyn ScenarioSection>>,
}

/// The process.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Process {
    /// CPU time of the run; none where not measured.
    pub cpu_ms: Option<f64>,
    /// Resident memory at the start.
    pub rss_start_bytes: Option<u64>,
    /// The most resident memory that was sampled.
    pub rss_peak_bytes: Option<u64>,
    /// CPU time of Pollscope's own threads.
    pub scope_cpu_ms: Option<f64>,
}

/// The tasks; sub-futures and the pulse are none.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Tasks {
    /// Spawned.
    pub spawned: u64,
    /// Ready.
    pub completed: u64,
    /// Panicked.
    pub failed: u64,
    /// Dropped before they were ready.
    pub cancelled: u64,
    /// Ended, and nobody saw how: what tells of them sees polls, not what they return.
    pub closed: u64,
    /// Alive at the end and none of ours, as the runtime counts them.
    pub alive_not_ours: u32,
}

/// Polls, nested ones not counted.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Polls {
    /// How many.
    pub count: u64,
    /// The longest.
    pub longest_ms: f64,
    /// Of 10 ms or more.
    pub over_10ms: u64,
    /// Asleep, in polls of a millisecond or more.
    pub blocked_ms: f64,
    /// On the CPU, in polls of a millisecond or more.
    pub hogged_ms: f64,
    /// Without a core, in polls of a millisecond or more.
    pub runnable_ms: f64,
    /// In polls under a millisecond.
    pub short_ms: f64,
    /// Nothing tells.
    pub unknown_ms: f64,
}

impl Polls {
    /// What was read of long polls; nothing where nothing told how any of them was spent.
    fn read(&self, time_ms: f64) -> Option<f64> {
        let is_unread = self.unknown_ms > 0.0 && self.blocked_ms + self.runnable_ms == 0.0;
        (time_ms > 0.0 || !is_unread).then_some(time_ms)
    }

    /// Time asleep in long polls, in milliseconds; none where the system does not tell it.
    pub fn blocked(&self) -> Option<f64> {
        self.read(self.blocked_ms)
    }

    /// Time on the CPU in long polls, in milliseconds; none where the system does not tell it.
    pub fn hogged(&self) -> Option<f64> {
        self.read(self.hogged_ms)
    }

    /// Time without a core in long polls, in milliseconds; none where the system does not tell it.
    pub fn runnable(&self) -> Option<f64> {
        self.read(self.runnable_ms)
    }
}

/// The pulse.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Pulse {
    /// From one due time to the next.
    pub period_ms: f64,
    /// Due times, also those that never ran.
    pub ticks: u64,
    /// Median lateness.
    pub late_p50_ms: f64,
    /// Its 99th percentile.
    pub late_p99_ms: f64,
    /// The worst.
    pub late_max_ms: f64,
}

/// From wake to poll.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Ready {
    /// Median.
    pub p50_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// The longest run queue. A task counts until its poll is known: until it ends, or has lasted 1 ms.
    pub most_ready: u32,
}

/// A thread.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct ThreadLine {
    /// Its label.
    pub name: String,
    /// What it is for.
    pub kind: ThreadKind,
    /// The operating system's id.
    pub os_id: Option<u32>,
    /// In polls.
    pub polling_ms: f64,
    /// In jobs.
    pub job_ms: f64,
    /// A worker, awake in no poll of ours, with the CPU time of its turn as the driver.
    /// None where nobody tells: its runtime was built without the scope's hooks, or is a current-thread runtime on a thread of
    /// the program's own, which may be outside of `block_on`.
    pub runtime_ms: Option<f64>,
    /// The rest of its life; none where that is so.
    pub parked_ms: Option<f64>,
    /// On the CPU; none where not measured.
    pub on_cpu_ms: Option<f64>,
    /// Ready, without a core.
    pub waiting_for_core_ms: Option<f64>,
    /// Switches because it waited for something.
    pub switches_voluntary: Option<u64>,
    /// Switches because its time was over.
    pub switches_involuntary: Option<u64>,
}

/// A queue or gate.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct QueueLine {
    /// Its name.
    pub name: Arc<str>,
    /// Items it holds at most; none where it has no bound.
    pub capacity: Option<u32>,
    /// Items it held at most.
    pub deepest: u32,
    /// Items that went in.
    pub sent: u64,
    /// Items that came out.
    pub received: u64,
    /// Time that threads waited for room.
    pub blocked_ms: f64,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct FindingLine {
    /// Which rule.
    pub rule: &'static str,
    /// Whose fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Which part of it, where one is most of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// When it fired first, since the lab's start.
    pub since_ms: f64,
    /// How long it held, all times added.
    pub for_ms: f64,
    /// What is wrong and what to do.
    pub text: String,
}

/// The trace itself.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Events {
    /// Records and events.
    pub emitted: u64,
    /// Of those that should have been, lost.
    pub lost: u64,
}

impl Summary {
    /// Returns what one scenario adds; none where there is nothing of it.
    pub fn section<T: ScenarioSection>(&self) -> Option<&T> {
        self.sections.iter().find_map(|it| {
            let any: &dyn Any = &**it;
            any.downcast_ref()
        })
    }

    /// Puts a section in the place of the one of the same type, or adds it.
    pub fn put_section<T: ScenarioSection>(&mut self, section: T) {
        let is_same = |it: &Arc<dyn ScenarioSection>| {
            let any: &dyn Any = &**it;
            any.is::<T>()
        };
        let section = Arc::new(section);
        match self.sections.iter_mut().find(|it| is_same(it)) {
            Some(it) => *it = section,
            None => self.sections.push(section),
        }
    }

    /// Returns how the scenarios were set up, in a few words; none where none says so.
    pub fn heading(&self) -> Option<String> {
        self.sections.iter().find_map(|it| it.heading())
    }
}

/// The keys that the sections add to the report's object.
fn keys_of<S: Serializer>(sections: &[Arc<dyn ScenarioSection>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(sections.iter().flat_map(|it| it.json()))
}

impl State {
    /// The run up to `at`.
    pub(super) fn summary(&self, index: &Index, at: Nanos) -> Summary {
        Summary {
            schema: SCHEMA,
            elapsed_ms: millis(at.saturating_sub(self.lab_since)),
            process: self.process_line(),
            tasks: Tasks {
                spawned: self.totals.spawned,
                completed: self.totals.completed,
                failed: self.totals.failed,
                cancelled: self.totals.cancelled,
                closed: self.totals.closed,
                alive_not_ours: self.alive_in_runtime.saturating_sub(self.alive_tasks),
            },
            polls: self.polls_line(),
            pulse: self.pulse_line(index, at),
            ready: Ready {
                p50_ms: millis(index.ready.percentile(50.0)),
                p99_ms: millis(index.ready.percentile(99.0)),
                max_ms: millis(index.ready.max()),
                most_ready: self.totals.most_ready,
            },
            threads: self.thread_lines(at),
            coverage: self.coverage,
            scheduler: self.scheduler.clone(),
            queues: self.queues.values().map(queue_line).collect(),
            findings: self.finding_lines(at),
            events: Events { emitted: self.totals.emitted, lost: self.totals.lost },
            sections: self.scenarios.sections(),
        }
    }

    fn process_line(&self) -> Process {
        let measured = self.process.first_cpu;
        Process {
            cpu_ms: measured.map(|first| millis(self.process.cpu.saturating_sub(first))),
            rss_start_bytes: self.process.first_rss,
            rss_peak_bytes: self.process.first_rss.map(|_| self.process.rss_peak),
            scope_cpu_ms: self.observers_cpu().map(|cpu| millis(cpu.saturating_sub(self.process.observed))),
        }
    }

    fn polls_line(&self) -> Polls {
        let totals = &self.totals;
        Polls {
            count: totals.polls,
            longest_ms: millis(totals.longest_poll),
            over_10ms: totals.long_polls,
            blocked_ms: millis(totals.split.blocked),
            hogged_ms: millis(totals.split.cpu),
            runnable_ms: millis(totals.split.runnable),
            short_ms: millis(totals.split.short),
            unknown_ms: millis(totals.split.unknown),
        }
    }

    fn pulse_line(&self, index: &Index, at: Nanos) -> Pulse {
        let mut late = index.late.clone();
        let mut ticks = self.pulse.ticks;
        for (_, overdue) in self.pulse.overdue(0, at) {
            late.record(overdue);
            ticks += 1;
        }
        Pulse {
            period_ms: millis(self.pulse.period),
            ticks,
            late_p50_ms: millis(late.percentile(50.0)),
            late_p99_ms: millis(late.percentile(99.0)),
            late_max_ms: millis(late.max()),
        }
    }

    fn thread_lines(&self, at: Nanos) -> Vec<ThreadLine> {
        let of_this_lab = |it: &Thread| it.generation == self.generation || it.generation == 0;
        let mut threads: Vec<_> = self.threads.iter().filter(|(_, it)| of_this_lab(it)).collect();
        threads.sort_by_key(|(id, it)| self.lane_order(*id, it));
        threads.into_iter().map(|(_, it)| thread_line(it, at)).collect()
    }

    fn finding_lines(&self, at: Nanos) -> Vec<FindingLine> {
        let mut findings = self.findings(at);
        findings.sort_by_key(|finding| (finding.rule, std::cmp::Reverse(finding.lasted)));
        let line = |finding: Finding| FindingLine {
            rule: finding.rule.name(),
            task: finding.task,
            part: finding.part,
            thread: finding.thread,
            since_ms: millis(finding.since.saturating_sub(self.lab_since)),
            for_ms: millis(finding.lasted),
            text: finding.text,
        };
        findings.into_iter().map(line).collect()
    }
}

fn queue_line(it: &QueueState) -> QueueLine {
    QueueLine {
        name: Arc::clone(&it.name),
        capacity: bound(it.capacity),
        deepest: it.deepest,
        sent: it.sent,
        received: it.received,
        blocked_ms: millis(it.blocked),
    }
}

fn thread_line(it: &Thread, at: Nanos) -> ThreadLine {
    let life = it.ended.unwrap_or(at).saturating_sub(it.began);
    // A span in flight counts as far as it has come.
    let open = it.open.as_ref().map_or(0, |open| at.saturating_sub(open.start));
    let polls = it.poll().is_some();
    let jobs = it.open.as_ref().is_some_and(|open| open.doing == Doing::Job);
    let polling = it.totals.polling.saturating_add(if polls { open } else { 0 });
    let job = it.totals.job.saturating_add(if jobs { open } else { 0 });
    let awake = if it.awake && it.open.is_none() { at.saturating_sub(it.painted) } else { 0 };
    let runtime = it.totals.runtime.saturating_add(awake);
    let totals = it.os.totals.map(|(_, totals)| totals);
    let rest = life.saturating_sub(polling).saturating_sub(job).saturating_sub(runtime);
    ThreadLine {
        name: it.label(),
        kind: it.kind,
        os_id: it.os_id,
        polling_ms: millis(polling),
        job_ms: millis(job),
        runtime_ms: it.is_told().then(|| millis(runtime)),
        parked_ms: it.is_told().then(|| millis(rest)),
        on_cpu_ms: totals.map(|totals| millis(totals.cpu)),
        waiting_for_core_ms: totals.and_then(|totals| totals.waited).map(millis),
        switches_voluntary: totals.map(|totals| totals.voluntary),
        switches_involuntary: totals.map(|totals| totals.involuntary),
    }
}
