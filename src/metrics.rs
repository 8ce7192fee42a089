//! The scope's counters, gauges and histograms for a fleet's tools, through the `metrics` facade.
//!
//! It stands behind the feature `metrics`. A thread of its own asks the scope at intervals and feeds whichever recorder
//! the program has installed: Prometheus, `StatsD`, OpenTelemetry. It knows no lab, no screen and no exporter, and costs the
//! observed threads nothing. What there is stands in one table, [`METRICS`], and in `docs/metrics.md`.

mod table;

use std::{io, thread::JoinHandle, time::Duration};

use crossbeam_channel::{RecvTimeoutError, Sender};
use metrics::{Key, Label, Level, Metadata, Recorder, with_recorder};
use pollscope_core::{
    model::meters::{Meters, Spread},
    trace::clock::{Nanos, SECOND},
};
use rustc_hash::FxHashMap;

pub use self::table::{METRICS, Metric, Read, Series};
use crate::scope::{Link, Scope};

/// Between two exports, at least: each has the collector read all totals.
///
/// ```
/// use pollscope::metrics::{SHORTEST, export};
///
/// # let scope = pollscope::Scope::new()?;
/// let exporter = export(&scope, SHORTEST)?; // as often as it goes
/// drop(exporter);
/// # Ok::<(), std::io::Error>(())
/// ```
pub const SHORTEST: Duration = Duration::from_millis(100);

/// Feeds the installed recorder from now on, every `every` (at least [`SHORTEST`]), until the exporter is dropped or the
/// scope is gone. Install the recorder first: what is told before there is one is lost.
///
/// ```no_run
/// use std::time::Duration;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// metrics_exporter_prometheus::PrometheusBuilder::new().with_http_listener(([127, 0, 0, 1], 9000)).install()?;
/// let scope = pollscope::scope::Scope::start(pollscope::scope::HISTORY)?;
/// let exporter = pollscope::metrics::export(&scope, Duration::from_secs(1))?;
/// // … the program …
/// drop(exporter);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When the system refuses a thread.
pub fn export(scope: &Scope, every: Duration) -> io::Result<Exporter> {
    let (stop, stopped) = crossbeam_channel::bounded::<()>(0);
    let link = scope.link();
    let every = every.max(SHORTEST);
    // From here on it is counted how long polls take, whenever the thread begins.
    link.meters();
    let run = move || {
        link.probes().register_observer("scope-metrics");
        let mut teller = Teller::default();
        while tell_now(&link, &mut teller) && stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {}
        // What came since the last time is told too.
        tell_now(&link, &mut teller);
    };
    let thread = std::thread::Builder::new().name("scope-metrics".into()).spawn(run)?;
    Ok(Exporter { stop: Some(stop), thread: Some(thread) })
}

/// Says whether there is a scope to ask.
fn tell_now(link: &Link, teller: &mut Teller) -> bool {
    link.meters().inspect(|meters| with_recorder(|recorder| teller.tell(recorder, meters))).is_some()
}

/// A thread that feeds the recorder. Dropping it tells what came since the last time, and ends it.
///
/// ```
/// let recorder = metrics_util::debugging::DebuggingRecorder::new();
/// let told = recorder.snapshotter();
/// recorder.install()?;
/// # let scope = pollscope::Scope::new()?;
/// let exporter = pollscope::metrics::export(&scope, std::time::Duration::from_secs(60))?;
/// drop(exporter); // the minute is not waited for
/// assert!(!told.snapshot().into_vec().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Exporter {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Tells a recorder what meters say. It remembers which times of each histogram it has told: each is recorded once.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// let recorder = metrics_util::debugging::DebuggingRecorder::new();
/// let mut teller = pollscope::metrics::Teller::default();
/// teller.tell(&recorder, &scope.link().meters().unwrap());
/// assert!(!recorder.snapshotter().snapshot().into_vec().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Teller {
    described: bool,
    told: FxHashMap<(&'static str, Nanos), u64>,
}

impl Teller {
    /// Tells all metrics; with the first, what they are.
    pub fn tell(&mut self, recorder: &dyn Recorder, meters: &Meters) {
        if !std::mem::replace(&mut self.described, true) {
            for metric in METRICS {
                describe(recorder, metric);
            }
        }
        for metric in METRICS {
            match metric.read {
                Read::Counter(read) => {
                    for (labels, value) in read(meters) {
                        recorder.register_counter(&key(metric, labels), &METADATA).absolute(value);
                    }
                }
                Read::Gauge(read) => {
                    for (labels, value) in read(meters) {
                        recorder.register_gauge(&key(metric, labels), &METADATA).set(value);
                    }
                }
                Read::Histogram(read) => self.tell_spread(recorder, metric, read(meters)),
            }
        }
    }

    /// Records what came since the last time, bucket by bucket. A recorder that keeps samples apart takes as many as
    /// there are.
    fn tell_spread(&mut self, recorder: &dyn Recorder, metric: &Metric, spread: &Spread) {
        let histogram = recorder.register_histogram(&key(metric, Vec::new()), &METADATA);
        for (time, count) in spread {
            let told = self.told.entry((metric.name, *time)).or_default();
            let news = count.saturating_sub(*told);
            *told = *count;
            if news > 0 {
                histogram.record_many(seconds(*time), usize::try_from(news).unwrap_or(usize::MAX));
            }
        }
    }
}

const METADATA: Metadata<'static> = Metadata::new("pollscope", Level::INFO, Some(module_path!()));

fn describe(recorder: &dyn Recorder, metric: &Metric) {
    let (name, unit, about) = (metric.name.into(), Some(metric.unit), metric.about.into());
    match metric.read {
        Read::Counter(_) => recorder.describe_counter(name, unit, about),
        Read::Gauge(_) => recorder.describe_gauge(name, unit, about),
        Read::Histogram(_) => recorder.describe_histogram(name, unit, about),
    }
}

fn key(metric: &Metric, values: Vec<String>) -> Key {
    let labels = metric.labels.iter().zip(values).map(|(name, value)| Label::new(*name, value));
    Key::from_parts(metric.name, labels.collect::<Vec<_>>())
}

fn seconds(time: Nanos) -> f64 {
    time as f64 / SECOND as f64
}
