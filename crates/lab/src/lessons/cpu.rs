//! A computation in an async fn, and four ways out of it.

#![expect(clippy::unused_async, reason = "a future that computes inside its poll is what it is about")]

use std::time::Duration;

use tokio::{sync::oneshot, task::yield_now};

use super::{
    compute::{hash, numbers_for},
    measure::{finding_in_words, found, millis, timed},
    stage::{Halt, Stage},
};
use crate::{lab::Bench, settings::Settings};

/// How long the sum takes on one thread, roughly.
const WORK: Duration = Duration::from_millis(500);
/// Pieces of the sum, where it gives way in between.
const PIECES: usize = 200;

// ANCHOR: code
async fn inside(numbers: Vec<u64>) -> Option<u64> {
    Some(sum(&numbers))
}

async fn on_the_blocking_pool(lab: Bench, numbers: Vec<u64>) -> Option<u64> {
    lab.spawn_blocking("sum", move || sum(&numbers)).await.ok()
}

async fn on_rayon(lab: Bench, numbers: Vec<u64>) -> Option<u64> {
    let (reply, answer) = oneshot::channel();
    lab.spawn_rayon("sum", move || {
        let _ = reply.send(sum(&numbers));
    });
    answer.await.ok()
}

async fn on_its_own_thread(lab: Bench, numbers: Vec<u64>) -> Option<u64> {
    let (reply, answer) = oneshot::channel();
    lab.spawn_thread("sum", move || {
        let _ = reply.send(sum(&numbers));
    })
    .ok()?;
    answer.await.ok()
}

async fn in_pieces(numbers: Vec<u64>) -> Option<u64> {
    let mut all = 0;
    for piece in numbers.chunks(numbers.len().div_ceil(PIECES)) {
        all += sum(piece);
        yield_now().await;
    }
    Some(all)
}
// ANCHOR_END: code

fn sum(numbers: &[u64]) -> u64 {
    numbers.iter().map(|number| hash(*number)).sum()
}

/// What one way did.
struct Way {
    name: &'static str,
    sum: Option<u64>,
    late_ms: f64,
    longest_ms: f64,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let numbers = numbers_for(WORK);
    let settings = Settings { workers: 1, ..Settings::default() };
    let way = |name, way: &dyn Fn(Bench) -> BoxedSum| -> Result<Way, Halt> {
        stage.part(name);
        let part = stage.lab(&settings)?;
        let (sum, _) = timed(&part, "sum", way(part.bench().clone()))?;
        let summary = part.summary()?;
        if name == INSIDE {
            let hogged = found(&summary, "hogged-worker", "sum");
            stage.expect_of_polls("inside the poll it hogs the worker", hogged.is_some(), finding_in_words(hogged));
        }
        Ok(Way { name, sum, late_ms: summary.pulse.late_max_ms, longest_ms: summary.polls.longest_ms })
    };
    let inside = way(INSIDE, &|_| Box::pin(inside(numbers.clone())))?;
    let ways = [
        way("spawn_blocking", &|lab| Box::pin(on_the_blocking_pool(lab, numbers.clone())))?,
        way("rayon::spawn and a oneshot", &|lab| Box::pin(on_rayon(lab, numbers.clone())))?,
        way("a thread of its own", &|lab| Box::pin(on_its_own_thread(lab, numbers.clone())))?,
        way("in pieces, with yield_now between them", &|_| Box::pin(in_pieces(numbers.clone())))?,
    ];
    stage.expect(
        "all ways give the same sum",
        inside.sum.is_some() && ways.iter().all(|way| way.sum == inside.sum),
        format!("{}", inside.sum.unwrap_or(0)),
    );
    stage.expect(
        "inside, everybody else's timers wait for the whole computation",
        inside.late_ms > 0.5 * inside.longest_ms && inside.longest_ms > 0.5 * millis(WORK),
        format!("the pulse was {:.0} ms late, in a poll of {:.0} ms", inside.late_ms, inside.longest_ms),
    );
    for way in ways {
        stage.expect(
            format!("{}: the polls are short, and timers punctual", way.name),
            way.longest_ms < 0.4 * inside.longest_ms && way.late_ms < 0.5 * inside.late_ms,
            format!("the longest poll {:.1} ms, the pulse {:.1} ms late", way.longest_ms, way.late_ms),
        );
    }
    Ok(())
}

/// The way that is none.
const INSIDE: &str = "inside the poll";

type BoxedSum = std::pin::Pin<Box<dyn Future<Output = Option<u64>> + Send>>;
