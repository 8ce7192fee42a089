//! A future by hand: polled by a game loop, then under Tokio, where it must see to it itself that somebody wakes it.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use pollscope::probe::Probed;

use super::{
    measure::{finding_in_words, found},
    stage::{Halt, Part, Stage},
    steps::Steps,
};
use crate::lab::Bench;

/// From one frame to the next.
const FRAME: Duration = Duration::from_millis(60);
/// Steps to the target.
const TARGET: u64 = 5;
/// Steps of the unit that never waits: it is to be seen for a while.
const FAR: u64 = 1_000_000;
/// Until it is known that nobody wakes it: looks, and the time between two.
const LOOKS: u32 = 200;
const LOOK: Duration = Duration::from_millis(100);

// ANCHOR: code
/// Moves one step toward its target at each poll.
impl Future for Unit {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        if self.at == self.target {
            return Poll::Ready(self.at);
        }
        self.at += 1;
        (self.wake)(context.waker());
        Poll::Pending
    }
}

fn wake_at_the_next_frame(waker: &Waker) {
    let waker = waker.clone();
    tokio::spawn(async move {
        tokio::time::sleep(FRAME).await;
        waker.wake();
    });
}
// ANCHOR_END: code

// ANCHOR: code
/// Polls it once a frame, woken or not.
fn game_loop(unit: Probed<Unit>, steps: &Steps) -> Result<u64, Halt> {
    let mut unit = pin!(unit);
    let mut context = Context::from_waker(Waker::noop());
    for frame in 1.. {
        steps.step(&format!("frame {frame}"))?;
        match unit.as_mut().poll(&mut context) {
            Poll::Ready(at) => return Ok(at),
            Poll::Pending => steps.say("unit", format!("answered Pending in frame {frame}")),
        }
        thread::sleep(FRAME);
    }
    Err(Halt::Left)
}
// ANCHOR_END: code

/// On the way to its target.
struct Unit {
    at: u64,
    target: u64,
    wake: fn(&Waker),
}

fn nobody_wakes(_: &Waker) {}

fn wake_at_once(waker: &Waker) {
    waker.wake_by_ref();
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    by_a_game_loop(stage)?;
    woken_by_nobody(stage)?;
    woken_by_itself(stage)?;
    woken_by_a_timer(stage)
}

fn unit(target: u64, wake: fn(&Waker)) -> Unit {
    Unit { at: 0, target, wake }
}

fn by_a_game_loop(stage: &Stage) -> Result<(), Halt> {
    stage.part("a game loop polls it, once a frame");
    let part = stage.current_thread()?;
    let arrived = on_a_thread(part.bench(), stage.steps())?;
    let polls = polls(&part)?;
    stage.expect(
        "each poll is a step; the poll after the last answers Ready",
        arrived == TARGET && polls == TARGET + 1,
        format!("{polls} polls to go {arrived} steps"),
    );
    Ok(())
}

/// The game loop, on a thread with a lane.
fn on_a_thread(lab: &Bench, steps: Steps) -> Result<u64, Halt> {
    let probes = lab.probes.clone();
    let play = move || game_loop(probes.task("unit", unit(TARGET, nobody_wakes)), &steps);
    let thread = lab.spawn_lane("game loop", play)?;
    thread.join().unwrap_or(Err(Halt::Left))
}

fn woken_by_nobody(stage: &Stage) -> Result<(), Halt> {
    stage.part("Tokio polls it, and nobody wakes it");
    let part = stage.current_thread()?;
    // Nobody waits for it: it does not end.
    drop(part.bench().spawn("unit", unit(TARGET, nobody_wakes)));
    let mut finding = None;
    for _ in 0..LOOKS {
        part.nap(LOOK)?;
        finding = found(&part.summary()?, "unwakeable-task", "unit").cloned();
        if finding.is_some() {
            break;
        }
    }
    let polls = polls(&part)?;
    stage.expect("under Tokio it is polled once, and hangs", polls == 1, format!("{polls} poll"));
    stage.expect("nobody can wake this task: that is found", finding.is_some(), finding_in_words(finding.as_ref()));
    Ok(())
}

fn woken_by_itself(stage: &Stage) -> Result<(), Halt> {
    stage.part("it wakes itself at once, in each poll");
    let part = stage.current_thread()?;
    let arrived = part.run("unit", unit(FAR, wake_at_once))?;
    let (task, summary) = (part.task("unit")?, part.summary()?);
    let (polls, by_itself) = task.map_or((0, 0), |task| (task.polls, task.self_wakes));
    let spins = found(&summary, "spinning-task", "unit");
    stage.expect(
        "with wake_by_ref it arrives, and spins: a poll for each step, as fast as the worker can",
        arrived == FAR && (FAR / 2..=FAR + 1).contains(&polls) && spins.is_some(),
        // So many records may be more than the scope can take on a busy machine: what it lost, it says.
        format!("{arrived} steps; {polls} polls and {by_itself} wakes by itself seen; {}", finding_in_words(spins)),
    );
    Ok(())
}

fn woken_by_a_timer(stage: &Stage) -> Result<(), Halt> {
    stage.part("a timer wakes it at the next frame");
    let part = stage.current_thread()?;
    let arrived = part.run_by_steps("unit", unit(TARGET, wake_at_the_next_frame))?;
    let task = part.task("unit")?;
    let (polls, wakes, by_itself) = task.map_or((0, 0, 0), |task| (task.polls, task.wakes, task.self_wakes));
    stage.expect(
        "woken by a frame timer it arrives with a poll for each frame, and sleeps in between",
        arrived == TARGET && polls == TARGET + 1 && wakes == TARGET && by_itself == 0,
        format!("{polls} polls, {wakes} wakes, {by_itself} by itself"),
    );
    Ok(())
}

fn polls(part: &Part<'_>) -> Result<u64, Halt> {
    Ok(part.task("unit")?.map_or(0, |task| task.polls))
}
