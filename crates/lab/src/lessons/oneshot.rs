//! A computation that leaves the worker: `rayon::spawn`, and a oneshot that brings the result back.

#![expect(clippy::unused_async, reason = "a future that computes inside its poll is what it is about")]

use std::time::Duration;

use pollscope_core::trace::event::ThreadKind;
use tokio::sync::oneshot::{self, error::RecvError};

use super::{
    Knob,
    compute::{hash, numbers_for},
    measure::{finding_in_words, found, jobs_of, millis, seconds, timed},
    stage::{Halt, Stage},
};
use crate::{lab::Bench, settings::Settings};

/// How long the sum takes on one thread, roughly.
const WORK: Duration = Duration::from_millis(500);

pub(super) const KNOBS: &[Knob] = &[Knob { name: "calls", values: &[2, 4, 8], start: 1 }];

// ANCHOR: code
fn sum(numbers: &[u64]) -> u64 {
    numbers.iter().map(|number| hash(*number)).sum()
}

async fn sum_inside_the_poll(numbers: Vec<u64>) -> u64 {
    sum(&numbers)
}

fn sum_on_rayon(lab: &Bench, part: Vec<u64>) -> oneshot::Receiver<u64> {
    let (reply, answer) = oneshot::channel();
    lab.spawn_rayon("sum", move || {
        // Nobody listens any more where the task was dropped.
        let _ = reply.send(sum(&part));
    });
    answer
}

async fn sum_in_calls(lab: Bench, parts: Vec<Vec<u64>>) -> Result<u64, RecvError> {
    let calls: Vec<_> = parts.into_iter().map(|part| sum_on_rayon(&lab, part)).collect();
    let mut sum = 0;
    for answer in calls {
        sum += answer.await?;
    }
    Ok(sum)
}
// ANCHOR_END: code

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let settings =
        Settings { workers: 1, rayon_threads: Settings::default().rayon_threads.max(2), ..Settings::default() };
    let numbers = numbers_for(WORK);
    let inside = inside_the_poll(stage, &settings, numbers.clone())?;
    let one = in_calls(stage, &settings, &numbers, 1)?;
    stage.expect(
        "one call is one thread's work: Rayon splits nothing that it is not asked to",
        one.threads == 1,
        format!("{} of {} Rayon threads worked, in {}", one.threads, settings.rayon_threads, seconds(one.took)),
    );
    let calls = stage.knob("calls") as usize;
    let many = in_calls(stage, &settings, &numbers, calls)?;
    let expected = calls.min(usize::from(settings.rayon_threads));
    stage.expect(
        format!("{calls} calls are spread over {expected} threads"),
        many.threads == expected,
        format!("{} of {} Rayon threads worked, in {}", many.threads, settings.rayon_threads, seconds(many.took)),
    );
    stage.expect(
        "every way gives the same sum",
        one.sum == Ok(inside.sum) && many.sum == Ok(inside.sum),
        format!("{}, {} and {}", inside.sum, in_words(&one.sum), in_words(&many.sum)),
    );
    let longest = one.longest_ms.max(many.longest_ms);
    stage.expect(
        "with a oneshot the worker's polls are short: it is free while Rayon computes",
        longest < 0.3 * millis(inside.took) && !one.hogged && !many.hogged,
        format!("the longest poll took {longest:.1} ms, against {:.0} ms", millis(inside.took)),
    );
    stage.expect(
        "so timers stay punctual",
        many.late_ms < 0.5 * inside.late_ms,
        format!("the pulse was at most {:.0} ms late, against {:.0} ms", many.late_ms, inside.late_ms),
    );
    Ok(())
}

/// What the sum in the task's own poll did.
struct Inside {
    sum: u64,
    took: Duration,
    late_ms: f64,
}

fn inside_the_poll(stage: &Stage, settings: &Settings, numbers: Vec<u64>) -> Result<Inside, Halt> {
    stage.part("the sum inside the task's poll");
    let part = stage.lab(settings)?;
    let (sum, took) = timed(&part, "sum", sum_inside_the_poll(numbers))?;
    let summary = part.summary()?;
    let hogged = found(&summary, "hogged-worker", "sum");
    stage.expect_of_polls(
        "computed inside its poll, the sum hogs the worker",
        hogged.is_some(),
        finding_in_words(hogged),
    );
    Ok(Inside { sum, took, late_ms: summary.pulse.late_max_ms })
}

/// What the sum on Rayon did.
struct Calls {
    sum: Result<u64, RecvError>,
    took: Duration,
    threads: usize,
    longest_ms: f64,
    late_ms: f64,
    hogged: bool,
}

fn in_calls(stage: &Stage, settings: &Settings, numbers: &[u64], calls: usize) -> Result<Calls, Halt> {
    stage.part(&format!("rayon::spawn and a oneshot: calls: {calls}"));
    let part = stage.lab(settings)?;
    let parts = numbers.chunks(numbers.len().div_ceil(calls)).map(<[u64]>::to_vec).collect();
    let (sum, took) = timed(&part, "sum", sum_in_calls(part.bench().clone(), parts))?;
    let summary = part.summary()?;
    Ok(Calls {
        sum,
        took,
        threads: jobs_of(&summary, ThreadKind::Rayon).len(),
        longest_ms: summary.polls.longest_ms,
        late_ms: summary.pulse.late_max_ms,
        hogged: found(&summary, "hogged-worker", "sum").is_some(),
    })
}

fn in_words(sum: &Result<u64, RecvError>) -> String {
    sum.as_ref().map_or_else(ToString::to_string, ToString::to_string)
}
