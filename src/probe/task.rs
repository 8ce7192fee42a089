//! A future whose polls and wakes are measured.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use pollscope_core::trace::{
    event::{Event, TaskKind},
    record::{ActivityId, Doing, Fact, NOBODY, Outcome},
};

use super::{
    Shared,
    recorder::{self, End, Frame, Recorder},
    waker::WakerCache,
};

pin_project! {
    /// A future whose polls and wakes are measured. Made by [`task`](super::task), [`Probes::task`](super::Probes::task)
    /// and [`Probes::nested`](super::Probes::nested).
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let answer: pollscope::Probed<_> = pollscope::task("answer", async { 42 });
    /// assert_eq!(runtime.block_on(answer), 42);
    /// assert_eq!(scope.summary().unwrap().tasks.completed, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[derive(Debug)]
    pub struct Probed<F> {
        #[pin]
        future: F,
        // None where no scope was there when it was made.
        probe: Option<Probe>,
    }
}

/// What a probed future knows of itself, and tells when it is dropped.
#[derive(Debug)]
struct Probe {
    shared: Arc<Shared>,
    task: ActivityId,
    waker: WakerCache,
    stage: Stage,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not polled yet: whether it is a task or a part of one, its first poll tells.
    Fresh,
    Polled,
    Done,
}

impl<F> Probed<F> {
    /// A future that is told of as one of that kind.
    pub(super) fn new(shared: &Arc<Shared>, name: &str, kind: TaskKind, future: F) -> Self {
        let stage = if kind == TaskKind::Task { Stage::Fresh } else { Stage::Polled };
        let task = shared.begin_task(name, kind);
        let shared = Arc::clone(shared);
        Self { future, probe: Some(Probe { shared, task, waker: WakerCache::default(), stage }) }
    }

    /// A future that nobody looks at: a poll of it is one of the future inside.
    pub(super) fn unseen(future: F) -> Self {
        Self { future, probe: None }
    }

    /// The task's id in the trace; nobody's where no scope looks.
    ///
    /// ```
    /// use pollscope::probe::NOBODY;
    ///
    /// assert_eq!(pollscope::task("unseen", async {}).id(), NOBODY);
    /// let scope = pollscope::Scope::new()?;
    /// assert_ne!(pollscope::task("seen", async {}).id(), NOBODY);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> ActivityId {
        self.probe.as_ref().map_or(NOBODY, |probe| probe.task)
    }
}

impl<F: Future> Future for Probed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(probe) = this.probe else { return this.future.poll(cx) };
        if probe.stage == Stage::Fresh {
            probe.polled_first();
        }
        let Some(frame) = recorder::with(&probe.shared, |recorder| recorder.enter(Doing::Poll, probe.task)) else {
            return this.future.poll(cx);
        };
        let waker = probe.waker.wrap(&probe.shared, probe.task, cx.waker());
        let guard = PollGuard { shared: &probe.shared, frame, outcome: Outcome::Panicked, stage: &mut probe.stage };
        guard.run(|| this.future.poll(&mut Context::from_waker(waker)))
    }
}

impl Probe {
    #[cold]
    fn polled_first(&mut self) {
        self.stage = Stage::Polled;
        if let Some(parent) = recorder::with(&self.shared, |recorder| recorder.polling()).flatten() {
            self.shared.emit(Event::Nested { task: self.task, parent });
        }
    }
}

/// Closes the span of a poll, also when the poll panics.
struct PollGuard<'a> {
    shared: &'a Arc<Shared>,
    frame: Frame,
    outcome: Outcome,
    stage: &'a mut Stage,
}

impl PollGuard<'_> {
    #[inline]
    fn run<T>(mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        let result = poll();
        self.outcome = if result.is_ready() { Outcome::Ready } else { Outcome::Pending };
        result
    }
}

impl Drop for PollGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.outcome != Outcome::Pending {
            *self.stage = Stage::Done;
        }
        recorder::with(self.shared, |recorder| recorder.exit(&self.frame, End::Poll(self.outcome)));
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if self.stage != Stage::Done {
            let task = self.task;
            recorder::with(&self.shared, |recorder: &mut Recorder| recorder.note(Fact::Dropped { task }));
        }
    }
}
