//! A future whose polls and wakes are measured.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{
    Shared,
    recorder::{self, End, Frame, Recorder},
    waker::WakerCache,
};
use crate::trace::record::{ActivityId, Doing, Fact, Outcome};

pin_project! {
    /// A future whose polls and wakes are measured. Made by [`Probes::task`](super::Probes::task) and
    /// [`Probes::nested`](super::Probes::nested).
    #[derive(Debug)]
    pub struct Probed<F> {
        #[pin]
        future: F,
        probe: Probe,
    }
}

/// What a probed future knows of itself, and tells when it is dropped.
#[derive(Debug)]
struct Probe {
    shared: Arc<Shared>,
    task: ActivityId,
    waker: WakerCache,
    done: bool,
}

impl<F> Probed<F> {
    pub(super) fn new(shared: &Arc<Shared>, task: ActivityId, future: F) -> Self {
        let shared = Arc::clone(shared);
        Self { future, probe: Probe { shared, task, waker: WakerCache::default(), done: false } }
    }

    /// The task's id in the trace.
    pub fn id(&self) -> ActivityId {
        self.probe.task
    }
}

impl<F: Future> Future for Probed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let probe = this.probe;
        let Some(frame) = recorder::with(&probe.shared, |recorder| recorder.enter(Doing::Poll, probe.task)) else {
            return this.future.poll(cx);
        };
        let waker = probe.waker.wrap(&probe.shared, probe.task, cx.waker());
        let guard = PollGuard { shared: &probe.shared, frame, outcome: Outcome::Panicked, done: &mut probe.done };
        guard.run(|| this.future.poll(&mut Context::from_waker(waker)))
    }
}

/// Closes the span of a poll, also when the poll panics.
struct PollGuard<'a> {
    shared: &'a Arc<Shared>,
    frame: Frame,
    outcome: Outcome,
    done: &'a mut bool,
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
        *self.done = self.outcome != Outcome::Pending;
        recorder::with(self.shared, |recorder| recorder.exit(&self.frame, End::Poll(self.outcome)));
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if !self.done {
            let task = self.task;
            recorder::with(&self.shared, |recorder: &mut Recorder| recorder.note(Fact::Dropped { task }));
        }
    }
}
