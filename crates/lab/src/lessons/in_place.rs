//! `block_in_place`: the thread stays and blocks, its worker moves to another thread.

#![expect(clippy::unused_async, reason = "a future that sleeps inside its poll is what it is about")]

use std::{thread, time::Duration};

use pollscope_core::trace::event::ThreadKind;

use super::{
    measure::{Others, millis, seconds, timed},
    stage::{Halt, Part, Stage},
};
use crate::lab::Bench;

/// How long it blocks.
const NAP: Duration = Duration::from_millis(600);

// ANCHOR: code
async fn copy() -> Option<thread::ThreadId> {
    thread::sleep(NAP);
    Some(thread::current().id())
}

async fn copy_in_place(lab: Bench) -> Option<thread::ThreadId> {
    lab.block_in_place("copy", || {
        // Another thread is the worker meanwhile.
        thread::sleep(NAP);
        Some(thread::current().id())
    })
}

async fn copy_elsewhere(lab: Bench) -> Option<thread::ThreadId> {
    let copy = lab.spawn_blocking("copy", || {
        thread::sleep(NAP);
        thread::current().id()
    });
    copy.await.ok()
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let (blocking, _, _) = measured(stage, "thread::sleep on the only worker", |_| copy())?;
    let (in_place, workers, jobs) = measured(stage, "block_in_place", copy_in_place)?;
    let (elsewhere, _, _) = measured(stage, "spawn_blocking, to compare", copy_elsewhere)?;
    stage.expect(
        "a sleep on the only worker stops everybody else",
        millis(blocking) > 0.7 * millis(NAP),
        format!("everybody else was {} late", seconds(blocking)),
    );
    stage.expect(
        "with block_in_place they go on: the worker has moved to another thread",
        millis(in_place) < 0.6 * millis(blocking),
        format!("everybody else was {} late", seconds(in_place)),
    );
    stage.expect(
        "two threads have been worker 0, one after the other",
        workers >= 2 && jobs >= 0.9 * millis(NAP),
        format!("{workers} threads of the runtime; {jobs:.0} ms in the job"),
    );
    stage.expect(
        "spawn_blocking keeps the worker where it is, and needs a closure that owns what it uses",
        millis(elsewhere) < 0.6 * millis(blocking),
        format!("everybody else was {} late", seconds(elsewhere)),
    );
    Ok(())
}

/// How late others were, how many threads the runtime used, and how long jobs took, milliseconds.
fn measured<F>(stage: &Stage, label: &str, copy: impl FnOnce(Bench) -> F) -> Result<(Duration, usize, f64), Halt>
where
    F: Future<Output = Option<thread::ThreadId>> + Send + 'static,
{
    stage.part(label);
    let part = stage.workers(1)?;
    let others = Others::start(part.bench());
    part.nap(NAP / 10)?;
    others.take();
    timed(&part, "copy", copy(part.bench().clone()))?;
    // What they owe comes now.
    part.nap(NAP / 10)?;
    let (workers, jobs) = threads(&part)?;
    Ok((others.take_latest(), workers, jobs))
}

fn threads(part: &Part<'_>) -> Result<(usize, f64), Halt> {
    let summary = part.summary()?;
    let of_runtime = |kind| matches!(kind, ThreadKind::Worker | ThreadKind::Blocking);
    let polled = summary.threads.iter().filter(|it| of_runtime(it.kind) && it.polling_ms > 0.0).count();
    Ok((polled, summary.threads.iter().map(|it| it.job_ms).sum()))
}
