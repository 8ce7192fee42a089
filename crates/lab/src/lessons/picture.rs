//! A lesson at one instant.

use std::{collections::VecDeque, sync::Arc};

use pollscope_core::{
    model::scenario::{Hop, ScenarioPicture},
    trace::clock::Nanos,
};

use super::event::{Curve, Expectation};

/// How fast a lesson goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// At its own pace.
    #[default]
    Own,
    /// A step in a while.
    Slow,
    /// A step at each key.
    Step,
}

/// The most settings that a lesson has.
pub const MOST_KNOBS: usize = 4;

/// What a screen asks of the lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonCommand {
    /// Run one: the present lab is left.
    Run(LessonRun),
    /// Go on at another speed.
    Speed(Speed),
    /// The next step.
    Step,
    /// Stop the lesson; the pipeline begins again.
    Leave,
}

/// A lesson that is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonRun {
    /// Its place in the table of lessons.
    pub lesson: usize,
    /// Which run it is, counted by whoever asks.
    pub run: u32,
    /// How fast.
    pub speed: Speed,
    /// The value of each of its settings, as a place in the setting's row.
    pub knobs: [u8; MOST_KNOBS],
}

/// A line that a lesson's code printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The part that it belongs to.
    pub part: Option<Arc<str>>,
    /// The line.
    pub line: Arc<str>,
}

/// What a lesson has told so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonNow {
    /// As on the command line.
    pub name: Arc<str>,
    /// Which run it is.
    pub run: u32,
    /// When it began.
    pub began: Nanos,
    /// The part that runs.
    pub part: Option<Arc<str>>,
    /// What was printed, oldest first; of very many the last.
    pub printed: VecDeque<Printed>,
    /// Where futures are and who holds wakers, as the lesson's own code says: whose, and what.
    pub told: Vec<(Arc<str>, Arc<str>)>,
    /// Tasks that were woken on one thread and polled on another, and work that was stolen, oldest first; of very many the
    /// last.
    pub arrows: VecDeque<Hop>,
    /// It waits for a key before that.
    pub waits_before: Option<Arc<str>>,
    /// What was measured, in order.
    pub measured: Vec<Expectation>,
    /// What was measured over a setting.
    pub curves: Vec<Curve>,
    /// It is over.
    pub over: bool,
    /// Why it could not go on to its end.
    pub halted: Option<Arc<str>>,
}

impl ScenarioPicture for LessonNow {}
