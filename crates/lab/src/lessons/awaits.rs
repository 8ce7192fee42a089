//! How long is too long between two awaits: what everybody else waits for.

use std::{
    hint::spin_loop,
    time::{Duration, Instant},
};

use tokio::task::yield_now;

use super::{
    measure::{Others, millis, ratio},
    stage::{Halt, Stage},
};
use crate::lab::Bench;

/// From one await to the next.
const BETWEEN: [Duration; 5] = [
    Duration::from_micros(10),
    Duration::from_micros(100),
    Duration::from_millis(1),
    Duration::from_millis(10),
    Duration::from_millis(100),
];
/// How long each is tried.
const TRY: Duration = Duration::from_millis(800);
/// Tasks that compute.
const TASKS: u32 = 3;

// ANCHOR: code
async fn compute(between: Duration, until: Instant) {
    while Instant::now() < until {
        work_for(between);
        yield_now().await;
    }
}

fn work_for(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        spin_loop();
    }
}

async fn compute_all(lab: Bench, between: Duration) {
    let until = Instant::now() + TRY;
    let tasks: Vec<_> = (0..TASKS).map(|_| lab.spawn("compute", compute(between, until))).collect();
    for task in tasks {
        let _ = task.await;
    }
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let mut medians = Vec::new();
    for between in BETWEEN {
        stage.part(&format!("{between:?} between awaits, {TASKS} tasks"));
        let part = stage.current_thread()?;
        let others = Others::start(part.bench());
        part.nap(TRY / 20)?;
        others.take();
        part.wait(compute_all(part.bench().clone(), between))?;
        let late = others.take();
        medians.push(late.get(late.len() / 2).copied().unwrap_or_default());
    }
    let points = BETWEEN.iter().zip(&medians);
    stage.curve(
        "everybody else is late by, ms (median)",
        "time between awaits, ms",
        points.map(|(between, late)| (millis(*between), millis(*late))).collect(),
    );
    let [shortest, short, _, long, longest] = medians[..] else { return Ok(()) };
    let rounds = BETWEEN[4] * TASKS;
    stage.expect(
        "with 100 ms between awaits, everybody else waits for every task in turn",
        longest > rounds / 2,
        format!("{:.0} ms late, with {TASKS} tasks of 100 ms in front", millis(longest)),
    );
    stage.expect(
        "a tenth of that time is a fraction of the lateness",
        ratio(longest, long) > 2.5,
        format!("{:.1} ms late with 10 ms between awaits", millis(long)),
    );
    stage.expect(
        "below 100 µs there is not much left to gain: that is the usual advice, 10 to 100 µs",
        ratio(longest, shortest) > 10.0 && ratio(longest, short) > 10.0,
        format!("{:.2} ms late with 10 µs, {:.2} ms with 100 µs", millis(shortest), millis(short)),
    );
    Ok(())
}
