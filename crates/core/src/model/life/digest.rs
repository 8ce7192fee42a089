//! What the facts of one task add up to: its strip, distributions, wakers, lanes and longest polls.
//!
//! The rules of being ready and asleep are the fold's own ([`Task`]). It knows ids, no names.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    scan::{Happened, Scan, What},
    strip::Strip,
};
use crate::{
    model::{
        index::Times,
        picture::{BINS, Distribution, LifeCell, LifePart, TaskState},
        poll_class::{PollClass, SLOW_POLL},
        task::Task,
    },
    trace::{
        clock::Nanos,
        event::{TaskBegan, TaskKind},
        record::{ActivityId, NOBODY, Outcome, ThreadId},
    },
};

/// Longest polls that are told.
const LONGEST: usize = 5;

/// Who woke it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Waker {
    Itself,
    Task(ActivityId),
    /// No task, but what runs on a thread: the drivers, say.
    Thread(ThreadId),
}

/// A poll: how long it took, where it was, when it ended, and how long the task had been ready before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LongPoll {
    pub(super) took: Nanos,
    pub(super) thread: ThreadId,
    pub(super) end: Nanos,
    pub(super) ready: Option<Nanos>,
}

/// Durations, counted.
#[derive(Debug, Default)]
struct Lengths {
    counts: [u64; BINS.len()],
    times: Times,
}

impl Lengths {
    fn record(&mut self, time: Nanos) {
        let bin = BINS.partition_point(|from| *from <= time).saturating_sub(1);
        self.counts[bin] += 1;
        self.times.record(time);
    }

    fn distribution(&self) -> Distribution {
        let [p50, p90, p99] = [50.0, 90.0, 99.0].map(|percent| self.times.percentile(percent));
        Distribution { counts: self.counts, p50, p90, p99, max: self.times.max() }
    }
}

/// What the facts up to an instant add up to.
#[derive(Debug)]
pub(super) struct Digest {
    strip: Strip,
    /// The task as these facts leave it.
    pub(super) task: Task,
    /// What it was at before the first of them.
    first: LifePart,
    lengths: Lengths,
    ready: Lengths,
    /// What a poll has taken before `block_in_place` ended its span.
    handed: Nanos,
    pub(super) woken_by: BTreeMap<Waker, u64>,
    pub(super) lanes: BTreeMap<ThreadId, u64>,
    pub(super) longest: Vec<LongPoll>,
    /// When it ended.
    pub(super) ended: Option<Nanos>,
}

impl Digest {
    /// What a scan has found up to an instant, with a strip of so many cells from `from` on.
    pub(super) fn of(scan: &Scan, from: Nanos, at: Nanos, cells: usize) -> Self {
        let facts = || scan.facts.iter().filter(|fact| fact.at <= at);
        let ended = facts().find(|fact| fact.is_the_end()).map(|fact| fact.at);
        let to = ended.unwrap_or(at);
        let mut digest = Self::new(scan, Strip::new(from, to, cells));
        digest.ended = ended;
        if let Some(forgotten) = scan.forgotten() {
            digest.strip.until(forgotten, LifePart::Unknown);
        }
        for fact in facts() {
            digest.take(*fact);
        }
        digest
    }

    fn new(scan: &Scan, strip: Strip) -> Self {
        let began = scan.began.as_ref().filter(|_| scan.forgotten().is_none());
        let task = TaskBegan {
            task: scan.task,
            name: began.map_or_else(|| Arc::from(""), |began| Arc::clone(&began.name)),
            // Of what began before the log does it is not known whether it was ready.
            kind: began.map_or(TaskKind::Sub, |began| began.kind),
            parent: None,
        };
        Self {
            strip,
            task: Task::new(&task, began.map_or(0, |began| began.at)),
            first: if began.is_some() { LifePart::Created } else { LifePart::Unknown },
            lengths: Lengths::default(),
            ready: Lengths::default(),
            handed: 0,
            woken_by: BTreeMap::new(),
            lanes: BTreeMap::new(),
            longest: Vec::new(),
            ended: None,
        }
    }

    /// Polls' lengths and times ready before them.
    pub(super) fn distributions(&self) -> (Distribution, Distribution) {
        (self.lengths.distribution(), self.ready.distribution())
    }

    /// The strip to its end: what the fold says of the end, where it knows, and up to where the scan is.
    pub(super) fn strip(mut self, then: Option<TaskState>, complete: Result<(), Nanos>) -> Vec<LifeCell> {
        if self.ended.is_none() {
            let to = complete.map_or_else(|upto| upto, |()| Nanos::MAX);
            match then {
                Some(TaskState::Polling(since, how)) if complete.is_ok() => {
                    self.rest(since);
                    let part = if how == PollClass::Short { LifePart::Polled } else { LifePart::LongPoll };
                    self.strip.until(to, part);
                }
                // It has ended, and the log does not say when.
                Some(TaskState::Done | TaskState::Panicked | TaskState::Dropped | TaskState::Ended) => {}
                None if complete.is_ok() => {}
                _ => self.rest(to),
            }
            self.strip.until(Nanos::MAX, LifePart::Unknown);
        }
        self.strip.cells()
    }

    fn take(&mut self, fact: Happened) {
        let at = fact.at;
        match fact.what {
            What::Poll { thread, took, outcome } => self.poll(at, thread, took, outcome),
            What::Wake { thread, by, by_itself } => {
                let waker = match by {
                    _ if by_itself => Waker::Itself,
                    NOBODY => Waker::Thread(thread),
                    by => Waker::Task(by),
                };
                *self.woken_by.entry(waker).or_default() += 1;
                self.task.wake(at, by_itself, by, thread);
            }
            What::Held => {
                self.rest(at);
                self.task.held(at);
            }
            What::Released => {
                self.rest(at);
                self.task.released(at);
            }
            What::Gone(how) => {
                self.rest(at);
                self.task.gone = Some(how);
            }
            What::JobQueued => self.strip.job(at, true),
            What::JobEnded => self.strip.job(at, false),
        }
    }

    fn poll(&mut self, end: Nanos, thread: ThreadId, took: Nanos, outcome: Outcome) {
        let start = end.saturating_sub(took);
        self.rest(start);
        let ready = self.task.poll_began(start, thread);
        if let Some(ready) = ready {
            self.ready.record(ready);
        }
        self.strip.until(end, if took < SLOW_POLL { LifePart::Polled } else { LifePart::LongPoll });
        self.task.poll_ended(start, took, outcome);
        self.consider(LongPoll { took, thread, end, ready });
        if outcome == Outcome::HandedOver {
            self.handed += took;
            return;
        }
        self.lengths.record(took.saturating_add(std::mem::take(&mut self.handed)));
        *self.lanes.entry(thread).or_default() += 1;
    }

    /// Paints what it was at until an instant at which something else begins.
    fn rest(&mut self, to: Nanos) {
        let asleep = LifePart::Asleep;
        match self.task.state(|_| PollClass::Short) {
            TaskState::Ready(since) => {
                let before = if self.task.polls == 0 { self.first } else { asleep };
                self.strip.rest_until(since.min(to), before);
                self.strip.until(to, LifePart::Ready);
            }
            TaskState::Held(since) => {
                self.strip.rest_until(since.min(to), asleep);
                self.strip.until(to, LifePart::Held);
            }
            TaskState::New => self.strip.rest_until(to, self.first),
            _ => self.strip.rest_until(to, asleep),
        }
    }

    /// Keeps the longest polls; of equal ones the first.
    fn consider(&mut self, poll: LongPoll) {
        let place = self.longest.partition_point(|other| other.took >= poll.took);
        if place < LONGEST {
            self.longest.insert(place, poll);
            self.longest.truncate(LONGEST);
        }
    }
}

impl Happened {
    fn is_the_end(&self) -> bool {
        match self.what {
            What::Poll { outcome, .. } => matches!(outcome, Outcome::Ready | Outcome::Panicked),
            What::Gone(_) => true,
            _ => false,
        }
    }
}
