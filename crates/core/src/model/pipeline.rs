//! The pipeline's repositories, as its events tell of them.

use std::{collections::BTreeMap, sync::Arc};

use super::{picture::Pages, task::Task};
use crate::trace::{
    clock::Nanos,
    event::{ClientCounters, Listing, Phase, RepoResult, ResultState, RowChange, RowId},
    record::ActivityId,
};

/// A repository of the round.
#[derive(Clone, Debug)]
pub(super) struct RowState {
    pub(super) name: Arc<str>,
    pub(super) issues: Pages,
    pub(super) pulls: Pages,
    pub(super) issues_phase: Phase,
    pub(super) pulls_phase: Phase,
    pub(super) awaits_permit: bool,
    pub(super) delivers: bool,
    pub(super) analysed: Option<f32>,
    pub(super) task: Option<ActivityId>,
    pub(super) kept: Option<Kept>,
    pub(super) result: Option<Arc<RepoResult>>,
}

/// What stays of a task that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub(super) polls: u64,
    pub(super) longest_poll: Nanos,
    pub(super) longest_ready: Nanos,
}

impl From<&Task> for Kept {
    fn from(task: &Task) -> Self {
        Self { polls: task.polls, longest_poll: task.longest_poll, longest_ready: task.longest_ready }
    }
}

/// The rounds of the pipeline.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipeline {
    pub(super) round: u32,
    pub(super) round_done: bool,
    pub(super) rows: Vec<(RowId, RowState)>,
    by_task: BTreeMap<ActivityId, RowId>,
    pub(super) client: ClientCounters,
    pub(super) pages: u64,
    /// Results of all rounds.
    pub(super) finished: u64,
    pub(super) failures: u64,
    pub(super) wait_pending: bool,
    pub(super) compute_pending: bool,
}

impl Pipeline {
    pub(super) fn start_over(&mut self) {
        *self = Self::default();
    }

    pub(super) fn round(&mut self, number: u32) {
        self.round = number;
        self.round_done = false;
        self.rows.clear();
        self.by_task.clear();
    }

    /// The names and results of the round's repositories, in bytes.
    pub(super) fn owned(&self) -> usize {
        let result = |row: &RowState| row.result.as_ref().map_or(0, |result| result.owned());
        self.rows.iter().map(|(_, row)| row.name.len() + result(row)).sum()
    }

    /// Repositories of the round that failed, and those that are done.
    pub(super) fn over(&self) -> (u32, u32) {
        let results = || self.rows.iter().filter_map(|(_, row)| row.result.as_ref());
        let failed = results().filter(|result| result.state == ResultState::Failed).count();
        (failed as u32, (results().count() - failed) as u32)
    }

    pub(super) fn task_ended(&mut self, task: ActivityId, ended: &Task) {
        let row = self.by_task.remove(&task);
        if let Some(row) = row.and_then(|row| self.row(row)) {
            row.kept = Some(ended.into());
        }
    }

    fn row(&mut self, row: RowId) -> Option<&mut RowState> {
        // Rows are made in order, so this is where it is unless events were lost.
        let at = self.rows.partition_point(|(id, _)| *id < row);
        self.rows.get_mut(at).filter(|(id, _)| *id == row).map(|(_, row)| row)
    }

    pub(super) fn change(&mut self, id: RowId, change: &RowChange) {
        match change {
            RowChange::Queued { name } => return self.queued(id, name),
            // Of a lab that was left, where a repository may be on its way for long.
            _ if self.row(id).is_none() => return,
            RowChange::Started { task } => {
                if let Some(before) = self.row(id).and_then(|row| row.task) {
                    self.by_task.remove(&before);
                }
                self.by_task.insert(*task, id);
            }
            RowChange::Phase(_, Phase::Pause) => self.wait_pending = false,
            RowChange::Page { .. } => self.pages += 1,
            RowChange::Analysed { .. } => self.compute_pending = false,
            RowChange::Done(result) => {
                self.finished += 1;
                self.failures += u64::from(result.reason.is_some());
            }
            _ => {}
        }
        if let Some(row) = self.row(id) {
            row.change(change);
        }
    }

    fn queued(&mut self, id: RowId, name: &Arc<str>) {
        let row = RowState {
            name: Arc::clone(name),
            issues: Pages::default(),
            pulls: Pages::default(),
            issues_phase: Phase::Network,
            pulls_phase: Phase::Network,
            awaits_permit: false,
            delivers: false,
            analysed: None,
            task: None,
            kept: None,
            result: None,
        };
        let at = self.rows.partition_point(|(other, _)| *other < id);
        self.rows.insert(at, (id, row));
    }
}

impl RowState {
    fn change(&mut self, change: &RowChange) {
        match change {
            RowChange::Queued { .. } => {}
            RowChange::Started { task } => self.task = Some(*task),
            RowChange::Phase(Listing::Issues, phase) => self.issues_phase = *phase,
            RowChange::Phase(Listing::Pulls, phase) => self.pulls_phase = *phase,
            RowChange::Page { listing, done, pages, cut } => {
                let progress = Pages { done: *done, total: *pages, cut: *cut };
                match listing {
                    Listing::Issues => self.issues = progress,
                    Listing::Pulls => self.pulls = progress,
                }
            }
            RowChange::AwaitsPermit => self.awaits_permit = true,
            RowChange::Analysed { share } => {
                self.awaits_permit = false;
                self.analysed = Some(self.analysed.unwrap_or(0.0).max(*share));
            }
            RowChange::Delivers => self.delivers = true,
            RowChange::Done(result) => {
                self.result = Some(Arc::clone(result));
                self.name = result.repo.as_str().into();
            }
        }
    }
}
