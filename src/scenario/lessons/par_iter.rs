//! Rayon's parallel iterators: halves of halves, which threads without work steal.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use rayon::prelude::*;

use super::{
    compute::{hash, numbers_for},
    measure::{jobs_of, ratio, seconds},
    stage::{Halt, Stage},
};
use crate::{
    lab::Bench,
    trace::{event::ThreadKind, settings::Settings},
};

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
        seen.parts.fetch_add(1, Ordering::Relaxed);
        return lab.split("part", || numbers.iter().map(|number| hash(*number)).sum());
    }
    let (left, right) = numbers.split_at(numbers.len().div_ceil(2));
    let half = |numbers: &[u64], migrated: bool| {
        // Another thread took this half than the one that split it.
        seen.steals.fetch_add(u32::from(migrated), Ordering::Relaxed);
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
    parts: AtomicU32,
    steals: AtomicU32,
}

/// The sum on a pool of so many threads.
struct Measured {
    threads: u16,
    /// The shortest time of `par_iter`.
    took: Duration,
    sums: (u64, u64),
    parts: u32,
    steals: u32,
    /// Threads that worked on the parts.
    worked: usize,
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
    expect_faster(stage, one, most, cores);
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
    let seen = Seen { small, parts: AtomicU32::new(0), steals: AtomicU32::new(0) };
    let by_halves = lab.rayon.install(|| sum_by_halves(lab, numbers, &seen));
    let worked = jobs_of(&part.summary()?, ThreadKind::Rayon).len();
    let mut fastest = (Duration::MAX, 0);
    for _ in 0..TIMES {
        let start = Instant::now();
        let sum = lab.rayon.install(|| lab.split("par_iter", || sum(numbers)));
        fastest = fastest.min((start.elapsed(), sum));
    }
    let (took, sum) = fastest;
    let (parts, steals) = (seen.parts.into_inner(), seen.steals.into_inner());
    Ok(Measured { threads, took, sums: (by_halves, sum), parts, steals, worked })
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
        one.steals == 0 && one.worked == 1,
        format!("{} steals", one.steals),
    );
    stage.expect(
        "a thread without work steals, and far fewer times than there are parts: it takes the largest half",
        (1..PARTS / 2).contains(&steals) && most.worked > 1,
        format!("{steals} steals for {parts} parts; {} of {threads} threads worked", most.worked),
    );
}

fn expect_faster(stage: &Stage, one: &Measured, most: &Measured, cores: u16) {
    let faster = ratio(one.took, most.took);
    let times = format!(
        "{} on 1 thread, {} on {}: {faster:.2} times as fast",
        seconds(one.took),
        seconds(most.took),
        most.threads
    );
    if cores == 1 {
        stage.expect("with one core, more threads gain nothing", faster < 1.5, times);
    } else {
        stage.expect(format!("{cores} cores are faster than one"), faster > 1.1, times);
    }
}
