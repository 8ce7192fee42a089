//! A task or sub-future.

use std::sync::Arc;

use super::{picture::TaskState, poll_class::PollClass};
use crate::trace::{
    clock::{MILLI, Nanos},
    event::{TaskBegan, TaskKind},
    record::{ActivityId, NOBODY, Outcome, ThreadId},
};

/// Wakes by itself within [`SPIN_WINDOW`] that make a task a spinning one.
const SPINS: u32 = 1_000;
/// See [`SPINS`].
const SPIN_WINDOW: Nanos = 100 * MILLI;

/// How a task ended that no poll has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It was dropped before it was ready.
    Dropped,
    /// Nobody saw how.
    Unseen,
}

/// A task or sub-future. An instant of 0 is none.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) name: Arc<str>,
    pub(super) kind: TaskKind,
    pub(super) parent: Option<ActivityId>,
    pub(super) began: Nanos,
    /// Woken then, and not polled since.
    pub(super) ready_since: Nanos,
    last_wake: Nanos,
    /// In a poll that the collector saw in flight, on this thread since then.
    pub(super) polling: Option<(ThreadId, Nanos)>,
    /// The start of a poll that goes on after `block_in_place`.
    handed_since: Nanos,
    /// Kept from being polled since then.
    held_since: Nanos,
    /// Asleep since then.
    pub(super) asleep_since: Nanos,
    pub(super) ended: Option<Outcome>,
    pub(super) gone: Option<Gone>,
    pub(super) polls: u64,
    pub(super) polled: Nanos,
    pub(super) longest_poll: Nanos,
    pub(super) longest_ready: Nanos,
    pub(super) wakes: u64,
    pub(super) self_wakes: u64,
    /// The task, or [`NOBODY`], and the thread that woke it last.
    pub(super) woken_by: Option<(ActivityId, ThreadId)>,
    pub(super) wakers: Option<u32>,
    pub(super) thread: Option<ThreadId>,
    pub(super) migrations: u64,
    /// Jobs that it queued and that have not ended.
    pub(super) jobs: u32,
    spin_start: Nanos,
    spins: u32,
    /// It was found spinning, last then.
    pub(super) spun: Nanos,
}

impl Task {
    /// A spawned task is ready at once; a sub-future is polled by its parent when that likes.
    pub(super) fn new(began: &TaskBegan, at: Nanos) -> Self {
        let ready = began.kind != TaskKind::Sub;
        Self {
            name: Arc::clone(&began.name),
            kind: began.kind,
            parent: began.parent,
            began: at,
            ready_since: if ready { at } else { 0 },
            last_wake: if ready { at } else { 0 },
            polling: None,
            handed_since: 0,
            held_since: 0,
            asleep_since: 0,
            ended: None,
            gone: None,
            polls: 0,
            polled: 0,
            longest_poll: 0,
            longest_ready: 0,
            wakes: 0,
            self_wakes: 0,
            woken_by: None,
            wakers: None,
            thread: None,
            migrations: 0,
            jobs: 0,
            spin_start: 0,
            spins: 0,
            spun: 0,
        }
    }

    /// The longest poll, with the one that it is in.
    pub(super) fn longest_until(&self, at: Nanos) -> Nanos {
        self.longest_poll.max(self.polling.map_or(0, |(_, since)| at.saturating_sub(since)))
    }

    /// It is a part of another, which polls it when that likes.
    pub(super) fn found_nested(&mut self, parent: ActivityId) {
        (self.kind, self.parent) = (TaskKind::Sub, Some(parent));
        (self.ready_since, self.last_wake) = (0, 0);
    }

    pub(super) fn is_alive(&self) -> bool {
        self.ended.is_none() && self.gone.is_none()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready_since != 0 && self.polling.is_none() && self.is_alive()
    }

    /// It was woken. Says whether it became ready by that.
    #[inline]
    pub(super) fn wake(&mut self, at: Nanos, by_itself: bool, by: ActivityId, thread: ThreadId) -> bool {
        self.wakes += 1;
        self.last_wake = at;
        self.woken_by = Some((by, thread));
        if by_itself {
            self.self_wakes += 1;
            self.count_spin(at);
        }
        let is_elsewhere = self.polling.is_some() || self.handed_since != 0 || self.held_since != 0;
        if self.ready_since != 0 || is_elsewhere || !self.is_alive() {
            return false;
        }
        self.ready_since = at;
        true
    }

    /// A gate keeps it from being polled: the time at the gate is not time that it was ready.
    pub(super) fn held(&mut self, at: Nanos) {
        self.held_since = at;
        self.ready_since = 0;
    }

    /// The gate lets it through. Says whether it became ready by that.
    pub(super) fn released(&mut self, at: Nanos) -> bool {
        let was_held = std::mem::take(&mut self.held_since) != 0 && self.polling.is_none() && self.is_alive();
        if was_held {
            self.ready_since = at;
        }
        was_held
    }

    #[inline]
    fn count_spin(&mut self, at: Nanos) {
        self.spins += 1;
        // A wake that was on its way for long is older than the one before it.
        if at.saturating_sub(self.spin_start) > SPIN_WINDOW {
            self.spin_start = at;
            self.spins = 0;
        } else if self.spins >= SPINS {
            self.spun = at;
        }
    }

    /// A poll began: how long it had been ready, where that is known.
    #[inline]
    pub(super) fn poll_began(&mut self, start: Nanos, thread: ThreadId) -> Option<Nanos> {
        if self.thread.is_some_and(|last| last != thread) {
            self.migrations += 1;
        }
        self.thread = Some(thread);
        let since = std::mem::take(&mut self.ready_since);
        // A wake inside the poll, of a task that was not known to be ready, is not what began it.
        if since == 0 || since > start {
            return None;
        }
        let ready = start - since;
        self.longest_ready = self.longest_ready.max(ready);
        Some(ready)
    }

    /// A poll ended. Says whether it is ready again: woken meanwhile.
    #[inline]
    pub(super) fn poll_ended(&mut self, start: Nanos, took: Nanos, outcome: Outcome) -> bool {
        self.polling = None;
        self.polled = self.polled.saturating_add(took);
        self.longest_poll = self.longest_poll.max(took);
        if outcome == Outcome::HandedOver {
            // A poll may be handed over more than once: a wake since its true start makes it ready again.
            if self.handed_since == 0 {
                self.handed_since = start;
            }
            return false;
        }
        let began = match std::mem::take(&mut self.handed_since) {
            0 => start,
            began => began,
        };
        self.polls += 1;
        if outcome != Outcome::Pending {
            self.ended = Some(outcome);
            return false;
        }
        let end = start + took;
        self.asleep_since = end;
        if self.last_wake > began {
            self.ready_since = end;
        }
        self.last_wake > began
    }

    pub(super) fn state(&self, how: impl FnOnce(ThreadId) -> PollClass) -> TaskState {
        match self.ended {
            Some(Outcome::Panicked) => TaskState::Panicked,
            Some(_) => TaskState::Done,
            None => match self.polling {
                _ if self.gone == Some(Gone::Dropped) => TaskState::Dropped,
                _ if self.gone == Some(Gone::Unseen) => TaskState::Ended,
                Some((thread, since)) => TaskState::Polling(since, how(thread)),
                None if self.held_since != 0 => TaskState::Held(self.held_since),
                None if self.ready_since != 0 => TaskState::Ready(self.ready_since),
                None if self.asleep_since != 0 => TaskState::Asleep(self.asleep_since),
                None => TaskState::New,
            },
        }
    }

    /// Pending, and nobody else keeps a waker.
    pub(super) fn is_unwakeable(&self) -> bool {
        self.is_alive()
            && self.wakers == Some(0)
            && self.polls > 0
            && self.ready_since == 0
            && self.handed_since == 0
            && self.held_since == 0
            && self.polling.is_none()
    }
}

/// Whether the wake came from the task's own poll or from one of its sub-futures.
pub(super) fn is_by_itself(task: ActivityId, by: ActivityId) -> bool {
    by != NOBODY && by == task
}
