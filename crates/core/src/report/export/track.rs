//! Slices of one thread that nest: a child lies wholly within its parent.
//!
//! Records come at the end of spans, so children come before their parents, and what is told of a beginning
//! is only nearly exact: a span of more than 134 ms is rounded, a nested poll that was handed over has its
//! parts joined, and a coarse clock gives one instant to many. A viewer that finds two slices overlap drops
//! one of them; and of two that begin in one instant it takes the one that was written first for the
//! parent. So a parent begins at least a nanosecond before its first child.

use crate::trace::clock::Nanos;

/// Nanoseconds that are kept free between a nested slice and the end of what was before it, for parents
/// which are not known yet: one each. Two readings of the clock are further apart, or the clock is coarser
/// than this.
const ROOM: Nanos = 8;
/// Slices without a known parent that are remembered one by one.
const MOST_ROOTS: usize = 1024;

/// Where on a thread slices are.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// The end of the last outermost slice.
    floor: Nanos,
    /// The end of the last slice.
    end: Nanos,
    /// Slices after the floor whose parent has not ended: disjoint and in order.
    roots: Vec<(Nanos, Nanos)>,
}

impl Track {
    /// The place of a span: its start and end.
    pub(super) fn place(&mut self, start: Nanos, end: Nanos, nested: bool) -> (Nanos, Nanos) {
        // What a span of that length is rounded by.
        let rounded = end.saturating_sub(start) >> 26;
        let start = start.max(self.floor);
        let first_child = self.adopt(start, rounded, nested);
        let before = self.roots.last().map_or(self.floor, |root| root.1);
        let room = if nested { ROOM } else { 0 };
        let start = match first_child {
            Some(child) => start.max(before + room).min(child.saturating_sub(1)).max(before),
            None => start.max(self.end + room),
        };
        let end = end.max(start).max(self.end);
        if nested {
            // One that took no time, by a coarse clock, ends within its parent too.
            self.end = end.max(start + 1);
            self.remember(start, self.end);
        } else {
            self.roots.clear();
            (self.floor, self.end) = (end, end);
        }
        (start, end)
    }

    /// The place of something that takes no time: within every slice that is in flight, and no slice begins
    /// or ends there.
    pub(super) fn point(&mut self, at: Nanos) -> Nanos {
        let at = at.max(self.end + ROOM);
        self.end = at + 1;
        self.remember(at, self.end);
        at
    }

    /// The slices that were in the span are no roots any more. Gives the start of the first.
    fn adopt(&mut self, start: Nanos, rounded: Nanos, nested: bool) -> Option<Nanos> {
        let earliest = start.saturating_sub(rounded + ROOM);
        // Nothing but its children can overlap an outermost span: what went on after the worker was handed over
        // is drawn from the end of the job on, a little before the outermost span goes on.
        let is_child = |(from, to): &mut (Nanos, Nanos)| {
            if nested { *from >= earliest && (*to > start || rounded > 0) } else { *to > earliest }
        };
        let mut first = None;
        while let Some((from, _)) = self.roots.pop_if(is_child) {
            first = Some(from);
        }
        first
    }

    fn remember(&mut self, start: Nanos, end: Nanos) {
        if self.roots.len() == MOST_ROOTS {
            // The older half as one: a parent that began in the midst of it is drawn from its end on.
            let older = self.roots.drain(..MOST_ROOTS / 2);
            let span = older.fold((Nanos::MAX, 0), |(from, to), root| (root.0.min(from), root.1.max(to)));
            self.roots.insert(0, span);
        }
        self.roots.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_begins_before_its_first_child() {
        let mut track = Track::default();
        assert_eq!(track.place(100, 200, false), (100, 200));
        // One instant for all: what was before, the parent, and two generations in it.
        let inner = track.place(200, 220, true);
        let middle = track.place(200, 230, true);
        let outer = track.place(200, 240, false);
        assert_eq!((outer, middle, inner), ((200, 240), (207, 230), (208, 220)));
    }

    #[test]
    fn a_rounded_parent_is_drawn_from_its_first_child_on() {
        let mut track = Track::default();
        let child = track.place(1_000, 2_000, true);
        // 10 s are rounded by up to 128 ns.
        let parent = track.place(1_100, 10_000_000_000, false);
        assert_eq!((parent.0, child), (999, (1_000, 2_000)));
    }

    #[test]
    fn what_was_before_ends_before() {
        let mut track = Track::default();
        track.place(1_000, 2_000, true);
        assert_eq!(track.place(1_990, 3_000, true).0, 2_008);
        assert_eq!(track.place(900, 4_000, false), (900, 4_000));
        assert_eq!(track.place(3_900, 5_000, false), (4_000, 5_000));
    }

    #[test]
    fn memory_is_bounded() {
        let mut track = Track::default();
        for at in 1..1_000_000 {
            track.place(at * 100, at * 100 + 50, true);
        }
        assert!(track.roots.len() <= MOST_ROOTS && track.roots.capacity() <= 2 * MOST_ROOTS);
        assert_eq!(track.place(60, 100_000_000, false).0, 60);
    }
}
