//! How far an analysis is, counted item by item on whichever threads compute them.
//!
//! This file knows the steps and their shares of the cost, and nothing of what they compute.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Place;

/// A step of the analysis: its name, and which percents of the whole it covers.
pub(super) struct Step {
    name: &'static str,
    from: usize,
    to: usize,
}

// The shares follow the measured cost, so that the gauge moves evenly. The last percent is left for
// putting the results together.
pub(super) const SHINGLES: Step = Step { name: "shingles", from: 0, to: 2 };
pub(super) const SIGNATURES: Step = Step { name: "signatures", from: 2, to: 91 };
pub(super) const COMPARE: Step = Step { name: "compare", from: 91, to: 93 };
pub(super) const WORDS: Step = Step { name: "words", from: 93, to: 99 };

/// Tells the caller about every percent that the work completes.
#[derive(Clone, Copy)]
pub(super) struct Progress<'a> {
    report: &'a (dyn Fn(f32) + Sync),
}

impl<'a> Progress<'a> {
    /// Reports a share of 0 at once.
    pub(super) fn start(report: &'a (dyn Fn(f32) + Sync)) -> Self {
        report(0.0);
        Self { report }
    }

    /// Computes one step in `place`, and reports from the threads that compute it.
    ///
    /// A report costs the caller more than an item does, so only whole percents are told. Each item is
    /// counted once, in the order of the counter: what one thread reports never goes back.
    pub(super) fn map<T: Sync, R: Send>(
        self,
        place: &impl Place,
        step: &Step,
        items: &[T],
        f: impl Fn(&T) -> R + Sync + Send,
    ) -> Vec<R> {
        let percent = |done: usize| step.from + (step.to - step.from) * done / items.len();
        let done = AtomicUsize::new(0);
        place.map(step.name, items, |item| {
            let result = f(item);
            let before = done.fetch_add(1, Ordering::Relaxed);
            let now = percent(before + 1);
            if now > percent(before) {
                (self.report)(now as f32 / 100.0);
            }
            result
        })
    }

    /// Reports a share of exactly 1.
    pub(super) fn finish(self) {
        (self.report)(1.0);
    }
}
