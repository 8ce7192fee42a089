//! What a probed poll costs, beside tokio-metrics on the same loop in the same run.
//!
//! `cargo bench --bench probes`. Each figure is the median of paired rounds: bare, probed, and monitored
//! loops take turns, so that a machine's noise hits all of them. Prints nanoseconds a poll, what each way
//! adds, and the ratio.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::{
    hint::black_box,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use pollscope::{
    probe::{Hooks, Probes},
    scope::{HISTORY, Scope},
};
use tokio::runtime::{Builder, Runtime};

/// Polls of each task in a round.
const POLLS: u32 = 400_000;
/// Rounds, of which the median counts.
const ROUNDS: usize = 21;

/// Yields `left` times: by its own waker, or by being polled again by a loop that needs none.
struct Yields {
    left: u32,
    wakes: bool,
}

impl Future for Yields {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        if self.wakes {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// A future that polls another over and over inside one task: polls without wakes.
async fn polled_in_a_loop(future: impl Future<Output = ()>) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        while black_box(future.as_mut().poll(cx)).is_pending() {}
        Poll::Ready(())
    })
    .await;
}

fn runtime(workers: usize, probes: Option<&Probes>) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(workers).enable_all();
    if let Some(probes) = probes {
        probes.instrument_tokio(&mut builder, Hooks::new().of_lab(1));
    }
    builder.build().unwrap()
}

/// Nanoseconds a poll of one task on each worker.
fn round<F: Future<Output = ()> + Send + 'static>(runtime: &Runtime, workers: usize, task: impl Fn() -> F) -> f64 {
    let start = Instant::now();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..workers).map(|_| tokio::spawn(task())).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    start.elapsed().as_nanos() as f64 / f64::from(POLLS)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn compare(workers: usize, wakes: bool) {
    let scope = Scope::start(HISTORY).unwrap();
    let probes = scope.probes().clone();
    let (bare_runtime, probed_runtime) = (runtime(workers, None), runtime(workers, Some(&probes)));
    let yields = move || Yields { left: POLLS, wakes };
    let (mut bare, mut ours_runs, mut theirs_runs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        if wakes {
            bare.push(round(&bare_runtime, workers, yields));
            ours_runs.push(round(&probed_runtime, workers, || probes.task("yields", yields())));
            let monitor = tokio_metrics::TaskMonitor::new();
            theirs_runs.push(round(&bare_runtime, workers, || monitor.instrument(yields())));
        } else {
            bare.push(round(&bare_runtime, workers, || polled_in_a_loop(yields())));
            ours_runs.push(round(&probed_runtime, workers, || polled_in_a_loop(probes.task("yields", yields()))));
            let monitor = tokio_metrics::TaskMonitor::new();
            theirs_runs.push(round(&bare_runtime, workers, || polled_in_a_loop(monitor.instrument(yields()))));
        }
    }
    let added = |with: &[f64]| median(with.iter().zip(&bare).map(|(with, bare)| with - bare).collect());
    let (ours, theirs) = (added(&ours_runs), added(&theirs_runs));
    let lost = scope.summary().map_or(0, |summary| summary.events.lost);
    println!(
        "{workers} worker{}, {}: bare {:.0} ns a poll; pollscope adds {ours:.0} ns, TaskMonitor {theirs:.0} ns ({:.2} of it); lost {lost}",
        if workers == 1 { " " } else { "s" },
        if wakes { "wakes recorded" } else { "polls only    " },
        median(bare.clone()),
        ours / theirs,
    );
}

/// Polls that each take some work, without a wake: what a busy runtime's polls are at their shortest.
async fn works(polls: u32) {
    for _ in 0..polls {
        for step in 0..120 {
            black_box(step);
        }
        let mut polled = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
}

/// Polls on two workers for five seconds, with nothing but the scope beside them.
fn sustained(wakes: bool) {
    let scope = Scope::start(HISTORY).unwrap();
    let probes = scope.probes().clone();
    let runtime = runtime(2, Some(&probes));
    let start = Instant::now();
    let mut polls = 0;
    while start.elapsed().as_secs() < 5 {
        if wakes {
            round(&runtime, 2, || probes.task("yields", Yields { left: POLLS, wakes }));
        } else {
            round(&runtime, 2, || polled_in_a_loop(probes.task("works", works(POLLS))));
        }
        polls += 2 * u64::from(POLLS);
    }
    let rate = polls as f64 / start.elapsed().as_secs_f64() / 1e6;
    let events = scope.summary().unwrap().events;
    println!(
        "sustained for 5 s, 2 workers, {}: {rate:.1} million polls a second, {} records, {} lost ({:.2}%)",
        if wakes { "a wake each" } else { "no wakes" },
        events.emitted,
        events.lost,
        events.lost as f64 * 100.0 / (events.emitted + events.lost) as f64
    );
}

fn main() {
    println!("probe_cost() as the header shows it: {:.0} ns", pollscope::probe::poll_cost());
    for workers in [1, 2] {
        compare(workers, false);
        compare(workers, true);
    }
    sustained(false);
    sustained(true);
}
