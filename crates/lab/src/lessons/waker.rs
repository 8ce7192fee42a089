//! Wakers: a timer by hand, and a source that keeps its waker; who calls whom, and how often.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use pollscope_core::model::picture::TaskLine;

use super::{
    stage::{Halt, Stage},
    steps::Steps,
};
use crate::lab::Bench;

/// How long the timer takes, and from one packet to the next.
const NAP: Duration = Duration::from_millis(250);
/// Packets of the source.
const PACKETS: u32 = 4;

// ANCHOR: code
impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut bell = self.bell();
        if bell.rang {
            return Poll::Ready(());
        }
        match &bell.waker {
            // The waker of the last poll: it wakes the same task.
            Some(kept) if kept.will_wake(context.waker()) => bell.kept += 1,
            _ => {
                bell.waker = Some(context.waker().clone());
                bell.cloned += 1;
            }
        }
        Poll::Pending
    }
}

impl Timer {
    fn ring(&self) {
        let mut bell = self.bell();
        bell.rang = true;
        if let Some(waker) = bell.waker.take() {
            waker.wake();
        }
    }
}
// ANCHOR_END: code

// ANCHOR: code
/// A socket, say: it keeps its waker, for more will come.
fn packet_arrives(source: &Source) {
    let mut queue = source.queue();
    queue.packets += 1;
    if let Some(waker) = &queue.waker {
        waker.wake_by_ref();
    }
}
// ANCHOR_END: code

/// A future that is ready when its bell rang. Copies have the same bell.
#[derive(Clone, Debug, Default)]
struct Timer(Arc<Mutex<Bell>>);

#[derive(Debug, Default)]
struct Bell {
    rang: bool,
    waker: Option<Waker>,
    cloned: u32,
    kept: u32,
}

impl Timer {
    fn bell(&self) -> MutexGuard<'_, Bell> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings on a thread of its own.
    fn start(&self, lab: &Bench, steps: &Steps) -> Result<(), Halt> {
        let (timer, steps) = (self.clone(), steps.clone());
        lab.spawn_thread("timer", move || {
            thread::sleep(NAP);
            steps.say("timer", "rings, and calls wake: the waker is used up");
            timer.ring();
        })?;
        Ok(())
    }
}

/// Where packets come from. Copies are the same source.
#[derive(Clone, Debug, Default)]
struct Source(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    packets: u32,
    waker: Option<Waker>,
    cloned: u32,
}

impl Source {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, lab: &Bench) -> Result<(), Halt> {
        let source = self.clone();
        lab.spawn_thread("network", move || {
            for _ in 0..PACKETS {
                thread::sleep(NAP);
                packet_arrives(&source);
            }
        })?;
        Ok(())
    }

    async fn next(&self) {
        std::future::poll_fn(|context| {
            let mut queue = self.queue();
            if queue.packets > 0 {
                queue.packets -= 1;
                return Poll::Ready(());
            }
            if !queue.waker.as_ref().is_some_and(|kept| kept.will_wake(context.waker())) {
                queue.waker = Some(context.waker().clone());
                queue.cloned += 1;
            }
            Poll::Pending
        })
        .await;
    }
}

async fn read(source: Source) -> u32 {
    for _ in 0..PACKETS {
        source.next().await;
    }
    PACKETS
}

/// Polls it once, and answers Ready whatever it says.
async fn poll_once(timer: Timer) {
    let mut timer = timer;
    std::future::poll_fn(|context| {
        let _ = Pin::new(&mut timer).poll(context);
        Poll::Ready(())
    })
    .await;
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    a_timer(stage)?;
    a_source(stage)?;
    another_task(stage)?;
    for_nothing(stage)
}

/// What a task did, and that it is known at all.
fn counts(task: Option<TaskLine>) -> (u64, u64) {
    task.map_or((0, 0), |task| (task.polls, task.wakes))
}

fn a_timer(stage: &Stage) -> Result<(), Halt> {
    stage.part("a timer's thread wakes the task");
    let (part, timer) = (stage.current_thread()?, Timer::default());
    timer.start(part.bench(), &stage.steps())?;
    part.run_by_steps("sleeper", timer.clone())?;
    let (polls, wakes) = counts(part.task("sleeper")?);
    let cloned = timer.bell().cloned;
    stage.expect(
        "one clone of the waker, one wake, two polls",
        cloned == 1 && wakes == 1 && polls == 2,
        format!("{cloned} clone, {wakes} wake, {polls} polls"),
    );
    Ok(())
}

fn a_source(stage: &Stage) -> Result<(), Halt> {
    stage.part("a source keeps its waker and wakes again and again");
    let (part, source) = (stage.current_thread()?, Source::default());
    source.start(part.bench())?;
    let read = part.run_by_steps("reader", read(source.clone()))?;
    let (polls, wakes) = counts(part.task("reader")?);
    let cloned = source.queue().cloned;
    stage.expect(
        format!("one clone does for {PACKETS} packets: will_wake says that the kept waker is still the right one"),
        read == PACKETS && cloned == 1 && wakes == u64::from(PACKETS),
        format!("{cloned} clone, {wakes} wakes by reference, {polls} polls"),
    );
    Ok(())
}

fn another_task(stage: &Stage) -> Result<(), Halt> {
    stage.part("polled by one task, then by another");
    let (part, timer) = (stage.current_thread()?, Timer::default());
    part.run("first", poll_once(timer.clone()))?;
    timer.start(part.bench(), &stage.steps())?;
    part.run("second", timer.clone())?;
    let (_, first) = counts(part.task("first")?);
    let (polls, second) = counts(part.task("second")?);
    let cloned = timer.bell().cloned;
    stage.expect(
        "the waker is replaced: who polled last is woken, and nobody else",
        cloned == 2 && first == 0 && second == 1 && polls == 2,
        format!("{cloned} clones; the first task was woken {first} times, the second {second}"),
    );
    Ok(())
}

fn for_nothing(stage: &Stage) -> Result<(), Halt> {
    stage.part("woken for nothing");
    let (part, timer) = (stage.current_thread()?, Timer::default());
    let sleeper = part.bench().spawn("sleeper", timer.clone());
    let steps = stage.steps();
    for _ in 0..3 {
        part.nap(NAP / 5)?;
        steps.say("somebody", "calls wake_by_ref, though the bell has not rung");
        if let Some(waker) = &timer.bell().waker {
            waker.wake_by_ref();
        }
    }
    part.nap(NAP / 5)?;
    timer.ring();
    part.wait(sleeper)??;
    let (polls, wakes) = counts(part.task("sleeper")?);
    let bell = timer.bell();
    let (cloned, kept) = (bell.cloned, bell.kept);
    stage.expect(
        "a spurious wake costs a poll, which answers Pending: a future must expect that",
        wakes == 4 && (3..=5).contains(&polls) && u64::from(kept) + 2 == polls && cloned == 1,
        format!("{wakes} wakes, three for nothing; {polls} polls, {kept} of them kept the waker"),
    );
    Ok(())
}
