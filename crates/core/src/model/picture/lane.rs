//! A thread over time: its lane in cells, and what it does now.

use std::sync::Arc;

use super::PollClass;
use crate::trace::{
    clock::Nanos,
    event::{JobKind, ThreadKind},
    record::ThreadId,
};

/// A thread.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Which one.
    pub thread: ThreadId,
    /// `worker 0`, `rayon 1`, `blocking 3`, `producer`: short.
    pub label: String,
    /// What it is for.
    pub kind: ThreadKind,
    /// The program that it is of, untrusted, where several are looked at.
    pub program: Option<Arc<str>>,
    /// The number of its lab; 0 for none.
    pub lab: u32,
    /// It belongs to a lab that was left.
    pub left_over: bool,
    /// It has ended, in the window.
    pub ended: bool,
    /// The part of a scenario that it belonged to, where it has ended.
    pub part: Option<Arc<str>>,
    /// The share of the window in which it was busy, 0 to 1.
    pub busy: f32,
    /// The window in cells, oldest first.
    pub cells: Vec<Cell>,
    /// What it does now.
    pub now: ThreadNow,
}

/// What a thread does at one instant, or most of a cell. The order is that of a lane's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LaneState {
    /// In a poll, asleep for a millisecond or more.
    Blocked,
    /// In a poll of 10 ms or more, on the CPU.
    Hogged,
    /// In a poll or job, ready, without a core.
    NoCore,
    /// In a long poll, and nothing tells how.
    Unknown,
    /// In a short poll.
    Polling,
    /// In a job.
    Job,
    /// A worker awake and in no poll of ours: the scheduler, the drivers, tasks that are not probed.
    Runtime,
    /// Waits for room in a queue.
    WaitsForRoom,
    /// On the CPU, for threads that only the operating system is asked about.
    OnCpu,
}

impl LaneState {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Blocked,
        Self::Hogged,
        Self::NoCore,
        Self::Unknown,
        Self::Polling,
        Self::Job,
        Self::Runtime,
        Self::WaitsForRoom,
        Self::OnCpu,
    ];
}

/// A piece of a lane: how much of it was in which state, in 255ths; what is left over was parked or idle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    shares: [u8; LaneState::ALL.len()],
}

impl Cell {
    /// The share of a state, 0 to 255.
    pub fn share(&self, state: LaneState) -> u8 {
        self.shares[state as usize]
    }

    /// Sets the share of a state, 0 to 255.
    pub fn set(&mut self, state: LaneState, share: u8) {
        self.shares[state as usize] = share;
    }

    /// The share in any state, 0 to 255.
    pub fn busy(&self) -> u8 {
        self.shares.iter().fold(0, |sum: u8, share| sum.saturating_add(*share))
    }
}

/// What a thread does now.
#[derive(Clone, Debug, PartialEq)]
pub enum ThreadNow {
    /// A worker with nothing to do, or another thread that is idle.
    Parked,
    /// Awake, in no poll of ours.
    Runtime,
    /// Awake, in no poll of ours, and asleep for the operating system: blocked in code we do not see.
    Unseen(Nanos),
    /// In a poll: of what, since when, and how.
    Polling(String, Nanos, PollClass),
    /// In a job: which, since when, and asleep or not.
    Job(String, Nanos, JobKind),
    /// Waits for room in a queue.
    WaitsForRoom(String, Nanos),
    /// Waits for an item in a queue.
    WaitsForItem(String),
    /// Only the operating system is asked about it.
    OnCpu,
    /// It has ended.
    Ended,
}
