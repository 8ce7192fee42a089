//! Blocking work on the blocking pool: its limit, its queue, its idle threads; and CPU work there, which is more
//! threads than cores.

use std::{thread, time::Duration};

use pollscope_core::{model::summary::ThreadLine, trace::event::ThreadKind};

use super::{
    Knob,
    compute::{hash, numbers_for},
    measure::{Crowd, found, jobs_of, millis, seconds, timed},
    stage::{Halt, Part, Stage},
};
use crate::{lab::Bench, settings::Settings};

/// How long each read takes.
const NAP: Duration = Duration::from_millis(300);
/// How long all the computing takes on one core, roughly, a core.
const WORK: Duration = Duration::from_millis(400);

pub(super) const KNOBS: &[Knob] = &[Knob { name: "limit", values: &[2, 4, 8], start: 1 }];

// ANCHOR: code
fn read_slowly(at_work: &Crowd) {
    let _me = at_work.enter();
    thread::sleep(NAP);
}

async fn read_all(lab: Bench, files: u32, at_work: Crowd) {
    let read = |_| {
        let at_work = at_work.clone();
        lab.spawn_blocking("read", move || read_slowly(&at_work))
    };
    let reads: Vec<_> = (0..files).map(read).collect();
    for read in reads {
        let _ = read.await;
    }
}
// ANCHOR_END: code

// ANCHOR: code
async fn sum_all(lab: Bench, parts: Vec<Vec<u64>>) -> u64 {
    let sum = |part: Vec<u64>| lab.spawn_blocking("sum", move || part.into_iter().map(hash).sum::<u64>());
    let sums: Vec<_> = parts.into_iter().map(sum).collect();
    let mut all = 0;
    for sum in sums {
        all += sum.await.unwrap_or(0);
    }
    all
}
// ANCHOR_END: code

async fn sum_on_rayon(lab: Bench, parts: Vec<Vec<u64>>) -> u64 {
    let (reply, answer) = tokio::sync::oneshot::channel();
    let bench = lab.clone();
    lab.spawn_rayon("sums", move || {
        use rayon::prelude::*;
        let sum = |part: &Vec<u64>| bench.split("sum", || part.iter().map(|number| hash(*number)).sum::<u64>());
        let _ = reply.send(parts.par_iter().map(sum).sum());
    });
    answer.await.unwrap_or(0)
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    waiting(stage, stage.knob("limit"))?;
    computing(stage)
}

fn waiting(stage: &Stage, limit: u32) -> Result<(), Halt> {
    let files = 2 * limit;
    stage.part(&format!("{files} reads that block, on at most {limit} threads"));
    let settings = Settings { workers: 1, blocking_threads: Some(limit as u16), ..Settings::default() };
    let (part, at_work) = (stage.lab(&settings)?, Crowd::default());
    let ((), took) = timed(&part, "reader", read_all(part.bench().clone(), files, at_work.clone()))?;
    let summary = part.summary()?;
    let blocked = found(&summary, "blocked-worker", "reader");
    stage.expect_of_polls(
        "the worker is free while others sleep: the task awaits them",
        blocked.is_none() && summary.polls.blocked_ms < millis(NAP) / 2.0,
        format!("{:.0} ms asleep in polls", summary.polls.blocked_ms),
    );
    stage.expect(
        format!("never more than {limit} at once: the others wait in the pool's queue, where no await is seen"),
        at_work.most() == limit,
        format!("at most {} of {files} at once", at_work.most()),
    );
    stage.expect(
        "so they come in two waves",
        took >= NAP * 2,
        format!("{} for {files} reads of {}", seconds(took), seconds(NAP)),
    );
    let threads = jobs_of(&summary, ThreadKind::Blocking).len();
    stage.expect(
        "the same threads do the second wave: one without work stays for 10 s, in case that more comes",
        threads == limit as usize,
        format!("{threads} threads for {files} reads"),
    );
    Ok(())
}

fn computing(stage: &Stage) -> Result<(), Halt> {
    let cores = Settings::default().rayon_threads;
    let jobs = usize::from(cores) * 4;
    let numbers = numbers_for(WORK * u32::from(cores));
    let parts: Vec<Vec<u64>> = numbers.chunks(numbers.len().div_ceil(jobs)).map(<[u64]>::to_vec).collect();
    let settings = Settings { workers: 1, ..Settings::default() };

    stage.part(&format!("{jobs} computations on the blocking pool, with its limit of 512 threads"));
    let part = stage.lab(&settings)?;
    let (sum, _) = timed(&part, "sums", sum_all(part.bench().clone(), parts.clone()))?;
    let pool = Cores::of(&part, ThreadKind::Blocking)?;
    drop(part);

    stage.part("the same on Rayon, with a thread for each core");
    let part = stage.lab(&settings)?;
    let (same, _) = timed(&part, "sums", sum_on_rayon(part.bench().clone(), parts))?;
    let rayon = Cores::of(&part, ThreadKind::Rayon)?;

    stage.expect(
        "CPU work there takes a thread for each computation, far more than there are cores",
        pool.threads == jobs && rayon.threads <= usize::from(cores) && sum == same,
        format!("{} threads, against {} of Rayon's, for {cores} cores", pool.threads, rayon.threads),
    );
    stage.expect(
        "they wait for a core, by the operating system's own count, and far longer than Rayon's",
        pool.waited_ms.zip(rayon.waited_ms).is_none_or(|(pool, rayon)| pool > 1.3 * rayon),
        format!("{}, against {}", pool.in_words(), rayon.in_words()),
    );
    Ok(())
}

/// How the threads of a kind were given cores.
struct Cores {
    threads: usize,
    waited_ms: Option<f64>,
    switched: Option<u64>,
}

impl Cores {
    fn of(part: &Part<'_>, kind: ThreadKind) -> Result<Self, Halt> {
        let summary = part.summary()?;
        let at_work = |it: &&ThreadLine| it.kind == kind && it.job_ms > 0.0;
        let threads = || summary.threads.iter().filter(at_work);
        Ok(Self {
            threads: threads().count(),
            waited_ms: threads().map(|it| it.waiting_for_core_ms).sum(),
            switched: threads().map(|it| it.switches_involuntary).sum(),
        })
    }

    fn in_words(&self) -> String {
        match (self.waited_ms, self.switched) {
            (Some(waited), Some(switched)) => {
                format!("{waited:.0} ms without a core, and switched off it {switched} times")
            }
            (Some(waited), None) => format!("{waited:.0} ms without a core"),
            (None, _) => "not measured on this platform".to_owned(),
        }
    }
}
