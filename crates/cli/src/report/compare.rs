//! Runs side by side: their figures in a table with the best and the worst marked, their lanes on one time
//! scale, and a sentence that says what to take away.
//!
//! Pure functions of the runs: it knows neither how they were made nor on what they are drawn. A screen and
//! the command line show the same [`Comparison`].

mod lanes;
mod takeaway;
mod text;

use std::io::{self, Write};

use pollscope_core::{
    model::{
        picture::Lane,
        summary::{SCHEMA, Summary, ThreadLine},
    },
    trace::event::ThreadKind,
};
use pollscope_lab::settings::{Compute, Flavor, Settings, Wait};
use serde::Serialize;

pub use self::lanes::{COLUMNS, Column, LaneRow, RunLanes};

/// A run, as it was measured.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ran.
    pub settings: Settings,
    /// What it amounts to.
    pub report: Summary,
    /// Its lanes, from its start to its end.
    pub lanes: Vec<Lane>,
}

/// A combination that Tokio does not allow.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    /// How tasks would wait.
    pub wait: Wait,
    /// Where CPU work would run.
    pub compute: Compute,
    /// The kind of runtime.
    pub flavor: Flavor,
    /// Its workers.
    pub workers: u16,
    /// Why not.
    pub reason: String,
}

impl Refusal {
    /// The refusal of these settings.
    pub fn new(settings: &Settings, reason: String) -> Self {
        let Settings { wait, compute, flavor, workers, .. } = *settings;
        Self { wait, compute, flavor, workers, reason }
    }
}

/// Runs side by side.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The version of this shape.
    pub schema: u32,
    /// What tells each run from the others, in the order of the runs.
    pub labels: Vec<String>,
    /// Each run's report.
    pub runs: Vec<Summary>,
    /// What was left out.
    pub refused: Vec<Refusal>,
    /// The figures, a row each.
    pub table: Vec<Figure>,
    /// The lanes of each run.
    pub lanes: Vec<RunLanes>,
    /// What to take away.
    pub takeaway: String,
}

/// A row of the table; less is better in all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// In what: `ms`, `MiB`, or nothing for a count.
    pub unit: &'static str,
    /// One a run; none where the platform does not measure it.
    pub values: Vec<Option<f64>>,
    /// The run with the least; none where the runs do not differ by more than noise.
    pub best: Option<usize>,
    /// The run with the most; none where there is no best.
    pub worst: Option<usize>,
}

impl Figure {
    /// A value of this row, with as many digits as are read.
    pub fn in_words(&self, value: Option<f64>) -> String {
        match value {
            None => "not measured".to_owned(),
            Some(value) if self.unit.is_empty() || value >= 100.0 => format!("{value:.0}"),
            Some(value) => format!("{value:.1}"),
        }
    }
}

/// A row before it is measured.
struct Row {
    name: &'static str,
    unit: &'static str,
    /// Differences up to this say nothing, in the row's unit.
    noise: f64,
    of: fn(&Summary) -> Option<f64>,
}

/// The table's rows, in order.
const ROWS: &[Row] = &[
    Row { name: "makespan", unit: "ms", noise: 10.0, of: |it| Some(it.elapsed_ms) },
    Row { name: "pulse late, 99%", unit: "ms", noise: 2.0, of: |it| Some(it.pulse.late_p99_ms) },
    Row { name: "pulse late, worst", unit: "ms", noise: 5.0, of: |it| Some(it.pulse.late_max_ms) },
    Row { name: "ready, 99%", unit: "ms", noise: 2.0, of: |it| Some(it.ready.p99_ms) },
    Row { name: "ready, worst", unit: "ms", noise: 5.0, of: |it| Some(it.ready.max_ms) },
    Row { name: "blocked", unit: "ms", noise: 10.0, of: |it| it.polls.blocked() },
    Row { name: "hogged", unit: "ms", noise: 10.0, of: |it| it.polls.hogged() },
    Row { name: "threads used", unit: "", noise: 0.0, of: |it| Some(threads_used(it) as f64) },
    Row { name: "switches", unit: "", noise: 10.0, of: switches },
    Row { name: "CPU time", unit: "ms", noise: 10.0, of: |it| it.process.cpu_ms },
    Row { name: "memory, most", unit: "MiB", noise: 1.0, of: memory },
];

/// What share of the least a difference must be to say something.
const NOISE: f64 = 0.05;

/// The observed threads: not the server's, and not Pollscope's own.
fn observed(report: &Summary) -> impl Iterator<Item = &ThreadLine> {
    report.threads.iter().filter(|it| !matches!(it.kind, ThreadKind::Server | ThreadKind::Observer))
}

/// Observed threads that polled or did a job.
fn threads_used(report: &Summary) -> usize {
    observed(report).filter(|it| it.polling_ms + it.job_ms > 0.0).count()
}

/// The switches of all observed threads that the operating system was asked about; none where it was
/// asked about none.
fn switches(report: &Summary) -> Option<f64> {
    let each = observed(report).filter_map(|it| Some(it.switches_voluntary? + it.switches_involuntary?));
    each.reduce(|sum, more| sum + more).map(|sum| sum as f64)
}

/// The most resident memory of the whole process, which earlier runs have shared.
fn memory(report: &Summary) -> Option<f64> {
    report.process.rss_peak_bytes.map(|bytes| bytes as f64 / f64::from(1 << 20))
}

impl Comparison {
    /// The runs side by side.
    pub fn of(runs: Vec<Run>, refused: Vec<Refusal>) -> Self {
        let labels = labels(&runs);
        let longest = runs.iter().map(|run| run.report.elapsed_ms).fold(0.0, f64::max);
        let lanes = runs.iter().map(|run| RunLanes::of(&run.lanes, run.report.elapsed_ms / longest)).collect();
        let runs: Vec<_> = runs.into_iter().map(|run| run.report).collect();
        let table = ROWS.iter().map(|row| row.figure(&runs)).collect();
        let takeaway = takeaway::takeaway(&labels, &runs);
        Self { schema: SCHEMA, labels, runs, refused, table, lanes, takeaway }
    }
}

impl Row {
    fn figure(&self, runs: &[Summary]) -> Figure {
        let values: Vec<_> = runs.iter().map(self.of).collect();
        let measured = || values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
        let least = measured().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = measured().max_by(|a, b| a.1.total_cmp(&b.1));
        let ends = least.zip(most).filter(|(least, most)| most.1 - least.1 > self.noise.max(least.1 * NOISE));
        let (best, worst) = ends.map(|(least, most)| (least.0, most.0)).unzip();
        Figure { name: self.name, unit: self.unit, values, best, worst }
    }
}

/// What tells each run from the others: the settings that are not the same in all.
fn labels(runs: &[Run]) -> Vec<String> {
    let parts: [fn(&Settings) -> String; 4] = [
        |it| it.wait.to_string(),
        |it| format!("compute {}", it.compute),
        |it| format!("workers {}", it.workers),
        |it| it.flavor.to_string(),
    ];
    let differs =
        |part: &fn(&Settings) -> String| runs.windows(2).any(|two| part(&two[0].settings) != part(&two[1].settings));
    let telling: Vec<_> = parts.iter().filter(|part| differs(part)).collect();
    let telling = if telling.is_empty() { vec![&parts[0]] } else { telling };
    let label = |run: &Run| telling.iter().map(|part| part(&run.settings)).collect::<Vec<_>>().join(", ");
    runs.iter().map(label).collect()
}

/// Writes the comparison for programs: one object, schema 1.
///
/// # Errors
///
/// Those of the writer.
pub fn json(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    pollscope_core::report::json::write(comparison, out)
}

/// Writes the comparison for people.
///
/// # Errors
///
/// Those of the writer.
pub fn text(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    out.write_all(text::render(comparison).as_bytes())
}

#[cfg(test)]
mod tests;
