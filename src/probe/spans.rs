//! Spans of the `tracing` facade, as what they are spans of: tasks, parts of tasks, jobs.
//!
//! A span says when it is entered and left, not what it is. Tokio's own (`runtime.spawn`, with its feature `tracing` under
//! `--cfg tokio_unstable`) say that they are tasks or jobs; of others the first time that they are entered tells: inside
//! something that is polled they are a part of it, on a runtime's thread a task, elsewhere a job. What a poll returned
//! nobody hears: a task ends when its span closes. Dropping a future enters its span once more, which is counted as a poll.

mod layer;
mod subscriber;

use std::{
    fmt,
    sync::{Arc, OnceLock, atomic::Ordering},
};

use pollscope_core::trace::{
    event::{Coverage, Event, JobKind, TaskKind},
    record::{ActivityId, Doing, Fact, NOBODY},
};
use tokio::runtime::Handle;
use tracing_core::{Event as TracingEvent, Field, Metadata, field::Visit, span::Attributes};

pub use self::{layer::SpanLayer, subscriber::SpanSubscriber};
use super::{
    Probes, Shared,
    recorder::{self, Known},
};

/// What Tokio's own spans and events are told by.
const SPAWN: &str = "runtime.spawn";
const RESOURCE: &str = "runtime.resource";
const SCHEDULER: &str = "tokio::runtime::scheduler";
const WAKER: &str = "tokio::task::waker";

/// Whether anything is made of a span or event.
fn wants(metadata: &Metadata<'_>) -> bool {
    if metadata.is_span() { !metadata.name().starts_with(RESOURCE) } else { metadata.target() == WAKER }
}

/// What is known of a span, kept with it.
#[derive(Debug)]
struct Spanned {
    shared: Arc<Shared>,
    name: Arc<str>,
    /// A task, a part of one or a job, once that is known: threads may enter it first at once.
    what: OnceLock<(Doing, ActivityId)>,
}

impl Spanned {
    /// What a new span is, for the scope of the thread that makes it; none where there is none, or where nothing is made of it.
    fn new(attributes: &Attributes<'_>) -> Option<Self> {
        let metadata = attributes.metadata();
        if !wants(metadata) {
            return None;
        }
        let Probes { shared } = super::probes()?;
        if metadata.name() != SPAWN {
            return Some(Self { shared, name: metadata.name().into(), what: OnceLock::new() });
        }
        let mut spawned = Spawned::default();
        attributes.record(&mut spawned);
        if spawned.is_worker {
            return None;
        }
        let name = spawned.name();
        tell_once(&shared);
        let what = if spawned.is_blocking {
            (Doing::Job, shared.queue_job(Arc::clone(&name), JobKind::Blocking))
        } else {
            let parent = recorder::current(&shared);
            (Doing::Poll, shared.began(shared.clock.now(), Arc::clone(&name), TaskKind::Task, parent))
        };
        Some(Self { shared, name, what: what.into() })
    }

    #[cold]
    fn enter(&self, id: u64, epoch: u32) {
        // Its recorder is there before: whoever enters at the same moment waits for a few words, not for that.
        recorder::with(&self.shared, |_| ());
        let mut is_first = false;
        let (doing, activity) = *self.what.get_or_init(|| {
            is_first = true;
            self.begin()
        });
        if is_first && let Ok(runtime) = Handle::try_current() {
            beat_on(&self.shared, &runtime);
        }
        recorder::with(&self.shared, |recorder| {
            recorder.remember(Known { id, epoch, doing, activity });
            recorder.enter_span(id, doing, activity);
        });
    }

    #[cold]
    fn woken(&self, id: u64, epoch: u32, by_ref: bool) {
        let what = self.what.get().copied();
        recorder::with(&self.shared, |recorder| {
            if let Some((doing, activity)) = what {
                recorder.remember(Known { id, epoch, doing, activity });
            }
            recorder.wake(what.map_or(NOBODY, |(_, activity)| activity), by_ref);
        });
    }

    /// The span has closed: what the task returned nobody hears.
    fn close(&self) {
        if let Some(&(Doing::Poll, task)) = self.what.get() {
            recorder::with(&self.shared, |recorder| recorder.note(Fact::Closed { task }));
        }
    }

    /// What it is shows when it is entered first.
    fn begin(&self) -> (Doing, ActivityId) {
        let parent = recorder::with(&self.shared, |recorder| recorder.polling()).flatten();
        let task = |kind| self.shared.began(self.shared.clock.now(), Arc::clone(&self.name), kind, parent);
        match parent {
            Some(_) => (Doing::Poll, task(TaskKind::Sub)),
            None if Handle::try_current().is_ok() => (Doing::Poll, task(TaskKind::Task)),
            None => (Doing::Job, self.shared.queue_job(Arc::clone(&self.name), JobKind::Anywhere)),
        }
    }
}

/// The pulse of a scope that has none beats on the first runtime that shows.
fn beat_on(shared: &Arc<Shared>, runtime: &Handle) {
    let probes = Probes { shared: Arc::clone(shared) };
    if let Some(pulse) = probes.first_pulse() {
        probes.watch_runtime(runtime.clone());
        runtime.spawn(pulse);
    }
}

/// Tokio tells of each task that it spawns.
fn tell_once(shared: &Arc<Shared>) {
    // Nearly always it has been told: a load leaves the line where it is.
    if !shared.every_task.load(Ordering::Relaxed) && !shared.every_task.swap(true, Ordering::Relaxed) {
        shared.emit(Event::Coverage(Coverage { every_task: true, scheduler: cfg!(tokio_unstable) }));
    }
}

/// What Tokio tells of something that was spawned.
#[derive(Debug, Default)]
struct Spawned {
    is_blocking: bool,
    /// A worker's own loop, which Tokio spawns like a closure: what it polls is in no job.
    is_worker: bool,
    name: String,
    file: String,
    line: u64,
}

impl Spawned {
    /// Its own, or where it was spawned: `src/main.rs:12`.
    fn name(&mut self) -> Arc<str> {
        if self.name.is_empty() { format!("{}:{}", self.file, self.line).into() } else { self.name.as_str().into() }
    }

    fn take(&mut self, field: &Field, value: &dyn fmt::Display) {
        match field.name() {
            "kind" => self.is_blocking = value.to_string() == "blocking",
            "fn" => self.is_worker = value.to_string().starts_with(SCHEDULER),
            "task.name" => self.name = value.to_string(),
            "loc.file" => self.file = value.to_string(),
            _ => {}
        }
    }
}

impl Visit for Spawned {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "loc.line" {
            self.line = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format_args!("{value:?}"));
    }
}

/// What Tokio tells of a waker that is used: whose it is, and whether by reference; none where it is cloned or dropped.
#[derive(Debug, Default)]
struct Woken {
    span: u64,
    by_ref: Option<bool>,
}

impl Woken {
    /// The span, and whether by reference, where an event tells of a waker that is used.
    #[inline]
    fn of(event: &TracingEvent<'_>) -> Option<(u64, bool)> {
        if event.metadata().target() != WAKER {
            return None;
        }
        let mut woken = Self::default();
        event.record(&mut woken);
        woken.by_ref.filter(|_| woken.span > 0).map(|by_ref| (woken.span, by_ref))
    }
}

impl Visit for Woken {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "task.id" {
            self.span = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "op" {
            self.by_ref = match value {
                "waker.wake" => Some(false),
                "waker.wake_by_ref" => Some(true),
                _ => None,
            };
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
