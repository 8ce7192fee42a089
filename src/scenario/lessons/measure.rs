//! How lessons measure, and how they say it.

use std::time::{Duration, Instant};

use super::stage::{Halt, Part};
use crate::{
    model::summary::{FindingLine, Summary},
    trace::event::ThreadKind,
};

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
