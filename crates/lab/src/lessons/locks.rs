//! A lock that is held across an await, on a runtime with one thread: with `std::sync::Mutex` a real deadlock, with
//! `tokio::sync::Mutex` a task that waits.

use std::time::Duration;

use super::{
    measure::{finding_in_words, found, millis, seconds},
    stage::{Halt, Paper, Stage},
};
use crate::lab::Bench;

/// How long each holds the lock.
const NAP: Duration = Duration::from_millis(100);
/// After that long without an end a watchdog calls it a deadlock: two of them take 0.2 s.
const PATIENCE: Duration = Duration::from_secs(2);
/// What does end is waited for that long, on a machine as busy as may be.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

// ANCHOR: code
#[expect(clippy::await_holding_lock, reason = "this is the mistake")]
async fn add_one(who: &str, count: &std::sync::Mutex<u32>, paper: &Paper) {
    paper.print(format!("{who} wants the lock"));
    let Ok(mut count) = count.lock() else { return };
    paper.print(format!("{who} has it"));
    tokio::time::sleep(NAP).await;
    *count += 1;
}

async fn add_two(lab: Bench, paper: Paper) -> u32 {
    let count = std::sync::Mutex::new(0);
    tokio::join!(
        lab.nested("first", add_one("first", &count, &paper)),
        lab.nested("second", add_one("second", &count, &paper)),
    );
    count.into_inner().unwrap_or(0)
}
// ANCHOR_END: code

// ANCHOR: code
async fn add_one_async(who: &str, count: &tokio::sync::Mutex<u32>, paper: &Paper) {
    paper.print(format!("{who} wants the lock"));
    let mut count = count.lock().await;
    paper.print(format!("{who} has it"));
    tokio::time::sleep(NAP).await;
    *count += 1;
}
// ANCHOR_END: code

async fn add_two_async(lab: Bench, paper: Paper) -> u32 {
    let count = tokio::sync::Mutex::new(0);
    tokio::join!(
        lab.nested("first", add_one_async("first", &count, &paper)),
        lab.nested("second", add_one_async("second", &count, &paper)),
    );
    count.into_inner()
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    with_std(stage)?;
    with_tokio(stage)
}

fn with_std(stage: &Stage) -> Result<(), Halt> {
    stage.part("std::sync::Mutex, held across an await");
    let (part, paper) = (stage.current_thread()?, stage.paper());
    // The pulse has begun before the deadlock: else nobody would be seen to suffer.
    part.run("a task before", async { tokio::time::sleep(NAP).await })?;
    let (lab, page) = (part.bench().clone(), paper.clone());
    let sum = part.block_on("join", move || add_two(lab, page), PATIENCE);
    let lines = paper.lines();
    if sum.is_none() {
        paper.print(format!("watchdog: no end after {}: the lab is abandoned,", seconds(PATIENCE)));
        paper.print("and its thread waits for the lock until the program exits");
    }
    stage.expect(
        "with std::sync::Mutex it never ends",
        sum.is_none(),
        match sum {
            None => format!("no end after {}; two naps take {}", seconds(PATIENCE), seconds(NAP * 2)),
            Some(sum) => format!("it ended with {sum}"),
        },
    );
    stage.expect(
        "the first has the lock, the second waits for it, on the thread that the first needs",
        lines == ["first wants the lock", "first has it", "second wants the lock"],
        lines.join(", "),
    );
    let summary = part.summary()?;
    let blocked = found(&summary, "blocked-worker", "join");
    stage.expect_of_polls(
        "the only worker sleeps inside a poll, and everybody's timers with it",
        blocked.is_some() && summary.pulse.late_max_ms > millis(PATIENCE) / 2.0,
        format!("{}; the pulse is {:.0} ms late", finding_in_words(blocked), summary.pulse.late_max_ms),
    );
    Ok(())
}

fn with_tokio(stage: &Stage) -> Result<(), Halt> {
    stage.part("tokio::sync::Mutex, held across an await");
    let (part, paper) = (stage.current_thread()?, stage.paper());
    let (lab, page) = (part.bench().clone(), paper.clone());
    let sum = part.block_on("join", move || add_two_async(lab, page), LONG_PATIENCE);
    let lines = paper.lines();
    stage.expect(
        "with tokio::sync::Mutex the second waits asynchronously, and both end",
        sum == Some(2) && lines == ["first wants the lock", "first has it", "second wants the lock", "second has it"],
        format!("the count is {}: {}", sum.unwrap_or(0), lines.join(", ")),
    );
    let summary = part.summary()?;
    let blocked = found(&summary, "blocked-worker", "join");
    stage.expect_of_polls(
        "nobody sleeps inside a poll",
        blocked.is_none() && summary.polls.blocked_ms < millis(NAP) / 2.0,
        format!("{:.0} ms asleep in polls", summary.polls.blocked_ms),
    );
    Ok(())
}
