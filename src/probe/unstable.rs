//! What Tokio tells only under `--cfg tokio_unstable`: each task that is spawned and each of its polls, and its
//! scheduler's figures.
//!
//! All that depends on that flag is here. A task is named after the place where it was spawned; a probe that is given to
//! `spawn` is a part of it.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pollscope_core::trace::{
    clock::Nanos,
    event::{Coverage, Event, SchedulerSample, TaskKind},
    record::ActivityId,
};
use tokio::{
    runtime::{Builder, Handle, TaskMeta},
    task::Id,
};

use super::{Hooks, Shared, recorder};

/// What is known of a spawned task.
#[derive(Clone, Debug)]
enum Seen {
    /// It was spawned then and there, and not polled yet.
    Spawned(Nanos, Arc<str>),
    /// It has been polled, as this activity.
    Polled(ActivityId),
}

/// Tasks are spread over so many locks: workers seldom wait for each other.
const SHARDS: usize = 64;

/// Some of the tasks.
type Shard = HashMap<Id, Seen, BuildHasherDefault<Spread>>;

/// Tokio counts its tasks up: to spread them it is enough to multiply.
#[derive(Clone, Copy, Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 over the golden ratio; the low bits are as good as the high ones after the fold.
        let product = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The tasks of a runtime that are alive.
#[derive(Debug)]
struct Tasks {
    shared: Arc<Shared>,
    shards: [Mutex<Shard>; SHARDS],
}

impl Tasks {
    fn shard(&self, id: Id) -> MutexGuard<'_, Shard> {
        let hash = BuildHasherDefault::<Spread>::default().hash_one(id);
        self.shards[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawned(&self, meta: &TaskMeta<'_>) {
        if self.shared.is_seen() && !is_told_by_spans(&self.shared) {
            let place = meta.spawned_at();
            let name = format!("{}:{}", place.file(), place.line()).into();
            self.shard(meta.id()).insert(meta.id(), Seen::Spawned(self.shared.clock.now(), name));
        }
    }

    /// The activity that the task is; none where nobody saw it being spawned.
    fn activity(&self, id: Id) -> Option<ActivityId> {
        let mut shard = self.shard(id);
        let seen = shard.get_mut(&id)?;
        match seen {
            Seen::Polled(task) => Some(*task),
            Seen::Spawned(at, name) => {
                // It has been ready since it was spawned. It is told of now: until its first poll, a probe that was given to
                // `spawn` counts as that task.
                let task = self.shared.began(*at, Arc::clone(name), TaskKind::Task, None);
                *seen = Seen::Polled(task);
                Some(task)
            }
        }
    }

    fn before_poll(&self, id: Id) {
        if self.shared.is_seen()
            && let Some(task) = self.activity(id)
        {
            recorder::with(&self.shared, |recorder| recorder.enter_hooked(task));
        }
    }

    fn after_poll(&self) {
        recorder::with(&self.shared, recorder::Recorder::exit_hooked);
    }

    /// Inside its last poll, or outside of any, where it was aborted.
    fn ended(&self, id: Id) {
        let seen = self.shard(id).remove(&id);
        if let Some(Seen::Polled(task)) = seen {
            recorder::with(&self.shared, |recorder| recorder.ended_hooked(task));
        }
    }
}

/// The layer for `tracing` tells of each task already, and of its wakes besides.
fn is_told_by_spans(_shared: &Shared) -> bool {
    #[cfg(feature = "tracing")]
    return _shared.every_task.load(std::sync::atomic::Ordering::Relaxed);
    #[cfg(not(feature = "tracing"))]
    false
}

type TaskHook = Arc<dyn Fn(&TaskMeta<'_>) + Send + Sync>;

/// Those of the program's own.
#[derive(Clone, Default)]
pub(super) struct TaskHooks {
    spawn: Option<TaskHook>,
    before_poll: Option<TaskHook>,
    after_poll: Option<TaskHook>,
    terminate: Option<TaskHook>,
}

impl Hooks {
    /// When a task is spawned (`--cfg tokio_unstable`).
    #[must_use]
    pub fn on_task_spawn(mut self, hook: impl Fn(&TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.of_tasks.spawn = Some(Arc::new(hook));
        self
    }

    /// Before a task is polled (`--cfg tokio_unstable`): inside the poll, as far as it is measured.
    #[must_use]
    pub fn on_before_task_poll(mut self, hook: impl Fn(&TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.of_tasks.before_poll = Some(Arc::new(hook));
        self
    }

    /// After a task was polled (`--cfg tokio_unstable`): inside the poll, as far as it is measured.
    #[must_use]
    pub fn on_after_task_poll(mut self, hook: impl Fn(&TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.of_tasks.after_poll = Some(Arc::new(hook));
        self
    }

    /// When a task has ended (`--cfg tokio_unstable`).
    #[must_use]
    pub fn on_task_terminate(mut self, hook: impl Fn(&TaskMeta<'_>) + Send + Sync + 'static) -> Self {
        self.of_tasks.terminate = Some(Arc::new(hook));
        self
    }
}

/// Has a runtime tell of all its tasks.
pub(super) fn hook(shared: &Arc<Shared>, builder: &mut Builder, own: &TaskHooks) {
    let tasks = Arc::new(Tasks { shared: Arc::clone(shared), shards: std::array::from_fn(|_| Mutex::default()) });
    let [spawned, before, after, ended] = std::array::from_fn(|_| Arc::clone(&tasks));
    let TaskHooks { spawn, before_poll, after_poll, terminate } = own.clone();
    builder
        .on_task_spawn(move |meta| {
            spawned.spawned(meta);
            call(spawn.as_ref(), meta);
        })
        .on_before_task_poll(move |meta| {
            before.before_poll(meta.id());
            call(before_poll.as_ref(), meta);
        })
        .on_after_task_poll(move |meta| {
            // What the other hook does keeps the worker, too.
            call(after_poll.as_ref(), meta);
            after.after_poll();
        })
        .on_task_terminate(move |meta| {
            call(terminate.as_ref(), meta);
            ended.ended(meta.id());
        });
    shared.emit(Event::Coverage(Coverage { every_task: true, scheduler: true }));
}

#[inline]
fn call(hook: Option<&TaskHook>, meta: &TaskMeta<'_>) {
    if let Some(hook) = hook {
        hook(meta);
    }
}

/// The runtimes' own figures: one's queues after the other's, and sums.
pub fn sample<'a>(runtimes: impl Iterator<Item = &'a Handle>) -> SchedulerSample {
    let mut all = SchedulerSample { global_queue: 0, local_queues: Vec::new(), steals: 0, forced_yields: 0 };
    for metrics in runtimes.map(Handle::metrics) {
        let workers = 0..metrics.num_workers();
        all.global_queue += metrics.global_queue_depth() as u32;
        all.local_queues.extend(workers.clone().map(|worker| metrics.worker_local_queue_depth(worker) as u32));
        all.steals += workers.map(|worker| metrics.worker_steal_count(worker)).sum::<u64>();
        all.forced_yields += metrics.budget_forced_yield_count();
    }
    all
}
