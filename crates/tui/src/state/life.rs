//! The task whose life is looked at, and which of its longest polls is chosen: pure.

use pollscope_core::{
    model::picture::Life,
    trace::{
        clock::Nanos,
        record::{ActivityId, ThreadId},
    },
};

use super::{List, Move};

/// The task whose life is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct LifeState {
    /// Which one; none before one was chosen.
    pub(crate) task: Option<ActivityId>,
    /// Its longest polls, of which one is chosen.
    pub(crate) list: List,
    polls: Vec<(ThreadId, Nanos, Nanos)>,
}

impl LifeState {
    /// Another task is looked at.
    pub(crate) fn of(task: ActivityId) -> Self {
        Self { task: Some(task), ..Self::default() }
    }

    /// A picture came.
    pub(crate) fn see(&mut self, life: &Life) {
        if Some(life.task) != self.task {
            return;
        }
        // A poll that somebody chose stays chosen where another one comes before it; else the longest is.
        let chosen = self.list.selected.and_then(|_| self.chosen());
        self.polls = life.longest.iter().map(|poll| (poll.thread, poll.start, poll.end)).collect();
        let place = self.polls.iter().position(|poll| Some(*poll) == chosen);
        self.list.selected = place.or(self.list.selected);
        self.list.fit(self.polls.len(), self.polls.len().max(1), None);
    }

    /// The place of the chosen poll: the first, until another is chosen.
    pub(crate) fn place(&self) -> usize {
        self.list.selected.unwrap_or(0)
    }

    /// Another poll.
    pub(crate) fn select(&mut self, by: Move) {
        self.list.selected.get_or_insert(0);
        self.list.select(by);
    }

    /// The chosen poll: where it was, when it began, when it ended.
    pub(crate) fn chosen(&self) -> Option<(ThreadId, Nanos, Nanos)> {
        self.polls.get(self.place()).copied()
    }
}
