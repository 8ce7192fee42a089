//! A repository of the pipeline's round.

use std::sync::Arc;

use crate::trace::{
    clock::Nanos,
    event::{JobKind, RowId},
    record::ActivityId,
};

/// A repository of the round.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which one.
    pub row: RowId,
    /// `owner/name`, untrusted.
    pub name: Arc<str>,
    /// Its issues.
    pub issues: Pages,
    /// Its pull requests.
    pub pulls: Pages,
    /// How far the analysis is, 0 to 1; none before it began.
    pub analysed: Option<f32>,
    /// What it does now.
    pub state: RowState,
    /// Polls of its task.
    pub polls: u64,
    /// The longest wait from wake to poll.
    pub longest_ready: Nanos,
    /// The longest poll.
    pub longest_poll: Nanos,
    /// Its task, once it has one.
    pub task: Option<ActivityId>,
}

/// Progress of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages read.
    pub done: u32,
    /// Pages in all, where known.
    pub total: Option<u32>,
    /// `--max-pages` cuts it.
    pub cut: bool,
}

/// What a repository does now. Durations say since when.
#[derive(Clone, Debug, PartialEq)]
pub enum RowState {
    /// In line.
    Queued,
    /// In a poll, shortly.
    Polling,
    /// In a poll, asleep.
    Blocked(Nanos),
    /// In a poll, on the CPU.
    Hogged(Nanos),
    /// In a poll, without a core.
    NoCore(Nanos),
    /// Woken, not polled yet.
    Ready(Nanos),
    /// Waits for an answer.
    Network,
    /// Waits for the pause to end.
    Sleeping,
    /// Waits for a permit to be analysed.
    AwaitsPermit,
    /// A job computes for it or sleeps for it: where, and the thread's label once it runs.
    InJob(JobKind, Option<String>),
    /// Its result is on its way.
    Delivering,
    /// Read and analysed.
    Done,
    /// There was nothing in it.
    Empty,
    /// Its issues are disabled; the pull requests were read.
    IssuesDisabled,
    /// It failed: why, untrusted.
    Failed(String),
}

impl RowState {
    /// Nothing more comes of it in this round.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Empty | Self::IssuesDisabled | Self::Failed(_))
    }
}
