//! What a lesson's code works with: labs, a place to print to, settings, steps, and measurements.

use std::{
    cell::RefCell,
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use pollscope::{
    probe::{Probes, TELLS_ASLEEP},
    scope::Link,
};
use pollscope_core::model::{
    picture::{TaskLine, View},
    summary::Summary,
};
use tokio::task::JoinError;

use super::{
    gate::Gate,
    pace::{Left, Pace},
    steps::Steps,
};
use crate::{
    lab::{Bench, Lab, LabError},
    lessons::{Curve, Expectation, LessonEvent, Measured},
    settings::{Flavor, Settings},
};

/// Why a lesson could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The observed threads.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// A thread of the lesson's own.
    #[error("the system refused what the lesson needs: {0}")]
    Refused(#[from] io::Error),
    /// Its main task panicked.
    #[error("the lesson's task did not end: {0}")]
    Task(#[from] JoinError),
    /// The collector is gone.
    #[error("the collector is gone")]
    NoCollector,
    /// Whoever watched it has left.
    #[error("it was left before its end")]
    Left,
}

impl From<Left> for Halt {
    fn from(_: Left) -> Self {
        Self::Left
    }
}

/// Where a lesson runs, and what it has found so far.
#[derive(Debug)]
pub struct Stage {
    link: Link,
    generations: Arc<AtomicU32>,
    pace: Pace,
    knobs: Vec<(&'static str, u32)>,
    run: u32,
    measured: RefCell<Measured>,
}

/// A lab with its tasks: one part of a lesson. Dropping it leaves the lab. There is one at a time.
#[derive(Debug)]
pub(super) struct Part<'s> {
    stage: &'s Stage,
    lab: Lab,
}

/// Where a lesson's code prints to, which is on the screen. Copies are the same paper.
#[derive(Clone, Debug)]
pub(super) struct Paper {
    steps: Steps,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    /// A stage for one lesson. `generations` counts the labs of the scope.
    pub fn new(link: Link, generations: Arc<AtomicU32>, pace: Pace, knobs: Vec<(&'static str, u32)>) -> Self {
        Self { link, generations, pace, knobs, run: 0, measured: RefCell::default() }
    }

    /// The same, for a run that somebody counts.
    #[must_use]
    pub fn of_run(self, run: u32) -> Self {
        Self { run, ..self }
    }

    pub(super) fn run(&self) -> u32 {
        self.run
    }

    /// Another part begins: what is tried, in a few words. Where the lesson goes by steps, it begins at the next one.
    pub(super) fn part(&self, label: &str) {
        // Whoever has left gets no lab any more.
        let _ = self.steps().step(label);
        self.tell(LessonEvent::Part { label: label.into() });
    }

    /// A lab of that many workers.
    pub(super) fn workers(&self, workers: u16) -> Result<Part<'_>, Halt> {
        self.lab(&Settings { workers, ..Settings::default() })
    }

    /// A lab whose one thread polls everything.
    pub(super) fn current_thread(&self) -> Result<Part<'_>, Halt> {
        self.lab(&Settings { flavor: Flavor::CurrentThread, workers: 1, ..Settings::default() })
    }

    /// A lab as the settings say.
    pub(super) fn lab(&self, settings: &Settings) -> Result<Part<'_>, Halt> {
        if self.pace.is_left() {
            return Err(Halt::Left);
        }
        let generation = self.generations.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Part { stage: self, lab: Lab::build(self.link.probes(), settings, generation)? })
    }

    /// Empty paper.
    pub(super) fn paper(&self) -> Paper {
        Paper { steps: self.steps(), lines: Arc::default() }
    }

    /// What makes probes: for threads and executors of the lesson's own.
    pub(super) fn probes(&self) -> &Probes {
        self.link.probes()
    }

    /// The value of one of the lesson's settings: 0 for one that its row does not have.
    pub(super) fn knob(&self, name: &str) -> u32 {
        self.knobs.iter().find(|(knob, _)| *knob == name).map_or(0, |(_, value)| *value)
    }

    /// The lesson's steps, for threads of its own.
    pub(super) fn steps(&self) -> Steps {
        Steps::new(self.pace.clone(), self.probes().clone())
    }

    /// Sets what was measured against what was expected.
    pub(super) fn expect(&self, text: impl Into<String>, holds: bool, measured: impl Into<String>) {
        self.expected(text.into(), Some(holds), measured.into());
    }

    /// What should happen, and what did, inside polls: whether a thread was asleep there or at work.
    pub(super) fn expect_of_polls(&self, text: impl Into<String>, holds: bool, measured: impl Into<String>) {
        if TELLS_ASLEEP {
            self.expect(text, holds, measured);
        } else {
            let why = "not measured: this system does not tell a thread that sleeps from one that works";
            self.expected(text.into(), None, why.to_owned());
        }
    }

    fn expected(&self, text: String, holds: Option<bool>, measured: String) {
        let expectation = Expectation { text, measured, holds };
        self.tell(LessonEvent::Measured(expectation.clone()));
        self.measured.borrow_mut().expectations.push(expectation);
    }

    /// Points to draw: what was measured over a setting.
    pub(super) fn curve(&self, name: &str, over: &str, points: Vec<(f64, f64)>) {
        let curve = Curve { name: name.to_owned(), over: over.to_owned(), points };
        self.tell(LessonEvent::Curve(curve.clone()));
        self.measured.borrow_mut().curves.push(curve);
    }

    pub(super) fn tell(&self, event: LessonEvent) {
        self.steps().tell(event);
    }

    pub(super) fn into_measured(self) -> Measured {
        self.measured.into_inner()
    }
}

impl Part<'_> {
    /// What the lesson's code works with.
    pub(super) fn bench(&self) -> &Bench {
        self.lab.bench()
    }

    /// Runs a future as a measured task of the lab, and waits for it.
    pub(super) fn run<T: Send + 'static>(
        &self,
        name: &str,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Halt> {
        // Its last poll has been recorded when the handle is ready.
        Ok(self.wait(self.bench().spawn(name, future))??)
    }

    /// Runs a future on the lesson's own thread, which is none of the lab's, and waits for it.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Halt> {
        self.bench().tokio.block_on(async {
            tokio::select! {
                ended = future => Ok(ended),
                () = self.stage.pace.left() => Err(Halt::Left),
            }
        })
    }

    /// Runs a future as [`run`](Self::run) does, one poll a step where the lesson goes by steps: a gate keeps it
    /// from being polled until then.
    pub(super) fn run_by_steps<T: Send + 'static>(
        &self,
        name: &str,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Halt> {
        let (steps, gate) = (self.stage.steps(), Gate::new(self.stage.steps()));
        let probed = self.bench().probes.task(name, future);
        let mut ended = self.bench().tokio.spawn(gate.keep(probed));
        loop {
            let done = self.wait(async {
                tokio::select! {
                    ended = &mut ended => Some(ended),
                    () = gate.holds_somebody() => None,
                }
            })?;
            if let Some(ended) = done {
                return Ok(ended?);
            }
            steps.step(&format!("the next poll of {name}"))?;
            gate.let_through();
        }
    }

    /// Lets time go by on the lesson's own thread.
    pub(super) fn nap(&self, time: Duration) -> Result<(), Halt> {
        self.wait(async { tokio::time::sleep(time).await })
    }

    /// The task of that name as it is now, or as it ended.
    pub(super) fn task(&self, name: &str) -> Result<Option<TaskLine>, Halt> {
        let all = View { tasks: (0, u16::MAX), lane_cells: 0, pulse_cells: 0, ..View::default() };
        let picture = self.stage.link.picture(all).ok_or(Halt::NoCollector)?;
        Ok(picture.tasks.into_iter().rev().find(|task| &*task.name == name))
    }

    /// Runs a future on the one thread of a current-thread lab, as its `block_on`: the future need not be `Send`.
    /// None when it has not ended within `patience`; the thread stays with it, and the lab is to be left then.
    pub(super) fn block_on<T, F>(
        &self,
        name: &str,
        make: impl FnOnce() -> F + Send + 'static,
        patience: Duration,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let (reply, ended) = crossbeam_channel::bounded(1);
        let (probes, name) = (self.bench().probes.clone(), name.to_owned());
        // Without such a thread the reply is dropped, and nothing has ended.
        self.lab.on_its_thread(move |runtime| drop(reply.send(runtime.block_on(probes.task(&name, make())))));
        ended.recv_timeout(patience).ok()
    }

    /// What was measured in this lab so far.
    pub(super) fn summary(&self) -> Result<Summary, Halt> {
        self.stage.link.summary().ok_or(Halt::NoCollector)
    }
}

impl Paper {
    /// Prints a line.
    pub(super) fn print(&self, line: impl fmt::Display) {
        let line = line.to_string();
        self.steps.tell(LessonEvent::Printed { line: line.as_str().into() });
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// What was printed.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
