//! Recursive parallelism: `rayon::join` for the halves of a quicksort, against a Tokio task for each half.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    compute::hash,
    measure::millis,
    stage::{Halt, Part, Stage},
};
use crate::{lab::Bench, settings::Settings};

/// Numbers that are sorted.
const NUMBERS: u64 = 200_000;
/// So many or fewer are sorted in one piece.
const SMALL: usize = 64;
/// Each way is timed so often; the shortest time counts.
const TIMES: u32 = 5;

// ANCHOR: code
fn sort_by_join(numbers: &mut [u64], seen: &Seen) {
    if numbers.len() <= SMALL {
        return numbers.sort_unstable();
    }
    let (left, right) = partition(numbers);
    seen.halves.fetch_add(2, Ordering::Relaxed);
    rayon::join_context(
        |_| sort_by_join(left, seen),
        |context| {
            seen.stolen.fetch_add(u32::from(context.migrated()), Ordering::Relaxed);
            sort_by_join(right, seen);
        },
    );
}

fn sort_by_tasks(mut numbers: Vec<u64>, tasks: Arc<AtomicU32>) -> Sorted {
    Box::pin(async move {
        if numbers.len() <= SMALL {
            numbers.sort_unstable();
            return numbers;
        }
        // A task owns what it works on: the halves are copied.
        let (left, right) = partition(&mut numbers);
        tasks.fetch_add(2, Ordering::Relaxed);
        let left = tokio::spawn(sort_by_tasks(left.to_vec(), Arc::clone(&tasks)));
        let right = tokio::spawn(sort_by_tasks(right.to_vec(), tasks));
        [left.await.unwrap_or_default(), right.await.unwrap_or_default()].concat()
    })
}
// ANCHOR_END: code

/// A future of numbers in order, boxed: it has futures of its own kind inside.
type Sorted = Pin<Box<dyn Future<Output = Vec<u64>> + Send>>;

/// How the work was split.
#[derive(Debug, Default)]
struct Seen {
    halves: AtomicU32,
    stolen: AtomicU32,
}

/// What is not above some middle number, and the rest. Neither is empty.
fn partition(numbers: &mut [u64]) -> (&mut [u64], &mut [u64]) {
    let middle = numbers.len() / 2;
    numbers.select_nth_unstable(middle);
    numbers.split_at_mut(middle)
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let settings = Settings { rayon_threads: Settings::default().rayon_threads.max(2), ..Settings::default() };
    let unsorted: Vec<u64> = (0..NUMBERS).map(|number| hash(number) ^ (number << 8)).collect();
    let mut expected = unsorted.clone();
    expected.sort_unstable();
    let part = stage.lab(&settings)?;
    stage.part("rayon::join");
    let (sorted, joined, seen) = by_join(part.bench(), &unsorted);
    stage.expect(
        "rayon::join sorts in place: the halves are borrowed",
        sorted == expected,
        format!("{NUMBERS} numbers in {:.1} ms", millis(joined)),
    );
    let (halves, stolen) = (seen.halves.into_inner(), seen.stolen.into_inner());
    stage.expect(
        "most halves are never handed to another thread: a half is offered, and taken back if nobody steals it",
        halves > 100 && stolen < halves / 8,
        format!("{halves} halves, {stolen} stolen"),
    );
    stage.part("a Tokio task for each half");
    let (sorted, spawned, tasks) = by_tasks(&part, &unsorted)?;
    stage.expect(
        "a task for each half sorts too, with a task, an allocation and a copy for each",
        sorted == expected && tasks >= halves,
        format!("{tasks} tasks, in {:.1} ms", millis(spawned)),
    );
    stage.expect(
        "and pays for it",
        spawned > joined,
        format!("{:.1} ms with tasks, {:.1} ms with rayon::join", millis(spawned), millis(joined)),
    );
    Ok(())
}

fn by_join(lab: &Bench, unsorted: &[u64]) -> (Vec<u64>, Duration, Seen) {
    let (mut fastest, mut sorted, mut last) = (Duration::MAX, Vec::new(), Seen::default());
    for _ in 0..TIMES {
        let seen = Seen::default();
        sorted = unsorted.to_vec();
        let start = Instant::now();
        lab.rayon.install(|| lab.split("sort", || sort_by_join(&mut sorted, &seen)));
        fastest = fastest.min(start.elapsed());
        last = seen;
    }
    (sorted, fastest, last)
}

/// Also how many tasks one sort took.
fn by_tasks(part: &Part<'_>, unsorted: &[u64]) -> Result<(Vec<u64>, Duration, u32), Halt> {
    let (mut fastest, mut sorted, mut last) = (Duration::MAX, Vec::new(), 0);
    for _ in 0..TIMES {
        let tasks = Arc::new(AtomicU32::new(0));
        let start = Instant::now();
        sorted = part.run("sort", sort_by_tasks(unsorted.to_vec(), Arc::clone(&tasks)))?;
        fastest = fastest.min(start.elapsed());
        last = tasks.load(Ordering::Relaxed);
    }
    Ok((sorted, fastest, last))
}
