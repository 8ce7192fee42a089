//! One lane's history: a pyramid of buckets, each with the time in every [`LaneState`].

use std::collections::VecDeque;

use super::pieces::{Pieces, STATES, Shares};
use crate::{
    model::{picture::LaneState, table::Table},
    trace::clock::Nanos,
};

/// Level 0's buckets are this many bits of nanoseconds wide.
const BASE_BITS: u32 = 20;
/// Each level's buckets are this many bits wider.
const STEP_BITS: u32 = 3;
/// 1 ms, 8 ms, 67 ms, 537 ms, 4.3 s.
const LEVELS: usize = 5;
/// Buckets a level keeps where there is room: 8.6 s of the finest, 73 minutes of 67 ms, ten hours of the coarsest.
const KEPT: [usize; LEVELS] = [1 << 13, 1 << 13, 1 << 16, 1 << 13, 1 << 13];
/// Where there is none, a level keeps so many.
const FEWEST: usize = 16;

/// The lanes of all threads. Boxed, since of the threads that ever were most are gone in a long run.
pub(super) type Lanes = Table<Box<Lane>, PLACES>;

/// What the places of lanes take at most, in bytes: a log from outside must not decide how far apart ids are.
const PLACES: usize = 4 << 20;

/// A complete bucket, by number. Shares are 65,535ths of it.
type Bucket = (u32, [u16; STATES]);

/// What a lane did.
#[derive(Debug, Default)]
pub(super) struct Lane {
    levels: [Level; LEVELS],
    /// The latest instant that was painted.
    edge: Nanos,
}

#[derive(Debug, Default)]
struct Level {
    /// The bucket that grows.
    current: u64,
    sums: Shares,
    /// Complete buckets that are not empty, in order.
    buckets: VecDeque<Bucket>,
    /// Up to here they are forgotten.
    since: Nanos,
}

/// The memory of all lanes. Where there is no more, the level that takes the most keeps half as many buckets of each lane,
/// the newest, so that what was long ago is drawn coarser.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    /// Buckets a level keeps.
    kept: [usize; LEVELS],
    /// Buckets that all lanes have room for, by level.
    buckets: [usize; LEVELS],
    lanes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(usize::MAX)
    }
}

impl Room {
    /// So many bytes for all lanes.
    pub(super) fn of(most: usize) -> Self {
        Self { most, kept: KEPT, buckets: [0; LEVELS], lanes: 0 }
    }

    /// What all lanes take, in bytes.
    pub(super) fn taken(&self) -> usize {
        self.lanes * size_of::<Lane>() + self.buckets.iter().sum::<usize>() * size_of::<Bucket>()
    }

    /// Levels keep what they can hold again, until there is no room.
    pub(super) fn start_over(&mut self) {
        self.kept = KEPT;
    }

    /// A lane more, if there is room for the least that one takes.
    pub(super) fn add_lane(&mut self) -> Option<Lane> {
        let least = size_of::<Lane>() + LEVELS * FEWEST * size_of::<Bucket>();
        if self.lanes >= self.most / least {
            return None;
        }
        self.lanes += 1;
        Some(Lane::default())
    }

    /// A lane less.
    pub(super) fn remove_lane(&mut self, lane: &Lane) {
        self.lanes -= 1;
        for (taken, level) in self.buckets.iter_mut().zip(&lane.levels) {
            *taken -= level.buckets.capacity();
        }
    }

    /// Whether lanes take more than there is.
    #[inline]
    pub(super) fn is_short(&self) -> bool {
        self.taken() > self.most
    }

    /// Lets what is oldest go, until there is room.
    pub(super) fn make(&mut self, lanes: &mut Lanes) {
        while self.is_short() {
            // The coarsest is the last to go: it has the whole run.
            let can_keep_less = (0..LEVELS).filter(|level| self.kept[*level] > FEWEST);
            let is_fine = |level: usize| level + 1 < LEVELS;
            let Some(level) = can_keep_less.max_by_key(|level| (is_fine(*level), self.buckets[*level])) else { return };
            self.kept[level] /= 2;
            for lane in lanes.values_mut() {
                self.buckets[level] -= lane.levels[level].keep(self.kept[level], width(level));
            }
        }
    }
}

/// A bucket's number in half the memory: 52 days of the finest, and only a forged log has later ones.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn width(level: usize) -> Nanos {
    1 << (BASE_BITS + STEP_BITS * level as u32)
}

fn end((number, _): &Bucket, width: Nanos) -> Nanos {
    (u64::from(*number) + 1).saturating_mul(width)
}

impl Level {
    /// Forgets all but the newest buckets; says for how many fewer it has room.
    fn keep(&mut self, kept: usize, width: Nanos) -> usize {
        let before = self.buckets.capacity();
        if let Some(last) = self.buckets.len().checked_sub(kept + 1) {
            self.since = end(&self.buckets[last], width);
            self.buckets.drain(..=last);
        }
        self.buckets.shrink_to(kept);
        before.saturating_sub(self.buckets.capacity())
    }

    /// Adds a bucket, of `kept`; says for how many more there is room now.
    fn push(&mut self, bucket: Bucket, kept: usize, width: Nanos) -> usize {
        if self.buckets.len() >= kept
            && let Some(oldest) = self.buckets.pop_front()
        {
            self.since = end(&oldest, width);
        }
        let before = self.buckets.capacity();
        self.buckets.push_back(bucket);
        self.buckets.capacity() - before
    }
}

impl Lane {
    /// It was in that state from one instant to another; what comes before what it has is cut. Says whether it took memory.
    #[inline]
    pub(super) fn paint(&mut self, from: Nanos, to: Nanos, state: LaneState, room: &mut Room) -> bool {
        self.edge = self.edge.max(to);
        let level = &mut self.levels[0];
        if from >> BASE_BITS == level.current && to >> BASE_BITS == level.current {
            level.sums[state as usize] += to.saturating_sub(from);
            return false;
        }
        self.paint_across(from, to, state, room);
        true
    }

    fn paint_across(&mut self, from: Nanos, to: Nanos, state: LaneState, room: &mut Room) {
        let from = from.max(self.levels[0].current << BASE_BITS);
        let widest = width(LEVELS - 1);
        let (first, last) = (from.div_ceil(widest) * widest, to / widest * widest);
        if first >= last {
            return self.paint_finely(from, to, state, room);
        }
        self.paint_finely(from, first, state, room);
        self.paint_whole(first, last, state, room);
        self.paint_finely(last, to, state, room);
    }

    /// Bucket by bucket of the finest level.
    fn paint_finely(&mut self, from: Nanos, to: Nanos, state: LaneState, room: &mut Room) {
        let mut at = from;
        while at < to {
            let bucket = at >> BASE_BITS;
            if bucket != self.levels[0].current {
                self.complete(0, bucket, room);
            }
            let end = to.min((bucket + 1) << BASE_BITS);
            self.levels[0].sums[state as usize] += end - at;
            at = end;
        }
    }

    /// Whole buckets of every level: hours in one state cost as much as the buckets that are kept of them.
    fn paint_whole(&mut self, from: Nanos, to: Nanos, state: LaneState, room: &mut Room) {
        for level in 0..LEVELS {
            self.complete(level, from / width(level), room);
        }
        let mut shares = [0; STATES];
        shares[state as usize] = u16::MAX;
        for (level, this) in self.levels.iter_mut().enumerate() {
            let (width, kept) = (width(level), room.kept[level]);
            let (first, next) = (from / width, to / width);
            let start = first.max(next.saturating_sub(kept as u64));
            for number in start..next {
                room.buckets[level] += this.push((narrow(number), shares), kept, width);
            }
            if start > first {
                this.since = start * width;
            }
            this.current = next;
        }
    }

    /// The level's current bucket is over, `next` begins.
    fn complete(&mut self, level: usize, next: u64, room: &mut Room) {
        let this = &mut self.levels[level];
        let (number, sums) = (std::mem::replace(&mut this.current, next), std::mem::take(&mut this.sums));
        if sums != [0; STATES] {
            let width = width(level);
            let bucket = (narrow(number), sums.map(|sum| (sum * 65_535 / width).min(65_535) as u16));
            room.buckets[level] += this.push(bucket, room.kept[level], width);
        }
        if level + 1 == LEVELS {
            return;
        }
        let above = number >> STEP_BITS;
        if self.levels[level + 1].current != above {
            self.complete(level + 1, above, room);
        }
        for (total, sum) in self.levels[level + 1].sums.iter_mut().zip(sums) {
            *total += sum;
        }
    }

    /// Adds what it did to pieces of a time.
    pub(super) fn add_to(&self, pieces: &mut Pieces) {
        pieces.painted_to = self.edge;
        let level = self.level_for((pieces.to - pieces.from) / pieces.sums.len().max(1) as u64, pieces.from);
        let width = width(level);
        let buckets = &self.levels[level].buckets;
        let first = buckets.partition_point(|bucket| end(bucket, width) <= pieces.from);
        let buckets = buckets.range(first..).map(|(number, shares)| (u64::from(*number) * width, shares));
        pieces.add_buckets(width, buckets);
        for (growing, this) in self.levels[..=level].iter().enumerate() {
            let width = self::width(growing);
            pieces.add(this.current * width, (this.current + 1) * width, &this.sums);
        }
    }

    /// Whether what it knows back to an instant is at least that fine, in nanoseconds.
    pub(super) fn is_as_fine_as(&self, piece: Nanos, from: Nanos) -> bool {
        width(self.level_for(piece, from)) <= piece
    }

    /// The coarsest level that is finer than a piece, or a coarser one where that has forgotten the start.
    fn level_for(&self, piece: Nanos, from: Nanos) -> usize {
        let fine = (1..LEVELS).take_while(|level| width(*level) <= piece).last().unwrap_or(0);
        (fine..LEVELS).find(|level| self.levels[*level].since <= from).unwrap_or(LEVELS - 1)
    }
}

#[cfg(test)]
impl Lane {
    /// No level has more buckets than that.
    pub(super) fn has_at_most(&self, buckets: usize) -> bool {
        self.levels.iter().all(|level| level.buckets.len() <= buckets)
    }
}
