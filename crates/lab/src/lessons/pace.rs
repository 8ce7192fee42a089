//! How fast a lesson goes: at its own pace, slowly, or a step at a key.
//!
//! It knows no screen: somebody sets the speed and asks for the next step.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::lessons::Speed;
use tokio::sync::watch;

/// Between two steps in slow motion.
const SLOW: Duration = Duration::from_millis(700);

/// Whoever watched the lesson has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left;

/// The speed of a lesson, and the end of it. Copies are the same pace.
#[derive(Clone, Debug)]
pub struct Pace(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    now: Mutex<Now>,
    changed: Condvar,
    left: watch::Sender<bool>,
}

#[derive(Debug)]
struct Now {
    speed: Speed,
    /// Steps that were asked for and not taken.
    steps: u32,
}

impl Pace {
    /// A pace of that speed.
    pub fn new(speed: Speed) -> Self {
        let now = Mutex::new(Now { speed, steps: 0 });
        Self(Arc::new(Shared { now, changed: Condvar::new(), left: watch::Sender::new(false) }))
    }

    /// Sets the speed. Whoever waits for a step goes on as it says.
    pub fn set(&self, speed: Speed) {
        self.change(|now| (now.speed, now.steps) = (speed, 0));
    }

    /// The speed now.
    pub fn speed(&self) -> Speed {
        self.now().speed
    }

    /// One step, where somebody waits for it or soon will.
    pub fn step(&self) {
        self.change(|now| now.steps = (now.steps + 1).min(1));
    }

    /// Nobody watches any more: whoever waits is told so.
    pub fn leave(&self) {
        self.0.left.send_replace(true);
        self.0.changed.notify_all();
    }

    /// Ready when nobody watches any more.
    pub(super) async fn left(&self) {
        let mut left = self.0.left.subscribe();
        // The sender lives as long as this does.
        let _ = left.wait_for(|left| *left).await;
    }

    /// Whether the next step waits, in slow motion or for a key.
    pub(super) fn holds(&self) -> bool {
        self.speed() != Speed::Own
    }

    /// Whether nobody watches any more.
    pub(super) fn is_left(&self) -> bool {
        *self.0.left.borrow()
    }

    /// Waits, on this thread, until the next step may be taken.
    pub(super) fn wait(&self) -> Result<(), Left> {
        let mut now = self.now();
        loop {
            if self.is_left() {
                return Err(Left);
            }
            let slow = now.speed == Speed::Slow;
            if now.speed == Speed::Own {
                return Ok(());
            }
            if now.steps > 0 {
                now.steps -= 1;
                return Ok(());
            }
            let waited = self.0.changed.wait_timeout(now, if slow { SLOW } else { Duration::MAX });
            let timed_out;
            (now, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
            if slow && timed_out.timed_out() {
                return Ok(());
            }
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, act: impl FnOnce(&mut Now)) {
        act(&mut self.now());
        self.0.changed.notify_all();
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(Speed::Own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_lets_one_wait_through_and_leaving_ends_all() {
        let pace = Pace::new(Speed::Step);
        pace.step();
        pace.step();
        assert_eq!(pace.wait(), Ok(()));
        assert_eq!(pace.now().steps, 0);
        pace.leave();
        assert_eq!(pace.wait(), Err(Left));
    }

    #[test]
    fn its_own_pace_waits_for_nothing() {
        assert_eq!(Pace::default().wait(), Ok(()));
    }
}
