//! What a lesson tells while it runs: it is in the log, like everything else that a screen shows.

use std::sync::Arc;

use pollscope_core::trace::{
    event::{Event, ScenarioEvent},
    record::ThreadId,
};
use serde::{Deserialize, Serialize};

use crate::float;

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

/// The name of the payload; followed by the name of the same event in recordings of version 2, which had it among core's own.
const LESSON: [&str; 2] = ["lesson/told", "lesson"];

impl LessonEvent {
    /// Decodes an event; none where it is none of a lesson's.
    pub fn read(event: &ScenarioEvent) -> Option<Self> {
        if !LESSON.contains(&&*event.schema) {
            return None;
        }
        let mut told: Self = event.payload.read()?;
        // Ids may have changed since the payload was written; those beside it have changed with them.
        if let (Self::Stole { from, to }, [now_from, now_to]) = (&mut told, &event.threads[..]) {
            (*from, *to) = (*now_from, *now_to);
        }
        Some(told)
    }

    /// Encodes it.
    pub fn encode(&self) -> ScenarioEvent {
        let threads = if let Self::Stole { from, to } = self { vec![*from, *to] } else { Vec::new() };
        ScenarioEvent::new(LESSON[0], self).about_threads(threads)
    }
}

impl From<LessonEvent> for Event {
    fn from(event: LessonEvent) -> Self {
        Self::Scenario(Box::new(event.encode()))
    }
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
