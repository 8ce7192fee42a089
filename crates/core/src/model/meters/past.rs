//! What was counted of labs that were left and of threads that are forgotten: with what is counted now it never goes
//! back. It belongs to the histories, of which there is one set, not to the state, which is copied.

use std::{collections::BTreeMap, sync::Arc};

use super::{OTHER_QUEUES, QueueMeter, ThreadsMeter};
use crate::{
    model::{
        index::Times,
        picture::Rule,
        thread::Thread,
        totals::{QueueState, Totals},
    },
    trace::{
        event::{ThreadKind, bound},
        record::QueueId,
    },
};

/// Queues that are counted by name; those beyond are counted together.
const QUEUES: usize = 64;
/// Letters of a queue's name that are kept.
const LETTERS: usize = 64;

/// What was counted before. Only the sums of the totals are.
#[derive(Debug, Default)]
pub(in crate::model) struct Past {
    totals: Totals,
    /// Of labs that were left; none before there is one.
    ready: Option<Times>,
    late: Option<Times>,
    pub(super) threads: BTreeMap<ThreadKind, ThreadsMeter>,
    /// A name keeps its place, and what was counted under it stays there.
    queues: Vec<QueueMeter>,
    /// How often each rule has fired.
    fired: [u64; Rule::ALL.len()],
}

impl Past {
    /// Another lab begins, and counts from nothing.
    pub(in crate::model) fn lab_left(&mut self, totals: &Totals, queues: &BTreeMap<QueueId, QueueState>) {
        self.totals.add(totals);
        for queue in queues.values() {
            self.queue_left(queue);
        }
    }

    /// The queue is gone from every screen.
    pub(in crate::model) fn queue_left(&mut self, queue: &QueueState) {
        if let Some(meter) = counted_under(&mut self.queues, &queue.name) {
            meter.count(queue);
        }
    }

    /// The times of the lab that is left.
    pub(in crate::model) fn times_left(&mut self, ready: &Times, late: &Times) {
        self.ready = Some(self.ready_with(ready));
        self.late = Some(self.late_with(late));
    }

    /// The thread is gone from every screen.
    pub(in crate::model) fn thread_forgotten(&mut self, thread: &Thread) {
        self.threads.entry(thread.kind).or_default().add(thread);
    }

    /// A queue was made: its name has its place from now on.
    pub(in crate::model) fn queue_made(&mut self, name: &str) {
        if self.queues.len() > QUEUES || self.queues.iter().any(|it| *it.name == *cut(name)) {
            return;
        }
        let name = if self.queues.len() < QUEUES { cut(name) } else { OTHER_QUEUES };
        self.queues.push(QueueMeter::new(name));
    }

    /// A rule fired.
    pub(in crate::model) fn rule_fired(&mut self, rule: Rule) {
        self.fired[rule as usize] += 1;
    }

    pub(super) fn fired(&self, rule: Rule) -> u64 {
        self.fired[rule as usize]
    }

    pub(super) fn totals_with(&self, now: &Totals) -> Totals {
        let mut totals = self.totals;
        totals.add(now);
        totals
    }

    pub(super) fn ready_with(&self, now: &Times) -> Times {
        with(self.ready.as_ref(), now)
    }

    pub(super) fn late_with(&self, now: &Times) -> Times {
        with(self.late.as_ref(), now)
    }

    pub(super) fn queues_with(&self, now: &BTreeMap<QueueId, QueueState>) -> Vec<QueueMeter> {
        let mut meters = self.queues.clone();
        for queue in now.values() {
            let Some(meter) = counted_under(&mut meters, &queue.name) else { continue };
            meter.count(queue);
            meter.capacity += bound(queue.capacity).map_or(0, u64::from);
            meter.depth += u64::from(queue.depth);
        }
        meters
    }
}

impl QueueMeter {
    fn new(name: &str) -> Self {
        Self { name: Arc::from(name), capacity: 0, depth: 0, sent: 0, received: 0, blocked: 0 }
    }

    fn count(&mut self, queue: &QueueState) {
        self.sent += queue.sent;
        self.received += queue.received;
        self.blocked = self.blocked.saturating_add(queue.blocked);
    }
}

/// Where a queue is counted: under its name, or with all others that came too late for a place; nowhere in a fold that
/// goes on from a copy of the state, whose counts nobody asks for.
fn counted_under<'a>(queues: &'a mut [QueueMeter], name: &str) -> Option<&'a mut QueueMeter> {
    let place = queues.iter().position(|it| *it.name == *cut(name)).or(queues.len().checked_sub(1));
    place.and_then(|place| queues.get_mut(place))
}

fn cut(name: &str) -> &str {
    name.char_indices().nth(LETTERS).map_or(name, |(end, _)| &name[..end])
}

fn with(past: Option<&Times>, now: &Times) -> Times {
    let mut times = now.clone();
    if let Some(past) = past {
        times.add(past);
    }
    times
}
