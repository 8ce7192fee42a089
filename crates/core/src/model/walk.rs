//! A trace, gone through once and item by item: the fold, and what it says of each item.
//!
//! This is for exports. They name and draw; what a poll was, how it was spent and how long its task had been ready is the
//! fold's word.

pub use super::poll_class::{BegunPoll, EndedPoll, PollClass, Reading, Split};
use super::{picture::Finding, sink::Sink, state::State};
use crate::trace::{clock::Nanos, log::Item, record::ThreadId};

/// The fold of a trace so far.
#[derive(Debug, Default)]
pub struct Walk {
    state: State,
}

/// What the fold says of one item.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdict {
    /// The poll that began, as this item shows.
    pub began: Option<BegunPoll>,
    /// The outermost poll that ended with it, on a thread that is known.
    pub ended: Option<EndedPoll>,
    /// What the thread read of itself about the outermost job that ended with it.
    pub job_read: Option<Reading>,
}

impl Sink for Verdict {
    #[inline]
    fn poll_began(&mut self, poll: &BegunPoll) {
        self.began = Some(*poll);
    }

    #[inline]
    fn poll_ended(&mut self, poll: &EndedPoll) {
        self.ended = Some(*poll);
    }

    fn job_ended(&mut self, read: Option<Reading>) {
        self.job_read = read;
    }
}

impl Walk {
    /// Folds the next item in.
    #[inline]
    pub fn take(&mut self, item: Item<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        self.state.apply(item, &mut verdict);
        verdict
    }

    /// Nothing else happens before that instant.
    pub fn advance(&mut self, to: Nanos) {
        self.state.advance(to, &mut Verdict::default());
    }

    /// The instant up to which everything is folded in.
    pub fn now(&self) -> Nanos {
        self.state.now
    }

    /// What was found in the present lab so far; kept in a bounded number.
    pub fn findings(&self) -> Vec<Finding> {
        self.state.findings(self.state.now)
    }

    /// Tasks that are ready: woken, and not in a poll.
    pub fn ready_tasks(&self) -> u32 {
        self.state.ready_tasks
    }

    /// What the poll that a thread is in is so far, and how it was spent.
    pub fn in_flight(&self, thread: ThreadId) -> Option<(PollClass, Split)> {
        let open = self.state.threads.get(thread)?.poll()?;
        let took = self.state.now.saturating_sub(open.start);
        Some((open.class(self.state.now), open.seen.up_to(took)))
    }
}
