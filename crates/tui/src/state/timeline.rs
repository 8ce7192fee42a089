//! Which part of the time axis is in sight, and which lane is chosen: pure.

use pollscope_core::trace::{
    clock::{MICRO, Nanos, SECOND},
    record::ThreadId,
};

use super::Move;

/// What a key or the mouse asks of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineKey {
    /// Half as much time, about the cursor.
    ZoomIn,
    /// Twice as much time, about the cursor.
    ZoomOut,
    /// Half a screen back.
    PanBack,
    /// Half a screen forth.
    PanOn,
    /// An eighth of a screen back.
    RollBack,
    /// An eighth of a screen forth.
    RollOn,
    /// All that there is.
    Fit,
    /// What was in sight before, and where the cursor was.
    Undo,
    /// The cursor there: a lane, and so many thousandths of the axis.
    Point(Option<usize>, u16),
}

/// Where the cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    To(Nanos),
    /// To the newest instant, whatever it is.
    Live,
}

/// The shortest and the longest time in sight.
const SHORTEST: Nanos = MICRO;
const LONGEST: Nanos = 100 * 3600 * SECOND;
/// What is in sight at first.
const FIRST: Nanos = 10 * SECOND;
/// Moves that can be undone.
const UNDO: usize = 64;

/// A part of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    length: Nanos,
    /// Its end; none follows the newest instant.
    end: Option<Nanos>,
}

/// What is in sight, and which lane is chosen.
#[derive(Clone, Debug)]
pub(crate) struct TimelineState {
    sight: Sight,
    /// What was in sight before the last moves, and the cursor; none at the newest instant.
    undo: Vec<(Sight, Option<Nanos>)>,
    /// The chosen lane.
    pub(crate) thread: Option<ThreadId>,
    /// What there is, as the last picture said.
    oldest: Nanos,
    newest: Nanos,
    lanes: Vec<ThreadId>,
}

impl Default for TimelineState {
    fn default() -> Self {
        let sight = Sight { length: FIRST, end: None };
        Self { sight, undo: Vec::new(), thread: None, oldest: 0, newest: 0, lanes: Vec::new() }
    }
}

impl TimelineState {
    /// A picture came: that is what there is.
    pub(crate) fn see(&mut self, oldest: Nanos, newest: Nanos, lanes: impl Iterator<Item = ThreadId>) {
        (self.oldest, self.newest) = (oldest, newest);
        self.lanes = lanes.collect();
    }

    /// How much time is in sight.
    pub(crate) fn length(&self) -> Nanos {
        self.sight.length
    }

    /// The last instant in sight; none where the newest is followed.
    pub(crate) fn end(&self) -> Option<Nanos> {
        self.sight.end
    }

    /// Keeps the cursor in sight. What stands still keeps its place, unless the cursor leaves it; without a cursor
    /// the newest is followed.
    pub(crate) fn settle(&mut self, cursor: Option<Nanos>) {
        self.sight.end = cursor.map(|cursor| {
            let end = self.sight.end.unwrap_or(self.newest);
            end.min(self.newest).clamp(cursor, cursor.saturating_add(self.sight.length))
        });
    }

    /// The first and the last instant in sight.
    fn range(&self) -> (Nanos, Nanos) {
        let end = self.sight.end.unwrap_or(self.newest);
        (end.saturating_sub(self.sight.length), end)
    }

    /// Another lane.
    pub(crate) fn select(&mut self, by: Move) {
        let last = self.lanes.len().saturating_sub(1);
        let now = self.thread.and_then(|thread| self.lanes.iter().position(|lane| *lane == thread));
        let at = match (now, by) {
            (_, Move::Last) => last,
            (None, _) | (_, Move::First) => 0,
            (Some(at), Move::Up) => at.saturating_sub(1),
            (Some(at), Move::Down) => (at + 1).min(last),
            (Some(at), _) => at,
        };
        self.thread = self.lanes.get(at).copied();
    }

    /// Chooses a span of a lane and has it in sight, in the middle: where it would be less than a hundredth of what
    /// is, or more than all of it, what is in sight becomes four times as long as the span.
    pub(crate) fn show(&mut self, (thread, start, end): (ThreadId, Nanos, Nanos), cursor: Option<Nanos>) {
        self.keep(cursor);
        self.thread = Some(thread);
        let took = end.saturating_sub(start);
        let mut length = self.sight.length;
        if took > length || took < length / 100 {
            length = took.saturating_mul(4).clamp(SHORTEST, LONGEST);
        }
        self.sight = Sight { length, end: Some(end.saturating_add(length.saturating_sub(took) / 2)) };
    }

    /// Does what a key asks for. Gives where the cursor goes, where it moves.
    pub(crate) fn key(&mut self, key: TimelineKey, cursor: Option<Nanos>) -> Option<Goes> {
        match key {
            TimelineKey::ZoomIn => self.zoom(self.sight.length / 2, cursor),
            TimelineKey::ZoomOut => self.zoom(self.sight.length.saturating_mul(2), cursor),
            TimelineKey::Fit => {
                self.keep(cursor);
                let length = (self.newest - self.oldest).clamp(SHORTEST, LONGEST);
                self.sight = Sight { length, end: self.sight.end.map(|_| self.newest) };
            }
            TimelineKey::Undo => {
                // The cursor comes along: else it would take what is in sight with it.
                let (before, cursor) = self.undo.pop()?;
                self.sight = before;
                return Some(cursor.map_or(Goes::Live, Goes::To));
            }
            TimelineKey::PanBack => return Some(self.pan(cursor, -4)),
            TimelineKey::PanOn => return Some(self.pan(cursor, 4)),
            TimelineKey::RollBack => return Some(self.pan(cursor, -1)),
            TimelineKey::RollOn => return Some(self.pan(cursor, 1)),
            TimelineKey::Point(lane, thousandths) => {
                self.keep(cursor);
                self.thread = lane.and_then(|lane| self.lanes.get(lane)).copied().or(self.thread);
                let (from, to) = self.range();
                return Some(Goes::To(
                    from + ((to - from) as u128 * u128::from(thousandths.min(1000)) / 1000) as Nanos,
                ));
            }
        }
        None
    }

    /// Remembers what is in sight and where the cursor is, before a move that can be undone.
    pub(crate) fn keep(&mut self, cursor: Option<Nanos>) {
        let now = (self.sight, cursor);
        if self.undo.last() != Some(&now) {
            self.undo.push(now);
        }
        if self.undo.len() > UNDO {
            self.undo.remove(0);
        }
    }

    /// The cursor stays at its place of the screen.
    fn zoom(&mut self, length: Nanos, cursor: Option<Nanos>) {
        let length = length.clamp(SHORTEST, LONGEST);
        if length == self.sight.length {
            return;
        }
        self.keep(cursor);
        let cursor = cursor.unwrap_or(self.newest);
        let before = self.sight;
        self.sight.length = length;
        self.sight.end = before.end.map(|end| {
            let after = end.saturating_sub(cursor) as u128 * u128::from(length) / u128::from(before.length);
            cursor.saturating_add(after as Nanos)
        });
    }

    fn pan(&mut self, cursor: Option<Nanos>, eighths: i128) -> Goes {
        self.keep(cursor);
        let by = eighths * i128::from(self.sight.length) / 8;
        let moved = |at: Nanos| (i128::from(at) + by).clamp(self.oldest.into(), self.newest.into()) as Nanos;
        let end = self.sight.end.unwrap_or(self.newest);
        self.sight.end = Some(moved(end));
        Goes::To(moved(cursor.unwrap_or(self.newest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollscope_core::trace::clock::MILLI;

    fn range(state: &mut TimelineState, cursor: Option<Nanos>) -> (Nanos, Nanos) {
        state.settle(cursor);
        state.range()
    }

    fn state() -> TimelineState {
        let mut state = TimelineState::default();
        state.see(0, 100 * SECOND, [7, 8].into_iter());
        state
    }

    #[test]
    fn the_cursor_keeps_its_place_while_zooming() {
        let mut state = state();
        let cursor = Some(95 * SECOND);
        assert_eq!(range(&mut state, cursor), (90 * SECOND, 100 * SECOND));
        for _ in 0..4 {
            assert_eq!(state.key(TimelineKey::ZoomIn, cursor), None);
            let (from, to) = range(&mut state, cursor);
            assert!((95 * SECOND - from).abs_diff(to - 95 * SECOND) <= 1, "{from} {to}");
        }
        assert_eq!(state.length(), 625 * MILLI);
        for _ in 0..4 {
            state.key(TimelineKey::Undo, cursor);
        }
        assert_eq!(range(&mut state, cursor), (90 * SECOND, 100 * SECOND));
        for _ in 0..40 {
            state.key(TimelineKey::ZoomIn, cursor);
        }
        assert_eq!(state.length(), MICRO);
    }

    #[test]
    fn what_is_newest_is_followed() {
        let mut state = state();
        state.key(TimelineKey::ZoomIn, None);
        state.see(0, 120 * SECOND, [].into_iter());
        assert_eq!(range(&mut state, None), (115 * SECOND, 120 * SECOND));
        state.key(TimelineKey::Fit, None);
        assert_eq!(range(&mut state, None), (0, 120 * SECOND));
    }

    #[test]
    fn panning_takes_the_cursor_along_and_ends_at_the_ends() {
        let mut state = state();
        range(&mut state, Some(95 * SECOND));
        assert_eq!(state.key(TimelineKey::PanBack, Some(95 * SECOND)), Some(Goes::To(90 * SECOND)));
        assert_eq!(range(&mut state, Some(90 * SECOND)), (85 * SECOND, 95 * SECOND));
        for _ in 0..3 {
            state.key(TimelineKey::PanOn, Some(99 * SECOND));
        }
        assert_eq!(state.key(TimelineKey::PanOn, Some(99 * SECOND)), Some(Goes::To(100 * SECOND)));
        assert_eq!(state.key(TimelineKey::RollBack, Some(99 * SECOND)), Some(Goes::To(97_750 * MILLI)));
    }

    #[test]
    fn a_cursor_that_leaves_takes_what_is_in_sight_along() {
        let mut state = state();
        range(&mut state, Some(95 * SECOND));
        assert_eq!(range(&mut state, Some(80 * SECOND)), (80 * SECOND, 90 * SECOND));
        assert_eq!(state.key(TimelineKey::Point(None, 250), Some(80 * SECOND)), Some(Goes::To(82_500 * MILLI)));
    }

    #[test]
    fn the_last_moves_are_undone_with_the_cursor() {
        let mut state = state();
        let live = range(&mut state, None);
        // A key went far back from what happens now; then a click, and a zoom about it.
        state.keep(None);
        let far = range(&mut state, Some(20 * SECOND));
        let Some(Goes::To(clicked)) = state.key(TimelineKey::Point(None, 500), Some(20 * SECOND)) else { panic!() };
        state.key(TimelineKey::ZoomIn, Some(clicked));
        assert_ne!(range(&mut state, Some(clicked)), far);
        for (expected, sight) in [(Goes::To(clicked), far), (Goes::To(20 * SECOND), far), (Goes::Live, live)] {
            let went = state.key(TimelineKey::Undo, Some(clicked)).unwrap();
            assert_eq!(went, expected);
            let cursor = if let Goes::To(at) = went { Some(at) } else { None };
            assert_eq!(range(&mut state, cursor), sight);
        }
        assert_eq!(state.key(TimelineKey::Undo, None), None);
    }

    #[test]
    fn lanes_are_chosen_one_by_one() {
        let mut state = state();
        for (by, thread) in [(Move::Down, 7), (Move::Down, 8), (Move::Down, 8), (Move::Up, 7), (Move::Last, 8)] {
            state.select(by);
            assert_eq!(state.thread, Some(thread));
        }
        state.key(TimelineKey::Point(Some(0), 0), None);
        assert_eq!(state.thread, Some(7));
    }
}
