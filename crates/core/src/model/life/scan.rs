//! What the log has of one task, kept from picture to picture: only what is new is gone through again.
//!
//! It knows which records are about a task, not what they mean.

use std::{collections::VecDeque, ops::ControlFlow, sync::Arc};

use std::collections::BTreeSet;

use super::super::task::Gone;
use crate::trace::{
    clock::Nanos,
    event::{Event, JobKind, TaskKind},
    log::{Batch, Item, Store},
    record::{ActivityId, Fact, Outcome, ThreadId},
};

/// Facts that are kept of a task, the newest ones: a task that spins makes millions of them a second.
const MOST_FACTS: usize = 1 << 19;

/// Something that happened to the task, in the order of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happened {
    pub(super) at: Nanos,
    pub(super) what: What,
}

/// What happened to it.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Poll { thread: ThreadId, took: Nanos, outcome: Outcome },
    Wake { thread: ThreadId, by: ActivityId, by_itself: bool },
    Held,
    Released,
    Gone(Gone),
    JobQueued,
    JobEnded,
}

/// How a task began, as the log has it.
#[derive(Clone, Debug)]
pub(super) struct Began {
    pub(super) at: Nanos,
    pub(super) name: Arc<str>,
    pub(super) kind: TaskKind,
    pub(super) parent: Option<ActivityId>,
}

/// A pass over the log that goes on as the log grows.
#[derive(Debug)]
pub(in crate::model) struct Scan {
    pub(super) task: ActivityId,
    pub(super) began: Option<Began>,
    pub(super) facts: VecDeque<Happened>,
    /// The task, its sub-futures and its jobs that have not ended: what they do, the task does.
    inside: BTreeSet<ActivityId>,
    /// Batches up to this watermark are done, and of that watermark itself so many.
    upto: Nanos,
    at_upto: usize,
    /// The end of the log was reached.
    at_end: bool,
    /// Details up to there are gone.
    forgotten: Option<Nanos>,
}

impl Scan {
    /// Nothing is known yet but which sub-futures the task has: the log may have forgotten how those began.
    pub(super) fn new(task: ActivityId, subs: impl IntoIterator<Item = ActivityId>) -> Self {
        let inside = std::iter::once(task).chain(subs).collect();
        Self { task, began: None, facts: VecDeque::new(), inside, upto: 0, at_upto: 0, at_end: false, forgotten: None }
    }

    /// Whether the log still has all that comes next: else there would be a gap.
    pub(super) fn can_go_on(&self, store: &impl Store) -> bool {
        (self.upto == 0 && self.at_upto == 0) || store.forgotten().is_none_or(|forgotten| forgotten <= self.upto)
    }

    /// Goes on through at most `limit` records and events, but through one whole batch at least.
    pub(super) fn go_on(&mut self, store: &impl Store, limit: usize) {
        self.forgotten = self.forgotten.max(store.forgotten());
        let (mut records, mut skip) = (0, self.at_upto);
        let from = self.upto;
        self.at_end = true;
        // Batches may share a watermark: those that are done are counted.
        store.after(from.saturating_sub(1), &mut |batch| {
            if batch.upto() <= from && skip > 0 {
                skip -= 1;
                return ControlFlow::Continue(());
            }
            if records > 0 && records + batch.len() > limit {
                self.at_end = false;
                return ControlFlow::Break(());
            }
            records += batch.len();
            self.take(batch);
            ControlFlow::Continue(())
        });
        let forgotten = self.forgotten;
        while self.facts.front().is_some_and(|fact| Some(fact.at) <= forgotten) {
            self.facts.pop_front();
        }
    }

    /// Whether everything up to an instant is gone through.
    pub(super) fn is_complete(&self, at: Nanos) -> bool {
        self.at_end || self.upto > at
    }

    /// The instant up to which it is gone through.
    pub(super) fn upto(&self) -> Nanos {
        self.upto
    }

    /// The instant up to which details of the task are gone; none where all are there.
    pub(super) fn forgotten(&self) -> Option<Nanos> {
        let forgotten = self.forgotten?;
        self.began.as_ref().is_none_or(|began| began.at <= forgotten).then_some(forgotten)
    }

    fn take(&mut self, batch: &Batch) {
        if batch.upto() > self.upto {
            (self.upto, self.at_upto) = (batch.upto(), 0);
        }
        self.at_upto += 1;
        for item in batch.replay() {
            let happened = match item {
                Item::Record(thread, record) => record.fact().and_then(|fact| self.record(thread, fact)),
                Item::Event(stamped) => self.event(stamped.at, &stamped.event),
            };
            let Some(what) = happened else { continue };
            if self.facts.len() == MOST_FACTS {
                let oldest = self.facts.pop_front();
                self.forgotten = self.forgotten.max(oldest.map(|fact| fact.at));
            }
            self.facts.push_back(Happened { at: item.at(), what });
        }
    }

    #[inline]
    fn record(&mut self, thread: ThreadId, fact: Fact) -> Option<What> {
        match fact {
            Fact::Poll { task, took, outcome, .. } if task == self.task => Some(What::Poll { thread, took, outcome }),
            Fact::Wake { task, by, .. } if task == self.task => {
                Some(What::Wake { thread, by, by_itself: self.inside.contains(&by) })
            }
            Fact::Dropped { task } if task == self.task => Some(What::Gone(Gone::Dropped)),
            Fact::Closed { task } if task == self.task => Some(What::Gone(Gone::Unseen)),
            Fact::Job { job, .. } if job != self.task => self.inside.remove(&job).then_some(What::JobEnded),
            _ => None,
        }
    }

    fn event(&mut self, at: Nanos, event: &Event) -> Option<What> {
        match event {
            Event::Task(began) if began.task == self.task => {
                let (name, kind, parent) = (Arc::clone(&began.name), began.kind, began.parent);
                self.began = Some(Began { at, name, kind, parent });
                None
            }
            Event::Task(began) if began.kind == TaskKind::Sub && self.is_inside(began.parent) => {
                self.inside.insert(began.task);
                None
            }
            // The parts of a parallel iterator are the job that they are parts of.
            Event::Job(queued) if queued.kind != JobKind::Split && self.is_inside(queued.by) => {
                self.inside.insert(queued.job).then_some(What::JobQueued)
            }
            Event::Held { task } if *task == self.task => Some(What::Held),
            Event::Released { task } if *task == self.task => Some(What::Released),
            _ => None,
        }
    }

    fn is_inside(&self, by: Option<ActivityId>) -> bool {
        by.is_some_and(|by| self.inside.contains(&by))
    }
}
