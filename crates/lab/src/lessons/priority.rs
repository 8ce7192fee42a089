//! Priorities: two crossbeam queues and a biased select; what Tokio and Rayon offer instead.

use crate::settings::Settings;
use crossbeam_channel::{Receiver, select, select_biased, unbounded};

use super::stage::{Halt, Stage};

/// Jobs of each priority.
const JOBS: usize = 200;

// ANCHOR: code
fn next_by_priority(urgent: &Receiver<Job>, other: &Receiver<Job>) -> Option<Job> {
    select_biased! {
        recv(urgent) -> job => job.ok(),
        recv(other) -> job => job.ok(),
    }
}

fn next_of_any(urgent: &Receiver<Job>, other: &Receiver<Job>) -> Option<Job> {
    // Among those that are ready, one at random.
    select! {
        recv(urgent) -> job => job.ok(),
        recv(other) -> job => job.ok(),
    }
}

async fn next_in_tokio(urgent: &mut Queue, other: &mut Queue) -> Option<Job> {
    tokio::select! {
        biased;
        job = urgent.recv() => job,
        job = other.recv() => job,
    }
}
// ANCHOR_END: code

type Queue = tokio::sync::mpsc::UnboundedReceiver<Job>;

/// A job of a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Urgent,
    Other,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let part = stage.lab(&Settings { workers: 1, rayon_threads: 1, ..Settings::default() })?;
    stage.part("crossbeam: select_biased!");
    let by_priority = taken(next_by_priority);
    stage.expect(
        "select_biased! takes every urgent job first",
        overtaken(&by_priority) == 0 && by_priority.len() == 2 * JOBS,
        in_words(&by_priority),
    );
    stage.part("crossbeam: select!");
    let of_any = taken(next_of_any);
    stage.expect("select! takes one at random: urgent jobs wait for others", overtaken(&of_any) > 0, in_words(&of_any));
    stage.part("Tokio: select! with biased");
    let in_tokio = part.run("consumer", taken_in_tokio())?;
    stage.expect(
        "Tokio has no priorities of tasks; inside one task a biased select! does the same",
        overtaken(&in_tokio) == 0 && in_tokio.len() == 2 * JOBS,
        in_words(&in_tokio),
    );
    stage.part("Rayon: the order of jobs");
    let order = in_rayon(&part.bench().rayon);
    stage.expect(
        "Rayon has none either: spawn takes the newest first, spawn_fifo the oldest",
        order == [vec![3, 2, 1], vec![1, 2, 3]],
        format!("spawn: {:?}, spawn_fifo: {:?}", order[0], order[1]),
    );
    Ok(())
}

/// All jobs in the order in which they are taken.
fn taken(next: fn(&Receiver<Job>, &Receiver<Job>) -> Option<Job>) -> Vec<Job> {
    let (urgent, urgent_queue) = unbounded();
    let (other, other_queue) = unbounded();
    for _ in 0..JOBS {
        let _ = (other.send(Job::Other), urgent.send(Job::Urgent));
    }
    (0..2 * JOBS).filter_map(|_| next(&urgent_queue, &other_queue)).collect()
}

async fn taken_in_tokio() -> Vec<Job> {
    let (urgent, mut urgent_queue) = tokio::sync::mpsc::unbounded_channel();
    let (other, mut other_queue) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..JOBS {
        let _ = (other.send(Job::Other), urgent.send(Job::Urgent));
    }
    let mut jobs = Vec::new();
    while jobs.len() < 2 * JOBS
        && let Some(job) = next_in_tokio(&mut urgent_queue, &mut other_queue).await
    {
        jobs.push(job);
    }
    jobs
}

/// The order in which one thread runs what it has spawned: with `spawn`, with `spawn_fifo`.
fn in_rayon(pool: &rayon::ThreadPool) -> [Vec<u32>; 2] {
    let (ran, order) = unbounded();
    pool.scope(|scope| {
        for number in 1..=3 {
            let ran = ran.clone();
            scope.spawn(move |_| {
                let _ = ran.send(number);
            });
        }
    });
    let newest_first = order.try_iter().collect();
    pool.scope_fifo(|scope| {
        for number in 1..=3 {
            let ran = ran.clone();
            scope.spawn_fifo(move |_| {
                let _ = ran.send(number);
            });
        }
    });
    [newest_first, order.try_iter().collect()]
}

/// Others that were taken while urgent ones waited.
fn overtaken(jobs: &[Job]) -> usize {
    let last = jobs.iter().rposition(|job| *job == Job::Urgent).unwrap_or(0);
    jobs[..last].iter().filter(|job| **job == Job::Other).count()
}

fn in_words(jobs: &[Job]) -> String {
    format!("{} of {JOBS} others were taken while an urgent one waited", overtaken(jobs))
}
