//! A waker around the runtime's own: it records who wakes, and can be counted.
//!
//! One allocation a task, kept while the runtime hands the same waker in. The count of the allocation's
//! owners is the count of wakers alive: nothing is paid for it when a waker is cloned or dropped.

use std::{
    sync::{Arc, Weak},
    task::{Wake, Waker},
};

use pollscope_core::trace::record::ActivityId;

use super::{Shared, recorder};

/// The allocation behind all clones of a task's waker. Aligned, so that two tasks' counts never share a
/// cache line.
#[derive(Debug)]
#[repr(align(64))]
struct WakerCell {
    shared: Arc<Shared>,
    task: ActivityId,
    inner: Waker,
}

impl Wake for WakerCell {
    fn wake(self: Arc<Self>) {
        recorder::with(&self.shared, |recorder| recorder.wake(self.task, false));
        self.inner.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        recorder::with(&self.shared, |recorder| recorder.wake(self.task, true));
        self.inner.wake_by_ref();
    }
}

/// The owners that a [`WakerCache`] itself is: the cell and the waker made of it.
const OWN: usize = 2;

/// A task's wrapped waker, for as long as the one inside stays the same.
#[derive(Debug, Default)]
pub(super) struct WakerCache(Option<(Arc<WakerCell>, Waker)>);

impl WakerCache {
    /// The waker to poll with instead of `inner`.
    #[inline]
    pub(super) fn wrap(&mut self, shared: &Arc<Shared>, task: ActivityId, inner: &Waker) -> &Waker {
        if !self.0.as_ref().is_some_and(|(cell, _)| cell.inner.will_wake(inner)) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| wrapped(shared, task, inner)).1
    }
}

#[cold]
fn wrapped(shared: &Arc<Shared>, task: ActivityId, inner: &Waker) -> (Arc<WakerCell>, Waker) {
    let cell = Arc::new(WakerCell { shared: Arc::clone(shared), task, inner: inner.clone() });
    // A wrapped waker of ours is recognised by its data pointer, which is its cell's address.
    let watched = Watched { task, cell: Arc::downgrade(&cell), inner: inner.data() as usize };
    // Where nobody counts, or too many wait to be counted, this task's wakers stay unknown.
    let _ = shared.watches.try_send(watched);
    let waker = Waker::from(Arc::clone(&cell));
    (cell, waker)
}

/// A task whose wakers can be counted, from any thread.
#[derive(Debug)]
pub struct Watched {
    /// The task.
    pub task: ActivityId,
    cell: Weak<WakerCell>,
    inner: usize,
}

impl Watched {
    /// Clones of the waker that somebody else keeps; none when the task is gone. Wakers of our own nested
    /// probes are among them: [`Self::key`] and [`Self::parent_key`] tell which.
    pub fn alive(&self) -> Option<usize> {
        match self.cell.strong_count() {
            0 => None,
            owners => Some(owners.saturating_sub(OWN)),
        }
    }

    /// What identifies this waker.
    pub fn key(&self) -> usize {
        self.cell.as_ptr() as usize
    }

    /// The [`Self::key`] of the waker that this one wraps, where that is one of ours.
    pub fn parent_key(&self) -> usize {
        self.inner
    }
}
