//! A closure that is measured while it runs.

use std::sync::Arc;

use super::{
    Shared,
    recorder::{self, End, Frame},
};
use crate::trace::record::{ActivityId, Doing};

/// Closes the span of a job, also when the job panics.
struct JobGuard<'a> {
    shared: &'a Arc<Shared>,
    frame: Option<Frame>,
    panicked: bool,
}

impl Drop for JobGuard<'_> {
    fn drop(&mut self) {
        if let Some(frame) = &self.frame {
            recorder::with(self.shared, |recorder| recorder.exit(frame, End::Job { panicked: self.panicked }));
        }
    }
}

/// Runs the closure as job `job` of the calling thread.
pub(super) fn run<T>(shared: &Arc<Shared>, job: ActivityId, run: impl FnOnce() -> T) -> T {
    let frame = recorder::with(shared, |recorder| recorder.enter(Doing::Job, job));
    let mut guard = JobGuard { shared, frame, panicked: true };
    let result = run();
    guard.panicked = false;
    result
}
