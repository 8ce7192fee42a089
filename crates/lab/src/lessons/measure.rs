//! How lessons measure, and how they say it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use pollscope_core::{
    model::summary::{FindingLine, Summary},
    trace::event::ThreadKind,
};
use tokio::task::AbortHandle;

use super::stage::{Halt, Part};
use crate::lab::Bench;

/// Runs the task of a part, and says how long it took.
pub(super) fn timed<T: Send + 'static>(
    part: &Part<'_>,
    name: &str,
    future: impl Future<Output = T> + Send + 'static,
) -> Result<(T, Duration), Halt> {
    let start = Instant::now();
    let result = part.run(name, future)?;
    Ok((result, start.elapsed()))
}

/// How many times as long the first took.
pub(super) fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64()
}

/// Seconds, as in `0.90 s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Milliseconds with fractions, as summaries have them.
pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What was found of that rule, by that task.
pub(super) fn found<'s>(summary: &'s Summary, rule: &str, task: &str) -> Option<&'s FindingLine> {
    summary.findings.iter().find(|it| it.rule == rule && it.task.as_deref() == Some(task))
}

/// The finding in a few words, or that there is none.
pub(super) fn finding_in_words(finding: Option<&FindingLine>) -> String {
    finding.map_or_else(|| "no finding".to_owned(), |it| format!("{}, for {:.0} ms", it.rule, it.for_ms))
}

/// How long each thread of that kind was in jobs, those that were in none left out.
pub(super) fn jobs_of(summary: &Summary, kind: ThreadKind) -> Vec<f64> {
    summary.threads.iter().filter(|it| it.kind == kind && it.job_ms > 0.0).map(|it| it.job_ms).collect()
}

/// How many of something are at work at once. Copies are the same crowd.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(Arc<CrowdCounts>);

#[derive(Debug, Default)]
struct CrowdCounts {
    now: AtomicU32,
    most: AtomicU32,
}

/// One of a crowd, until it is dropped.
#[derive(Debug)]
pub(super) struct Member(Crowd);

impl Crowd {
    /// One more.
    pub(super) fn enter(&self) -> Member {
        let now = self.0.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.most.fetch_max(now, Ordering::Relaxed);
        Member(self.clone())
    }

    /// The most that there were at once.
    pub(super) fn most(&self) -> u32 {
        self.0.most.load(Ordering::Relaxed)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Everybody else on a runtime: a task that wants to run every few milliseconds, and how late it was. Dropping it
/// ends the task.
#[derive(Debug)]
pub(super) struct Others {
    late: Arc<Mutex<Vec<Duration>>>,
    task: AbortHandle,
}

impl Others {
    /// From one due time to the next.
    const EVERY: Duration = Duration::from_millis(5);

    pub(super) fn start(lab: &Bench) -> Self {
        let late = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&late);
        let ticks = async move {
            loop {
                let due = Instant::now() + Self::EVERY;
                tokio::time::sleep_until(due.into()).await;
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(due.elapsed());
            }
        };
        Self { late, task: lab.spawn("everybody else", ticks).abort_handle() }
    }

    /// How late it was since the last call, sorted.
    pub(super) fn take(&self) -> Vec<Duration> {
        let mut late = std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        late.sort();
        late
    }

    /// The latest since the last call.
    pub(super) fn take_latest(&self) -> Duration {
        self.take().last().copied().unwrap_or_default()
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.task.abort();
    }
}
