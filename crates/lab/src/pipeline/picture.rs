//! The pipeline at one instant: its settings, its round, its repositories.

use std::sync::Arc;

use pollscope_core::{
    model::scenario::ScenarioPicture,
    trace::{clock::Nanos, event::JobKind, record::ActivityId},
};

use super::{event::RowId, result::RepoResult};
use crate::settings::Settings;

/// What the pipeline's panels show.
#[derive(Clone, Debug, Default)]
pub struct PipelinePicture {
    /// The lab's settings; none before it is built, and where several programs are in one picture.
    pub settings: Option<Settings>,
    /// The round, from 1; 0 before the first.
    pub round: u32,
    /// The round is over.
    pub round_done: bool,
    /// A change of the wait strategy has not reached a task yet.
    pub wait_pending: bool,
    /// A change of the compute strategy has not reached a task yet.
    pub compute_pending: bool,
    /// The repositories that the filter is for, in the order of the round.
    pub rows: Vec<Row>,
    /// How many repositories the filter keeps out.
    pub hidden_rows: u32,
    /// Repositories of the round that are done.
    pub done: u32,
    /// Those that failed.
    pub failed: u32,
    /// The round's results so far.
    pub results: Vec<Arc<RepoResult>>,
}

impl ScenarioPicture for PipelinePicture {
    fn renumbered(&self, id: &dyn Fn(u32) -> u32) -> Option<Arc<dyn ScenarioPicture>> {
        let mut moved = self.clone();
        for row in &mut moved.rows {
            row.row = id(row.row);
            row.task = row.task.map(id);
        }
        Some(Arc::new(moved))
    }

    fn with(&self, other: &dyn ScenarioPicture) -> Option<Arc<dyn ScenarioPicture>> {
        let any: &dyn std::any::Any = other;
        let other: &Self = any.downcast_ref()?;
        let mut both = self.clone();
        // What is said of one lab is not said of several.
        (both.settings, both.round) = (None, 0);
        both.rows.extend(other.rows.iter().cloned());
        both.hidden_rows += other.hidden_rows;
        both.done += other.done;
        both.failed += other.failed;
        both.results.extend(other.results.iter().cloned());
        Some(Arc::new(both))
    }
}

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
