//! Rayon's parallel iterators: halves of halves, which threads without work steal.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use pollscope_core::trace::record::ThreadId;
use rayon::prelude::*;

use super::{
    compute::{hash, numbers_for},
    measure::{ratio, seconds},
    stage::{Halt, Stage},
};
use crate::{lab::Bench, lessons::LessonEvent, settings::Settings};

/// How long the sum takes on one thread, roughly.
const WORK: Duration = Duration::from_millis(300);
/// Parts of the sum that is split by hand: halves of halves, eight times.
const PARTS: u32 = 256;
/// A sum is timed so often; the shortest time counts.
const TIMES: u32 = 3;

// ANCHOR: code
fn sum(numbers: &[u64]) -> u64 {
    numbers.par_iter().map(|number| hash(*number)).sum()
}

/// What `par_iter` does inside, by hand.
fn sum_by_halves(lab: &Bench, numbers: &[u64], seen: &Seen) -> u64 {
    if numbers.len() <= seen.small {
        seen.part();
        return lab.split("part", || numbers.iter().map(|number| hash(*number)).sum());
    }
    let (left, right) = numbers.split_at(numbers.len().div_ceil(2));
    let splitter = lab.probes.lane();
    let half = |numbers: &[u64], migrated: bool| {
        if migrated {
            // Another thread took this half than the one that split it.
            seen.stolen_from(splitter, lab);
        }
        sum_by_halves(lab, numbers, seen)
    };
    let (left, right) =
        rayon::join_context(|context| half(left, context.migrated()), |context| half(right, context.migrated()));
    left + right
}
// ANCHOR_END: code

/// How a sum is to be split, and how it was.
#[derive(Debug)]
struct Seen {
    /// A slice of that length is not split any more.
    small: usize,
    /// Parts that each thread summed up.
    parts: Vec<AtomicU32>,
    steals: AtomicU32,
}

impl Seen {
    fn stolen_from(&self, splitter: Option<ThreadId>, lab: &Bench) {
        self.steals.fetch_add(1, Ordering::Relaxed);
        if let (Some(from), Some(to)) = (splitter, lab.probes.lane()) {
            lab.probes.emit(LessonEvent::Stole { from, to }.into());
        }
    }

    fn part(&self) {
        let thread = rayon::current_thread_index().and_then(|thread| self.parts.get(thread));
        thread.map(|parts| parts.fetch_add(1, Ordering::Relaxed));
    }
}

/// The sum on a pool of so many threads.
struct Measured {
    threads: u16,
    /// The shortest time of `par_iter`.
    took: Duration,
    sums: (u64, u64),
    parts: u32,
    steals: u32,
    /// Parts of the thread that had most of them.
    busiest: u32,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let cores = Settings::default().rayon_threads;
    let numbers = numbers_for(WORK);
    let measured = thread_counts(cores)
        .into_iter()
        .map(|threads| measure(stage, threads, &numbers))
        .collect::<Result<Vec<_>, _>>()?;
    let (Some(one), Some(most)) = (measured.first(), measured.last()) else { return Ok(()) };
    expect_splits(stage, one, most);
    expect_shared(stage, one, most);
    let speed = |it: &Measured| (f64::from(it.threads), ratio(one.took, it.took));
    stage.curve("speed-up", "Rayon threads", measured.iter().map(speed).collect());
    Ok(())
}

/// One, two, four, up to all cores; two even where there is one core, to see steals.
fn thread_counts(cores: u16) -> Vec<u16> {
    let most = cores.max(2);
    let mut counts: Vec<_> =
        std::iter::successors(Some(1), |count| Some(count * 2)).take_while(|it| *it < most).collect();
    counts.push(most);
    counts
}

fn measure(stage: &Stage, threads: u16, numbers: &[u64]) -> Result<Measured, Halt> {
    stage.part(&format!("par_iter on a pool of {threads}"));
    let part = stage.lab(&Settings { workers: 1, rayon_threads: threads, ..Settings::default() })?;
    let lab = part.bench();
    let small = numbers.len().div_ceil(PARTS as usize);
    let parts = (0..threads).map(|_| AtomicU32::new(0)).collect();
    let seen = Seen { small, parts, steals: AtomicU32::new(0) };
    let by_halves = lab.rayon.install(|| sum_by_halves(lab, numbers, &seen));
    let mut fastest = (Duration::MAX, 0);
    for _ in 0..TIMES {
        let start = Instant::now();
        let sum = lab.rayon.install(|| lab.split("par_iter", || sum(numbers)));
        fastest = fastest.min((start.elapsed(), sum));
    }
    let (took, sum) = fastest;
    let each: Vec<u32> = seen.parts.into_iter().map(AtomicU32::into_inner).collect();
    let (parts, busiest) = (each.iter().sum(), each.into_iter().max().unwrap_or(0));
    Ok(Measured { threads, took, sums: (by_halves, sum), parts, steals: seen.steals.into_inner(), busiest })
}

fn expect_splits(stage: &Stage, one: &Measured, most: &Measured) {
    let (threads, parts, steals) = (most.threads, most.parts, most.steals);
    stage.expect(
        "the sum is split into the same parts, and is the same, on any number of threads",
        one.parts == PARTS && parts == PARTS && one.sums == most.sums && one.sums.0 == one.sums.1,
        format!("{} parts on 1 thread, {parts} on {threads}; the sum is {}", one.parts, most.sums.0),
    );
    stage.expect(
        "a pool of one thread steals nothing: there is nobody to steal from",
        one.steals == 0,
        format!("{} steals", one.steals),
    );
    stage.expect(
        "a thread without work steals, and far fewer times than there are parts: it takes the largest half",
        (1..PARTS / 2).contains(&steals),
        format!("{steals} steals for {parts} parts on {threads} threads"),
    );
}

fn expect_shared(stage: &Stage, one: &Measured, most: &Measured) {
    let faster = ratio(one.took, most.took);
    stage.expect(
        "the threads share the work; how much faster that is depends on the cores that are free",
        most.busiest < most.parts && one.busiest == one.parts,
        format!(
            "the busiest of {} threads did {} of {} parts; {} on 1 thread, {} on {}: {faster:.2} times as fast",
            most.threads,
            most.busiest,
            most.parts,
            seconds(one.took),
            seconds(most.took),
            most.threads
        ),
    );
}
