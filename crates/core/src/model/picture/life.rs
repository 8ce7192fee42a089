//! One task's life: what it was at, how long its polls were, who woke it and where it ran.

use std::sync::Arc;

use super::TaskState;
use crate::trace::{
    clock::{MICRO, Nanos},
    record::{ActivityId, ThreadId},
};

/// What a life asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeView {
    /// The task.
    pub task: ActivityId,
    /// Cells of the strip.
    pub cells: u16,
}

/// A task from the instant at which it was spawned to that of the picture. Totals are of all its life; what is
/// counted one by one is of what the log still holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Which one.
    pub task: ActivityId,
    /// Its name, untrusted; none where nothing is known of it.
    pub name: Option<Arc<str>>,
    /// What it is at; none where it is not remembered any more, or was not spawned yet.
    pub state: Option<TaskState>,
    /// The task that spawned it.
    pub parent: Option<String>,
    /// When it was spawned, where that is known.
    pub spawned: Option<Nanos>,
    /// The first instant of the strip.
    pub from: Nanos,
    /// The last: that of the picture, or when the task ended.
    pub to: Nanos,
    /// Polls.
    pub polls: u64,
    /// Time in polls.
    pub polled: Nanos,
    /// Wakes.
    pub wakes: u64,
    /// Wakes by itself, from inside its own poll.
    pub self_wakes: u64,
    /// Wakers that others keep; none before it was polled.
    pub wakers: Option<u32>,
    /// Polls on another thread than the one before.
    pub migrations: u64,
    /// The strip, oldest first.
    pub strip: Vec<LifeCell>,
    /// How long its polls took.
    pub lengths: Distribution,
    /// How long it was ready before them.
    pub ready: Distribution,
    /// Who woke it and how often, the most first: a task's name or a thread's label.
    pub woken_by: Vec<(String, u64)>,
    /// Where it was polled and how often, the most first.
    pub lanes: Vec<(String, u64)>,
    /// Its longest polls, the longest first.
    pub longest: Vec<LongestPoll>,
    /// The instant up to which the log has forgotten what is counted one by one; none where it has all of it.
    pub forgotten: Option<Nanos>,
    /// All of the log up to the picture's instant was gone through; else the next picture knows more.
    pub complete: bool,
}

/// What a task is at, as its strip shows it. The order is that of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LifePart {
    /// Made, and neither woken nor polled yet.
    Created,
    /// Woken, not polled yet.
    Ready,
    /// In a poll of less than 10 ms.
    Polled,
    /// In a longer one.
    LongPoll,
    /// Asleep.
    Asleep,
    /// Asleep, with a job of its own that is queued or runs: in the blocking pool, in Rayon, in a thread.
    InJob,
    /// Kept from being polled by a gate.
    Held,
    /// The log does not tell.
    Unknown,
}

impl LifePart {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Ready,
        Self::Polled,
        Self::LongPoll,
        Self::Asleep,
        Self::InJob,
        Self::Held,
        Self::Unknown,
    ];
}

/// A piece of a life: how much of it was spent at what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LifeCell {
    times: [Nanos; LifePart::ALL.len()],
}

impl LifeCell {
    /// The time spent at one thing.
    pub fn time(&self, part: LifePart) -> Nanos {
        self.times[part as usize]
    }

    /// Adds time spent at one thing.
    pub fn add(&mut self, part: LifePart, time: Nanos) {
        self.times[part as usize] += time;
    }

    /// All of its time.
    pub fn whole(&self) -> Nanos {
        self.times.iter().sum()
    }

    /// What held most of it; a quarter is enough for a long poll. None where it has no time.
    pub fn foremost(&self) -> Option<LifePart> {
        if self.time(LifePart::LongPoll) > self.whole() / 4 {
            return Some(LifePart::LongPoll);
        }
        let most = LifePart::ALL.into_iter().rev().max_by_key(|part| self.time(*part))?;
        (self.time(most) > 0).then_some(most)
    }
}

/// Where the bins of a distribution begin: below a microsecond, then half a decade each, up to ten seconds.
pub const BINS: [Nanos; 16] = [
    0,
    MICRO,
    3_162,
    10 * MICRO,
    31_623,
    100 * MICRO,
    316_228,
    1_000 * MICRO,
    3_162_278,
    10_000 * MICRO,
    31_622_777,
    100_000 * MICRO,
    316_227_766,
    1_000_000 * MICRO,
    3_162_277_660,
    10_000_000 * MICRO,
];

/// How durations are distributed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// How many are in each of [`BINS`].
    pub counts: [u64; BINS.len()],
    /// Half of them are no longer.
    pub p50: Nanos,
    /// Nine in ten.
    pub p90: Nanos,
    /// Ninety-nine in a hundred.
    pub p99: Nanos,
    /// The longest.
    pub max: Nanos,
}

/// One of a task's longest polls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongestPoll {
    /// Where it was.
    pub thread: ThreadId,
    /// That thread's label; none where the thread is not known any more.
    pub lane: Option<String>,
    /// When it began.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
    /// How long the task had been ready before; none where that is not known.
    pub ready: Option<Nanos>,
}
