//! What an await is: the states of an async fn, and what lives across an await.

use std::{
    mem::size_of_val,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
};

use pollscope::probe::Probed;

use super::{
    stage::{Halt, Part, Stage},
    steps::Steps,
};
use crate::lab::Bench;

/// Bytes of the buffer.
const BUFFER: usize = 4096;

// ANCHOR: code
async fn visit(lab: Bench, steps: Steps) -> u32 {
    // State 0: nothing has run.
    let key = lab.nested("fetch the key", later(1)).await;
    // State 1: `key` is part of the future from here on.
    let door = lab.nested("open the door", later(2)).await;
    // State 2: `key` and `door` are.
    let hello = lab.nested("say hello", later(3)).await;
    steps.say("visit", "is ready");
    key + door + hello
}
// ANCHOR_END: code

// ANCHOR: code
async fn buffer_lives_across() -> u8 {
    let buffer = [7; BUFFER];
    later(()).await;
    buffer[0]
}

async fn buffer_is_gone_before() -> u8 {
    let first = {
        let buffer = [7; BUFFER];
        buffer[0]
    };
    later(()).await;
    first
}
// ANCHOR_END: code

/// Answers Pending once, then Ready.
async fn later<T: Copy + Send>(value: T) -> T {
    let mut asked = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(value);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    stage.part("an executor of our own polls it, a step at a time");
    let part = stage.current_thread()?;
    let (sum, polls) = by_hand(&part, stage.steps())?;
    stage.expect(
        "three awaits that wait are four polls: three answer Pending, the last is Ready",
        sum == 6 && polls == 4,
        format!("{polls} polls"),
    );
    let nested = ["fetch the key", "open the door", "say hello"];
    let lines = nested.map(|name| part.task(name));
    let mut seen = Vec::new();
    for line in lines {
        seen.push(line?.map_or(0, |line| line.polls));
    }
    stage.expect(
        "each of the three futures is polled twice, and exists only while it is awaited",
        seen == [2, 2, 2],
        format!("{seen:?} polls"),
    );
    drop(part);
    under_tokio(stage)?;
    sizes(stage);
    Ok(())
}

/// The sum, and how often the future was polled.
fn by_hand(part: &Part<'_>, steps: Steps) -> Result<(u32, u32), Halt> {
    let (lab, polls) = (part.bench().clone(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&polls);
    let work = move || {
        let visit = lab.probes.task("visit", visit(lab.clone(), steps.clone()));
        executor(visit, &steps, &counted)
    };
    let thread = part.bench().spawn_lane("executor", work)?;
    let sum = thread.join().unwrap_or(Err(Halt::Left))?;
    Ok((sum, polls.load(Ordering::Relaxed)))
}

fn executor<F: Future>(future: Probed<F>, steps: &Steps, polls: &AtomicU32) -> Result<F::Output, Halt> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        steps.step("the next poll")?;
        let poll = polls.fetch_add(1, Ordering::Relaxed) + 1;
        if let Poll::Ready(value) = Pin::as_mut(&mut future).poll(&mut context) {
            return Ok(value);
        }
        steps.say("visit", format!("answered Pending in poll {poll}: it is in state {poll}"));
    }
}

fn under_tokio(stage: &Stage) -> Result<(), Halt> {
    stage.part("the same under Tokio");
    let part = stage.current_thread()?;
    let sum = part.run_by_steps("visit", visit(part.bench().clone(), stage.steps()))?;
    let polls = part.task("visit")?.map_or(0, |task| task.polls);
    stage.expect("under Tokio it is the same", sum == 6 && polls == 4, format!("{polls} polls"));
    Ok(())
}

fn sizes(stage: &Stage) {
    stage.part("how large the future is");
    let (across, before) = (size_of_val(&buffer_lives_across()), size_of_val(&buffer_is_gone_before()));
    stage.expect(
        format!("a buffer of {BUFFER} bytes that is used after the await is part of the future"),
        across >= BUFFER,
        format!("{across} bytes"),
    );
    stage.expect(
        "one that is gone before the await is not",
        before < BUFFER / 8,
        format!("{before} bytes, with the same buffer in a block of its own"),
    );
}
