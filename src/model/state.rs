//! The fold: what is true after the events so far. Its size is bounded by what is alive.

use std::{collections::VecDeque, sync::Arc};

use rustc_hash::FxHashMap;

use super::{
    findings::Findings,
    index::Index,
    picture::{LaneState, PollHow},
    pipeline::Pipeline,
    pulse::PulseState,
    table::Table,
    task::{Task, is_by_itself},
    thread::{LONG_POLL, Open, SHORT_POLL, Spent, Thread, lane_parts},
};
use crate::trace::{
    clock::{MILLI, Nanos},
    event::{Event, JobKind, JobQueued, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
    log::Item,
    record::{ActivityId, Doing, Fact, Outcome, QueueId, Record, ThreadId},
    settings::Settings,
};

/// Rules are looked at this often, in the trace's own time.
pub(super) const TICK: Nanos = 10 * MILLI;
/// Ended tasks that are still remembered, for the screens.
const ENDED_TASKS: usize = 256;

/// Threads, alive or ended, from which on the oldest ended one is forgotten.
const KEPT_THREADS: usize = 1024;

/// A job that was queued.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) name: Arc<str>,
    pub(super) kind: JobKind,
    pub(super) by: Option<ActivityId>,
    /// The thread that runs it, where the collector saw it in flight.
    pub(super) thread: Option<ThreadId>,
}

/// A queue or gate.
#[derive(Clone, Debug)]
pub(super) struct QueueState {
    pub(super) name: Arc<str>,
    pub(super) capacity: u32,
    pub(super) depth: u32,
    pub(super) deepest: u32,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) blocked: Nanos,
}

/// Counts of the whole run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) spawned: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    pub(super) polls: u64,
    pub(super) longest_poll: Nanos,
    pub(super) long_polls: u64,
    pub(super) spent: Spent,
    pub(super) short: Nanos,
    pub(super) most_ready: u32,
    pub(super) emitted: u64,
    pub(super) lost: u64,
}

/// The process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    pub(super) first_cpu: Option<Nanos>,
    pub(super) cpu: Nanos,
    pub(super) first_rss: Option<u64>,
    pub(super) rss_peak: u64,
}

/// What is true after the events so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) now: Nanos,
    next_tick: Nanos,
    pub(super) settings: Option<Settings>,
    pub(super) generation: u32,
    pub(super) lab_since: Nanos,
    pub(super) threads: Table<Thread>,
    ordinals: FxHashMap<(ThreadKind, u32), u32>,
    pub(super) tasks: Table<Task>,
    ended: VecDeque<ActivityId>,
    pub(super) jobs: FxHashMap<ActivityId, Job>,
    pub(super) queues: Vec<(QueueId, QueueState)>,
    pub(super) pulse: PulseState,
    pub(super) pipeline: Pipeline,
    pub(super) findings: Findings,
    pub(super) totals: Totals,
    pub(super) process: Process,
    pub(super) alive_in_runtime: u32,
    pub(super) alive_tasks: u32,
    pub(super) ready_tasks: u32,
    pub(super) probe_nanos: Option<f64>,
}

impl State {
    /// Takes the next item of the log.
    #[inline]
    pub(super) fn apply(&mut self, item: Item<'_>, index: &mut Index) {
        self.totals.emitted += 1;
        match item {
            Item::Record(thread, record) => self.record(thread, record, index),
            Item::Event(event) => self.event(event, index),
        }
    }

    /// Nothing else happens before that instant.
    #[inline]
    pub(super) fn advance(&mut self, to: Nanos) {
        while to >= self.next_tick {
            self.now = self.next_tick;
            self.next_tick += TICK;
            self.look_for_findings();
        }
        self.now = self.now.max(to);
    }

    #[inline]
    fn record(&mut self, thread: ThreadId, record: Record, index: &mut Index) {
        let at = record.at();
        let Some(fact) = record.fact() else { return };
        match fact {
            Fact::Poll { task, took, outcome, nested } => {
                if !nested {
                    self.poll_ended(thread, at, task, took, outcome, index);
                }
                self.task_polled(thread, at, task, took, outcome, index);
            }
            Fact::Wake { task, by, by_ref: _ } => self.woken(task, at, by, thread),
            Fact::Job { job, took, panicked: _, nested } => self.job_ended(thread, at, job, took, nested, index),
            Fact::Waited { queue, took, for_room, nested } => {
                self.waited(thread, at, (queue, took, for_room), nested, index);
            }
            Fact::Spent { cpu_us, waited_us } => self.with_thread(thread, |it| it.has_read(cpu_us, waited_us)),
            Fact::Open { what, age, doing } => self.seen_open(thread, at, what, age, doing, index),
            Fact::Dropped { task } => self.dropped(task),
            Fact::Wakers { task, alive } => {
                if let Some(task) = self.tasks.get_mut(task) {
                    task.wakers = Some(alive);
                }
            }
            Fact::Park => self.parks(thread, at, index),
            Fact::Unpark { cpu_us } => self.unparks(thread, at, cpu_us),
            Fact::Worker { index: worker } => self.with_thread(thread, |it| {
                it.worker = worker;
                it.awake = worker.is_some();
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
            Fact::Pulse { count, late } => self.pulse.ran(at, count, late, index),
            Fact::Lost { count } => self.totals.lost += u64::from(count),
        }
    }

    fn event(&mut self, stamped: &Stamped, index: &mut Index) {
        let at = stamped.at;
        match &stamped.event {
            Event::LabBuilt { generation, settings } => self.lab_built(at, *generation, settings),
            Event::LabLeft { generation: _ } => self.pulse.stopped(at, index),
            Event::SettingsChanged(settings) => self.settings_changed(settings),
            Event::Thread(began) => self.thread_began(at, began, index),
            Event::ThreadEnded { thread, cpu, waited } => {
                self.with_thread(*thread, |it| it.read_at_end(at, *cpu, *waited));
                self.thread_ended(at, *thread);
            }
            Event::Task(began) => self.task_began(at, began),
            Event::Job(queued) => self.job_queued(queued),
            Event::Queue { queue, name, capacity } => self.queue_made(*queue, name, *capacity),
            Event::PulseStarted { task, first_due, period } => self.pulse.started(*task, *first_due, *period),
            Event::PulseStopped { task } if self.pulse.task == *task => self.pulse.stopped(at, index),
            // Of a lab that was left before: another pulse runs by now.
            Event::PulseStopped { .. } => {}
            Event::Os(sample) => {
                if let Some(it) = self.threads.get_mut(sample.thread)
                    && let Some((from, cpu)) = it.sampled(at, sample)
                    && it.only_sampled()
                {
                    // Where in the window it was on the CPU nobody saw: a window is shorter than a cell.
                    index.paint(sample.thread, from, (from + cpu).min(at), LaneState::OnCpu);
                }
            }
            Event::OsTotals(totals) => self.with_thread(totals.thread, |it| it.counted(at, totals)),
            Event::Process { cpu, rss } => {
                self.process.first_cpu.get_or_insert(*cpu);
                self.process.first_rss.get_or_insert(*rss);
                self.process.cpu = *cpu;
                self.process.rss_peak = self.process.rss_peak.max(*rss);
            }
            Event::AliveTasks { count } => self.alive_in_runtime = *count,
            Event::ProbeCost { nanos } => self.probe_nanos = Some(*nanos),
            Event::EventsLost { count } => self.totals.lost += count,
            Event::Round { number } => self.pipeline.round(*number),
            Event::RoundDone => self.pipeline.round_done = true,
            Event::Row { row, change } => self.pipeline.change(*row, change),
            Event::Client(counters) => self.pipeline.client = *counters,
        }
    }

    fn lab_built(&mut self, at: Nanos, generation: u32, settings: &Settings) {
        self.settings = Some(settings.clone());
        self.generation = generation;
        self.lab_since = at;
        self.queues.clear();
        // What waits for a thread of the lab that was left is dropped with it, and nobody says so.
        self.jobs.retain(|_, job| job.thread.is_some());
        self.alive_in_runtime = 0;
        self.pipeline.start_over();
        self.findings.clear();
    }

    fn settings_changed(&mut self, settings: &Settings) {
        if let Some(before) = &self.settings {
            self.pipeline.wait_pending |= before.wait != settings.wait;
            self.pipeline.compute_pending |= before.compute != settings.compute;
        }
        self.settings = Some(settings.clone());
    }

    fn thread_began(&mut self, at: Nanos, began: &ThreadBegan, index: &mut Index) {
        let ordinal = self.ordinals.entry((began.kind, began.generation)).or_default();
        let mut thread = Thread::new(began, at, *ordinal);
        *ordinal += 1;
        // Records of the thread may have come first: their lane is kept.
        if let Some(known) = self.threads.get(began.thread) {
            thread = Thread {
                worker: known.worker,
                awake: known.awake,
                painted: known.painted,
                totals: known.totals,
                ..thread
            };
        }
        self.threads.insert(began.thread, thread);
        if self.threads.len() > KEPT_THREADS {
            let oldest = self.threads.iter().find(|(_, it)| it.ended.is_some()).map(|(id, _)| id);
            if let Some(oldest) = oldest {
                self.threads.remove(oldest);
                index.forget(oldest);
            }
        }
    }

    fn thread_ended(&mut self, at: Nanos, thread: ThreadId) {
        self.with_thread(thread, |it| {
            it.ended = Some(at);
            it.open = None;
            it.awake = false;
        });
        // A job whose end was lost has ended now.
        self.jobs.retain(|_, job| job.thread != Some(thread));
    }

    fn with_thread(&mut self, thread: ThreadId, act: impl FnOnce(&mut Thread)) {
        if let Some(thread) = self.threads.get_mut(thread) {
            act(thread);
        }
    }

    fn with_queue(&mut self, queue: QueueId, act: impl FnOnce(&mut QueueState)) {
        if let Some((_, queue)) = self.queues.iter_mut().find(|(id, _)| *id == queue) {
            act(queue);
        }
    }

    fn queue_made(&mut self, queue: QueueId, name: &Arc<str>, capacity: u32) {
        let name = Arc::clone(name);
        let state = QueueState { name, capacity, depth: 0, deepest: 0, sent: 0, received: 0, blocked: 0 };
        self.queues.push((queue, state));
    }

    /// The outermost span of a thread ended: its lane, its totals.
    #[inline]
    fn poll_ended(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        task: ActivityId,
        took: Nanos,
        outcome: Outcome,
        index: &mut Index,
    ) {
        let Some(it) = self.threads.get_mut(thread) else { return };
        let start = at.saturating_sub(took);
        let read = it.read.take();
        let open = it.open.take();
        if it.awake && start > it.painted {
            it.totals.runtime += start - it.painted;
            index.paint(thread, it.painted, start, LaneState::Runtime);
        }
        it.totals.polling += took;
        it.painted = at;
        let counted = outcome != Outcome::HandedOver;
        self.totals.polls += u64::from(counted);
        if took < SHORT_POLL {
            self.totals.short += took;
            self.totals.longest_poll = self.totals.longest_poll.max(took);
            index.paint(thread, start, at, LaneState::Polling);
            return;
        }
        let spent = match (read, open) {
            (Some(_), _) | (None, None) => Spent::split(took, read),
            (None, Some(open)) => seen_only(open, took),
        };
        let worker = it.worker.is_some();
        paint_parts(index, thread, start, at, spent, Doing::Poll);
        self.long_poll(thread, at, task, took, spent, worker);
    }

    /// A poll of a millisecond or more ended.
    fn long_poll(&mut self, thread: ThreadId, at: Nanos, task: ActivityId, took: Nanos, spent: Spent, worker: bool) {
        self.totals.longest_poll = self.totals.longest_poll.max(took);
        self.totals.long_polls += u64::from(took >= LONG_POLL);
        let sum = &mut self.totals.spent;
        sum.cpu += spent.cpu;
        sum.no_core += spent.no_core;
        sum.asleep += spent.asleep;
        sum.unknown += spent.unknown;
        if worker && took >= LONG_POLL {
            self.long_poll_found(thread, at, task, took, spent);
        }
    }

    #[inline]
    fn task_polled(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        task: ActivityId,
        took: Nanos,
        outcome: Outcome,
        index: &mut Index,
    ) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        let start = at.saturating_sub(took);
        let was_ready = it.is_ready();
        let counts = it.kind != TaskKind::Sub;
        if it.polling.is_none()
            && let Some(ready) = it.poll_began(start, thread)
            && it.kind == TaskKind::Task
        {
            index.ready.record(ready);
        }
        let ready_again = it.poll_ended(start, took, outcome);
        if counts {
            self.ready_tasks = self.ready_tasks + u32::from(ready_again) - u32::from(was_ready).min(self.ready_tasks);
        }
        if matches!(outcome, Outcome::Ready | Outcome::Panicked) {
            self.task_ended(task, Some(outcome));
        }
    }

    #[inline]
    fn woken(&mut self, task: ActivityId, at: Nanos, by: ActivityId, thread: ThreadId) {
        let by_itself = is_by_itself(task, by) || self.is_sub_of(by, task);
        let Some(it) = self.tasks.get_mut(task) else { return };
        if it.wake(at, by_itself, by, thread) && it.kind != TaskKind::Sub {
            self.ready_tasks += 1;
            self.totals.most_ready = self.totals.most_ready.max(self.ready_tasks);
        }
    }

    /// Whether `by` is a sub-future somewhere inside `task`.
    fn is_sub_of(&self, by: ActivityId, task: ActivityId) -> bool {
        let parent = |id| self.tasks.get(id).filter(|it| it.kind == TaskKind::Sub).and_then(|it| it.parent);
        std::iter::successors(parent(by), |id| parent(*id)).any(|ancestor| ancestor == task)
    }

    fn seen_open(&mut self, thread: ThreadId, at: Nanos, what: u32, age: Nanos, doing: Doing, index: &mut Index) {
        let start = at.saturating_sub(age);
        let Some(it) = self.threads.get_mut(thread) else { return };
        if it.awake && start > it.painted {
            it.totals.runtime += start - it.painted;
            index.paint(thread, it.painted, start, LaneState::Runtime);
            it.painted = start;
        }
        if doing == Doing::Wait {
            it.job_until(start, |from, to| index.paint(thread, from, to, LaneState::Job));
        }
        // A job that goes on after a wait inside it is drawn from there.
        it.open = Some(Open::new(start.max(it.painted), what, doing));
        match doing {
            Doing::Poll => self.poll_seen_open(thread, what, start, index),
            Doing::Job => {
                if let Some(job) = self.jobs.get_mut(&what) {
                    job.thread = Some(thread);
                }
            }
            Doing::Wait => {}
        }
    }

    fn poll_seen_open(&mut self, thread: ThreadId, task: ActivityId, start: Nanos, index: &mut Index) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        let was_ready = it.is_ready();
        if let Some(ready) = it.poll_began(start, thread)
            && it.kind == TaskKind::Task
        {
            index.ready.record(ready);
        }
        it.polling = Some((thread, start));
        if it.kind != TaskKind::Sub {
            self.ready_tasks -= u32::from(was_ready).min(self.ready_tasks);
        }
    }

    fn job_queued(&mut self, queued: &JobQueued) {
        let JobQueued { job, name, kind, by } = queued;
        if let Some(task) = by.and_then(|by| self.task_of(by)) {
            self.with_task(task, |it| it.jobs += 1);
        }
        self.jobs.insert(*job, Job { name: Arc::clone(name), kind: *kind, by: *by, thread: None });
    }

    fn job_ended(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        job: ActivityId,
        took: Nanos,
        nested: bool,
        index: &mut Index,
    ) {
        if let Some(ended) = self.jobs.remove(&job)
            && let Some(task) = ended.by.and_then(|by| self.task_of(by))
        {
            self.with_task(task, |it| it.jobs = it.jobs.saturating_sub(1));
        }
        let Some(it) = self.threads.get_mut(thread).filter(|_| !nested) else { return };
        it.totals.job += took;
        let read = it.read.take();
        let spent = match it.open.take() {
            Some(open) if read.is_none() => seen_only(open, took),
            _ if took < SHORT_POLL => Spent { cpu: took, ..Spent::default() },
            _ => Spent::split(took, read),
        };
        // What came before a wait inside the job is drawn already.
        let start = at.saturating_sub(took).max(it.painted).min(at);
        it.painted = at;
        paint_parts(index, thread, start, at, spent, Doing::Job);
    }

    fn waited(&mut self, thread: ThreadId, at: Nanos, wait: (QueueId, Nanos, bool), nested: bool, index: &mut Index) {
        let (queue, took, for_room) = wait;
        if for_room {
            self.with_queue(queue, |it| it.blocked += took);
        }
        let Some(it) = self.threads.get_mut(thread) else { return };
        // A short wait inside a job is drawn as part of it.
        if nested && took < SHORT_POLL {
            return;
        }
        it.job_until(at.saturating_sub(took), |from, to| index.paint(thread, from, to, LaneState::Job));
        if for_room {
            index.paint(thread, at.saturating_sub(took), at, LaneState::WaitsForRoom);
        }
        if !nested {
            it.read = None;
        }
        it.open = None;
        it.painted = at;
    }

    fn parks(&mut self, thread: ThreadId, at: Nanos, index: &mut Index) {
        let Some(it) = self.threads.get_mut(thread) else { return };
        if it.awake && at > it.painted {
            it.totals.runtime += at - it.painted;
            index.paint(thread, it.painted, at, LaneState::Runtime);
        }
        it.painted = at;
        it.awake = false;
        // A worker parks in no poll of its own: the record of one that was seen in flight is lost.
        it.open = None;
    }

    fn unparks(&mut self, thread: ThreadId, at: Nanos, cpu_us: u32) {
        self.with_thread(thread, |it| {
            it.totals.runtime += Nanos::from(cpu_us) * 1_000;
            it.painted = at;
            it.awake = true;
        });
    }

    fn task_began(&mut self, at: Nanos, began: &TaskBegan) {
        let task = Task::new(began, at);
        if began.kind == TaskKind::Task {
            self.totals.spawned += 1;
        }
        if began.kind != TaskKind::Sub {
            self.alive_tasks += 1;
            self.ready_tasks += 1;
            self.totals.most_ready = self.totals.most_ready.max(self.ready_tasks);
        }
        self.tasks.insert(began.task, task);
    }

    fn dropped(&mut self, task: ActivityId) {
        let Some(it) = self.tasks.get_mut(task).filter(|it| it.is_alive()) else { return };
        if it.kind != TaskKind::Sub && it.is_ready() {
            self.ready_tasks = self.ready_tasks.saturating_sub(1);
        }
        it.dropped = true;
        self.task_ended(task, None);
    }

    fn task_ended(&mut self, task: ActivityId, outcome: Option<Outcome>) {
        let Some(it) = self.tasks.get(task) else { return };
        self.pipeline.task_ended(task, it);
        if it.kind != TaskKind::Sub {
            self.alive_tasks = self.alive_tasks.saturating_sub(1);
        }
        if it.kind == TaskKind::Task {
            let count = match outcome {
                Some(Outcome::Panicked) => &mut self.totals.failed,
                Some(_) => &mut self.totals.completed,
                None => &mut self.totals.cancelled,
            };
            *count += 1;
        }
        self.ended.push_back(task);
        if self.ended.len() > ENDED_TASKS
            && let Some(oldest) = self.ended.pop_front()
        {
            self.tasks.remove(oldest);
        }
    }

    fn with_task(&mut self, task: ActivityId, act: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(task) {
            act(task);
        }
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

    /// How a thread's poll in flight is spent.
    pub(super) fn how(&self, thread: ThreadId, at: Nanos) -> PollHow {
        let open = self.threads.get(thread).and_then(|it| it.open.as_ref());
        open.map_or(PollHow::Short, |open| open.how(at))
    }
}

/// A span of which only the samples tell: what they did not see is unknown.
fn seen_only(open: Open, took: Nanos) -> Spent {
    let seen = open.seen;
    let sum = seen.cpu + seen.no_core + seen.asleep;
    Spent { unknown: took.saturating_sub(sum), ..seen }
}

/// Paints a span's parts: those that the samples cannot place come in a set order, and short pieces share
/// their cells anyway.
fn paint_parts(index: &mut Index, thread: ThreadId, start: Nanos, end: Nanos, spent: Spent, doing: Doing) {
    let mut at = start;
    for (state, time) in lane_parts(spent, end - start, doing) {
        let until = (at + time).min(end);
        index.paint(thread, at, until, state);
        at = until;
    }
}
