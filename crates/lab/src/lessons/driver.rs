//! One blocked worker of many: everybody's timers stop when it is the one that has to look after them.

use std::{thread, time::Duration};

use tokio::task::JoinHandle;

use super::{
    measure::{Others, seconds},
    stage::{Halt, Part, Stage},
};
use crate::{
    lab::Bench,
    settings::{Flavor, Settings},
};

/// How long a worker is blocked.
const NAP: Duration = Duration::from_millis(150);
/// Before it blocks.
const MOMENT: Duration = Duration::from_millis(3);
/// How often it is tried.
const TRIES: usize = 20;
/// Workers: three of them have nothing to do.
const WORKERS: u16 = 4;

// ANCHOR: code
fn block_a_worker(lab: &Bench) -> JoinHandle<()> {
    lab.spawn("block", async {
        // Woken by a timer, it is polled by the worker that waited for timers.
        tokio::time::sleep(MOMENT).await;
        thread::sleep(NAP);
    })
}

fn block_elsewhere(lab: &Bench) -> JoinHandle<()> {
    let pool = lab.clone();
    lab.spawn("block", async move {
        tokio::time::sleep(MOMENT).await;
        let _ = pool.spawn_blocking("block", || thread::sleep(NAP)).await;
    })
}

fn everybody_else(lab: &Bench) -> Others {
    // Sleeps for 5 ms again and again, and keeps how late it wakes.
    Others::start(lab)
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    stage.part(&format!("1 of {WORKERS} workers is blocked, {TRIES} times"));
    let on_a_worker = tries(&stage.lab(&settings())?, block_a_worker)?;
    stage.part("the same on the blocking pool");
    let elsewhere = tries(&stage.lab(&settings())?, block_elsewhere)?;
    let stopped = |lates: &[Duration]| lates.iter().filter(|late| **late >= NAP / 2).count();
    let latest = |lates: &[Duration]| lates.iter().max().copied().unwrap_or_default();
    stage.expect(
        format!("one blocked worker of {WORKERS} stops everybody's timers, in some tries"),
        stopped(&on_a_worker) >= 1,
        format!("{} of {TRIES} tries; at most {} late", stopped(&on_a_worker), seconds(latest(&on_a_worker))),
    );
    stage.expect(
        "with the block on the blocking pool it never happens",
        stopped(&elsewhere) == 0,
        format!("{} of {TRIES} tries; at most {} late", stopped(&elsewhere), seconds(latest(&elsewhere))),
    );
    let share = |lates: &[Duration]| stopped(lates) as f64 / TRIES as f64 * 100.0;
    stage.curve(
        "tries in which all timers stopped, %",
        "1: on a worker, 2: on the blocking pool",
        vec![(1.0, share(&on_a_worker)), (2.0, share(&elsewhere))],
    );
    Ok(())
}

fn settings() -> Settings {
    Settings { workers: WORKERS, flavor: Flavor::MultiThread, ..Settings::default() }
}

/// How late everybody else was in each try.
fn tries(part: &Part<'_>, block: impl Fn(&Bench) -> JoinHandle<()>) -> Result<Vec<Duration>, Halt> {
    let others = everybody_else(part.bench());
    let mut lates = Vec::new();
    for _ in 0..TRIES {
        part.nap(NAP / 10)?;
        others.take();
        part.wait(block(part.bench()))??;
        // What was due meanwhile runs now.
        part.nap(NAP / 10)?;
        lates.push(others.take_latest());
    }
    Ok(lates)
}
