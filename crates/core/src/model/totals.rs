//! What the fold counts of a lab: its totals and its queues.

use std::sync::Arc;

use super::poll_class::Split;
use crate::trace::clock::Nanos;

/// A queue or gate.
#[derive(Clone, Debug)]
pub(super) struct QueueState {
    pub(super) name: Arc<str>,
    pub(super) capacity: u32,
    pub(super) depth: u32,
    pub(super) deepest: u32,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) blocked: Nanos,
}

/// Counts of the whole run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) spawned: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) cancelled: u64,
    /// Ended, and nobody saw how.
    pub(super) closed: u64,
    pub(super) polls: u64,
    pub(super) longest_poll: Nanos,
    pub(super) long_polls: u64,
    /// The time of polls, by class.
    pub(super) split: Split,
    pub(super) most_ready: u32,
    pub(super) emitted: u64,
    pub(super) lost: u64,
}

impl Totals {
    /// Adds what can be added up and starts over with a lab.
    pub(super) fn add(&mut self, other: &Self) {
        self.spawned += other.spawned;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.closed += other.closed;
        self.polls += other.polls;
        self.split.add_all(&other.split);
    }
}
