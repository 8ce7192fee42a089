//! What a poll costs a bare program when it is watched: by Pollscope, by Pollscope's one line and its layer for
//! `tracing`, by tokio-metrics, by console-subscriber; and what a probe costs while nobody watches.
//!
//! `cd benches/against-console && cargo run --release`. The loop is the same for all: on each worker a task that only
//! wakes itself and yields. A console's layer is one for the whole process, so each way of watching is a process of its
//! own; the ways take turns, round after round, and what a way adds is compared with the bare program of the same
//! round. All are one binary: Tokio with its own `tracing`, which costs little while nobody subscribes, also the bare
//! program. Prints nanoseconds a poll, what each way adds (median of the rounds), how many of its records were lost, and
//! the ratios that are promised. To lose a record costs all but one store; where a tenth is lost the machine has no core
//! for the collector.

use std::{
    env,
    pin::Pin,
    process::Command,
    task::{Context, Poll},
    time::Instant,
};

use pollscope::{Scope, tracing::SpanLayer};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::{filter::filter_fn, prelude::*};

/// Polls of each task in a run.
const POLLS: u32 = 400_000;
/// Runs of a process, of which the median counts; the first is to warm up.
const RUNS: usize = 6;
/// Rounds, of which the median counts.
const ROUNDS: usize = 11;

/// Nanoseconds a poll, and the share of records that were lost.
type Measured = (f64, f64);

/// A way of watching, with so many workers.
struct Way {
    name: &'static str,
    run: fn(usize) -> Measured,
}

const WAYS: &[Way] = &[
    Way { name: "bare", run: bare },
    Way { name: "inactive", run: inactive },
    Way { name: "pollscope", run: probed },
    Way { name: "hooks", run: hooks },
    Way { name: "init", run: init },
    Way { name: "layer", run: layer },
    Way { name: "tokio-metrics", run: monitored },
    Way { name: "console-subscriber", run: console },
];

/// Yields `left` times, each time woken by itself.
struct Yields {
    left: u32,
}

impl Future for Yields {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn yields() -> Yields {
    Yields { left: POLLS }
}

fn builder(workers: usize) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(workers).enable_all();
    builder
}

/// The median of runs of a task on each worker.
fn polled<F: Future<Output = ()> + Send + 'static>(runtime: &Runtime, workers: usize, task: impl Fn() -> F) -> f64 {
    let run = |_| {
        let start = Instant::now();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..workers).map(|_| tokio::spawn(task())).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        start.elapsed().as_nanos() as f64 / f64::from(POLLS)
    };
    median((0..RUNS).map(run).skip(1).collect())
}

fn bare(workers: usize) -> Measured {
    (polled(&builder(workers).build().unwrap(), workers, yields), 0.0)
}

fn probed(workers: usize) -> Measured {
    let scope = Scope::new().unwrap();
    // Not built by the scope, which would have Tokio tell of every task besides: see `hooks`.
    let runtime = builder(workers).build().unwrap();
    let figure = polled(&runtime, workers, || scope.probes().task("yields", yields()));
    (figure, lost(&scope, workers))
}

/// The scope's own runtime, which tells of every task under `tokio_unstable`.
fn hooks(workers: usize) -> Measured {
    let scope = Scope::new().unwrap();
    let figure = polled(&scope.runtime(&mut builder(workers)).unwrap(), workers, yields);
    (figure, lost(&scope, workers))
}

/// A probe where there is no scope.
fn inactive(workers: usize) -> Measured {
    (polled(&builder(workers).build().unwrap(), workers, || pollscope::task("yields", yields())), 0.0)
}

/// The program as it is, with one line: Tokio's own spans.
fn init(workers: usize) -> Measured {
    let scope = pollscope::tracing::try_init().unwrap();
    let (figure, _) = bare(workers);
    (figure, lost(scope, workers))
}

/// The same by a layer, beside others that a program may have.
fn layer(workers: usize) -> Measured {
    let scope = Scope::new().unwrap();
    scope.install();
    tracing_subscriber::registry().with(SpanLayer::new()).with(filter_fn(SpanLayer::wants)).init();
    let (figure, _) = bare(workers);
    (figure, lost(&scope, workers))
}

/// All polls were seen, or counted as lost. Gives the share of the latter.
fn lost(scope: &Scope, workers: usize) -> f64 {
    let summary = scope.summary().unwrap();
    let polls = u64::from(POLLS) * (workers * RUNS) as u64;
    assert!(summary.polls.count + summary.events.lost >= polls, "{} of {polls}", summary.polls.count);
    summary.events.lost as f64 / (summary.events.emitted + summary.events.lost) as f64
}

fn monitored(workers: usize) -> Measured {
    let monitor = tokio_metrics::TaskMonitor::new();
    (polled(&builder(workers).build().unwrap(), workers, || monitor.instrument(yields())), 0.0)
}

fn console(workers: usize) -> Measured {
    let layer = console_subscriber::ConsoleLayer::builder().server_addr(([127, 0, 0, 1], 0)).spawn();
    tracing_subscriber::registry().with(layer).init();
    bare(workers)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What a way gives, in a process of its own.
fn in_a_process(way: &Way, workers: usize) -> Measured {
    let output = Command::new(env::current_exe().unwrap()).args([way.name, &workers.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}: {}", way.name, String::from_utf8_lossy(&output.stderr));
    let words = String::from_utf8(output.stdout).unwrap();
    let (figure, lost) = words.trim().split_once(' ').unwrap();
    (figure.parse().unwrap(), lost.parse().unwrap())
}

fn compare(workers: usize) {
    let rounds: Vec<Vec<Measured>> =
        (0..ROUNDS).map(|_| WAYS.iter().map(|way| in_a_process(way, workers)).collect()).collect();
    let over_rounds = |of: &dyn Fn(&[Measured]) -> f64| median(rounds.iter().map(|round| of(round)).collect());
    let added = |way: usize| over_rounds(&|round| round[way].0 - round[0].0);
    println!("{workers} worker(s): bare {:.0} ns a poll", over_rounds(&|round| round[0].0));
    for (number, way) in WAYS.iter().enumerate().skip(1) {
        let lost = over_rounds(&|round| round[number].1);
        println!("  {:<20} adds {:>5.0} ns; {:.1}% lost", way.name, added(number), lost * 100.0);
    }
    let place = |name| WAYS.iter().position(|way| way.name == name).unwrap();
    let pairs = [
        ("pollscope", "tokio-metrics"),
        ("pollscope", "console-subscriber"),
        ("init", "console-subscriber"),
        ("layer", "console-subscriber"),
    ];
    for (ours, theirs) in pairs {
        println!("  {ours} is {:.2} of {theirs}", added(place(ours)) / added(place(theirs)));
    }
}

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    match &words[..] {
        [name, workers] => {
            let way = WAYS.iter().find(|way| way.name == *name).expect("a way of the table");
            let (figure, lost) = (way.run)(workers.parse().unwrap());
            println!("{figure} {lost}");
        }
        [workers] => compare(workers.parse().unwrap()),
        _ => [1, 2].into_iter().for_each(compare),
    }
}
