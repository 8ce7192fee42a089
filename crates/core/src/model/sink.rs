//! What the fold tells as it goes on, and to whom.
//!
//! There is one fold. Histories, a window of the timeline, the list of slow polls and the exports are its sinks: they
//! take what it has decided and decide nothing themselves. A fold is compiled for each sink, so what a sink does not
//! take costs nothing.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    picture::{LaneState, Rule},
    poll_class::{BegunPoll, EndedPoll, Reading},
    thread::Thread,
    totals::{QueueState, Totals},
};
use crate::trace::{
    clock::Nanos,
    record::{ActivityId, QueueId, ThreadId},
};

/// A rule that fired: when, and for whom.
#[derive(Clone, Debug)]
pub(super) struct Firing {
    pub(super) at: Nanos,
    pub(super) thread: Option<ThreadId>,
    /// The task's name.
    pub(super) task: Option<Arc<str>>,
}

/// What takes what the fold tells. Each method's default takes nothing.
pub(super) trait Sink {
    /// A thread was in that state from one instant to another.
    #[inline]
    fn paint(&mut self, _thread: ThreadId, _from: Nanos, _to: Nanos, _state: LaneState) {}

    /// A poll of a task began.
    #[inline]
    fn poll_began(&mut self, _poll: &BegunPoll) {}

    /// An outermost poll has ended.
    #[inline]
    fn poll_ended(&mut self, _poll: &EndedPoll) {}

    /// An outermost job has ended: what its thread read of itself about it.
    fn job_ended(&mut self, _read: Option<Reading>) {}

    /// A task or a job has that name.
    fn named(&mut self, _what: ActivityId, _name: &Arc<str>) {}

    /// A tick of the trace's own time: how many tasks are ready, and how full the queues are.
    fn tick(&mut self, _at: Nanos, _ready: u32, _depths: impl Iterator<Item = u32>) {}

    /// The CPU time of the process so far.
    fn process_cpu(&mut self, _at: Nanos, _cpu: Nanos) {}

    /// A due time of the heartbeat ran, or is over, that late.
    fn beat(&mut self, _due: Nanos, _late: Nanos) {}

    /// A rule fired.
    fn fired(&mut self, _rule: Rule, _firing: Firing) {}

    /// Another lab begins; this is what was counted in the one before.
    fn lab_left(&mut self, _totals: &Totals, _queues: &BTreeMap<QueueId, QueueState>) {}

    /// A queue was made.
    fn queue_made(&mut self, _name: &str) {}

    /// A queue is shown no more.
    fn queue_left(&mut self, _queue: &QueueState) {}

    /// A thread is shown no more.
    fn thread_forgotten(&mut self, _id: ThreadId, _thread: &Thread) {}
}

/// Takes nothing: for a fold whose state alone is wanted.
#[derive(Debug)]
pub(super) struct NoSink;

impl Sink for NoSink {}
