//! Ten thousand that sleep: threads of the operating system, and tasks.

use std::{
    io,
    thread::{self, Builder, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use pollscope::scope::{Usage, usage};
use tokio::sync::watch;

use super::stage::{Halt, Part, Stage};
use crate::lab::Bench;

/// How many sleep.
const COUNT: usize = 10_000;
/// A thread's stack: far less than the 2 MiB that a thread has by default.
const STACK: usize = 64 << 10;
/// Fewer threads than that say nothing about each.
const ENOUGH: usize = 100;

// ANCHOR: code
fn sleep_in_threads(over: &Receiver<()>) -> (Vec<JoinHandle<()>>, Option<io::Error>) {
    let mut threads = Vec::new();
    while threads.len() < COUNT {
        let over = over.clone();
        let sleep = move || {
            let _ = over.recv();
        };
        match Builder::new().stack_size(STACK).spawn(sleep) {
            Ok(thread) => threads.push(thread),
            Err(refused) => return (threads, Some(refused)),
        }
    }
    (threads, None)
}

fn sleep_in_tasks(lab: &Bench, over: &watch::Receiver<()>) -> Vec<tokio::task::JoinHandle<()>> {
    let sleep = |_| {
        let mut over = over.clone();
        lab.tokio.spawn(async move {
            let _ = over.changed().await;
        })
    };
    (0..COUNT).map(sleep).collect()
}
// ANCHOR_END: code

/// What sleepers took, each.
struct Each {
    sleepers: usize,
    micros: f64,
    bytes: Option<f64>,
    switches: Option<f64>,
}

pub(super) fn run(stage: &Stage) -> Result<(), Halt> {
    let part = stage.workers(1)?;
    stage.part(&format!("{COUNT} tasks that sleep"));
    let tasks = tasks(&part)?;
    stage.part(&format!("{COUNT} threads that sleep, with {} KiB of stack each", STACK >> 10));
    let (threads, refused) = threads(&part)?;
    let all = refused.as_ref().map_or_else(
        || format!("{} threads, {} tasks", threads.sleepers, tasks.sleepers),
        |refused| {
            format!("{} threads, then the machine refused: {refused}; {} tasks", threads.sleepers, tasks.sleepers)
        },
    );
    stage.expect(
        "as many tasks as you like; of threads as many as the machine gives",
        tasks.sleepers == COUNT && (threads.sleepers == COUNT || refused.is_some()),
        all,
    );
    if threads.sleepers < ENOUGH {
        stage.expect("too few threads to compare", refused.is_some(), format!("{} threads", threads.sleepers));
        return Ok(());
    }
    stage.expect(
        "a thread takes longer to start",
        threads.micros > 2.0 * tasks.micros,
        format!("{:.1} µs a thread, {:.2} µs a task", threads.micros, tasks.micros),
    );
    stage.expect(
        "a thread takes more memory, and that is only the part of its stack that was touched",
        threads.bytes.zip(tasks.bytes).is_none_or(|(thread, task)| thread > 2.0 * task),
        format!("{} a thread, {} a task", kib(threads.bytes), kib(tasks.bytes)),
    );
    stage.expect(
        "to put it to sleep is a switch of the operating system; a task just returns from its poll",
        threads.switches.zip(tasks.switches).is_none_or(|(thread, task)| thread > 5.0 * task),
        format!("{} a thread, {} a task", switches(threads.switches), switches(tasks.switches)),
    );
    Ok(())
}

fn tasks(part: &Part<'_>) -> Result<Each, Halt> {
    let (wake, over) = watch::channel(());
    let (before, start) = (usage(), Instant::now());
    let tasks = sleep_in_tasks(part.bench(), &over);
    let started = start.elapsed();
    // The last one is behind the others: when it has been polled, all have.
    part.run("the last", async {})?;
    let each = Each::of(tasks.len(), started, before, usage());
    drop(wake);
    for task in tasks {
        part.wait(task)??;
    }
    Ok(each)
}

fn threads(part: &Part<'_>) -> Result<(Each, Option<io::Error>), Halt> {
    let (wake, over) = crossbeam_channel::bounded(0);
    let (before, start) = (usage(), Instant::now());
    let (threads, refused) = sleep_in_threads(&over);
    let started = start.elapsed();
    part.nap(Duration::from_millis(100))?;
    let each = Each::of(threads.len(), started, before, usage());
    drop((over, wake));
    for thread in threads {
        // They do nothing that could panic.
        let _ = thread::JoinHandle::join(thread);
    }
    Ok((each, refused))
}

impl Each {
    fn of(sleepers: usize, started: Duration, before: Usage, after: Usage) -> Self {
        let count = sleepers.max(1) as f64;
        let each = |before: Option<u64>, after: Option<u64>| {
            before.zip(after).map(|(before, after)| after.saturating_sub(before) as f64 / count)
        };
        Self {
            sleepers,
            micros: started.as_secs_f64() * 1e6 / count,
            bytes: each(before.resident, after.resident),
            switches: each(before.switches, after.switches),
        }
    }
}

fn kib(bytes: Option<f64>) -> String {
    bytes.map_or_else(|| "not measured".to_owned(), |bytes| format!("{:.1} KiB", bytes / 1024.0))
}

fn switches(count: Option<f64>) -> String {
    count.map_or_else(|| "not measured".to_owned(), |count| format!("{count:.2} switches"))
}
