//! What the trace means.
//!
//! A pure fold of the log into threads, tasks, queues, pulse and findings. It reads no clock and
//! knows no screen: the same events up to the same instant give the same picture.

mod findings;
mod gauges;
pub mod history;
mod index;
mod life;
pub mod long_polls;
mod look;
pub mod meters;
mod names;
mod part;
pub mod picture;
mod poll_class;
mod pulse;
pub mod scenario;
mod seek;
mod sink;
mod span;
mod state;
pub mod summary;
mod table;
mod task;
mod thread;
mod timeline;
mod totals;
pub mod walk;
mod words;

use self::{
    index::Index,
    meters::Meters,
    picture::{Finding, Picture, View},
    scenario::Scenarios,
    state::State,
    summary::Summary,
};
use crate::trace::{clock::Nanos, log::Batch, record::ActivityId};

/// The fold of a log: what is true now, and the histories.
#[derive(Debug, Default)]
pub struct Model {
    state: State,
    index: Index,
}

impl Model {
    /// A model that takes what is alive, which has bounds of its own, and histories of less than half of so many bytes.
    ///
    /// ```
    /// use pollscope_core::{model::Model, trace::recording::Recording};
    ///
    /// let mut model = Model::within(64 << 20);
    /// let mut recording = Recording::open("../../assets/recordings/blocked.pollscope")?;
    /// for block in 0..recording.blocks().len() {
    ///     recording.read(block)?.iter().for_each(|batch| model.apply(batch));
    /// }
    /// assert_eq!(model.summary().events.lost, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn within(memory: usize) -> Self {
        Self { state: State::default(), index: Index::within(memory) }
    }

    /// Returns the same with the folds of these scenarios. Events that were folded in before are not theirs.
    #[must_use]
    pub fn with_scenarios(mut self, scenarios: Scenarios) -> Self {
        self.state.scenarios = scenarios;
        self
    }

    /// Folds the next batch in.
    pub fn apply(&mut self, batch: &Batch) {
        self.state.fold(batch, &mut self.index);
    }

    /// The instant up to which everything is folded in.
    pub fn now(&self) -> Nanos {
        self.state.now
    }

    /// The task has begun, and is remembered.
    pub fn knows_task(&self, task: ActivityId) -> bool {
        self.state.tasks.get(task).is_some()
    }

    /// The picture now.
    pub fn picture(&self, view: &View) -> Picture {
        self.state.picture(&self.index, view, self.state.now)
    }

    /// The run so far, summed up.
    pub fn summary(&self) -> Summary {
        self.state.summary(&self.index, self.state.now)
    }

    /// Counts since the trace began, and what is so now. How long polls take is counted from the first call on: whoever
    /// never asks does not pay for it.
    pub fn meters(&mut self) -> Meters {
        self.index.polled.get_or_insert_default();
        self.state.meters(&self.index, self.state.now)
    }

    /// What was found in the present lab so far, the worst first of what holds now; kept in a bounded number.
    pub fn findings(&self) -> Vec<Finding> {
        self.state.findings(self.state.now)
    }

    /// Tasks that are ready: woken, and not in a poll.
    pub fn ready_tasks(&self) -> u32 {
        self.state.ready_tasks
    }
}
