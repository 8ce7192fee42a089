//! What a lesson tells while it runs: it is in the log, like everything else that a screen shows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{float, record::ThreadId};

/// What a lesson tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LessonEvent {
    /// It began: nothing of an earlier one holds any more.
    Began {
        /// As on the command line.
        name: Arc<str>,
        /// Which run it is.
        run: u32,
    },
    /// Another part of it begins.
    Part {
        /// What is tried.
        label: Arc<str>,
    },
    /// Its code printed a line.
    Printed {
        /// The line.
        line: Arc<str>,
    },
    /// Its code says where a future is, or who holds its waker: what no probe can know.
    Told {
        /// Whose state it is: the future's or the waker's name.
        of: Arc<str>,
        /// What it is now.
        now: Arc<str>,
    },
    /// A thread took what another had left for whoever is idle.
    Stole {
        /// Who left it.
        from: ThreadId,
        /// Who took it.
        to: ThreadId,
    },
    /// It waits for a key before it goes on.
    Waits {
        /// What comes next.
        before: Arc<str>,
    },
    /// It goes on.
    GoesOn,
    /// What was measured, set against what was expected.
    Measured(Expectation),
    /// Points that belong together.
    Curve(Curve),
    /// It is over.
    Over {
        /// Why it could not go on to its end.
        halted: Option<Arc<str>>,
    },
    /// Nobody looks at it any more.
    Left,
}

/// What a lesson has measured, all of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    /// What was expected, and what happened.
    pub expectations: Vec<Expectation>,
    /// What was measured over a setting.
    pub curves: Vec<Curve>,
}

/// What a lesson says should happen, beside what did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// What should happen, in a sentence.
    pub text: String,
    /// What was measured, with its numbers and units.
    pub measured: String,
    /// Whether it did happen; nothing where this system does not measure it.
    pub holds: Option<bool>,
}

impl Expectation {
    /// What should have happened did not.
    pub fn fails(&self) -> bool {
        self.holds == Some(false)
    }
}

/// A measure over a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What is measured, with its unit.
    pub name: String,
    /// What it is measured over, with its unit.
    pub over: String,
    /// The points, by rising setting.
    #[serde(deserialize_with = "float::points")]
    pub points: Vec<(f64, f64)>,
}
