//! The examples of the library do what they say, and print what the README shows.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../examples/batch.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod batch;
#[path = "../../../examples/blocked_test.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod blocked_test;
#[path = "../../../examples/axum.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod server;

use std::{
    fs, panic,
    path::Path,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use pollscope::{Scope, scope::Listen};
use pollscope_core::{
    model::{
        picture::{Finding, Rule, View},
        summary::Summary,
    },
    trace::{clock::SECOND, event::ThreadKind},
};
use serde_json::Value;

const LIMIT: Duration = Duration::from_millis(10);
/// How often each client asks, as in the example.
const TIMES: usize = 10;
/// How long the example's report sleeps.
const REPORT: Duration = Duration::from_millis(80);

/// One at a time: a thread may wait for another one of its process that maps memory, and that would be measured.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the README shows of an example: the block of text after its command.
fn shown(example: &str) -> String {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join("README.md")).unwrap();
    let (_, after) = readme.split_once(&format!("cargo run --example {example}")).unwrap();
    let (_, text) = after.split_once("```text\n").unwrap();
    text.split_once("\n```").unwrap().0.to_owned()
}

/// The words without their figures, and seconds whatever they are thousands of: another run has others.
fn without_figures(words: &str) -> String {
    let word = |word: &str| match word.strip_prefix("ms") {
        Some(rest) => format!("s{rest}"),
        None if word.starts_with(|letter: char| letter.is_ascii_digit()) => "#".to_owned(),
        None => word.to_owned(),
    };
    words.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn is_of(finding: &Finding, rule: Rule, task: &str) -> bool {
    finding.rule == rule && finding.task.as_deref() == Some(task)
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn the_handler_that_blocks_is_named_within_a_second() {
    let _alone = alone();
    let scope = Scope::new().unwrap();
    let (watch, mut stream) = (scope.watch(), scope.stream());
    server::under_load(&scope, false, TIMES).unwrap();
    let polls = watch.long_polls(LIMIT).unwrap().polls;
    for handler in ["GET /report", "GET /totals"] {
        assert_eq!(polls.iter().filter(|poll| poll.task == handler).count(), TIMES, "{polls:?}");
    }
    let blocking = polls.iter().filter(|poll| poll.task == "GET /report").map(|poll| poll.since);
    let first = blocking.min().unwrap();
    // What was known at that instant, by the clock of the trace.
    let within = scope.picture(View { at: Some(first + SECOND), ..View::default() }).unwrap();
    assert!(within.at <= first + SECOND);
    let named = within.findings.iter().find(|it| is_of(it, Rule::BlockedWorker, "GET /report"));
    let named = named.unwrap_or_else(|| panic!("{:?}, {polls:?}", within.findings));
    assert!(named.seen - first <= SECOND && named.thread.as_deref().is_some_and(|it| it.starts_with("worker ")));

    let (findings, shown) = (scope.findings(), without_figures(&shown("axum")));
    for (rule, task) in [(Rule::BlockedWorker, "GET /report"), (Rule::HoggedWorker, "GET /totals")] {
        let found = findings.iter().find(|it| is_of(it, rule, task)).unwrap_or_else(|| panic!("{findings:?}"));
        assert!(shown.contains(&without_figures(&found.text)), "the README does not show {:?}", found.text);
    }
    drop(scope);
    // It was told while it ran; with the scope the stream ends.
    let mut told = std::iter::from_fn(|| stream.blocking_recv());
    assert!(told.any(|finding| is_of(&finding, Rule::BlockedWorker, "GET /report")));
}

#[test]
fn a_second_process_is_told_the_same_of_the_server() {
    let _alone = alone();
    let scope = Scope::new().unwrap();
    let looked_at = scope.serve(&Listen::at("127.0.0.1:0".parse().unwrap())).unwrap();
    server::under_load(&scope, false, TIMES).unwrap();
    // The runtime is gone; that its tasks are, the sampler tells within a tenth of a second.
    while scope.summary().unwrap().tasks.alive_not_ours > 0 {
        thread::yield_now();
    }
    let mut pollscope = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    let report = pollscope.args(["report", "--format", "json", "--attach", &looked_at.address().to_string()]);
    let report = report.output().unwrap();
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));
    let mut there: Value = serde_json::from_slice(&report.stdout).unwrap();
    let mut here = serde_json::to_value(scope.summary().unwrap()).unwrap();
    // Whether cores are short goes on, also after the server.
    for figures in [&mut there, &mut here] {
        figures["findings"].as_array_mut().unwrap().retain(|finding| finding["rule"] != "oversubscribed");
    }
    for figures in ["tasks", "polls", "findings"] {
        assert_eq!(there[figures], here[figures], "{figures}");
    }
    assert!(here["tasks"]["completed"] == 3 * TIMES && here["polls"]["longest_ms"].as_f64().unwrap() >= 80.0, "{here}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn handlers_that_are_mended_hold_no_worker() {
    let _alone = alone();
    let scope = Scope::new().unwrap();
    let watch = scope.watch();
    server::under_load(&scope, true, TIMES).unwrap();
    // The first calls of `spawn_blocking` start threads. On a busy machine the worker may wait meanwhile, for others that
    // map memory: 10 to 30 ms were seen, and they are findings too. What the handler does is longer.
    let is_theirs = |it: &Finding| {
        matches!(it.rule, Rule::BlockedWorker | Rule::HoggedWorker)
            && u128::from(it.seen - it.began) >= REPORT.as_nanos()
    };
    let findings: Vec<_> = watch.findings().into_iter().filter(is_theirs).collect();
    assert!(findings.is_empty(), "{findings:?}");
    watch.assert_no_worker_blocked(REPORT);
    // Nor does it come with each request, as it does where a handler is not mended.
    let polls = watch.long_polls(LIMIT).unwrap().polls;
    for handler in ["GET /report", "GET /totals"] {
        let long = polls.iter().filter(|poll| poll.task == handler).count();
        assert!(long < TIMES / 2, "{polls:?}");
    }
    let tasks = scope.summary().unwrap().tasks;
    assert_eq!(tasks.completed as usize, 3 * TIMES, "each request was answered");
}

/// How much of the time in jobs was the busiest thread's.
fn share_of_the_busiest(summary: &Summary) -> f64 {
    let pool = summary.threads.iter().filter(|thread| thread.kind == ThreadKind::Rayon);
    let times: Vec<_> = pool.map(|thread| thread.job_ms).collect();
    times.iter().copied().fold(0.0, f64::max) / times.iter().sum::<f64>()
}

#[test]
fn a_batch_that_is_cut_unevenly_keeps_one_thread_busy() {
    let _alone = alone();
    let (primes, uneven) = batch::batch(batch::uneven()).unwrap();
    let (same, even) = batch::batch(batch::even()).unwrap();
    // So many there are up to 400,000.
    assert_eq!((primes, same), (33_860, 33_860));
    let sent = |summary: &Summary| summary.queues.iter().map(|queue| (queue.sent, queue.received)).collect::<Vec<_>>();
    assert_eq!((sent(&uneven), sent(&even)), (vec![(10, 10)], vec![(80, 80)]));
    let shares = [&uneven, &even].map(share_of_the_busiest);
    assert!(shares[0] > 0.5 && shares[0] > shares[1], "{shares:?}");
    let shown = shown("batch");
    for words in ["nine short ones: 33860 primes", "in 80 jobs: 33860 primes", "10 counts went", "80 counts went"] {
        assert!(shown.contains(words), "the README shows no {words:?}");
    }
}

#[test]
fn a_test_that_fails_says_what_blocked() {
    let _alone = alone();
    let panic = panic::catch_unwind(|| blocked_test::orders_block_no_worker().unwrap()).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    let (limit, poll) = message.split_once('\n').unwrap();
    assert_eq!(limit, "a worker was blocked for more than 10 ms");
    let (who, how) = poll.trim().split_once(" in one poll: ").unwrap();
    assert_eq!(without_figures(who), "task 'POST /orders' kept worker # for # s", "{message}");
    assert!(who.contains(" worker 0 "), "there is one");
    assert!(how.contains(if pollscope::probe::TELLS_ASLEEP { " ms asleep" } else { " ms unknown" }), "{message}");
    let shown = shown("blocked_test");
    let asserts =
        include_str!("../../../examples/blocked_test.rs").lines().position(|line| line.contains("watch.assert_"));
    assert!(shown.contains(&format!("examples/blocked_test.rs:{}:", asserts.unwrap() + 1)), "{shown}");
    assert!(shown.contains(limit) && without_figures(&shown).contains(&without_figures(who)), "{shown}");
}
