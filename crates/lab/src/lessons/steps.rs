//! The steps of a lesson: where it waits for the next one, and what it says of itself on the way.

use std::fmt;

use pollscope::probe::Probes;

use super::{
    event::LessonEvent,
    pace::{Left, Pace},
};

/// How a lesson goes on, and what it says of itself. Copies are the same steps.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    pace: Pace,
    probes: Probes,
}

impl Steps {
    /// Returns the steps of a lesson that goes at that pace.
    pub(super) fn new(pace: Pace, probes: Probes) -> Self {
        Self { pace, probes }
    }

    /// Waits, on this thread, for the next step, where the lesson goes by steps; it says what comes next.
    pub(super) fn step(&self, before: &str) -> Result<(), Left> {
        if self.pace.holds() {
            self.tell(LessonEvent::Waits { before: before.into() });
            self.pace.wait()?;
            self.tell(LessonEvent::GoesOn);
        }
        Ok(())
    }

    /// Says where a future is, or who holds its waker: what no probe can know.
    pub(super) fn say(&self, of: &str, now: impl fmt::Display) {
        self.tell(LessonEvent::Told { of: of.into(), now: now.to_string().into() });
    }

    /// Whether the next step waits.
    pub(super) fn hold(&self) -> bool {
        self.pace.holds()
    }

    pub(super) fn probes(&self) -> &Probes {
        &self.probes
    }

    /// Puts an event of the lesson into the log, unless the lesson was left.
    pub(super) fn tell(&self, event: LessonEvent) {
        // Another one may run by now: whoever was left says nothing more.
        if !self.pace.is_left() {
            self.probes.emit(event.into());
        }
    }
}
