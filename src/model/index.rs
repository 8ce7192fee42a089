//! Histories: what each lane did, at several resolutions, and how late the pulse was.
//!
//! A lane is a pyramid: buckets of 2^20 ns (1.05 ms) and of 8 times as much a level, each with the time
//! in every [`LaneState`]. A level keeps its last buckets only, so a lane's memory is bounded while its
//! last hours can be drawn, coarser the older they are. A thread's spans come in order, so a lane only
//! ever grows at its end.

mod pieces;

use std::collections::{BTreeMap, VecDeque};

use hdrhistogram::Histogram;

pub(super) use self::pieces::Pieces;
use self::pieces::{STATES, Shares};
use super::{gauges::Gauges, names::Names, picture::LaneState};
use crate::trace::{
    clock::{Nanos, SECOND},
    record::ThreadId,
};

/// Level 0's buckets are this many bits of nanoseconds wide.
const BASE_BITS: u32 = 20;
/// Each level's buckets are this many bits wider.
const STEP_BITS: u32 = 3;
/// 1 ms, 8 ms, 67 ms, 537 ms, 4.3 s.
const LEVELS: usize = 5;
/// Buckets a level keeps: 8.6 s of the finest, 73 minutes of 67 ms, ten hours of the coarsest.
const KEPT: [usize; LEVELS] = [1 << 13, 1 << 13, 1 << 16, 1 << 13, 1 << 13];

/// The pulse's due times that are kept: one hour's.
const BEATS: usize = 72_000;

/// The longest span that is drawn whole; of a longer one its end.
const LONGEST: Nanos = 3600 * SECOND;
/// Threads that can have a lane: a log from outside must not decide how much memory they take.
const LANES: usize = 1 << 20;
/// Findings whose instants are kept.
const FIRED: usize = 1 << 16;

/// All histories.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What is painted.
    canvas: Canvas,
    /// What tasks and jobs were called.
    pub(super) names: Names,
    /// Numbers over time.
    pub(super) gauges: Gauges,
    /// Boxed, since of the threads that ever were most are gone in a long run.
    lanes: Vec<Option<Box<Lane>>>,
    beats: VecDeque<(Nanos, Nanos)>,
    /// When findings fired, in order.
    fired: VecDeque<Nanos>,
    /// Wake-to-poll times of tasks.
    pub(super) ready: Times,
    /// Lateness of the pulse.
    pub(super) late: Times,
}

/// A distribution of durations, up to an hour, to 1%; its maximum is exact.
#[derive(Clone, Debug)]
pub(super) struct Times {
    histogram: Histogram<u64>,
    max: Nanos,
}

impl Default for Times {
    #[expect(clippy::expect_used, reason = "the bounds are constants")]
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, 3600 * SECOND, 2).expect("the bounds are in order");
        Self { histogram, max: 0 }
    }
}

impl Times {
    #[inline]
    pub(super) fn record(&mut self, time: Nanos) {
        self.max = self.max.max(time);
        self.histogram.saturating_record(time.max(1));
    }

    pub(super) fn percentile(&self, percent: f64) -> Nanos {
        self.histogram.value_at_percentile(percent).min(self.max)
    }

    pub(super) fn max(&self) -> Nanos {
        self.max
    }
}

/// What an index paints.
#[derive(Debug, Default)]
enum Canvas {
    /// The lanes, for ever.
    #[default]
    Lanes,
    /// The lanes of a time between two instants, in pieces.
    Window(Box<Window>),
    /// Nothing: who folds to an instant wants the state alone, and a worker that was awake for long is many buckets.
    Nothing,
}

/// The lanes of a time between two instants.
#[derive(Debug)]
struct Window {
    from: Nanos,
    to: Nanos,
    cells: usize,
    lanes: BTreeMap<ThreadId, Pieces>,
}

#[derive(Debug, Default)]
struct Lane {
    levels: [Level; LEVELS],
    /// The latest instant that was painted.
    edge: Nanos,
}

#[derive(Debug, Default)]
struct Level {
    /// The bucket that grows.
    current: u64,
    sums: Shares,
    /// Complete buckets that are not empty, by number. Shares are 65,535ths of the bucket.
    buckets: VecDeque<(u32, [u16; STATES])>,
}

/// A bucket's number in half the memory: 52 days of the finest, and only a forged log has later ones.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn width(level: usize) -> Nanos {
    1 << (BASE_BITS + STEP_BITS * level as u32)
}

impl Index {
    /// An index of nothing but the lanes between two instants, in pieces.
    pub(super) fn window(from: Nanos, to: Nanos, cells: usize) -> Self {
        let window = Window { from, to, cells, lanes: BTreeMap::new() };
        Self { canvas: Canvas::Window(Box::new(window)), ..Self::default() }
    }

    /// An index of no lanes, for a fold whose state alone is wanted.
    pub(super) fn of_no_lanes() -> Self {
        Self { canvas: Canvas::Nothing, ..Self::default() }
    }

    /// Whether histories that reach back to an instant are at least that fine, in nanoseconds.
    pub(super) fn is_as_fine_as(&self, piece: Nanos, from: Nanos) -> bool {
        self.lanes.iter().flatten().all(|lane| width(lane.level_for(piece, from)) <= piece)
    }

    /// Another lab begins: its times are its own. Lanes and beats, which have their instants, go on.
    pub(super) fn start_over(&mut self) {
        (self.ready, self.late) = (Times::default(), Times::default());
    }

    /// The lane was in that state from one instant to another; what comes before what it has is cut.
    #[inline]
    pub(super) fn paint(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        match self.lanes.get_mut(thread as usize) {
            Some(Some(lane)) => lane.paint(from, to, state),
            _ => self.paint_first(thread, from, to, state),
        }
    }

    /// The first that is known of a lane; in a window, all that is.
    #[cold]
    fn paint_first(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        match &mut self.canvas {
            Canvas::Window(window) => {
                let new = || Pieces::new(window.from, window.to, window.cells);
                window.lanes.entry(thread).or_insert_with(new).overlay(from, to, state);
            }
            Canvas::Lanes if thread as usize >= LANES => {}
            Canvas::Lanes => self.add_lane(thread).paint(from, to, state),
            Canvas::Nothing => {}
        }
    }

    fn add_lane(&mut self, thread: ThreadId) -> &mut Lane {
        let lane = thread as usize;
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, || None);
        }
        self.lanes[lane].get_or_insert_default()
    }

    /// The thread is gone from every screen: so is its lane.
    pub(super) fn forget(&mut self, thread: ThreadId) {
        if let Some(lane) = self.lanes.get_mut(thread as usize) {
            *lane = None;
        }
    }

    /// A due time ran (or is over) that late.
    pub(super) fn beat(&mut self, due: Nanos, late: Nanos) {
        if self.beats.len() == BEATS {
            self.beats.pop_front();
        }
        self.beats.push_back((due, late));
        self.late.record(late);
    }

    /// A finding fired then.
    pub(super) fn fired(&mut self, at: Nanos) {
        if self.fired.len() == FIRED {
            self.fired.pop_front();
        }
        self.fired.push_back(at);
    }

    /// When the first finding after an instant fired; none where none is known.
    pub(super) fn fired_after(&self, at: Nanos) -> Option<Nanos> {
        self.fired.get(self.fired.partition_point(|fired| *fired <= at)).copied()
    }

    /// When the last finding before an instant fired; none where none is known.
    pub(super) fn fired_before(&self, at: Nanos) -> Option<Nanos> {
        let before = self.fired.partition_point(|fired| *fired < at);
        before.checked_sub(1).and_then(|last| self.fired.get(last)).copied()
    }

    /// The pulse's due times from one instant to another, with their lateness.
    pub(super) fn beats(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = (Nanos, Nanos)> {
        let first = self.beats.partition_point(|(due, _)| *due < from);
        self.beats.iter().skip(first).copied().take_while(move |(due, _)| *due < to)
    }

    /// What a lane did from one instant to another, as time by state in `count` pieces of equal length.
    pub(super) fn pieces(&self, thread: ThreadId, from: Nanos, to: Nanos, count: usize) -> Pieces {
        if let Canvas::Window(window) = &self.canvas {
            return window.lanes.get(&thread).cloned().unwrap_or_else(|| Pieces::new(from, to, count));
        }
        let mut pieces = Pieces::new(from, to, count);
        if let Some(Some(lane)) = self.lanes.get(thread as usize) {
            lane.add_to(&mut pieces);
            pieces.painted_to = lane.edge;
        }
        pieces
    }
}

impl Lane {
    #[inline]
    fn paint(&mut self, from: Nanos, to: Nanos, state: LaneState) {
        self.edge = self.edge.max(to);
        let level = &mut self.levels[0];
        if from >> BASE_BITS == level.current && to >> BASE_BITS == level.current {
            level.sums[state as usize] += to.saturating_sub(from);
        } else {
            self.paint_across(from, to, state);
        }
    }

    fn paint_across(&mut self, from: Nanos, to: Nanos, state: LaneState) {
        let mut at = from.max(self.levels[0].current << BASE_BITS).max(to.saturating_sub(LONGEST));
        while at < to {
            let bucket = at >> BASE_BITS;
            if bucket != self.levels[0].current {
                self.complete(0, bucket);
            }
            let end = to.min((bucket + 1) << BASE_BITS);
            self.levels[0].sums[state as usize] += end - at;
            at = end;
        }
    }

    /// The level's current bucket is over, `next` begins.
    fn complete(&mut self, level: usize, next: u64) {
        let this = &mut self.levels[level];
        let (number, sums) = (std::mem::replace(&mut this.current, next), std::mem::take(&mut this.sums));
        if sums != [0; STATES] {
            if this.buckets.len() == KEPT[level] {
                this.buckets.pop_front();
            }
            let width = width(level);
            this.buckets.push_back((narrow(number), sums.map(|sum| (sum * 65_535 / width).min(65_535) as u16)));
        }
        if level + 1 == LEVELS {
            return;
        }
        let above = number >> STEP_BITS;
        if self.levels[level + 1].current != above {
            self.complete(level + 1, above);
        }
        for (total, sum) in self.levels[level + 1].sums.iter_mut().zip(sums) {
            *total += sum;
        }
    }

    fn add_to(&self, pieces: &mut Pieces) {
        let level = self.level_for((pieces.to - pieces.from) / pieces.sums.len().max(1) as u64, pieces.from);
        let width = width(level);
        let buckets = &self.levels[level].buckets;
        let first =
            buckets.partition_point(|(number, _)| (u64::from(*number) + 1).saturating_mul(width) <= pieces.from);
        let buckets = buckets.range(first..).map(|(number, shares)| (u64::from(*number) * width, shares));
        pieces.add_buckets(width, buckets);
        for (growing, this) in self.levels[..=level].iter().enumerate() {
            let width = self::width(growing);
            pieces.add(this.current * width, (this.current + 1) * width, &this.sums);
        }
    }

    /// The coarsest level that is finer than a piece, or a coarser one where that has forgotten the start.
    fn level_for(&self, piece: Nanos, from: Nanos) -> usize {
        let fine = (1..LEVELS).take_while(|level| width(*level) <= piece).last().unwrap_or(0);
        let knows = |level: &usize| {
            let this = &self.levels[*level];
            this.buckets.len() < KEPT[*level]
                || this.buckets.front().is_some_and(|(number, _)| u64::from(*number) * width(*level) <= from)
        };
        (fine..LEVELS).find(knows).unwrap_or(LEVELS - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::clock::MILLI;

    fn sums(index: &Index, from: Nanos, to: Nanos, count: usize, state: LaneState) -> Vec<Nanos> {
        index.pieces(1, from, to, count).sums.iter().map(|shares| shares[state as usize]).collect()
    }

    #[test]
    fn a_lane_gives_back_what_was_painted_at_every_resolution() {
        let mut index = Index::default();
        let second = 1000 * MILLI;
        // Half of each 10 ms blocked, for 20 s: more than the finest level keeps.
        for tick in 0..2000 {
            index.paint(1, tick * 10 * MILLI, tick * 10 * MILLI + 5 * MILLI, LaneState::Blocked);
        }
        for (from, to, count) in [(0, 20 * second, 10), (10 * second, 20 * second, 60), (19 * second, 20 * second, 20)]
        {
            let piece = (to - from) / count as u64;
            for sum in sums(&index, from, to, count, LaneState::Blocked) {
                let half = piece / 2;
                assert!(sum.abs_diff(half) < piece / 8, "{sum} of {piece}");
            }
        }
        assert!((index.pieces(1, 0, 20 * second, 10).busy() - 0.5).abs() < 0.01);
    }

    #[test]
    fn idle_time_takes_no_memory_and_draws_nothing() {
        let mut index = Index::default();
        index.paint(1, 0, MILLI, LaneState::Polling);
        index.paint(1, 3600 * SECOND, 3600 * SECOND + MILLI, LaneState::Polling);
        assert!(index.lanes[1].as_ref().unwrap().levels.iter().all(|level| level.buckets.len() <= 3));
        assert_eq!(sums(&index, SECOND, 2 * SECOND, 1, LaneState::Polling), [0]);
        index.forget(1);
        assert!(index.lanes[1].is_none());
    }

    #[test]
    fn spans_of_minutes_do_not_overflow() {
        let mut index = Index::default();
        index.paint(1, 0, 600 * SECOND, LaneState::Blocked);
        // The coarsest level's buckets are 2^32 ns wide.
        let whole = sums(&index, 0, 600 * SECOND, 2, LaneState::Blocked);
        assert!(whole.iter().all(|sum| sum.abs_diff(300 * SECOND) < SECOND), "{whole:?}");
        let mut pieces = index.pieces(2, 590 * SECOND, 600 * SECOND, 1);
        pieces.overlay(0, 600 * SECOND, LaneState::Blocked);
        assert!((pieces.busy() - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_window_of_no_time_holds_nothing() {
        let mut index = Index::default();
        index.paint(1, 0, MILLI / 2, LaneState::Polling);
        assert_eq!(sums(&index, 10, 10, 1, LaneState::Polling), [0]);
    }
}
