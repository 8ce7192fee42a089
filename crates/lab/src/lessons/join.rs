//! `tokio::join!` of three futures that sleep: with `std::thread::sleep`, which blocks the thread that polls
//! all three, and with `tokio::time::sleep`, which gives it back.

#![expect(clippy::unused_async, reason = "futures that never wait are what it is about")]

use std::{thread, time::Duration};

use super::{
    measure::{millis, ratio, seconds, timed},
    stage::{Halt, Paper, Stage},
};
use crate::lab::Bench;

/// How long each of them sleeps.
const NAP: Duration = Duration::from_millis(300);

// ANCHOR: blocking
async fn block_then_print(number: u32, paper: &Paper) {
    paper.print(format!("Start {number}"));
    thread::sleep(NAP);
    paper.print(format!("done {number}"));
}

async fn join_three_that_block(lab: Bench, paper: Paper) {
    tokio::join!(
        lab.nested("sleep 1", block_then_print(1, &paper)),
        lab.nested("sleep 2", block_then_print(2, &paper)),
        lab.nested("sleep 3", block_then_print(3, &paper)),
    );
}
// ANCHOR_END: blocking

// ANCHOR: async
async fn sleep_then_print(number: u32, paper: &Paper) {
    paper.print(format!("Start {number}"));
    tokio::time::sleep(NAP).await;
    paper.print(format!("done {number}"));
}

async fn join_three_that_sleep(lab: Bench, paper: Paper) {
    tokio::join!(
        lab.nested("sleep 1", sleep_then_print(1, &paper)),
        lab.nested("sleep 2", sleep_then_print(2, &paper)),
        lab.nested("sleep 3", sleep_then_print(3, &paper)),
    );
}
// ANCHOR_END: async

pub(super) fn blocking(stage: &Stage) -> Result<(), Halt> {
    stage.part("std::thread::sleep");
    let (blocking, paper) = (stage.current_thread()?, stage.paper());
    let ((), took) = timed(&blocking, "join", join_three_that_block(blocking.bench().clone(), paper.clone()))?;
    let lines = paper.lines();
    let in_turn = ["Start 1", "done 1", "Start 2", "done 2", "Start 3", "done 3"];
    stage.expect(
        "one after the other, exactly in the order in which they are written",
        lines == in_turn,
        lines.join(", "),
    );
    stage.expect(
        "the three sleeps add up",
        took >= NAP * 3,
        format!("{} for three sleeps of {}, on 1 thread", seconds(took), seconds(NAP)),
    );
    let summary = blocking.summary()?;
    let found = summary.findings.iter().find(|it| it.rule == "blocked-worker" && it.task.as_deref() == Some("join"));
    let measured =
        found.map_or_else(|| "no finding".to_owned(), |it| format!("blocked-worker, for {:.0} ms", it.for_ms));
    stage.expect_of_polls("the worker is found blocked, by the task that joins", found.is_some(), measured);
    stage.expect_of_polls(
        "all of it is one poll, asleep",
        summary.polls.longest_ms >= 2.7 * millis(NAP) && summary.polls.blocked_ms >= 2.4 * millis(NAP),
        format!("a poll of {:.0} ms, {:.0} ms asleep", summary.polls.longest_ms, summary.polls.blocked_ms),
    );
    drop(blocking);
    stage.part("tokio::time::sleep, to compare");
    let asynchronous = stage.current_thread()?;
    let ((), other) = timed(&asynchronous, "join", join_three_that_sleep(asynchronous.bench().clone(), stage.paper()))?;
    makespans(stage, took, other);
    Ok(())
}

pub(super) fn asynchronous(stage: &Stage) -> Result<(), Halt> {
    stage.part("tokio::time::sleep");
    let (part, paper) = (stage.current_thread()?, stage.paper());
    let ((), took) = timed(&part, "join", join_three_that_sleep(part.bench().clone(), paper.clone()))?;
    let lines = paper.lines();
    let (starts, dones) = lines.split_at(3.min(lines.len()));
    stage.expect(
        "all three start, in order, before any is done",
        starts == ["Start 1", "Start 2", "Start 3"],
        starts.join(", "),
    );
    // `join!` begins each poll at the next branch: which of equal sleeps ends first is not promised.
    let mut ended = dones.to_vec();
    ended.sort();
    stage.expect(
        "all three are done, in an order that join! does not promise",
        ended == ["done 1", "done 2", "done 3"],
        dones.join(", "),
    );
    let blocked = part.summary()?.polls.blocked_ms;
    stage.expect(
        "nothing of it sleeps inside a poll",
        blocked < 0.5 * millis(NAP),
        format!("{blocked:.0} ms asleep in polls"),
    );
    drop(part);
    stage.part("std::thread::sleep, to compare");
    let blocking = stage.current_thread()?;
    let ((), other) = timed(&blocking, "join", join_three_that_block(blocking.bench().clone(), stage.paper()))?;
    makespans(stage, other, took);
    Ok(())
}

fn makespans(stage: &Stage, blocking: Duration, asynchronous: Duration) {
    let ratio = ratio(blocking, asynchronous);
    stage.expect(
        "blocking takes about three times as long as sleeping asynchronously",
        ratio > 1.5,
        format!("{} against {}: {ratio:.1} times", seconds(blocking), seconds(asynchronous)),
    );
}
