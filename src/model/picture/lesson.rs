//! A lesson at one instant.

use std::{collections::VecDeque, sync::Arc};

use crate::trace::lesson::{Curve, Expectation};

/// What a lesson has told so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonNow {
    /// As on the command line.
    pub name: Arc<str>,
    /// The part that runs.
    pub part: Option<Arc<str>>,
    /// What this part has printed, oldest first; of very many the last.
    pub printed: VecDeque<Arc<str>>,
    /// Where futures are and who holds wakers, as the lesson's own code says: whose, and what.
    pub told: Vec<(Arc<str>, Arc<str>)>,
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
