//! How lessons measure, and how they say it.

use std::time::{Duration, Instant};

use super::stage::{Halt, Part};

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
