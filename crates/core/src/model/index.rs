//! Histories: what each lane did, at several resolutions, and how late the pulse was.
//!
//! A lane is a pyramid: buckets of 2^20 ns (1.05 ms) and of 8 times as much a level, each with the time
//! in every [`LaneState`]. A level keeps its last buckets only, fewer where there are many lanes, so the memory of
//! all is bounded while their last hours can be drawn, coarser the older they are. A thread's spans come in order,
//! so a lane only ever grows at its end.

mod lane;
mod pieces;
mod window;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use hdrhistogram::Histogram;

use self::lane::{Lane, Lanes, Room};
pub(super) use self::{pieces::Pieces, window::WindowLanes};
use super::{
    gauges::Gauges,
    meters::{Past, Spread},
    names::Names,
    picture::{LaneState, Rule},
    poll_class::{BegunPoll, EndedPoll},
    sink::{Firing, Sink},
    thread::Thread,
    totals::{QueueState, Totals},
};
use crate::trace::{
    clock::{Nanos, SECOND},
    event::TaskKind,
    record::{ActivityId, Outcome, QueueId, ThreadId},
};

/// Of the memory for what can be gone back to, what histories take at most: lanes and names.
const FOR_LANES: usize = 8;
const FOR_NAMES: usize = 8;
/// Numbers over time, and the pulse with the findings.
const FOR_GAUGES: usize = 16;
const FOR_BEATS: usize = 64;

/// The pulse's due times that are kept: one hour's.
const BEATS: usize = 72_000;
/// Findings whose instants are kept.
const FIRED: usize = 1 << 16;

/// All histories.
#[derive(Debug)]
pub(super) struct Index {
    /// What tasks and jobs were called.
    pub(super) names: Names,
    /// Numbers over time.
    pub(super) gauges: Gauges,
    lanes: Lanes,
    room: Room,
    /// Pulses and findings that are kept at most.
    most_beats: usize,
    beats: VecDeque<(Nanos, Nanos)>,
    /// The findings that fired, in order.
    fired: VecDeque<Firing>,
    /// Wake-to-poll times of tasks.
    pub(super) ready: Times,
    /// Lateness of the pulse.
    pub(super) late: Times,
    /// How long polls took, where somebody asks for it.
    pub(super) polled: Option<Times>,
    /// What was counted before.
    pub(super) past: Past,
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

    /// Takes the other's times to its own.
    pub(super) fn add(&mut self, other: &Self) {
        self.max = self.max.max(other.max);
        // The bounds of all are the same, so every time has its bucket.
        let _ = self.histogram.add(&other.histogram);
    }

    /// The times, each in the middle of its bucket.
    pub(super) fn spread(&self) -> Spread {
        let middle = |value| self.histogram.median_equivalent(value);
        self.histogram.iter_recorded().map(|it| (middle(it.value_iterated_to()), it.count_at_value())).collect()
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::within(usize::MAX)
    }
}

impl Index {
    /// Histories that take less than half of so many bytes.
    pub(super) fn within(memory: usize) -> Self {
        Self {
            names: Names::within(memory / FOR_NAMES),
            gauges: Gauges::within(memory / FOR_GAUGES),
            lanes: Lanes::default(),
            room: Room::of(memory / FOR_LANES),
            most_beats: memory / FOR_BEATS / size_of::<(Nanos, Nanos)>(),
            beats: VecDeque::new(),
            fired: VecDeque::new(),
            ready: Times::default(),
            late: Times::default(),
            polled: None,
            past: Past::default(),
        }
    }

    /// What they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let beats = self.beats.capacity() * size_of::<(Nanos, Nanos)>() + self.fired.capacity() * size_of::<Firing>();
        self.lanes.bytes() + beats + self.room.taken() + self.names.bytes() + self.gauges.bytes()
    }

    /// Whether histories that reach back to an instant are at least that fine, in nanoseconds.
    pub(super) fn is_as_fine_as(&self, piece: Nanos, from: Nanos) -> bool {
        self.lanes.iter().all(|(_, lane)| lane.is_as_fine_as(piece, from))
    }

    /// The first that is known of a lane.
    #[cold]
    fn paint_first(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        let Some(lane) = self.room.add_lane() else { return };
        if self.lanes.insert(thread, Box::new(lane)) {
            self.paint(thread, from, to, state);
            self.room.make(&mut self.lanes);
        } else {
            self.room.remove_lane(&Lane::default());
        }
    }

    /// The thread is gone from every screen: so is its lane.
    fn forget(&mut self, thread: ThreadId) {
        if let Some(lane) = self.lanes.remove(thread) {
            self.room.remove_lane(&lane);
        }
    }

    /// When the first finding after an instant fired that is such a one; none where none is known.
    pub(super) fn fired_after(&self, at: Nanos, is_one: impl Fn(&Firing) -> bool) -> Option<Nanos> {
        let after = self.fired.partition_point(|fired| fired.at <= at);
        self.fired.range(after..).find(|fired| is_one(fired)).map(|fired| fired.at)
    }

    /// When the last finding before an instant fired that is such a one; none where none is known.
    pub(super) fn fired_before(&self, at: Nanos, is_one: impl Fn(&Firing) -> bool) -> Option<Nanos> {
        let before = self.fired.partition_point(|fired| fired.at < at);
        self.fired.range(..before).rev().find(|fired| is_one(fired)).map(|fired| fired.at)
    }

    /// The pulse's due times from one instant to another, with their lateness.
    pub(super) fn beats(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = (Nanos, Nanos)> {
        let first = self.beats.partition_point(|(due, _)| *due < from);
        self.beats.iter().skip(first).copied().take_while(move |(due, _)| *due < to)
    }

    /// What a lane did from one instant to another, as time by state in `count` pieces of equal length.
    pub(super) fn pieces(&self, thread: ThreadId, from: Nanos, to: Nanos, count: usize) -> Pieces {
        let mut pieces = Pieces::new(from, to, count);
        if let Some(lane) = self.lanes.get(thread) {
            lane.add_to(&mut pieces);
        }
        pieces
    }
}

/// What the fold tells, kept.
impl Sink for Index {
    #[inline]
    fn paint(&mut self, thread: ThreadId, from: Nanos, to: Nanos, state: LaneState) {
        match self.lanes.get_mut(thread) {
            Some(lane) => {
                // What comes before what the lane has is cut.
                if lane.paint(from, to, state, &mut self.room) && self.room.is_short() {
                    self.room.make(&mut self.lanes);
                }
            }
            None => self.paint_first(thread, from, to, state),
        }
    }

    #[inline]
    fn poll_began(&mut self, poll: &BegunPoll) {
        if let Some(ready) = poll.ready.filter(|_| poll.kind == TaskKind::Task) {
            self.ready.record(ready);
        }
    }

    #[inline]
    fn poll_ended(&mut self, poll: &EndedPoll) {
        if let Some(polled) = self.polled.as_mut().filter(|_| poll.outcome != Outcome::HandedOver) {
            polled.record(poll.took);
        }
    }

    fn named(&mut self, what: ActivityId, name: &Arc<str>) {
        self.names.add(what, name);
    }

    fn tick(&mut self, at: Nanos, ready: u32, depths: impl Iterator<Item = u32>) {
        self.gauges.tick(at, ready, depths);
    }

    fn process_cpu(&mut self, at: Nanos, cpu: Nanos) {
        self.gauges.cpu(at, cpu);
    }

    fn beat(&mut self, due: Nanos, late: Nanos) {
        if self.beats.len() >= BEATS.min(self.most_beats) {
            self.beats.pop_front();
        }
        self.beats.push_back((due, late));
        self.late.record(late);
    }

    fn fired(&mut self, rule: Rule, firing: Firing) {
        self.past.rule_fired(rule);
        if self.fired.len() >= FIRED.min(self.most_beats / 2) {
            self.fired.pop_front();
        }
        self.fired.push_back(firing);
    }

    /// The times of a lab are its own. Lanes and beats, which have their instants, go on.
    fn lab_left(&mut self, totals: &Totals, queues: &BTreeMap<QueueId, QueueState>) {
        self.past.lab_left(totals, queues);
        self.past.times_left(&self.ready, &self.late);
        (self.ready, self.late) = (Times::default(), Times::default());
        self.room.start_over();
    }

    fn queue_made(&mut self, name: &str) {
        self.past.queue_made(name);
    }

    fn queue_left(&mut self, queue: &QueueState) {
        self.past.queue_left(queue);
    }

    fn thread_forgotten(&mut self, id: ThreadId, thread: &Thread) {
        self.past.thread_forgotten(thread);
        self.forget(id);
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
        assert!(index.lanes.get(1).unwrap().has_at_most(3));
        assert_eq!(sums(&index, SECOND, 2 * SECOND, 1, LaneState::Polling), [0]);
        index.forget(1);
        assert!(index.lanes.get(1).is_none());
    }

    #[test]
    fn many_lanes_share_their_room_and_old_times_are_coarser() {
        let (memory, lanes, hour) = (16 << 20, 40, 3600);
        let mut index = Index::within(memory);
        for second in 0..hour {
            for lane in 1..=lanes {
                for tenth in 0..10 {
                    let from = second * SECOND + tenth * 100 * MILLI;
                    index.paint(lane, from, from + 50 * MILLI, LaneState::Polling);
                }
            }
            assert!(index.room.taken() <= memory / FOR_LANES, "{}", index.room.taken());
        }
        // Half of the room and more is in use, the whole hour can be drawn, and what is new in detail.
        assert!(index.room.taken() > memory / FOR_LANES / 2, "{}", index.room.taken());
        for lane in 1..=lanes {
            let busy = index.pieces(lane, 0, hour * SECOND, 60).busy();
            assert!((busy - 0.5).abs() < 0.01, "{busy}");
        }
        let sum = sums(&index, (hour - 1) * SECOND, hour * SECOND, 10, LaneState::Polling)[4];
        assert!(sum.abs_diff(50 * MILLI) < 8 * MILLI, "{sum}");
        assert!(!index.is_as_fine_as(SECOND, 0) && index.is_as_fine_as(60 * SECOND, 0));
        for lane in 1..=lanes {
            index.forget(lane);
        }
        assert_eq!(index.room.taken(), 0);
    }

    #[test]
    fn more_lanes_than_there_is_room_for_are_not_drawn() {
        let mut index = Index::within(1 << 20);
        for lane in 0..100_000 {
            index.paint(lane, SECOND, 100 * SECOND, LaneState::Polling);
        }
        assert!(index.bytes() < (1 << 20) / 2 + (2 << 20), "{}", index.bytes());
        assert!(index.lanes.len() > 50);
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
    fn a_long_span_is_painted_as_many_short_ones_are() {
        let (mut whole, mut parts) = (Index::default(), Index::default());
        let (from, to) = (7 * SECOND + 123_456, 47 * SECOND + 654_321);
        for index in [&mut whole, &mut parts] {
            index.paint(1, 0, 3 * SECOND, LaneState::Job);
        }
        whole.paint(1, from, to, LaneState::Blocked);
        for at in (from..to).step_by(MILLI as usize) {
            parts.paint(1, at, to.min(at + MILLI), LaneState::Blocked);
        }
        for index in [&mut whole, &mut parts] {
            index.paint(1, to + MILLI, to + 100 * MILLI, LaneState::Polling);
        }
        for (start, end, count) in [(0, 50 * SECOND, 100), (40 * SECOND, 48 * SECOND, 999), (6 * SECOND, 9 * SECOND, 7)]
        {
            for state in [LaneState::Job, LaneState::Blocked, LaneState::Polling] {
                let [whole, parts] = [&whole, &parts].map(|index| sums(index, start, end, count, state));
                assert!(
                    whole.iter().zip(&parts).all(|(whole, parts)| whole.abs_diff(*parts) < MILLI / 10),
                    "{state:?}"
                );
            }
        }
    }

    #[test]
    fn hours_in_one_state_are_drawn_as_far_as_the_coarsest_level_goes() {
        let (mut index, hour) = (Index::default(), 3600 * SECOND);
        index.paint(1, 0, 100 * hour, LaneState::Blocked);
        assert!(index.lanes.get(1).unwrap().has_at_most(1 << 16));
        for (from, count) in [(91 * hour, 200), (99 * hour, 3600), (100 * hour - 8 * SECOND, 1000)] {
            let piece = (100 * hour - from) / count as u64;
            let sums = sums(&index, from, 100 * hour, count, LaneState::Blocked);
            // The last bucket is not complete: what is in it is spread over its width.
            assert!(sums[..count - 1].iter().all(|sum| sum.abs_diff(piece) <= piece / 100), "{from}: {sums:?}");
        }
    }

    #[test]
    fn a_window_of_no_time_holds_nothing() {
        let mut index = Index::default();
        index.paint(1, 0, MILLI / 2, LaneState::Polling);
        assert_eq!(sums(&index, 10, 10, 1, LaneState::Polling), [0]);
    }
}
