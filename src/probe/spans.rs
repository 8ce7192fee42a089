//! Spans of the `tracing` facade, as what they are spans of: tasks, parts of tasks, jobs.
//!
//! A span says when it is entered and left, not what it is. Tokio's own (`runtime.spawn`, with its feature `tracing` under
//! `--cfg tokio_unstable`) say that they are tasks or jobs; of others the first time that they are entered tells: inside
//! something that is polled they are a part of it, on a runtime's thread a task, elsewhere a job. What a poll returned
//! nobody hears: a task ends when its span closes. Dropping a future enters its span once more, which is counted as a poll.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tracing_core::{
    Event as TracingEvent, Field, Metadata, Subscriber,
    field::Visit,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    PULSE, Probes, Shared,
    recorder::{self, Known},
};
use crate::trace::{
    event::{Coverage, Event, JobKind, TaskKind},
    record::{ActivityId, Doing, Fact, NOBODY},
};

/// What Tokio's own spans and events are told by.
const SPAWN: &str = "runtime.spawn";
const RESOURCE: &str = "runtime.resource";
const SCHEDULER: &str = "tokio::runtime::scheduler";
const WAKER: &str = "tokio::task::waker";

/// The layer: measures what spans tell, for the scope of the thread that makes a span.
///
/// ```
/// use pollscope::tracing::SpanLayer;
/// use tracing::{Instrument, info_span};
/// use tracing_subscriber::{filter::filter_fn, prelude::*};
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let subscriber = tracing_subscriber::registry().with(SpanLayer::new()).with(filter_fn(SpanLayer::wants));
/// tracing::subscriber::with_default(subscriber, || runtime.block_on(async {}.instrument(info_span!("import"))));
/// assert_eq!(scope.summary().unwrap().tasks.spawned, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanLayer(());

impl SpanLayer {
    /// A layer for any subscriber that keeps spans, such as `tracing_subscriber::registry()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the layer makes anything of a span or event: for filters of others, which save the cost of the rest.
    pub fn wants(metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() { !metadata.name().starts_with(RESOURCE) } else { metadata.target() == WAKER }
    }
}

/// What is known of a span, kept with it.
#[derive(Debug)]
struct Spanned {
    shared: Arc<Shared>,
    name: Arc<str>,
    /// A task, a part of one or a job, once that is known; nobody before.
    activity: AtomicU32,
    /// Which of them: one of the three below.
    doing: AtomicU32,
}

const UNKNOWN: u32 = 0;
const POLL: u32 = 1;
const JOB: u32 = 2;

impl Spanned {
    fn known(shared: Arc<Shared>, name: Arc<str>, activity: ActivityId, doing: u32) -> Self {
        Self { shared, name, activity: AtomicU32::new(activity), doing: AtomicU32::new(doing) }
    }

    /// As a thread keeps it in mind.
    fn seen(&self, id: u64, epoch: u32) -> Known {
        let (activity, doing) = (self.activity.load(Ordering::Relaxed), self.doing.load(Ordering::Relaxed));
        Known { id, epoch, activity, is_job: doing == JOB }
    }

    #[cold]
    fn enter(&self, id: u64, epoch: u32) {
        if self.doing.load(Ordering::Relaxed) == UNKNOWN {
            self.entered_first();
        }
        let seen = self.seen(id, epoch);
        recorder::with(&self.shared, |recorder| {
            recorder.remember(seen);
            recorder.enter_span(id, seen.doing(), seen.activity);
        });
    }

    #[cold]
    fn woken(&self, id: u64, epoch: u32, by_ref: bool) {
        let seen = self.seen(id, epoch);
        recorder::with(&self.shared, |recorder| {
            if seen.activity != NOBODY {
                recorder.remember(seen);
            }
            recorder.wake(seen.activity, by_ref);
        });
    }

    /// What it is shows now.
    #[cold]
    fn entered_first(&self) {
        let parent = recorder::with(&self.shared, |recorder| recorder.polling()).flatten();
        let runtime = tokio::runtime::Handle::try_current().ok();
        let task = |kind| self.shared.began(self.shared.clock.now(), Arc::clone(&self.name), kind, parent);
        let (doing, activity) = match (parent, &runtime) {
            (Some(_), _) => (Doing::Poll, task(TaskKind::Sub)),
            (None, Some(_)) => (Doing::Poll, task(TaskKind::Task)),
            (None, None) => (Doing::Job, self.shared.queue_job(Arc::clone(&self.name), JobKind::Anywhere)),
        };
        self.activity.store(activity, Ordering::Relaxed);
        self.doing.store(if doing == Doing::Poll { POLL } else { JOB }, Ordering::Relaxed);
        if let Some(runtime) = runtime {
            beat_on(&self.shared, &runtime);
        }
    }
}

/// Counts the spans that have closed, of so many ids together: what a thread keeps in mind of a span is of its epoch, since
/// another may have its id later.
static EPOCHS: [AtomicU32; 64] = [const { AtomicU32::new(0) }; 64];

fn epoch(id: &Id) -> &'static AtomicU32 {
    &EPOCHS[id.into_u64() as usize % EPOCHS.len()]
}

/// The pulse of a scope that has none beats on the first runtime that shows.
fn beat_on(shared: &Arc<Shared>, runtime: &tokio::runtime::Handle) {
    let probes = Probes { shared: Arc::clone(shared) };
    if probes.claim_pulse() {
        probes.watch_runtime(runtime.clone());
        runtime.spawn(probes.pulse(PULSE));
    }
}

/// Tokio tells of each task that it spawns.
fn tell_once(shared: &Arc<Shared>) {
    // Nearly always it has been told: a load leaves the line where it is.
    if !shared.every_task.load(Ordering::Relaxed) && !shared.every_task.swap(true, Ordering::Relaxed) {
        shared.emit(Event::Coverage(Coverage { every_task: true, scheduler: cfg!(tokio_unstable) }));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let metadata = attributes.metadata();
        if !Self::wants(metadata) {
            return;
        }
        let (Some(Probes { shared }), Some(span)) = (super::probes(), ctx.span(id)) else { return };
        let spanned = if metadata.name() == SPAWN {
            let mut spawned = Spawned::default();
            attributes.record(&mut spawned);
            if spawned.is_worker {
                return;
            }
            let name = spawned.name();
            tell_once(&shared);
            if spawned.is_blocking {
                let job = shared.queue_job(Arc::clone(&name), JobKind::Blocking);
                Spanned::known(shared, name, job, JOB)
            } else {
                let task =
                    shared.began(shared.clock.now(), Arc::clone(&name), TaskKind::Task, recorder::current(&shared));
                Spanned::known(shared, name, task, POLL)
            }
        } else {
            Spanned::known(shared, metadata.name().into(), NOBODY, UNKNOWN)
        };
        span.extensions_mut().insert(spanned);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        let (number, epoch) = (id.into_u64(), epoch(id).load(Ordering::Acquire));
        if recorder::with_known(number, epoch, |it, known| it.enter_span(number, known.doing(), known.activity)) {
            return;
        }
        if let Some(span) = ctx.span(id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
        {
            spanned.enter(number, epoch);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        recorder::exit_span(id.into_u64());
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        epoch(&id).fetch_add(1, Ordering::Release);
        if let Some(span) = ctx.span(&id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
            && spanned.doing.load(Ordering::Relaxed) == POLL
        {
            let task = spanned.activity.load(Ordering::Relaxed);
            recorder::with(&spanned.shared, |recorder| recorder.note(Fact::Closed { task }));
        }
    }

    fn on_event(&self, event: &TracingEvent<'_>, ctx: Context<'_, S>) {
        if event.metadata().target() != WAKER {
            return;
        }
        let mut woken = Woken::default();
        event.record(&mut woken);
        let Some(by_ref) = woken.by_ref.filter(|_| woken.span > 0) else { return };
        let id = Id::from_u64(woken.span);
        let epoch = epoch(&id).load(Ordering::Acquire);
        if recorder::with_known(woken.span, epoch, |it, known| it.wake(known.activity, by_ref)) {
            return;
        }
        if let Some(span) = ctx.span(&id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
        {
            spanned.woken(woken.span, epoch, by_ref);
        }
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
