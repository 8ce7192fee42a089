//! Events through collect and fold, and the picture.
//!
//! `cargo bench --bench scope`; `… -- 5 2` makes 5 batches instead of 1,000, of two threads: few enough for
//! callgrind, which counts instructions where the machine is too busy for times.

use std::{hint::black_box, sync::Arc, time::Instant};

use pollscope_core::{
    model::{Model, picture::View},
    trace::{
        clock::Nanos,
        event::{Event, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
        log::{Batch, Log},
        record::{Fact, Outcome, Record},
    },
};

/// Records of a batch for each thread: a busy millisecond.
const RECORDS: u64 = 10_000;
const BATCHES: u64 = 1000;

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    if let [batches, threads] = numbers[..] {
        return fold(threads, batches.into());
    }
    for threads in [1, 2, 16] {
        fold(threads, BATCHES);
    }
    picture();
}

/// Two threads and a few tasks that yield: each poll is a record, each wake another.
fn fold(threads: u32, batches: u64) {
    let mut model = Model::default();
    let mut log = Log::new(256 << 20);
    model.apply(&beginning(threads, 8));
    let (mut spent, mut copied, mut bytes) = (0, 0, 0);
    for batch in 0..batches {
        let mut batch = busy_millisecond(threads, 1_000 + batch * RECORDS * 100);
        let start = Instant::now();
        model.apply(black_box(&batch));
        spent += start.elapsed().as_nanos();
        let start = Instant::now();
        let kept = log.append(black_box(&mut batch));
        copied += start.elapsed().as_nanos();
        bytes += kept.map_or(0, |kept| kept.bytes());
    }
    let records = (batches * RECORDS * u64::from(threads)) as f64;
    println!(
        "{threads} thread{}: fold {:.1} ns a record, log {:.1} ns a record, {:.2} bytes a record",
        if threads == 1 { " " } else { "s" },
        spent as f64 / records,
        copied as f64 / records,
        bytes as f64 / records
    );
}

fn beginning(threads: u32, tasks: u32) -> Batch {
    let mut batch = Batch::default();
    for thread in 1..=threads {
        let began = ThreadBegan {
            thread,
            name: Arc::from("tokio"),
            kind: ThreadKind::Worker,
            os_id: None,
            generation: 0,
            parks: true,
            own: false,
        };
        batch.push(Stamped { at: 1, event: Event::Thread(began) });
        batch.extend(thread, &[Record::new(2, Fact::Worker { index: Some(thread - 1) })]);
    }
    for task in 1..=tasks {
        let began = TaskBegan { task, name: Arc::from("a task"), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: 1, event: Event::Task(began) });
    }
    batch.close(10);
    batch
}

fn busy_millisecond(threads: u32, start: Nanos) -> Batch {
    let mut batch = Batch::default();
    for thread in 1..=threads {
        let records = (0..RECORDS / 2).flat_map(|step| {
            let at = start + step * 200 + u64::from(thread);
            let task = thread * 4 - (step % 4) as u32;
            let wake = Fact::Wake { task, by: task, by_ref: true };
            let poll = Fact::Poll { task, took: 80, outcome: Outcome::Pending, nested: false };
            [Record::new(at + 90, wake), Record::new(at + 100, poll)]
        });
        batch.extend(thread, &records.collect::<Vec<_>>());
    }
    batch.close(start + RECORDS * 100);
    batch
}

/// A picture of 64 threads and 1,000 tasks.
fn picture() {
    let mut model = Model::default();
    model.apply(&beginning(64, 1_000));
    for batch in 0..20 {
        model.apply(&busy_millisecond(64, 1_000 + batch * RECORDS * 100));
    }
    let view = View { lane_cells: 130, pulse_cells: 80, tasks: (0, 50), ..View::default() };
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let start = Instant::now();
            black_box(model.picture(&view));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("picture of 64 threads and 1,000 tasks: median {:.0} µs, 99% {:.0} µs", times[100], times[198]);
}
