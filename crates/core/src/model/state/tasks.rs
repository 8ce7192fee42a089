//! The task's half of the fold: since when it is ready, in a poll or asleep, and how it ended.

use std::sync::Arc;

use super::{Job, State};
use crate::{
    model::{
        poll_class::BegunPoll,
        scenario::Scenarios,
        sink::Sink,
        task::{Gone, Task, is_by_itself},
    },
    trace::{
        clock::Nanos,
        event::{JobQueued, TaskBegan, TaskKind},
        record::{ActivityId, Outcome, ThreadId},
    },
};

/// Ended tasks that are still remembered, for the screens.
const ENDED_TASKS: usize = 256;

impl State {
    pub(super) fn task_began(&mut self, at: Nanos, began: &TaskBegan) {
        let task = Task::new(began, at);
        if began.kind == TaskKind::Task {
            self.totals.spawned += 1;
        }
        if began.kind != TaskKind::Sub {
            self.alive_tasks += 1;
            self.ready_tasks += 1;
            self.totals.most_ready = self.totals.most_ready.max(self.ready_tasks);
        }
        if !self.tasks.insert(began.task, task) {
            self.totals.lost += 1;
        }
    }

    /// What was taken for a task is a part of one: it was never spawned, and never ready by itself.
    pub(super) fn found_nested(&mut self, task: ActivityId, parent: ActivityId) {
        let Some(it) = self.tasks.get_mut(task).filter(|it| it.kind == TaskKind::Task && it.is_alive()) else { return };
        self.totals.spawned = self.totals.spawned.saturating_sub(1);
        self.alive_tasks = self.alive_tasks.saturating_sub(1);
        self.ready_tasks = self.ready_tasks.saturating_sub(u32::from(it.is_ready()));
        it.found_nested(parent);
    }

    #[inline]
    pub(super) fn task_polled(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        task: ActivityId,
        took: Nanos,
        outcome: Outcome,
        sink: &mut impl Sink,
    ) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        let start = at.saturating_sub(took);
        let was_ready = it.is_ready();
        let counts = it.kind != TaskKind::Sub;
        if it.polling.is_none() {
            poll_began(task, it, (thread, start), sink, &mut self.scenarios);
        }
        let ready_again = it.poll_ended(start, took, outcome);
        if counts {
            self.ready_tasks = self.ready_tasks + u32::from(ready_again) - u32::from(was_ready).min(self.ready_tasks);
        }
        if matches!(outcome, Outcome::Ready | Outcome::Panicked) {
            self.task_ended(task, Some(outcome));
        }
    }

    pub(super) fn poll_seen_open(&mut self, thread: ThreadId, task: ActivityId, start: Nanos, sink: &mut impl Sink) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        let was_ready = it.is_ready();
        poll_began(task, it, (thread, start), sink, &mut self.scenarios);
        it.polling = Some((thread, start));
        if it.kind != TaskKind::Sub {
            self.ready_tasks -= u32::from(was_ready).min(self.ready_tasks);
        }
    }

    #[inline]
    pub(super) fn woken(&mut self, task: ActivityId, at: Nanos, by: ActivityId, thread: ThreadId) {
        let by_itself = is_by_itself(task, by) || self.is_sub_of(by, task);
        let Some(it) = self.tasks.get_mut(task) else { return };
        if it.wake(at, by_itself, by, thread) && it.kind != TaskKind::Sub {
            self.ready_tasks += 1;
            self.totals.most_ready = self.totals.most_ready.max(self.ready_tasks);
        }
        self.last_spun = self.last_spun.max(it.spun);
    }

    pub(super) fn wakers_counted(&mut self, task: ActivityId, alive: u32) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        it.wakers = Some(alive);
        if alive == 0 && it.is_alive() {
            self.wakerless.insert(task);
        } else {
            self.wakerless.remove(&task);
        }
    }

    /// Whether `by` is a sub-future somewhere inside `task`.
    fn is_sub_of(&self, by: ActivityId, task: ActivityId) -> bool {
        let parent = |id| self.tasks.get(id).filter(|it| it.kind == TaskKind::Sub).and_then(|it| it.parent);
        std::iter::successors(parent(by), |id| parent(*id)).any(|ancestor| ancestor == task)
    }

    pub(super) fn held(&mut self, task: ActivityId, at: Nanos) {
        let Some(it) = self.tasks.get_mut(task).filter(|it| it.is_alive()) else { return };
        if it.is_ready() && it.kind != TaskKind::Sub {
            self.ready_tasks = self.ready_tasks.saturating_sub(1);
        }
        it.held(at);
    }

    pub(super) fn released(&mut self, task: ActivityId, at: Nanos) {
        let Some(it) = self.tasks.get_mut(task) else { return };
        if it.released(at) && it.kind != TaskKind::Sub {
            self.ready_tasks += 1;
        }
    }

    pub(super) fn gone(&mut self, task: ActivityId, how: Gone) {
        let Some(it) = self.tasks.get_mut(task).filter(|it| it.is_alive()) else { return };
        if it.kind != TaskKind::Sub && it.is_ready() {
            self.ready_tasks = self.ready_tasks.saturating_sub(1);
        }
        it.gone = Some(how);
        self.task_ended(task, None);
    }

    /// Forgets those that are alive, which are none of the ended: they are told again, or nobody knows how they ended.
    pub(super) fn forget_tasks(&mut self) {
        let alive: Vec<_> = self.tasks.iter().filter(|(_, it)| it.is_alive()).map(|(id, _)| id).collect();
        for task in alive {
            self.tasks.remove(task);
        }
        self.wakerless.clear();
        (self.alive_tasks, self.ready_tasks) = (0, 0);
    }

    fn task_ended(&mut self, task: ActivityId, outcome: Option<Outcome>) {
        let Some(it) = self.tasks.get(task) else { return };
        self.scenarios.task_ended(task, &it.into());
        if it.kind != TaskKind::Sub {
            self.alive_tasks = self.alive_tasks.saturating_sub(1);
        }
        if it.kind == TaskKind::Task {
            let count = match outcome {
                Some(Outcome::Panicked) => &mut self.totals.failed,
                Some(_) => &mut self.totals.completed,
                None if it.gone == Some(Gone::Unseen) => &mut self.totals.closed,
                None => &mut self.totals.cancelled,
            };
            *count += 1;
        }
        self.wakerless.remove(&task);
        self.ended.push_back(task);
        if self.ended.len() > ENDED_TASKS
            && let Some(oldest) = self.ended.pop_front()
        {
            self.tasks.remove(oldest);
        }
    }

    pub(super) fn job_queued(&mut self, queued: &JobQueued) {
        let JobQueued { job, name, kind, by } = queued;
        if let Some(task) = by.and_then(|by| self.task_of(by)) {
            self.with_task(task, |it| it.jobs += 1);
        }
        self.jobs.insert(*job, Job { name: Arc::clone(name), kind: *kind, by: *by, thread: None });
    }

    pub(super) fn with_task(&mut self, task: ActivityId, act: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(task) {
            act(task);
        }
    }
}

/// A task's poll began there and then: how long it had been ready, and who woke it, is known from here on.
#[inline]
fn poll_began(
    task: ActivityId,
    it: &mut Task,
    (thread, start): (ThreadId, Nanos),
    sink: &mut impl Sink,
    scenarios: &mut Scenarios,
) {
    let ready = it.poll_began(start, thread);
    sink.poll_began(&BegunPoll { task, kind: it.kind, ready });
    if let Some(ready) = ready
        && it.kind == TaskKind::Task
    {
        scenarios.polled(it.woken_by, (thread, start), ready);
    }
}
