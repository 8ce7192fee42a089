//! A closure that is measured while it runs.

use std::sync::Arc;

use pollscope_core::trace::record::{ActivityId, Doing};

use super::{
    Shared,
    recorder::{self, End, Frame},
};

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

/// A job that is in line.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) shared: Arc<Shared>,
    pub(super) job: ActivityId,
}

impl Queued {
    /// Its turn has come.
    pub(super) fn run<T>(self, act: impl FnOnce() -> T) -> T {
        run(&self.shared, self.job, act)
    }
}

/// Runs the closure as job `job` of the calling thread.
fn run<T>(shared: &Arc<Shared>, job: ActivityId, run: impl FnOnce() -> T) -> T {
    let frame = recorder::with(shared, |recorder| recorder.enter(Doing::Job, job));
    let mut guard = JobGuard { shared, frame, panicked: true };
    let result = run();
    guard.panicked = false;
    result
}
