//! The part of a poll that held its worker: a future, a span or a job inside the task's own. A finding names it beside the
//! task, which is often no more than where a connection was accepted.

use std::sync::Arc;

use super::{state::State, thread::SHORT_POLL};
use crate::trace::{
    clock::Nanos,
    record::{ActivityId, ThreadId},
};

/// Parts inside each other that are kept of a poll: of more, the inner ones.
const DEEPEST: usize = 8;

/// A span inside the outermost one of its thread.
#[derive(Clone, Debug)]
struct Part {
    what: ActivityId,
    /// Kept: a job is forgotten when it ends.
    name: Arc<str>,
    start: Nanos,
    /// None while it is in flight.
    took: Option<Nanos>,
}

impl Part {
    /// It takes half or more of the poll that began then.
    fn is_most_of(&self, start: Nanos, at: Nanos) -> bool {
        let took = self.took.unwrap_or_else(|| at.saturating_sub(self.start));
        self.start >= start && took.saturating_mul(2) >= at.saturating_sub(start)
    }
}

/// What a thread's poll is made of, as far as that is long.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// The innermost one in flight.
    in_flight: Option<Part>,
    /// Those that have ended, in that order, so inner ones first, and may be half of the poll.
    ended: Vec<Part>,
}

impl Parts {
    /// The name of the part that is most of the poll which began then.
    pub(super) fn most_of(&self, start: Nanos, at: Nanos) -> Option<Arc<str>> {
        let mut parts = self.in_flight.iter().chain(&self.ended);
        parts.find(|part| part.is_most_of(start, at)).map(|part| Arc::clone(&part.name))
    }

    /// One of that name has ended, after so long.
    pub(super) fn end(&mut self, what: ActivityId, name: &Arc<str>, at: Nanos, took: Nanos) {
        self.in_flight.take_if(|part| part.what == what);
        // The poll is at least as long as any of its parts.
        self.ended.retain(|part| part.took.unwrap_or_default().saturating_mul(2) >= took);
        self.ended.push(Part { what, name: Arc::clone(name), start: at.saturating_sub(took), took: Some(took) });
        // The outermost one; or of a poll before this one, whose record was lost.
        if self.ended.len() > DEEPEST
            && let Some(first) = (0..self.ended.len()).min_by_key(|at| self.ended[*at].start)
        {
            self.ended.remove(first);
        }
    }
}

impl State {
    /// A span that is inside another of its thread is in flight.
    pub(super) fn part_seen(&mut self, thread: ThreadId, at: Nanos, what: ActivityId, age: Nanos) {
        let Some(name) = self.known_name(what) else { return };
        let part = Part { what, name, start: at.saturating_sub(age), took: None };
        if let Some(it) = self.threads.get_mut(thread) {
            it.parts.in_flight = Some(part);
        }
    }

    /// It has ended. Shorter ones than a millisecond are nobody's fault, and were not told of while in flight.
    #[inline]
    pub(super) fn part_ended(&mut self, thread: ThreadId, at: Nanos, what: ActivityId, took: Nanos) {
        if took >= SHORT_POLL {
            self.long_part_ended(thread, at, what, took);
        }
    }

    #[inline(never)]
    fn long_part_ended(&mut self, thread: ThreadId, at: Nanos, what: ActivityId, took: Nanos) {
        let Some(name) = self.known_name(what) else { return };
        if let Some(it) = self.threads.get_mut(thread) {
            it.parts.end(what, &name, at, took);
        }
    }

    fn known_name(&self, what: ActivityId) -> Option<Arc<str>> {
        let task = self.tasks.get(what).map(|task| &task.name);
        task.or_else(|| self.jobs.get(&what).map(|job| &job.name)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(parts: &mut Parts, name: &str, at: Nanos, took: Nanos) {
        parts.end(name.len() as u32, &name.into(), at, took);
    }

    #[test]
    fn the_innermost_part_that_is_half_of_a_poll_is_the_one() {
        let mut parts = Parts::default();
        ended(&mut parts, "query", 40, 20);
        ended(&mut parts, "handler", 45, 30);
        ended(&mut parts, "connection", 50, 50);
        let most = |parts: &Parts, start, at| parts.most_of(start, at).map(|name| name.to_string());
        assert_eq!(most(&parts, 0, 60).as_deref(), Some("handler"), "of which the query is most, but not of the whole");
        assert_eq!(most(&parts, 0, 61).as_deref(), Some("connection"));
        assert_eq!(most(&parts, 0, 101), None);
        assert_eq!(most(&parts, 16, 50), None, "what began before the poll is none of its parts");
    }

    #[test]
    fn of_parts_that_follow_each_other_one_may_be_half_of_the_poll() {
        let mut parts = Parts::default();
        ended(&mut parts, "a", 10, 10);
        ended(&mut parts, "bb", 30, 20);
        ended(&mut parts, "ccc", 40, 10);
        assert_eq!(parts.most_of(0, 40).as_deref(), Some("bb"));
        // Of polls whose end nobody told there are no more than that, and they stand in nobody's way.
        (0..100).for_each(|_| ended(&mut parts, "a", 1000, 900));
        assert_eq!(parts.ended.len(), DEEPEST);
        ended(&mut parts, "bb", 1060, 50);
        assert_eq!(parts.most_of(1001, 1100).as_deref(), Some("bb"));
    }

    #[test]
    fn a_part_in_flight_counts_up_to_now_until_it_has_ended() {
        let query = Part { what: 5, name: "query".into(), start: 10, took: None };
        let mut parts = Parts { in_flight: Some(query), ..Parts::default() };
        assert_eq!((parts.most_of(0, 19), parts.most_of(0, 20).as_deref()), (None, Some("query")));
        ended(&mut parts, "query", 22, 12);
        assert_eq!((parts.most_of(0, 24).as_deref(), parts.most_of(0, 25)), (Some("query"), None));
    }
}
