//! Who takes part in a trace, by name, and what each has done: threads, tasks, jobs, queues.
//!
//! The fold (`model`) forgets what a screen no longer shows; an export needs each task's last word. So this
//! keeps whoever is alive, says who has ended, and knows nothing of the formats. It judges no poll: what one was, and how
//! long its task had been ready, the fold says ([`Walk`](crate::model::walk::Walk)). A trace may begin in the middle:
//! whoever was never introduced gets a name from its number.

use std::{collections::BTreeMap, sync::Arc};

use rustc_hash::FxHashMap;

use super::life::{InFlight, TaskLife, ThreadLife, Wake};
use crate::{
    model::walk::BegunPoll,
    trace::{
        clock::Nanos,
        event::{Event, JobKind, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
        record::{ActivityId, Doing, Fact, Outcome, QueueId, Record, ThreadId},
    },
};

/// A job or queue.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: Arc<str>,
    /// Of a job: where it runs, and who queued it.
    pub(super) kind: Option<JobKind>,
    pub(super) by: Option<ActivityId>,
    /// The lab in which it was made.
    generation: u32,
}

/// What an entry takes in a map, but for its name: half of a map's room may be empty.
const ENTRY: usize = 2 * size_of::<(ActivityId, TaskLife)>();

/// Whoever has ended, or for whom there is no room.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gone {
    Thread(ThreadId),
    Task(ActivityId),
}

/// All that are alive, as far as memory has room for them: of more, the first that began have their last word early,
/// and a name from their number after it.
#[derive(Debug)]
pub(super) struct Cast {
    /// What it may take in memory, and what it takes at most, in bytes.
    memory: usize,
    bytes: usize,
    generation: u32,
    ordinals: FxHashMap<(ThreadKind, u32), u32>,
    /// How many threads have been the worker of that lab and index, one after the other.
    successions: FxHashMap<(u32, u32), u32>,
    pub(super) threads: BTreeMap<ThreadId, ThreadLife>,
    pub(super) tasks: BTreeMap<ActivityId, TaskLife>,
    jobs: BTreeMap<ActivityId, Named>,
    queues: BTreeMap<QueueId, Named>,
    gone: Vec<Gone>,
}

impl Cast {
    /// As many as take at most so many bytes, and those of one batch.
    pub(super) fn within(memory: usize) -> Self {
        Self {
            memory,
            bytes: 0,
            generation: 0,
            ordinals: FxHashMap::default(),
            successions: FxHashMap::default(),
            threads: BTreeMap::new(),
            tasks: BTreeMap::new(),
            jobs: BTreeMap::new(),
            queues: BTreeMap::new(),
            gone: Vec::new(),
        }
    }

    /// Who has ended since this was asked last. They are still here: ask only when the next batch begins,
    /// as the last records of a thread may come after the event that says that it has ended.
    pub(super) fn gone(&mut self) -> Vec<Gone> {
        if self.bytes > self.memory {
            self.make_room();
        }
        std::mem::take(&mut self.gone)
    }

    /// Counts what there is, and lets the oldest go where that is too much.
    fn make_room(&mut self) {
        let tasks = self.tasks.values().map(|it| it.name.len());
        let named = self.jobs.values().chain(self.queues.values()).map(|it| it.name.len());
        let threads = self.threads.values().map(ThreadLife::owned);
        self.bytes = tasks.chain(named).chain(threads).map(|owned| ENTRY + owned).sum();
        if self.bytes <= self.memory {
            return;
        }
        // A quarter is free after it: to count is to look at all.
        let enough = self.memory / 4 * 3;
        for (task, it) in &self.tasks {
            if self.bytes <= enough {
                return;
            }
            self.bytes -= ENTRY + it.name.len();
            self.gone.push(Gone::Task(*task));
        }
        for named in [&mut self.jobs, &mut self.queues] {
            while self.bytes > enough
                && let Some((_, oldest)) = named.pop_first()
            {
                self.bytes -= ENTRY + oldest.name.len();
            }
        }
        for (thread, it) in &self.threads {
            if self.bytes <= enough {
                return;
            }
            self.bytes -= ENTRY + it.owned();
            self.gone.push(Gone::Thread(*thread));
        }
        // Their numbers begin anew.
        self.ordinals.clear();
        self.successions.clear();
    }

    pub(super) fn thread(&mut self, thread: ThreadId) -> &mut ThreadLife {
        known(&mut self.threads, &mut self.bytes, thread, ThreadLife::default)
    }

    pub(super) fn thread_label(&self, thread: ThreadId) -> String {
        self.threads.get(&thread).map_or_else(|| format!("thread {thread}"), |it| it.label(thread))
    }

    pub(super) fn task(&mut self, task: ActivityId) -> &mut TaskLife {
        known(&mut self.tasks, &mut self.bytes, task, || TaskLife::new(unnamed_task(task)))
    }

    pub(super) fn task_name(&self, task: ActivityId) -> Arc<str> {
        self.tasks.get(&task).map_or_else(|| unnamed_task(task), |it| Arc::clone(&it.name))
    }

    pub(super) fn queue_name(&self, queue: QueueId) -> Arc<str> {
        self.queues.get(&queue).map_or_else(|| format!("queue {queue}").into(), |it| Arc::clone(&it.name))
    }

    pub(super) fn job(&self, job: ActivityId) -> Option<&Named> {
        self.jobs.get(&job)
    }

    /// The name of a task, sub-future or job; none of nobody.
    pub(super) fn name(&self, activity: ActivityId) -> Option<Arc<str>> {
        let task = self.tasks.get(&activity).map(|it| &it.name);
        task.or_else(|| self.jobs.get(&activity).map(|it| &it.name)).map(Arc::clone)
    }

    /// Takes in an event.
    pub(super) fn event(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::LabBuilt { generation, .. } => self.lab_built(*generation),
            Event::Thread(began) => self.thread_began(at, began),
            Event::ThreadEnded { thread, .. } => {
                self.thread(*thread).ended_at(at);
                self.gone.push(Gone::Thread(*thread));
            }
            Event::Task(began) => self.task_began(at, began),
            Event::Job(queued) => {
                let (name, kind, by) = (Arc::clone(&queued.name), Some(queued.kind), queued.by);
                self.bytes += ENTRY + name.len();
                self.jobs.insert(queued.job, Named { name, kind, by, generation: self.generation });
            }
            Event::Queue { queue, name, .. } => {
                let name = Arc::clone(name);
                self.bytes += ENTRY + name.len();
                self.queues.insert(*queue, Named { name, kind: None, by: None, generation: self.generation });
            }
            Event::Nested { task, parent } => self.found_nested(*task, *parent),
            Event::Held { task } => self.task(*task).held(),
            _ => {}
        }
    }

    /// A lab that was left still tells for a while; what an older one left in line is never told of again.
    fn lab_built(&mut self, generation: u32) {
        self.generation = generation;
        let recent = |it: &Named| it.generation.saturating_add(1) >= generation;
        self.jobs.retain(|_, it| recent(it));
        self.queues.retain(|_, it| recent(it));
        self.ordinals.retain(|(_, of), _| *of == 0 || of.saturating_add(1) >= generation);
        self.successions.retain(|(of, _), _| of.saturating_add(1) >= generation);
    }

    fn thread_began(&mut self, at: Nanos, began: &ThreadBegan) {
        let next = self.ordinals.entry((began.kind, began.generation)).or_default();
        let ordinal = *next;
        *next += 1;
        self.bytes += began.name.len();
        self.thread(began.thread).began(at, began, ordinal);
    }

    fn task_began(&mut self, at: Nanos, began: &TaskBegan) {
        self.bytes += began.name.len();
        let it = self.task(began.task);
        it.name = Arc::clone(&began.name);
        (it.kind, it.parent, it.created) = (Some(began.kind), began.parent, Some(at));
    }

    /// What was taken for a task is a part of one, as the fold has it.
    fn found_nested(&mut self, task: ActivityId, parent: ActivityId) {
        let known = self.tasks.get_mut(&task);
        if let Some(it) = known.filter(|it| it.kind == Some(TaskKind::Task) && it.ended.is_none()) {
            (it.kind, it.parent) = (Some(TaskKind::Sub), Some(parent));
        }
    }

    /// Takes in what a record says of its thread. Ends of polls and jobs, and wakes, are told besides:
    /// [`Self::polled`], [`Self::job_ended`], [`Self::woken`].
    pub(super) fn record(&mut self, thread: ThreadId, record: Record) {
        let at = record.at();
        let Some(fact) = record.fact() else { return };
        match fact {
            Fact::Dropped { task } => return self.ended(task, at, "dropped"),
            Fact::Closed { task } => return self.ended(task, at, "ended"),
            _ => {}
        }
        let it = known(&mut self.threads, &mut self.bytes, thread, ThreadLife::default);
        match fact {
            Fact::Poll { task, took, nested, outcome } => {
                it.span_ended(Doing::Poll, task, nested);
                if !nested {
                    it.polls += u64::from(outcome != Outcome::HandedOver);
                    it.polling = it.polling.saturating_add(took);
                }
            }
            Fact::Job { job, took, nested, .. } => {
                it.span_ended(Doing::Job, job, nested);
                it.jobs += 1;
                it.job = it.job.saturating_add(if nested { 0 } else { took });
            }
            Fact::Waited { queue, nested, .. } => {
                it.span_ended(Doing::Wait, queue, nested);
            }
            Fact::Open { what, age, doing } => it.seen(InFlight { start: at.saturating_sub(age), what, doing }),
            // A worker parks in no span of its own: the record of one that was seen in flight is lost.
            Fact::Park => it.in_flight.clear(),
            Fact::Worker { index: Some(index) } if it.worker.is_none() => {
                let number = self.successions.entry((it.generation(), index)).or_default();
                *number += 1;
                it.worker = Some((index, *number));
            }
            _ => {}
        }
    }

    /// The task was woken.
    pub(super) fn woken(&mut self, task: ActivityId, wake: Wake) {
        // Nobody is born by being woken: a waker may outlive its task.
        if let Some(it) = self.tasks.get_mut(&task) {
            it.woken(wake);
        }
    }

    /// The fold says that a poll of a task began.
    pub(super) fn poll_began(&mut self, poll: &BegunPoll) {
        if let Some(it) = self.tasks.get_mut(&poll.task) {
            it.ready = poll.ready;
        }
    }

    /// A poll has ended: which wake led to it, and how long the task had been ready.
    pub(super) fn polled(
        &mut self,
        task: ActivityId,
        at: Nanos,
        took: Nanos,
        outcome: Outcome,
    ) -> (Option<Wake>, Option<Nanos>) {
        let it = self.task(task);
        let wake = it.poll_began(at.saturating_sub(took));
        it.poll_ended(at, took, outcome);
        let ready = it.ready.take();
        if it.ended.is_some() {
            self.gone.push(Gone::Task(task));
        }
        (wake, ready)
    }

    fn ended(&mut self, task: ActivityId, at: Nanos, how: &'static str) {
        if let Some(it) = self.tasks.get_mut(&task).filter(|it| it.ended.is_none()) {
            it.ended = Some((at, how));
            self.gone.push(Gone::Task(task));
        }
    }

    /// Entries of all maps.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        let (threads, tasks) = (self.threads.len(), self.tasks.len());
        threads + tasks + self.jobs.len() + self.queues.len() + self.ordinals.len() + self.successions.len()
    }

    /// The job has ended: nobody asks for its name any more.
    pub(super) fn job_ended(&mut self, job: ActivityId) {
        self.jobs.remove(&job);
    }
}

/// Whoever it is, from now on at the latest.
fn known<'a, V>(all: &'a mut BTreeMap<u32, V>, bytes: &mut usize, id: u32, new: impl FnOnce() -> V) -> &'a mut V {
    all.entry(id).or_insert_with(|| {
        *bytes += ENTRY;
        new()
    })
}

fn unnamed_task(task: ActivityId) -> Arc<str> {
    format!("task {task}").into()
}
