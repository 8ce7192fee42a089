//! One task or one thread from its beginning to its end, as an export tells of it.
//!
//! Here is which wake led to which poll, and what a thread is called for all of its life. It knows nothing
//! of the formats. What a poll was and how long its task had been ready is the fold's word ([`Walk`]).
//!
//! [`Walk`]: crate::model::walk::Walk

use std::{fmt::Write, sync::Arc};

use crate::trace::{
    clock::Nanos,
    event::{TaskKind, ThreadBegan, ThreadKind},
    record::{ActivityId, Doing, Outcome, ThreadId},
};

/// Spans in each other that are remembered as in flight: no program nests so deep, and a damaged recording might.
const MOST_IN_FLIGHT: usize = 64;

/// A wake that no poll has answered yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    pub(super) at: Nanos,
    pub(super) thread: ThreadId,
    pub(super) by: ActivityId,
    /// Where it is drawn on its thread.
    pub(super) drawn: Nanos,
}

/// A task or sub-future.
#[derive(Clone, Debug)]
pub(super) struct TaskLife {
    pub(super) name: Arc<str>,
    pub(super) kind: Option<TaskKind>,
    pub(super) parent: Option<ActivityId>,
    pub(super) created: Option<Nanos>,
    pub(super) ended: Option<(Nanos, &'static str)>,
    pub(super) polls: u64,
    pub(super) polled: Nanos,
    pub(super) longest_poll: Nanos,
    pub(super) wakes: u64,
    /// The first wake since the last poll began: it made the task ready. Those after it change nothing.
    first: Option<Wake>,
    /// The last one: where the first was before a poll, this one may have been during it.
    last: Option<Wake>,
    /// How long it had been ready before the poll that it is in, as the fold says; none where that is not known.
    pub(super) ready: Option<Nanos>,
    began: Option<Nanos>,
    asleep_since: Nanos,
    /// What it polled before its worker was handed over: the same poll goes on.
    handed: Option<Nanos>,
}

impl TaskLife {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            kind: None,
            parent: None,
            created: None,
            ended: None,
            polls: 0,
            polled: 0,
            longest_poll: 0,
            wakes: 0,
            first: None,
            last: None,
            ready: None,
            began: None,
            asleep_since: 0,
            handed: None,
        }
    }

    pub(super) fn woken(&mut self, wake: Wake) {
        self.wakes += 1;
        // A record that was on its way for long may come after the poll that it led to.
        if self.began.is_some_and(|began| wake.at <= began) {
            return;
        }
        self.first.get_or_insert(wake);
        self.last = Some(wake);
    }

    /// A gate keeps it from being polled: the wake has led to that, and to no poll.
    pub(super) fn held(&mut self) {
        (self.first, self.last) = (None, None);
    }

    /// A poll, or a part of one, began then: which wake led to it. The wakes since its beginning are known already.
    pub(super) fn poll_began(&mut self, start: Nanos) -> Option<Wake> {
        if self.handed.is_some() {
            return None;
        }
        // Two threads' readings of the clock may disagree: no poll begins before the one before it has ended.
        let start = start.max(self.asleep_since);
        let wake = self.first.take_if(|wake| wake.at <= start);
        if wake.is_some() {
            self.first = self.last.filter(|last| last.at > start);
        }
        self.began = Some(start);
        wake
    }

    pub(super) fn poll_ended(&mut self, at: Nanos, took: Nanos, outcome: Outcome) {
        self.polled = self.polled.saturating_add(took);
        self.asleep_since = at;
        let so_far = self.handed.take().unwrap_or(0).saturating_add(took);
        if outcome == Outcome::HandedOver {
            self.handed = Some(so_far);
            return;
        }
        self.polls += 1;
        self.longest_poll = self.longest_poll.max(so_far);
        if outcome != Outcome::Pending {
            self.ended = Some((at, outcome_name(outcome)));
        }
    }
}

/// As exports write it.
pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "pending",
        Outcome::Ready => "ready",
        Outcome::Panicked => "panicked",
        Outcome::HandedOver => "handed-over",
    }
}

/// A span that the collector saw in flight and that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InFlight {
    pub(super) start: Nanos,
    pub(super) what: u32,
    pub(super) doing: Doing,
}

/// A thread.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadLife {
    began: Option<ThreadBegan>,
    pub(super) began_at: Option<Nanos>,
    pub(super) ended: Option<Nanos>,
    ordinal: u32,
    /// The first index that it had as a worker, and which of the threads with that index it was, from 1.
    pub(super) worker: Option<(u32, u32)>,
    /// The outer before the inner.
    pub(super) in_flight: Vec<InFlight>,
    pub(super) polls: u64,
    pub(super) polling: Nanos,
    pub(super) jobs: u64,
    pub(super) job: Nanos,
}

impl ThreadLife {
    pub(super) fn began(&mut self, at: Nanos, began: &ThreadBegan, ordinal: u32) {
        (self.began, self.began_at, self.ordinal) = (Some(began.clone()), Some(at), ordinal);
    }

    pub(super) fn ended_at(&mut self, at: Nanos) {
        self.ended = Some(at);
        self.in_flight.clear();
    }

    pub(super) fn kind(&self) -> Option<ThreadKind> {
        self.began.as_ref().map(|began| began.kind)
    }

    pub(super) fn generation(&self) -> u32 {
        self.began.as_ref().map_or(0, |began| began.generation)
    }

    /// `worker 0`, `rayon 1`, `producer`; `worker 0 #2` for the second thread that was worker 0
    /// (`block_in_place`). A name for all of its life, where a screen's says what it is now.
    pub(super) fn label(&self, thread: ThreadId) -> String {
        let Some(began) = &self.began else { return format!("thread {thread}") };
        let ordinal = self.ordinal;
        let mut label = match (began.kind, self.worker) {
            (ThreadKind::Worker, Some((index, 1))) => format!("worker {index}"),
            (ThreadKind::Worker, Some((index, number))) => format!("worker {index} #{number}"),
            (ThreadKind::Worker, None) => format!("worker {ordinal}"),
            (ThreadKind::Blocking, None) => format!("blocking {ordinal}"),
            (ThreadKind::Blocking, Some((index, _))) => format!("blocking {ordinal} (worker {index})"),
            (ThreadKind::Rayon, _) => format!("rayon {ordinal}"),
            _ => began.name.to_string(),
        };
        if began.generation > 1 {
            // Writing to a string never fails.
            let _ = write!(label, " · lab {}", began.generation);
        }
        label
    }

    /// Workers first, as on the screen.
    pub(super) fn sort_index(&self) -> u32 {
        let rank = match self.kind() {
            Some(ThreadKind::Worker) => 0,
            Some(ThreadKind::Rayon) => 1,
            Some(ThreadKind::Blocking) => 2,
            Some(ThreadKind::Scenario) => 3,
            Some(ThreadKind::Server) => 4,
            Some(ThreadKind::Observer) => 5,
            None => 6,
        };
        rank * 10_000
            + self
                .worker
                .map_or(self.ordinal, |(index, number)| index.saturating_mul(100).saturating_add(number.min(99)))
                .min(9_999)
    }

    /// What it takes in memory besides itself, in bytes.
    pub(super) fn owned(&self) -> usize {
        let name = self.began.as_ref().map_or(0, |began| began.name.len());
        name + self.in_flight.capacity() * size_of::<InFlight>()
    }

    /// A span was seen in flight. Later looks at it differ only by what its age is rounded by.
    pub(super) fn seen(&mut self, span: InFlight) {
        let same = |it: &InFlight| it.what == span.what && it.doing == span.doing;
        if self.in_flight.len() < MOST_IN_FLIGHT && !self.in_flight.iter().any(same) {
            self.in_flight.push(span);
            self.in_flight.sort_by_key(|it| it.start);
        }
    }

    /// The outermost span ends all that were in it.
    pub(super) fn span_ended(&mut self, doing: Doing, what: u32, nested: bool) {
        if nested {
            self.in_flight.retain(|it| (it.doing, it.what) != (doing, what));
        } else {
            self.in_flight.clear();
        }
    }
}
