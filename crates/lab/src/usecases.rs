//! Ten use cases, and how far crossbeam, Tokio and Rayon serve each: a table whose cells point at what shows it.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Who is asked, in the order of the columns.
pub const TOOLS: [&str; 3] = ["crossbeam", "Tokio", "Rayon"];

/// A use case: a row.
#[derive(Debug)]
pub struct UseCase {
    /// What is to be done.
    pub name: &'static str,
    /// An answer for each of [`TOOLS`].
    pub cells: [Cell; 3],
}

/// Whether a tool serves a use case.
#[derive(Debug)]
pub struct Cell {
    /// In a word.
    pub answer: Answer,
    /// Why, in a line.
    pub why: &'static str,
    /// What shows it.
    pub evidence: Evidence,
}

/// In a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is made for that.
    Yes,
    /// It can, if one knows what to look out for.
    WithCare,
    /// It is not made for that.
    No,
}

impl Answer {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::WithCare => "with care",
            Self::No => "no",
        }
    }
}

/// What shows an answer.
#[derive(Debug)]
pub enum Evidence {
    /// A lesson, by name.
    Lesson(&'static str),
    /// A short run that says what it measured.
    Run(fn() -> String),
}

const fn yes(why: &'static str, lesson: &'static str) -> Cell {
    Cell { answer: Answer::Yes, why, evidence: Evidence::Lesson(lesson) }
}

const fn care(why: &'static str, lesson: &'static str) -> Cell {
    Cell { answer: Answer::WithCare, why, evidence: Evidence::Lesson(lesson) }
}

const fn no(why: &'static str, lesson: &'static str) -> Cell {
    Cell { answer: Answer::No, why, evidence: Evidence::Lesson(lesson) }
}

const fn row(name: &'static str, cells: [Cell; 3]) -> UseCase {
    UseCase { name, cells }
}

/// All of them, in order.
pub static USE_CASES: &[UseCase] = &[
    row(
        "borrowed data across threads",
        [
            yes("its scope ends its threads before what they borrow ends", "scoped-borrowing"),
            no("a task may outlive whoever spawned it: it owns what it uses", "scoped-borrowing"),
            yes("often denied, but scope, join and par_iter all borrow", "scoped-borrowing"),
        ],
    ),
    row(
        "fine-grained control of threads",
        [
            yes("the threads are your own: their number, names, stacks and ends", "dedicated-thread"),
            care("the number of workers is yours, which of them polls what is not", "join-or-spawn"),
            care(
                "a pool has the size that you say; a job without an end takes a thread of it away",
                "dedicated-thread",
            ),
        ],
    ),
    row(
        "blocking, CPU-bound work",
        [
            care("threads may block and compute; that there are not too many is up to you", "threads-or-tasks"),
            care("never in a poll; spawn_blocking is made to wait, not to compute", "spawn-blocking"),
            care("made to compute, with a thread for each core; not made to block", "rayon-and-oneshot"),
        ],
    ),
    row(
        "producer-consumer pipelines",
        [
            yes("bounded queues between threads: whoever is too fast waits", "three-together"),
            yes("bounded channels between tasks, with an await instead of a wait", "back-pressure"),
            care("it has no queues, and a job that waits for one holds a thread of the pool", "dedicated-thread"),
        ],
    ),
    row(
        "async I/O",
        [
            no("each thing that waits needs a thread", "threads-or-tasks"),
            yes("many answers are awaited on few threads", "three-together"),
            no("a job that waits for an answer holds a thread of the pool", "dedicated-thread"),
        ],
    ),
    row(
        "lightweight concurrency",
        [
            no("a thread takes a stack and a switch of the operating system", "threads-or-tasks"),
            yes("a task takes as much memory as it has to remember", "threads-or-tasks"),
            care("jobs are as light, but none of them may wait", "recursive-parallelism"),
        ],
    ),
    row(
        "data-parallel transformation",
        [
            care("by hand: split the data, and join the threads of a scope", "scoped-borrowing"),
            no("a task that computes stops the others on its worker", "cpu-loop"),
            yes("par_iter splits, and threads without work steal", "par-iter"),
        ],
    ),
    row(
        "recursive parallelism",
        [
            care("a thread for each half is soon too many", "threads-or-tasks"),
            care("a task, an allocation and a copy for each half", "recursive-parallelism"),
            yes("join offers a half, and takes it back if nobody steals it", "recursive-parallelism"),
        ],
    ),
    row(
        "priorities of tasks",
        [
            yes("two queues, and select_biased! looks at the urgent one first", "priorities"),
            care("tasks have none; inside one a biased select! does the same", "priorities"),
            no("jobs are taken newest first, or oldest first", "priorities"),
        ],
    ),
    row(
        "simplicity of integration",
        [
            Cell {
                answer: Answer::Yes,
                why: "channels and scopes in plain functions; nothing has to be started",
                evidence: Evidence::Run(|| told(fastest(through_a_channel), "through a new channel")),
            },
            Cell {
                answer: Answer::WithCare,
                why: "a runtime has to be built, and whoever awaits becomes async",
                evidence: Evidence::Run(|| told(fastest(through_a_runtime), "through a new runtime with one worker")),
            },
            Cell {
                answer: Answer::Yes,
                why: "iter becomes par_iter; the pool starts by itself, once",
                evidence: Evidence::Run(|| told(fastest(through_the_pool), "through the pool, which is there by then")),
            },
        ],
    ),
];

/// Each way to a first result is tried so often; the fastest counts.
const TIMES: u32 = 5;

fn fastest(way: fn() -> u64) -> (Duration, u64) {
    let once = |_| {
        let start = Instant::now();
        let result = way();
        (start.elapsed(), result)
    };
    (0..TIMES).map(once).min().unwrap_or_default()
}

fn told((took, result): (Duration, u64), how: &str) -> String {
    format!("from nothing to the result {result} in {:.0} µs, {how}", took.as_secs_f64() * 1e6)
}

fn through_a_channel() -> u64 {
    let (send, receive) = crossbeam_channel::bounded(1);
    std::thread::scope(|scope| {
        scope.spawn(move || send.send(42));
        receive.recv().unwrap_or(0)
    })
}

fn through_a_runtime() -> u64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
    runtime.map_or(0, |runtime| runtime.block_on(async { tokio::spawn(async { 42 }).await.unwrap_or(0) }))
}

fn through_the_pool() -> u64 {
    let (left, right) = rayon::join(|| 40, || 2);
    left + right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::Lesson;

    #[test]
    fn every_cell_has_evidence() {
        assert_eq!(USE_CASES.len(), 10);
        for case in USE_CASES {
            for (cell, tool) in case.cells.iter().zip(TOOLS) {
                assert!(!cell.why.is_empty() && !cell.why.contains('\n'), "{}, {tool}", case.name);
                match &cell.evidence {
                    Evidence::Lesson(name) => assert!(Lesson::named(name).is_some(), "{}, {tool}: {name}", case.name),
                    Evidence::Run(run) => assert!(run().contains("result 42"), "{}, {tool}", case.name),
                }
            }
        }
    }
}
