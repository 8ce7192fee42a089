//! What stops when nobody waits any more: a future that is dropped does, at its last await; a blocking job does
//! not.

use std::{thread, time::Duration};

use pollscope_core::trace::event::ThreadKind;

use super::{
    measure::{jobs_of, millis},
    stage::{Halt, Paper, Stage},
};
use crate::lab::Bench;

/// How long one of the three steps takes.
const NAP: Duration = Duration::from_millis(300);
/// How long somebody waits for all three.
const LIMIT: Duration = Duration::from_millis(450);

// ANCHOR: code
async fn save(paper: &Paper) {
    for step in 1..=3 {
        paper.print(format!("save: step {step} of 3"));
        tokio::time::sleep(NAP).await;
    }
    paper.print("save: done");
}

async fn save_with_a_limit(lab: Bench, paper: Paper) {
    tokio::select! {
        () = lab.nested("save", save(&paper)) => paper.print("in time"),
        () = tokio::time::sleep(LIMIT) => paper.print("too late"),
    }
}

fn copy(paper: &Paper) {
    for step in 1..=3 {
        paper.print(format!("copy: step {step} of 3"));
        thread::sleep(NAP);
    }
    paper.print("copy: done");
}

async fn copy_with_a_limit(lab: Bench, paper: Paper) {
    let page = paper.clone();
    let job = lab.spawn_blocking("copy", move || copy(&page));
    tokio::select! {
        _ = job => paper.print("in time"),
        () = tokio::time::sleep(LIMIT) => paper.print("too late"),
    }
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    dropped_future(stage)?;
    dropped_handle(stage)
}

fn dropped_future(stage: &Stage) -> Result<(), Halt> {
    stage.part("select! drops the future that lost");
    let (part, paper) = (stage.workers(1)?, stage.paper());
    part.run("a limit", save_with_a_limit(part.bench().clone(), paper.clone()))?;
    // Whatever was still on its way would come now.
    part.run("wait", async { tokio::time::sleep(NAP * 3).await })?;
    let lines = paper.lines();
    stage.expect(
        "the future was begun, and stopped at an await, half-way",
        lines.first().is_some_and(|line| line == "save: step 1 of 3") && !lines.iter().any(|it| it == "save: done"),
        lines.join(", "),
    );
    stage.expect(
        "nothing of it ran after it was dropped",
        lines.last().is_some_and(|line| line == "too late"),
        format!("the last line is '{}'", lines.last().map_or("", String::as_str)),
    );
    Ok(())
}

fn dropped_handle(stage: &Stage) -> Result<(), Halt> {
    stage.part("dropping the handle of a blocking job");
    let (part, paper) = (stage.workers(1)?, stage.paper());
    part.run("a limit", copy_with_a_limit(part.bench().clone(), paper.clone()))?;
    let given_up = paper.lines();
    // For three times as long as the job takes, at most.
    for _ in 0..9 {
        if !is_done(&paper) {
            part.run("wait", async { tokio::time::sleep(NAP).await })?;
        }
    }
    let lines = paper.lines();
    stage.expect(
        "the job goes on after its handle was dropped, to its end",
        given_up.iter().any(|line| line == "too late") && lines.last().is_some_and(|it| it == "copy: done"),
        lines.join(", "),
    );
    let at_work: f64 = jobs_of(&part.summary()?, ThreadKind::Blocking).iter().sum();
    stage.expect(
        "and keeps its thread all the time",
        at_work > millis(LIMIT) && at_work >= 2.7 * millis(NAP),
        format!("{at_work:.0} ms on a thread of the blocking pool, though nobody waited after {:.0} ms", millis(LIMIT)),
    );
    Ok(())
}

fn is_done(paper: &Paper) -> bool {
    paper.lines().iter().any(|line| line == "copy: done")
}
