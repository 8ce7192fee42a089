//! Blocking tasks on a pool with a worker for each of some: why it works on my machine, and what that hides.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use super::{
    Knob,
    measure::{Others, millis, ratio, seconds},
    stage::{Halt, Stage},
};
use crate::lab::Bench;

/// How long each of them blocks.
const NAP: Duration = Duration::from_millis(250);

pub(super) const KNOBS: &[Knob] = &[Knob { name: "workers", values: &[2, 3, 4], start: 0 }];

// ANCHOR: code
fn blockers(lab: &Bench, count: u32) -> Vec<JoinHandle<()>> {
    let block = |number| {
        lab.spawn(&format!("block {number}"), async {
            thread::sleep(NAP);
        })
    };
    (1..=count).map(block).collect()
}

async fn all_done(blockers: Vec<JoinHandle<()>>) {
    for blocker in blockers {
        let _ = blocker.await;
    }
}
// ANCHOR_END: code

/// What so many blockers did.
struct Tried {
    count: u32,
    took: Duration,
    late: Duration,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let workers = stage.knob("workers");
    let tried = (1..=2 * workers).map(|count| attempt(stage, workers, count)).collect::<Result<Vec<_>, _>>()?;
    let curve = |measure: fn(&Tried) -> f64| tried.iter().map(|it| (f64::from(it.count), measure(it))).collect();
    stage.curve("until all are done, ms", "blocking tasks", curve(|it| millis(it.took)));
    stage.curve("everybody else is late by, ms", "blocking tasks", curve(|it| millis(it.late)));
    let at = |count: u32| &tried[count as usize - 1];
    let (one, full, beyond) = (at(1), at(workers), at(workers + 1));
    stage.expect(
        format!("up to {workers} blocking tasks take no longer than one: it works on my machine"),
        full.took < NAP * 17 / 10,
        format!("{} for 1, {} for {workers}", seconds(one.took), seconds(full.took)),
    );
    stage.expect(
        format!("one more, and it takes twice as long: {} tasks, {workers} workers", workers + 1),
        beyond.took >= NAP * 2 && ratio(beyond.took, full.took) > 1.3,
        format!("{} for {}", seconds(beyond.took), workers + 1),
    );
    stage.expect(
        format!("everybody else is late by a whole block already with {workers}, where the first curve is still flat"),
        full.late > NAP / 2,
        format!("{} late with {workers}", seconds(full.late)),
    );
    Ok(())
}

fn attempt(stage: &Stage, workers: u32, count: u32) -> Result<Tried, Halt> {
    stage.part(&format!("{count} blocking on {workers} workers"));
    let part = stage.workers(workers as u16)?;
    let others = Others::start(part.bench());
    part.nap(NAP / 10)?;
    others.take();
    let start = Instant::now();
    let blocked = blockers(part.bench(), count);
    part.wait(all_done(blocked))?;
    let took = start.elapsed();
    // What was due meanwhile runs now.
    part.nap(NAP / 10)?;
    Ok(Tried { count, took, late: others.take_latest() })
}
