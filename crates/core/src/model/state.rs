//! The fold: what is true after the events so far. Its size is bounded by what is alive.
//!
//! Here is what there is, and which record or event goes where; the thread's half of it (lanes, how time
//! was spent) and the task's half (ready, asleep, ended) are files of their own.

mod preamble;
mod room;
mod tasks;
mod threads;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::{
    findings::Findings,
    gauges::QUEUES,
    picture::LaneState,
    poll_class::PollClass,
    pulse::PulseState,
    scenario::Scenarios,
    sink::Sink,
    table::Table,
    task::{Gone, Task},
    thread::Thread,
    totals::{QueueState, Totals},
};
use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    event::{Coverage, Event, JobKind, Payload, SchedulerSample, Stamped, TaskKind, ThreadKind},
    log::Item,
    record::{ActivityId, Fact, QueueId, Record, ThreadId},
};

/// Rules are looked at this often, in the trace's own time.
pub(super) const TICK: Nanos = 10 * MILLI;

/// What tables take at most, in bytes: some 40,000 threads, and 200,000 tasks at once, if their ids are close to each other.
const THREADS: usize = 16 << 20;
const TASKS: usize = 48 << 20;

/// Workers of a runtime whose queues are shown.
const MOST_WORKERS: usize = 1024;

/// A time without anything is looked at for so long, and the rest of it skipped.
const LONGEST_GAP: Nanos = 10 * SECOND;

/// A job that was queued.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) name: Arc<str>,
    pub(super) kind: JobKind,
    pub(super) by: Option<ActivityId>,
    /// The thread that runs it, where the collector saw it in flight.
    pub(super) thread: Option<ThreadId>,
}

/// The process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    pub(super) first_cpu: Option<Nanos>,
    pub(super) cpu: Nanos,
    /// What observers had used when the lab was built.
    pub(super) observed: Nanos,
    pub(super) first_rss: Option<u64>,
    pub(super) rss_peak: u64,
}

/// What is true after the events so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) now: Nanos,
    next_tick: Nanos,
    pub(super) generation: u32,
    pub(super) lab_since: Nanos,
    pub(super) threads: Table<Thread, THREADS>,
    kept: room::Kept,
    ordinals: BTreeMap<(ThreadKind, u32), u32>,
    pub(super) tasks: Table<Task, TASKS>,
    ended: VecDeque<ActivityId>,
    /// Those whose wakers were counted, and are none, in order.
    pub(super) wakerless: BTreeSet<ActivityId>,
    /// When any of them was found spinning last.
    pub(super) last_spun: Nanos,
    /// Ordered, like all that is gone through: equal states give equal pictures.
    pub(super) jobs: BTreeMap<ActivityId, Job>,
    /// Jobs that were parts of polls and have ended: the last few, of short names.
    pub(super) ended_parts: VecDeque<(ActivityId, Arc<str>)>,
    pub(super) queues: BTreeMap<QueueId, QueueState>,
    pub(super) pulse: PulseState,
    pub(super) setup: Payload,
    pub(super) scenarios: Scenarios,
    pub(super) findings: Findings,
    pub(super) totals: Totals,
    pub(super) process: Process,
    pub(super) alive_in_runtime: u32,
    pub(super) coverage: Coverage,
    pub(super) scheduler: Option<Box<SchedulerSample>>,
    pub(super) alive_tasks: u32,
    pub(super) ready_tasks: u32,
    pub(super) probe_nanos: Option<f64>,
}

impl State {
    /// Returns what is true before the first event.
    pub(super) fn with_scenarios(scenarios: Scenarios) -> Self {
        Self { scenarios, ..Self::default() }
    }

    /// Takes the next item of the log.
    #[inline]
    pub(super) fn apply(&mut self, item: Item<'_>, sink: &mut impl Sink) {
        self.totals.emitted += 1;
        match item {
            Item::Record(thread, record) => {
                self.advance(record.at(), sink);
                self.record(thread, record, sink);
            }
            Item::Event(event) => {
                self.advance(event.at, sink);
                self.event(event, sink);
            }
        }
    }

    /// Nothing else happens before that instant.
    #[inline]
    pub(super) fn advance(&mut self, to: Nanos, sink: &mut impl Sink) {
        let gap = to.saturating_sub(self.next_tick);
        if gap > LONGEST_GAP {
            // The machine slept, or the log is a forged one: what is true now held all the time.
            self.next_tick += (gap - LONGEST_GAP) / TICK * TICK;
        }
        while to >= self.next_tick {
            self.now = self.next_tick;
            self.next_tick += TICK;
            self.look_for_findings(sink);
        }
        self.now = self.now.max(to);
    }

    /// Nearly all records are polls and wakes: what else there is stays out of their way.
    #[inline]
    fn record(&mut self, thread: ThreadId, record: Record, sink: &mut impl Sink) {
        let at = record.at();
        match record.fact() {
            Some(Fact::Poll { task, took, outcome, nested }) => {
                if nested {
                    self.part_ended(thread, at, task, took);
                } else {
                    self.poll_ended(thread, at, task, took, outcome, sink);
                }
                self.task_polled(thread, at, task, took, outcome, sink);
            }
            Some(Fact::Wake { task, by, by_ref: _ }) => self.woken(task, at, by, thread),
            Some(_) => self.rarer_record(thread, record, sink),
            None => {}
        }
    }

    #[inline(never)]
    fn rarer_record(&mut self, thread: ThreadId, record: Record, sink: &mut impl Sink) {
        let at = record.at();
        let Some(fact) = record.fact() else { return };
        match fact {
            Fact::Poll { .. } | Fact::Wake { .. } => {}
            Fact::Job { job, took, panicked: _, nested } => self.job_ended(thread, at, job, took, nested, sink),
            Fact::Waited { queue, took, for_room, nested } => {
                self.waited(thread, at, (queue, took, for_room), nested, sink);
            }
            Fact::Spent { cpu_us, waited_us } => self.with_thread(thread, |it| it.has_read(cpu_us, waited_us)),
            Fact::Open { what, age, doing } => self.seen_open(thread, at, what, age, doing, sink),
            Fact::Part { what, age, doing: _ } => self.part_seen(thread, at, what, age),
            Fact::Dropped { task } => self.gone(task, Gone::Dropped),
            Fact::Closed { task } => self.gone(task, Gone::Unseen),
            Fact::Wakers { task, alive } => self.wakers_counted(task, alive),
            Fact::Park => self.parks(thread, at, sink),
            Fact::Unpark { cpu_us } => self.unparks(thread, at, cpu_us),
            Fact::Worker { index: worker } => self.with_thread(thread, |it| {
                it.worker = worker;
                it.awake = worker.is_some() && it.is_told();
                it.painted = it.painted.max(at);
            }),
            Fact::Sent { queue, depth } => self.with_queue(queue, |it| {
                it.sent += 1;
                it.depth = depth;
                it.deepest = it.deepest.max(depth);
            }),
            Fact::Received { queue, depth } => self.with_queue(queue, |it| {
                it.received += 1;
                it.depth = depth;
            }),
            // Of a lab that was left it is late only there: another pulse runs by now.
            Fact::Pulse { .. } if self.is_of_another_lab(thread) => {}
            Fact::Pulse { count, late } => self.pulse.ran(at, count, late, sink),
            Fact::Lost { count } => self.totals.lost = self.totals.lost.saturating_add(u64::from(count)),
        }
    }

    fn is_of_another_lab(&self, thread: ThreadId) -> bool {
        self.threads.get(thread).is_some_and(|it| it.generation != self.generation)
    }

    #[inline(never)]
    fn event(&mut self, stamped: &Stamped, sink: &mut impl Sink) {
        let at = stamped.at;
        if !self.has_room(&stamped.event) {
            return;
        }
        match &stamped.event {
            Event::LabBuilt { generation, setup } => {
                sink.lab_left(&self.totals, &self.queues);
                self.lab_built(at, *generation, setup);
            }
            Event::LabLeft { generation } if *generation == self.generation => self.pulse.stopped(at, sink),
            Event::SetupChanged(setup) => {
                self.setup = setup.clone();
                self.scenarios.setup_changed(setup);
            }
            Event::Thread(began) => self.thread_began(at, began, sink),
            Event::ThreadEnded { thread, cpu, waited } => {
                self.with_thread(*thread, |it| it.read_at_end(at, *cpu, *waited));
                self.thread_ended(at, *thread);
            }
            Event::Task(began) => {
                sink.named(began.task, &began.name);
                self.task_began(at, began);
            }
            Event::Nested { task, parent } => self.found_nested(*task, *parent),
            Event::Job(queued) => {
                sink.named(queued.job, &queued.name);
                self.job_queued(queued);
            }
            Event::Queue { queue, name, capacity } => {
                sink.queue_made(name);
                self.queue_made(*queue, name, *capacity);
            }
            Event::QueueEnded { queue } => self.queue_ended(*queue, sink),
            Event::PulseStarted { task, first_due, period } => self.pulse.started(*task, *first_due, *period),
            Event::PulseStopped { task } if self.pulse.task == *task => self.pulse.stopped(at, sink),
            // Of a lab that was left before: the next has a pulse of its own by now.
            Event::LabLeft { .. } | Event::PulseStopped { .. } => {}
            Event::Os(sample) => {
                if let Some(it) = self.threads.get_mut(sample.thread)
                    && let Some((from, cpu)) = it.sampled(at, sample)
                    && it.only_sampled()
                {
                    // Where in the window it was on the CPU nobody saw: a window is shorter than a cell.
                    sink.paint(sample.thread, from, (from + cpu).min(at), LaneState::OnCpu);
                }
            }
            Event::OsTotals(totals) => self.with_thread(totals.thread, |it| it.counted(at, totals)),
            Event::Process { cpu, rss } => {
                sink.process_cpu(at, *cpu);
                self.process.first_cpu.get_or_insert(*cpu);
                self.process.first_rss.get_or_insert(*rss);
                self.process.cpu = *cpu;
                self.process.rss_peak = self.process.rss_peak.max(*rss);
            }
            Event::Coverage(coverage) => self.coverage = *coverage,
            Event::Scheduler(sample) => {
                // Each copy of what is true has one: a log from outside does not decide how large that is.
                self.scheduler = Some(sample.clone()).filter(|it| it.local_queues.len() <= MOST_WORKERS);
            }
            Event::AliveTasks { count } => self.alive_in_runtime = *count,
            Event::ProbeCost { nanos } => self.probe_nanos = Some(*nanos),
            Event::EventsLost { count } => self.totals.lost = self.totals.lost.saturating_add(*count),
            Event::ToldAnew => self.told_anew(at),
            Event::Held { task } => self.held(*task, at),
            Event::Released { task } => self.released(*task, at),
            Event::Scenario(event) => self.scenarios.event(at, event),
        }
    }

    fn lab_built(&mut self, at: Nanos, generation: u32, setup: &Payload) {
        self.setup = setup.clone();
        self.generation = generation;
        self.lab_since = at;
        self.queues.clear();
        // What waits for a thread of the lab that was left is dropped with it, and nobody says so.
        self.jobs.retain(|_, job| job.thread.is_some());
        // A lab that was left may still begin threads for a while; one before it does not.
        self.ordinals.retain(|(_, of), _| *of == 0 || of.saturating_add(1) >= generation);
        self.alive_in_runtime = 0;
        self.scenarios.lab_built(generation, setup);
        self.findings.clear();
        self.pulse.ticks = 0;
        // A summary is of one lab; what was lost, and how much there was, is of the whole trace.
        let Totals { emitted, lost, .. } = self.totals;
        self.totals = Totals { emitted, lost, ..Totals::default() };
        let Process { first_cpu, cpu, .. } = self.process;
        let observed = self.observers_cpu().unwrap_or_default();
        self.process = Process { first_cpu: first_cpu.map(|_| cpu), cpu, observed, ..Process::default() };
    }

    /// What is alive is told from here on; how what is not told of ended nobody has seen.
    fn told_anew(&mut self, at: Nanos) {
        let alive: Vec<_> = self.threads.iter().filter(|(_, it)| it.ended.is_none()).map(|(id, _)| id).collect();
        for thread in alive {
            self.thread_ended(at, thread);
            // Whether it was busy meanwhile nobody knows.
            self.with_thread(thread, |it| it.painted = it.painted.max(at));
        }
        self.forget_tasks();
        self.jobs.clear();
        self.queues.clear();
        // Whether it was late meanwhile nobody knows either.
        self.pulse.next_due = None;
    }

    /// The CPU time of all observers so far.
    pub(super) fn observers_cpu(&self) -> Option<Nanos> {
        let observers = self.threads.iter().filter(|(_, it)| it.kind == ThreadKind::Observer);
        observers.filter_map(|(_, it)| it.os.cpu()).reduce(|sum, cpu| sum + cpu)
    }

    fn with_queue(&mut self, queue: QueueId, act: impl FnOnce(&mut QueueState)) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            act(queue);
        }
    }

    fn queue_made(&mut self, queue: QueueId, name: &Arc<str>, capacity: u32) {
        let name = Arc::clone(name);
        let state = QueueState { name, capacity, depth: 0, deepest: 0, sent: 0, received: 0, blocked: 0 };
        self.queues.insert(queue, state);
    }

    /// The first ones keep their place on the screens; of the others what was counted stays.
    fn queue_ended(&mut self, queue: QueueId, sink: &mut impl Sink) {
        if self.queues.keys().take(QUEUES).any(|kept| *kept == queue) {
            self.with_queue(queue, |it| it.depth = 0);
        } else if let Some(it) = self.queues.remove(&queue) {
            sink.queue_left(&it);
        }
    }

    /// Returns a state of an instant that knows these threads, all of them idle, and nothing else.
    pub(super) fn threads_alone(&self, at: Nanos) -> Self {
        let mut threads = self.threads.clone();
        threads.values_mut().for_each(|it| it.begin_anew(at));
        let next_tick = at / TICK * TICK + TICK;
        let &Self { generation, lab_since, .. } = self;
        Self { now: at, next_tick, generation, lab_since, threads, ..Self::default() }
    }

    /// The task that an activity (a task, sub-future or job) belongs to.
    pub(super) fn task_of(&self, activity: ActivityId) -> Option<ActivityId> {
        let mut at = activity;
        // Chains are as deep as futures and jobs are nested; a damaged log must not make a circle of them.
        for _ in 0..64 {
            at = match (self.tasks.get(at), self.jobs.get(&at)) {
                (Some(task), _) if task.kind == TaskKind::Sub => task.parent?,
                (Some(_), _) => return Some(at),
                (None, Some(job)) => job.by?,
                (None, None) => return None,
            };
        }
        None
    }

    /// What a thread's poll in flight is.
    pub(super) fn class(&self, thread: ThreadId, at: Nanos) -> PollClass {
        let open = self.threads.get(thread).and_then(|it| it.open.as_ref());
        open.map_or(PollClass::Short, |open| open.class(at))
    }
}
