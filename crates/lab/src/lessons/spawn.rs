//! Futures of one task against tasks of their own: `join!` polls its futures in turn, `spawn` lets the runtime spread
//! them.

#![expect(clippy::unused_async, reason = "a future that sleeps inside its poll is what it is about")]

use std::{thread, time::Duration};

use super::{
    Knob,
    measure::{Crowd, ratio, seconds, timed},
    stage::{Halt, Stage},
};
use crate::lab::Bench;

/// How long each of them sleeps.
const NAP: Duration = Duration::from_millis(300);

pub(super) const KNOBS: &[Knob] = &[Knob { name: "workers", values: &[2, 3, 4], start: 0 }];

// ANCHOR: code
async fn nap(at_work: Crowd) {
    let _me = at_work.enter();
    thread::sleep(NAP);
}

async fn joined(lab: Bench, at_work: Crowd) {
    tokio::join!(
        lab.nested("nap 1", nap(at_work.clone())),
        lab.nested("nap 2", nap(at_work.clone())),
        lab.nested("nap 3", nap(at_work.clone())),
    );
}

async fn spawned(lab: Bench, at_work: Crowd) {
    let naps = ["nap 1", "nap 2", "nap 3"].map(|name| lab.spawn(name, nap(at_work.clone())));
    for nap in naps {
        let _ = nap.await;
    }
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let workers = stage.knob("workers");
    stage.part("join!: three futures of one task");
    let (part, together) = (stage.workers(workers as u16)?, Crowd::default());
    let ((), in_turn) = timed(&part, "join", joined(part.bench().clone(), together.clone()))?;
    stage.expect(
        format!("with join! never two at once, though there are {workers} workers"),
        together.most() == 1,
        format!("at most {} at once", together.most()),
    );
    stage.expect(
        "so the sleeps add up",
        in_turn >= NAP * 3,
        format!("{} for three sleeps of {}", seconds(in_turn), seconds(NAP)),
    );
    drop(part);
    stage.part("spawn: three tasks");
    let (part, apart) = (stage.workers(workers as u16)?, Crowd::default());
    let ((), spread) = timed(&part, "spawn", spawned(part.bench().clone(), apart.clone()))?;
    stage.expect(
        "with spawn several at once, never more than there are workers",
        (2..=workers).contains(&apart.most()),
        format!("at most {} at once on {workers} workers", apart.most()),
    );
    let ratio = ratio(in_turn, spread);
    stage.expect(
        "which is faster, though each still blocks its worker",
        ratio > 1.15,
        format!("{} against {}: {ratio:.1} times", seconds(in_turn), seconds(spread)),
    );
    Ok(())
}
