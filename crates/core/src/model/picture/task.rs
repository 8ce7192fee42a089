//! A line of the task list, and how many tasks are in which state.

use std::sync::Arc;

use super::PollClass;
use crate::trace::{clock::Nanos, event::TaskKind, record::ActivityId};

/// A line of the task list.
#[derive(Clone, Debug)]
pub struct TaskLine {
    /// Which one.
    pub task: ActivityId,
    /// Its name, untrusted.
    pub name: Arc<str>,
    /// What it is.
    pub kind: TaskKind,
    /// How deep it is nested: 0 for a task.
    pub depth: u8,
    /// What it is at.
    pub state: TaskState,
    /// Polls.
    pub polls: u64,
    /// Time in polls.
    pub polled: Nanos,
    /// The longest poll.
    pub longest_poll: Nanos,
    /// The longest wait from wake to poll.
    pub longest_ready: Nanos,
    /// Wakes.
    pub wakes: u64,
    /// Wakes by itself, from inside its own poll.
    pub self_wakes: u64,
    /// Who woke it last: a task's name or a thread's label.
    pub woken_by: Option<String>,
    /// Wakers that others keep; none before it was polled.
    pub wakers: Option<u32>,
    /// Where it was polled last: a thread's label.
    pub thread: Option<String>,
    /// Polls on another thread than the one before.
    pub migrations: u64,
}

/// What a task is at. Times are instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Never polled, never woken.
    New,
    /// Woken, since then.
    Ready(Nanos),
    /// In a poll, since then, and how.
    Polling(Nanos, PollClass),
    /// Kept from being polled by a gate, since then.
    Held(Nanos),
    /// Asleep, since then.
    Asleep(Nanos),
    /// It has ended.
    Done,
    /// It panicked.
    Panicked,
    /// It was dropped before it was ready.
    Dropped,
    /// It has ended, and nobody saw how.
    Ended,
}

impl TaskState {
    /// It has ended, other than by a panic.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dropped | Self::Ended)
    }
}

/// How much of its lists a picture leaves out, since a filter is for something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Lines of the task list.
    pub tasks: u32,
}

/// How many tasks (sub-futures not counted) are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Alive.
    pub alive: u32,
    /// In a poll, and neither of the next three.
    pub polling: u32,
    /// In a poll, asleep for 10 ms or more.
    pub blocked: u32,
    /// In a poll, on the CPU for 10 ms or more.
    pub hogged: u32,
    /// In a poll, without a core for 10 ms or more.
    pub no_core: u32,
    /// Woken, not polled yet.
    pub ready: u32,
    /// Kept from being polled by a gate.
    pub held: u32,
    /// Asleep: nobody has woken it.
    pub asleep: u32,
    /// Of those asleep: with a job that was queued or runs elsewhere.
    pub in_job: u32,
    /// Alive in the runtime and none of ours (the HTTP client's, say), as the runtime counts them.
    pub not_ours: u32,
}
