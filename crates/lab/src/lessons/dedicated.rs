//! An operation that runs for ever needs a thread of its own: a thread of a pool that it runs on is lost to the pool.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, bounded};
use pollscope_core::trace::event::ThreadKind;
use rayon::prelude::*;

use super::{
    compute::{hash, numbers_for},
    measure::{jobs_of, seconds},
    stage::{Halt, Part, Stage},
};
use crate::{lab::Bench, settings::Settings};

/// How long the sum takes on one thread, roughly.
const WORK: Duration = Duration::from_millis(400);
/// Parts of the sum.
const PARTS: usize = 64;
/// A job that could begin would have begun long before.
const PATIENCE: Duration = Duration::from_millis(500);
/// What does begin is waited for that long, on a machine as busy as may be.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

// ANCHOR: code
fn watch_for_ever(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(10));
    }
}

fn watch_on_its_own_thread(lab: &Bench, stop: Arc<AtomicBool>) -> std::io::Result<()> {
    lab.spawn_thread("watcher", move || watch_for_ever(&stop))?;
    Ok(())
}

fn watch_on_rayon(lab: &Bench, stop: Arc<AtomicBool>) {
    lab.spawn_rayon("watcher", move || watch_for_ever(&stop));
}

/// A sum in parts; says which of Rayon's threads worked on it.
fn sum(lab: &Bench, numbers: &[u64]) -> (u64, Vec<usize>) {
    let part = |part: &[u64]| lab.split("part", || (part.iter().map(|it| hash(*it)).sum::<u64>(), thread_index()));
    let parts = numbers.par_chunks(numbers.len().div_ceil(PARTS)).map(part);
    let (sums, threads): (Vec<u64>, Vec<usize>) = parts.unzip();
    (sums.into_iter().sum(), threads)
}
// ANCHOR_END: code

fn thread_index() -> usize {
    rayon::current_thread_index().unwrap_or(usize::MAX)
}

/// Stops the watchers when the part is over, also when the lesson is left.
struct Watchers(Arc<AtomicBool>);

impl Watchers {
    fn none_yet() -> Self {
        Self(Arc::default())
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let threads = Settings::default().rayon_threads.clamp(2, 4);
    let settings = Settings { workers: 1, rayon_threads: threads, ..Settings::default() };
    let numbers = numbers_for(WORK);
    own_thread(stage, &settings, &numbers)?;
    one_of_the_pool(stage, &settings, &numbers)?;
    all_of_the_pool(stage, &settings)
}

fn own_thread(stage: &Stage, settings: &Settings, numbers: &[u64]) -> Result<(), Halt> {
    stage.part("the watcher is a std thread");
    let part = stage.lab(settings)?;
    let (lab, watchers) = (part.bench(), Watchers::none_yet());
    watch_on_its_own_thread(lab, Arc::clone(&watchers.0))?;
    let worked = threads_of(lab, numbers);
    stage.expect(
        "with the watcher on a thread of its own, all of Rayon's threads work",
        worked == usize::from(settings.rayon_threads),
        format!("{worked} of {} threads worked on the sum", settings.rayon_threads),
    );
    Ok(())
}

fn one_of_the_pool(stage: &Stage, settings: &Settings, numbers: &[u64]) -> Result<(), Halt> {
    stage.part("the watcher is a job of Rayon's");
    let part = stage.lab(settings)?;
    let (lab, watchers) = (part.bench(), Watchers::none_yet());
    watch_on_rayon(lab, Arc::clone(&watchers.0));
    // It is a job in line until a thread has taken it: the sum must not come before it.
    let watching = wait_for_watchers(&part, 1)?;
    let worked = threads_of(lab, numbers);
    stage.expect(
        "with the watcher inside Rayon, the pool has lost a thread",
        watching == 1 && worked + 1 == usize::from(settings.rayon_threads),
        format!("{worked} of {} threads worked on the sum", settings.rayon_threads),
    );
    Ok(())
}

fn all_of_the_pool(stage: &Stage, settings: &Settings) -> Result<(), Halt> {
    stage.part("as many watchers as Rayon has threads");
    let part = stage.lab(settings)?;
    let (lab, watchers) = (part.bench(), Watchers::none_yet());
    for _ in 0..settings.rayon_threads {
        watch_on_rayon(lab, Arc::clone(&watchers.0));
    }
    let watching = wait_for_watchers(&part, usize::from(settings.rayon_threads))?;
    let began = one_more_job(lab);
    let meanwhile = began.recv_timeout(PATIENCE).is_ok();
    drop(watchers);
    let afterwards = began.recv_timeout(LONG_PATIENCE).is_ok();
    stage.expect(
        "with a watcher on each of its threads, the pool does nothing more",
        !meanwhile && watching == usize::from(settings.rayon_threads),
        format!(
            "{watching} watchers; {} after {}",
            if meanwhile { "a job began" } else { "no job began" },
            seconds(PATIENCE)
        ),
    );
    stage.expect(
        "when the watchers are stopped, it begins",
        !meanwhile && afterwards,
        if afterwards { "it began then" } else { "it did not begin then either" },
    );
    Ok(())
}

fn one_more_job(lab: &Bench) -> Receiver<()> {
    let (begins, began) = bounded(1);
    lab.spawn_rayon("one more", move || {
        // Nobody listens any more where the lesson was left.
        let _ = begins.send(());
    });
    began
}

/// How many threads of the pool worked on a sum.
fn threads_of(lab: &Bench, numbers: &[u64]) -> usize {
    let (_, mut threads) = lab.rayon.install(|| sum(lab, numbers));
    threads.sort_unstable();
    threads.dedup();
    threads.len()
}

/// Waits until so many of the pool's threads are in a job, and says how many are.
fn wait_for_watchers(part: &Part<'_>, count: usize) -> Result<usize, Halt> {
    let mut watching = 0;
    for _ in 0..1000 {
        watching = jobs_of(&part.summary()?, ThreadKind::Rayon).len();
        if watching >= count {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(watching)
}
