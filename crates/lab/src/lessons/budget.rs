//! Tokio's budget: a task that is always ready gives its thread back after 128 operations, unless it is told not to.

use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::{unconstrained, yield_now},
};

use super::{
    measure::timed,
    stage::{Halt, Part, Stage},
};

/// Operations that a task may do in one poll (Tokio's `coop` module).
const BUDGET: u64 = 128;
/// Items in the queue.
const ITEMS: u64 = BUDGET * 50;

// ANCHOR: code
async fn drain(mut items: UnboundedReceiver<u64>) -> u64 {
    let mut drained = 0;
    // Every item is there already: nothing to wait for.
    while items.recv().await.is_some() {
        drained += 1;
    }
    drained
}

async fn count_with_a_budget(rounds: u64) -> u64 {
    for _ in 0..rounds {
        tokio::task::consume_budget().await;
    }
    rounds
}

async fn count_and_yield(rounds: u64) -> u64 {
    for _ in 0..rounds {
        yield_now().await;
    }
    rounds
}
// ANCHOR_END: code

fn full_queue() -> UnboundedReceiver<u64> {
    let (items, queue) = mpsc::unbounded_channel();
    for item in 0..ITEMS {
        let _ = items.send(item);
    }
    queue
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let about = |polls: u64, expected: u64| (expected..=expected + expected / 10 + 1).contains(&polls);
    let polls = polls_of(stage, "a queue that is always ready", drain(full_queue()))?;
    stage.expect(
        "a task that is always ready yields all the same, after 128 operations",
        about(polls, ITEMS / BUDGET),
        format!("{ITEMS} items in {polls} polls: {} a poll", ITEMS / polls.max(1)),
    );
    let polls = polls_of(stage, "unconstrained", unconstrained(drain(full_queue())))?;
    stage.expect("unconstrained, it does not", polls == 1, format!("{ITEMS} items in {polls} poll"));
    let polls = polls_of(stage, "consume_budget in a loop", count_with_a_budget(ITEMS))?;
    stage.expect(
        "consume_budget counts a round of your own as an operation",
        about(polls, ITEMS / BUDGET),
        format!("{ITEMS} rounds in {polls} polls"),
    );
    let polls = polls_of(stage, "yield_now in a loop", count_and_yield(ITEMS))?;
    stage.expect(
        "yield_now gives the thread back every time",
        polls == ITEMS + 1,
        format!("{ITEMS} rounds in {polls} polls"),
    );
    Ok(())
}

/// How often a task was polled until it was done.
fn polls_of(stage: &Stage, label: &str, task: impl Future<Output = u64> + Send + 'static) -> Result<u64, Halt> {
    stage.part(label);
    let part: Part<'_> = stage.current_thread()?;
    timed(&part, "always ready", task)?;
    Ok(part.task("always ready")?.map_or(0, |task| task.polls))
}
