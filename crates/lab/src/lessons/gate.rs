//! A gate before a task: it keeps the task from being polled until somebody lets it through, one poll at a time.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;
use pollscope::probe::Probed;
use pollscope_core::trace::{event::Event, record::ActivityId};
use tokio::sync::Notify;

use super::steps::Steps;

/// A gate for one task. Copies are the same gate.
#[derive(Clone, Debug)]
pub(super) struct Gate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    steps: Steps,
    now: Mutex<Now>,
    held: Notify,
}

#[derive(Debug, Default)]
struct Now {
    /// Who waits, and how it is polled again.
    waits: Option<(ActivityId, Waker)>,
    /// The next poll may pass.
    open: bool,
}

pin_project! {
    /// A future behind a gate.
    pub(super) struct Kept<F> {
        #[pin]
        inner: Probed<F>,
        gate: Gate,
    }
}

impl Gate {
    pub(super) fn new(steps: Steps) -> Self {
        Self(Arc::new(Shared { steps, now: Mutex::default(), held: Notify::new() }))
    }

    /// Puts a task behind the gate.
    pub(super) fn keep<F>(&self, inner: Probed<F>) -> Kept<F> {
        Kept { inner, gate: self.clone() }
    }

    /// Ready when the task waits at the gate.
    pub(super) async fn holds_somebody(&self) {
        while self.now().waits.is_none() {
            self.0.held.notified().await;
        }
    }

    /// Lets one poll pass.
    pub(super) fn let_through(&self) {
        let mut now = self.now();
        now.open = true;
        if let Some((task, waker)) = now.waits.take() {
            self.0.steps.probes().emit(Event::Released { task });
            waker.wake();
        }
    }

    /// Whether this poll may pass; else its waker is kept.
    fn passes(&self, task: ActivityId, waker: &Waker) -> bool {
        let mut now = self.now();
        if std::mem::take(&mut now.open) || !self.0.steps.hold() {
            return true;
        }
        if now.waits.is_none() {
            self.0.steps.probes().emit(Event::Held { task });
            self.0.held.notify_one();
        }
        now.waits = Some((task, waker.clone()));
        false
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Future> Future for Kept<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !this.gate.passes(this.inner.id(), context.waker()) {
            return Poll::Pending;
        }
        this.inner.poll(context)
    }
}
