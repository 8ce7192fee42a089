//! What recording costs: the observed threads, and a whole run.
//!
//! `cargo bench --bench recording`. Rounds with and without a recording take turns, so that a machine's noise hits
//! both; each figure is the median of the pairs, with the middle half of them beside it.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::{
    fs::{self, File},
    path::PathBuf,
    pin::Pin,
    process::Command,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use pollscope::{
    probe::{Hooks, Probes},
    scope::{HISTORY, Scope},
};
use tokio::runtime::{Builder, Runtime};

/// Polls of a round, and between two of them so long that a file keeps up: a busy runtime's 100,000 a second.
const POLLS: u32 = 20_000;
const APART: Duration = Duration::from_micros(10);
const ROUNDS: usize = 31;
const REPORTS: usize = 15;

/// Yields so many times, and works a little in each poll.
struct Works(u32);

impl Future for Works {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        let start = Instant::now();
        while start.elapsed() < APART {
            std::hint::spin_loop();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn runtime(probes: &Probes) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all();
    probes.instrument_tokio(&mut builder, Hooks::new().of_lab(1));
    builder.build().unwrap()
}

/// Nanoseconds a poll, beyond its work.
fn round(runtime: &Runtime, probes: &Probes) -> f64 {
    let start = Instant::now();
    runtime.block_on(async { tokio::spawn(probes.task("works", Works(POLLS))).await.unwrap() });
    (start.elapsed().as_nanos() as f64 - POLLS as f64 * APART.as_nanos() as f64) / f64::from(POLLS)
}

/// The median, and the middle half.
fn middle(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |part: f64| figures[((figures.len() - 1) as f64 * part) as usize];
    (at(0.5), at(0.25), at(0.75))
}

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

fn polls() {
    let (plain, recorded) = (Scope::start(HISTORY).unwrap(), Scope::start(HISTORY).unwrap());
    let path = file("bench-polls.pollscope");
    recorded.record(File::create(&path).unwrap()).unwrap();
    let (plain, recorded) = ((runtime(plain.probes()), plain), (runtime(recorded.probes()), recorded));
    let (mut without, mut added) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let before = round(&plain.0, plain.1.probes());
        added.push(round(&recorded.0, recorded.1.probes()) - before);
        without.push(before);
    }
    let (median, low, high) = middle(added);
    let (_, summary) = recorded.1.conclude().unwrap();
    println!(
        "a poll with its wake: {:.0} ns without a recording, {median:+.1} ns with one (middle half {low:+.1} to {high:+.1}); lost {}",
        middle(without).0,
        summary.events.lost
    );
    fs::remove_file(path).unwrap();
}

/// CPU milliseconds of the whole process, as its own report says.
fn report(record: Option<&PathBuf>) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.args(["report", "--format", "json", "--pause", "100ms"]);
    if let Some(path) = record {
        let _ = fs::remove_file(path);
        command.arg("--record").arg(path);
    }
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    report["process"]["cpu_ms"].as_f64().unwrap()
}

fn reports() {
    let path = file("bench-report.pollscope");
    report(None);
    let ratios = (0..REPORTS).map(|_| {
        let without = report(None);
        report(Some(&path)) / without
    });
    let (median, low, high) = middle(ratios.collect());
    println!(
        "CPU of a whole report, with a recording to without: {median:.3} (middle half {low:.3} to {high:.3}); {} kB",
        fs::metadata(&path).unwrap().len() / 1000
    );
    fs::remove_file(path).unwrap();
}

fn main() {
    polls();
    reports();
}
