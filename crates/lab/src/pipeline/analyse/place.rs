//! Where the work of an analysis runs.
//!
//! The analysis says what is computed for each item; a [`Place`] says on which thread. This file must
//! not know Rayon, Tokio or the probes: they implement the trait on their own floors.

/// Where a step's items are computed: one after the other, or spread over threads.
pub trait Place: Sync {
    /// `f` of every item, in the order of the items. `step` is a short name that the screen shows.
    ///
    /// The order in which the calls happen is free; the results are the same.
    fn map<T: Sync, R: Send>(&self, step: &'static str, items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R>;
}

/// One item after the other, on the calling thread.
#[derive(Clone, Copy, Debug)]
pub struct InOrder;

impl Place for InOrder {
    fn map<T: Sync, R: Send>(&self, _: &'static str, items: &[T], f: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
        items.iter().map(f).collect()
    }
}
