//! The part of a poll that held its worker: a future, a span or a job inside the task's own. A finding names it beside the
//! task, which is often no more than where a connection was accepted.

use super::{poll_class::SPLIT_FROM, state::State};
use crate::trace::{
    clock::Nanos,
    record::{ActivityId, ThreadId},
};

/// Parts inside each other that are kept of a poll: of more, the inner ones.
const DEEPEST: usize = 4;

/// A span inside the outermost one of its thread.
#[derive(Clone, Copy, Debug)]
struct Part {
    what: ActivityId,
    from: Nanos,
    /// None while it is in flight.
    to: Option<Nanos>,
}

impl Part {
    /// How much of a stretch it takes: a poll that was handed over is told of anew, its parts are not.
    fn within(&self, from: Nanos, to: Nanos) -> Nanos {
        self.to.unwrap_or(to).min(to).saturating_sub(self.from.max(from))
    }
}

/// What a thread's poll is made of, as far as that is long. Of fixed size: each thread of each copy of the state has one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    /// The innermost one in flight.
    in_flight: Option<Part>,
    /// Those that have ended, in that order, so inner ones first, and may be half of the poll.
    ended: [Option<Part>; DEEPEST],
}

impl Parts {
    /// The part that is half or more of the poll which began then.
    pub(super) fn most_of(&self, start: Nanos, at: Nanos) -> Option<ActivityId> {
        let is_most = |part: &&Part| part.within(start, at).saturating_mul(2) >= at.saturating_sub(start);
        self.in_flight.iter().chain(self.ended.iter().flatten()).find(is_most).map(|part| part.what)
    }

    /// One is in flight since then.
    pub(super) fn seen(&mut self, what: ActivityId, from: Nanos) {
        self.in_flight = Some(Part { what, from, to: None });
    }

    /// One has ended; the poll that it is in did not begin before `since`.
    pub(super) fn end(&mut self, what: ActivityId, at: Nanos, took: Nanos, since: Nanos) {
        self.in_flight.take_if(|part| part.what == what);
        let new = Part { what, from: at.saturating_sub(took), to: Some(at) };
        // The poll is at least as long as any of its parts.
        let may_be_half = |part: &Part| part.within(since, at).saturating_mul(2) >= new.within(since, at);
        let mut kept: Vec<Part> = self.ended.iter().flatten().filter(|part| may_be_half(part)).copied().collect();
        kept.push(new);
        if kept.len() > DEEPEST
            // The outermost one; or of a poll before this one, whose record was lost.
            && let Some(first) = (0..kept.len()).min_by_key(|at| kept[*at].from)
        {
            kept.remove(first);
        }
        self.ended = std::array::from_fn(|at| kept.get(at).copied());
    }
}

impl State {
    /// A span that is inside another of its thread is in flight.
    pub(super) fn part_seen(&mut self, thread: ThreadId, at: Nanos, what: ActivityId, age: Nanos) {
        if let Some(it) = self.threads.get_mut(thread) {
            it.parts.seen(what, at.saturating_sub(age));
        }
    }

    /// It has ended. Shorter ones than a millisecond are nobody's fault, and were not told of while in flight.
    #[inline]
    pub(super) fn part_ended(&mut self, thread: ThreadId, at: Nanos, what: ActivityId, took: Nanos) {
        if took >= SPLIT_FROM
            && let Some(it) = self.threads.get_mut(thread)
        {
            it.parts.end(what, at, took, it.painted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_part_that_is_half_of_a_poll_is_the_one() {
        const QUERY: ActivityId = 1;
        const HANDLER: ActivityId = 2;
        const CONNECTION: ActivityId = 3;
        let mut parts = Parts::default();
        parts.end(QUERY, 40, 20, 0);
        parts.end(HANDLER, 45, 30, 0);
        parts.end(CONNECTION, 50, 50, 0);
        assert_eq!(parts.most_of(0, 60), Some(HANDLER), "of which the query is most, but not of the whole");
        assert_eq!((parts.most_of(0, 61), parts.most_of(0, 101)), (Some(CONNECTION), None));
        // What was before the poll counts for nothing.
        assert_eq!(
            (parts.most_of(40, 50), parts.most_of(46, 50), parts.most_of(50, 60)),
            (Some(HANDLER), Some(CONNECTION), None)
        );
    }

    #[test]
    fn of_parts_that_follow_each_other_one_may_be_half_of_the_poll() {
        let mut parts = Parts::default();
        parts.end(1, 10, 10, 0);
        parts.end(2, 30, 20, 0);
        parts.end(3, 40, 10, 0);
        assert_eq!(parts.most_of(0, 40), Some(2));
        // Of polls whose end nobody told there are no more than are kept, and they stand in nobody's way.
        (0..100).for_each(|_| parts.end(1, 1000, 900, 0));
        parts.end(2, 1060, 50, 0);
        assert_eq!(parts.most_of(1001, 1100), Some(2));
    }

    #[test]
    fn what_is_handed_over_counts_from_where_it_goes_on() {
        let mut parts = Parts::default();
        // A handler of 165 ms blocked in place in between; what is left of its poll began at 100, and a query took most.
        parts.end(1, 164, 60, 100);
        parts.end(2, 165, 165, 100);
        assert_eq!(parts.most_of(100, 165), Some(1));
    }

    #[test]
    fn a_part_in_flight_counts_up_to_now_until_it_has_ended() {
        let mut parts = Parts::default();
        parts.seen(5, 10);
        assert_eq!((parts.most_of(0, 19), parts.most_of(0, 20)), (None, Some(5)));
        parts.end(5, 22, 12, 0);
        assert_eq!((parts.most_of(0, 24), parts.most_of(0, 25)), (Some(5), None));
    }
}
