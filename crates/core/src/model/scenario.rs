//! A scenario's own part of the fold: how whoever brings a workload shows what it is about.
//!
//! A scenario emits [`ScenarioEvent`]s into the same log as everything else. A [`ScenarioFold`] reads them, in order, live and
//! in recordings alike, and gives two things: a [`ScenarioPicture`] for the scenario's own panels, and a [`ScenarioSection`] for
//! reports. Core keeps copies of the fold for time travel, and looks inside none of them.
//!
//! ```
//! use std::sync::Arc;
//!
//! use pollscope_core::{
//!     model::{Model, picture::View, scenario::{Facts, ScenarioFold, ScenarioPicture, Scenarios}},
//!     trace::{clock::Nanos, event::{Event, ScenarioEvent, Stamped}, log::Batch},
//! };
//!
//! /// Counts orders.
//! #[derive(Clone, Debug, Default)]
//! struct Orders(u64);
//!
//! impl ScenarioPicture for Orders {}
//!
//! impl ScenarioFold for Orders {
//!     fn copy(&self) -> Box<dyn ScenarioFold> {
//!         Box::new(self.clone())
//!     }
//!
//!     fn event(&mut self, _at: Nanos, event: &ScenarioEvent) {
//!         self.0 += u64::from(event.schema == "shop/order");
//!     }
//!
//!     fn picture(&self, _facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
//!         Some(Arc::new(self.clone()))
//!     }
//! }
//!
//! let mut model = Model::default().with_scenarios(Scenarios::of([Box::new(Orders::default()) as _]));
//! let mut batch = Batch::default();
//! let event = Event::Scenario(Box::new(ScenarioEvent::new("shop/order", &"two teapots")));
//! batch.push(Stamped { at: 5, event });
//! batch.close(10);
//! model.apply(&batch);
//! assert_eq!(model.picture(&View::default()).scenario::<Orders>().unwrap().0, 1);
//! ```

use std::{any::Any, fmt, sync::Arc};

use serde_json::Value;

use super::{
    picture::{Filter, Remedy, TaskState},
    state::State,
    task::Task,
    thread::Thread,
};
use crate::trace::{
    clock::Nanos,
    event::{JobKind, Payload, ScenarioEvent},
    record::{ActivityId, ThreadId},
};

/// A scenario's part of the fold. The same events give the same fold, whenever they are read.
pub trait ScenarioFold: fmt::Debug + Send + Sync {
    /// Returns a copy: one is kept for each instant that a jump may go on from.
    fn copy(&self) -> Box<dyn ScenarioFold>;

    /// Takes an event of any scenario in: its [`schema`](ScenarioEvent::schema) says whether it is one of this.
    fn event(&mut self, at: Nanos, event: &ScenarioEvent);

    /// Starts over: the lab of that number was built, with that setup.
    fn lab_built(&mut self, generation: u32, setup: &Payload) {
        let _ = (generation, setup);
    }

    /// The lab goes on with another setup.
    fn setup_changed(&mut self, setup: &Payload) {
        let _ = setup;
    }

    /// A task has ended, and will be forgotten.
    fn task_ended(&mut self, task: ActivityId, figures: &TaskFigures) {
        let _ = (task, figures);
    }

    /// Whether [`hop`](Self::hop) is to be called: it costs each poll a little.
    fn wants_hops(&self) -> bool {
        false
    }

    /// A task was woken on one thread and polled on another.
    fn hop(&mut self, hop: Hop) {
        let _ = hop;
    }

    /// Returns the part of the scenario that a lab belongs to, whose threads are shown after it was left; none where they are
    /// not.
    fn part_of(&self, generation: u32) -> Option<Arc<str>> {
        let _ = generation;
        None
    }

    /// Returns the events from which this fold can be made again, for a log that has forgotten its beginning.
    fn preamble(&self) -> Vec<ScenarioEvent> {
        Vec::new()
    }

    /// Returns what a copy takes in memory by itself, in bytes.
    fn bytes(&self) -> usize {
        0
    }

    /// Returns what all copies share, in bytes, and in how many things.
    fn shared(&self) -> (usize, usize) {
        (0, 0)
    }

    /// Returns how the scenario speaks of itself in the sentence under the dashboard.
    fn words(&self) -> Words {
        Words::default()
    }

    /// Whether a key of the scenario's does that now.
    fn offers(&self, remedy: Remedy) -> bool {
        let _ = remedy;
        false
    }

    /// Returns what the scenario's panels show; none where there is nothing of this scenario.
    fn picture(&self, facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
        let _ = facts;
        None
    }

    /// Returns what a report says of it; none where there is nothing of this scenario.
    fn section(&self) -> Option<Arc<dyn ScenarioSection>> {
        None
    }
}

/// What a scenario's panels show at one instant: owned, and plain for whoever knows its type.
pub trait ScenarioPicture: Any + fmt::Debug + Send + Sync {
    /// Returns the same with other ids, for a picture of several programs; none where it has no ids.
    fn renumbered(&self, id: &dyn Fn(u32) -> u32) -> Option<Arc<dyn ScenarioPicture>> {
        let _ = id;
        None
    }

    /// Returns both in one, where the other, of another program, is of the same type; none where this one stands for both.
    fn with(&self, other: &dyn ScenarioPicture) -> Option<Arc<dyn ScenarioPicture>> {
        let _ = other;
        None
    }
}

/// What a report says of a scenario.
pub trait ScenarioSection: Any + fmt::Debug + Send + Sync {
    /// Returns the keys that it adds to the report's object, with their values.
    fn json(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Returns the first words of the report's first line: how the scenario was set up.
    fn heading(&self) -> Option<String> {
        None
    }

    /// Returns the lines at the end of the report for people.
    fn text(&self) -> String {
        String::new()
    }
}

/// How a scenario speaks of itself in the sentence under the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What a waiting task means there, while nothing is wrong.
    pub waiting: Option<&'static str>,
    /// Why no task is alive.
    pub idle: Option<&'static str>,
    /// Its one worker is a thread that polls every task.
    pub one_thread: bool,
}

/// Figures of a task, up to now or to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskFigures {
    /// Polls.
    pub polls: u64,
    /// The longest poll that has ended.
    pub longest_poll: Nanos,
    /// The longest wait from a wake to its poll.
    pub longest_ready: Nanos,
}

impl From<&Task> for TaskFigures {
    fn from(task: &Task) -> Self {
        Self { polls: task.polls, longest_poll: task.longest_poll, longest_ready: task.longest_ready }
    }
}

/// A task was woken on one thread and polled on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The thread that woke it.
    pub from: ThreadId,
    /// When.
    pub woken: Nanos,
    /// The thread that polled it.
    pub to: ThreadId,
    /// When that poll began.
    pub polled: Nanos,
}

/// What core knows at an instant, for a scenario's picture.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    state: &'a State,
    filter: Option<&'a Filter>,
    /// The instant.
    pub at: Nanos,
}

/// What a task does now.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskNow {
    /// Its state; none where it has ended.
    pub state: Option<TaskState>,
    /// A job that it waits for: where that runs, and the thread's label once it does.
    pub job: Option<(JobKind, Option<String>)>,
    /// Its figures.
    pub figures: TaskFigures,
}

impl<'a> Facts<'a> {
    pub(super) fn new(state: &'a State, filter: Option<&'a Filter>, at: Nanos) -> Self {
        Self { state, filter, at }
    }

    /// Returns what a task does now; none where it is not known, or no longer.
    pub fn task(&self, id: ActivityId) -> Option<TaskNow> {
        let task = self.state.tasks.get(id)?;
        let state = task.is_alive().then(|| task.state(|thread| self.state.class(thread, self.at)));
        let waits = !matches!(state, Some(TaskState::Polling(..) | TaskState::Ready(_)));
        let job = if waits && task.jobs > 0 { self.job_of(id) } else { None };
        Some(TaskNow { state, job, figures: task.into() })
    }

    fn job_of(&self, task: ActivityId) -> Option<(JobKind, Option<String>)> {
        let mine = |by: Option<ActivityId>| by.and_then(|by| self.state.task_of(by)) == Some(task);
        let mut jobs = self.state.jobs.values().filter(|job| job.kind != JobKind::Split && mine(job.by));
        let job = jobs.next()?;
        let thread = job.thread.and_then(|thread| self.state.threads.get(thread)).map(Thread::label);
        Some((job.kind, thread))
    }

    /// Whether something of that name, worked on by that task, is in the lists that the filter leaves. `ended` has the
    /// figures of a task that is forgotten.
    pub fn is_listed(&self, name: &str, task: Option<ActivityId>, ended: Option<&TaskFigures>) -> bool {
        let task = task.and_then(|task| self.state.tasks.get(task));
        let alive = || task.map_or(0, |task| task.longest_until(self.at));
        let longest_poll = ended.map_or_else(alive, |ended| ended.longest_poll);
        self.state.is_listed(self.filter, name, task, longest_poll)
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("at", &self.at).finish_non_exhaustive()
    }
}

/// The folds of all scenarios that somebody knows, in order.
#[derive(Debug, Default)]
pub struct Scenarios {
    folds: Vec<Box<dyn ScenarioFold>>,
    /// One of them wants hops.
    wants_hops: bool,
}

impl Clone for Scenarios {
    fn clone(&self) -> Self {
        Self { folds: self.folds.iter().map(|fold| fold.copy()).collect(), wants_hops: self.wants_hops }
    }
}

impl Scenarios {
    /// Returns these folds together.
    pub fn of(folds: impl IntoIterator<Item = Box<dyn ScenarioFold>>) -> Self {
        let folds: Vec<_> = folds.into_iter().collect();
        let wants_hops = folds.iter().any(|fold| fold.wants_hops());
        Self { folds, wants_hops }
    }

    fn each(&mut self, act: impl FnMut(&mut Box<dyn ScenarioFold>)) {
        self.folds.iter_mut().for_each(act);
        self.wants_hops = self.folds.iter().any(|fold| fold.wants_hops());
    }

    pub(super) fn event(&mut self, at: Nanos, event: &ScenarioEvent) {
        self.each(|fold| fold.event(at, event));
    }

    pub(super) fn lab_built(&mut self, generation: u32, setup: &Payload) {
        self.each(|fold| fold.lab_built(generation, setup));
    }

    pub(super) fn setup_changed(&mut self, setup: &Payload) {
        self.each(|fold| fold.setup_changed(setup));
    }

    pub(super) fn task_ended(&mut self, task: ActivityId, figures: &TaskFigures) {
        self.folds.iter_mut().for_each(|fold| fold.task_ended(task, figures));
    }

    /// A task that had been ready for so long was polled, by that thread from that instant on.
    #[inline]
    pub(super) fn polled(
        &mut self,
        woken_by: Option<(ActivityId, ThreadId)>,
        (to, polled): (ThreadId, Nanos),
        ready: Nanos,
    ) {
        if !self.wants_hops {
            return;
        }
        if let Some((_, from)) = woken_by.filter(|(_, from)| *from != to) {
            let hop = Hop { from, woken: polled.saturating_sub(ready), to, polled };
            self.folds.iter_mut().for_each(|fold| fold.hop(hop));
        }
    }

    pub(super) fn part_of(&self, generation: u32) -> Option<Arc<str>> {
        self.folds.iter().find_map(|fold| fold.part_of(generation))
    }

    pub(super) fn preamble(&self) -> impl Iterator<Item = ScenarioEvent> {
        self.folds.iter().flat_map(|fold| fold.preamble())
    }

    pub(super) fn bytes(&self) -> usize {
        self.folds.iter().map(|fold| fold.bytes()).sum()
    }

    pub(super) fn shared(&self) -> (usize, usize) {
        let of = self.folds.iter().map(|fold| fold.shared());
        of.fold((0, 0), |(bytes, things), (more, others)| (bytes + more, things + others))
    }

    pub(super) fn words(&self) -> Words {
        let words = self.folds.iter().map(|fold| fold.words());
        words.fold(Words::default(), |all, it| Words {
            waiting: all.waiting.or(it.waiting),
            idle: all.idle.or(it.idle),
            one_thread: all.one_thread || it.one_thread,
        })
    }

    pub(super) fn offer(&self, remedy: Remedy) -> bool {
        self.folds.iter().any(|fold| fold.offers(remedy))
    }

    pub(super) fn pictures(&self, facts: &Facts<'_>) -> Vec<Arc<dyn ScenarioPicture>> {
        self.folds.iter().filter_map(|fold| fold.picture(facts)).collect()
    }

    pub(super) fn sections(&self) -> Vec<Arc<dyn ScenarioSection>> {
        self.folds.iter().filter_map(|fold| fold.section()).collect()
    }
}
