//! Made-up runs, and what is said of them.

use pollscope_core::{
    model::summary::{Events, Polls, Process, Pulse, Ready, Tasks},
    trace::event::Coverage,
};

use super::*;

fn report(elapsed_ms: f64, late_max_ms: f64, blocked_ms: f64, cpu_ms: Option<f64>) -> Summary {
    Summary {
        schema: SCHEMA,
        elapsed_ms,
        process: Process { cpu_ms, rss_start_bytes: None, rss_peak_bytes: None, scope_cpu_ms: None },
        tasks: Tasks { spawned: 1, completed: 1, failed: 0, cancelled: 0, closed: 0, alive_not_ours: 0 },
        polls: Polls {
            count: 1,
            longest_ms: 1.0,
            over_10ms: 0,
            blocked_ms,
            hogged_ms: 5.0,
            runnable_ms: 0.0,
            short_ms: 0.0,
            unknown_ms: 0.0,
        },
        pulse: Pulse { period_ms: 50.0, ticks: 10, late_p50_ms: 1.0, late_p99_ms: late_max_ms, late_max_ms },
        ready: Ready { p50_ms: 0.1, p99_ms: 1.0, max_ms: 1.0, most_ready: 1 },
        threads: Vec::new(),
        coverage: Coverage::default(),
        scheduler: None,
        queues: Vec::new(),
        sections: Vec::new(),
        findings: Vec::new(),
        events: Events { emitted: 1, lost: 0 },
    }
}

fn run(wait: Wait, report: Summary) -> Run {
    Run { settings: Settings { wait, ..Settings::default() }, report, lanes: Vec::new() }
}

fn two() -> Comparison {
    let free = run(Wait::Async, report(1_000.0, 8.0, 0.0, Some(100.0)));
    let blocked = run(Wait::Blocking, report(3_000.0, 812.0, 5_600.0, None));
    Comparison::of(vec![free, blocked], Vec::new())
}

fn figure<'c>(comparison: &'c Comparison, name: &str) -> &'c Figure {
    comparison.table.iter().find(|figure| figure.name == name).unwrap()
}

#[test]
fn the_least_is_best_and_the_most_is_worst() {
    let two = two();
    let makespan = figure(&two, "makespan");
    assert_eq!((makespan.best, makespan.worst), (Some(0), Some(1)));
    let hogged = figure(&two, "hogged");
    assert_eq!((hogged.best, hogged.worst), (None, None), "equal runs have no best");
}

#[test]
fn what_was_not_measured_is_no_best_and_is_said() {
    let two = two();
    let cpu = figure(&two, "CPU time");
    assert_eq!(cpu.values, [Some(100.0), None]);
    assert_eq!((cpu.best, cpu.worst), (None, None));
    assert!(text::render(&two).contains("not measured"));
}

#[test]
fn the_sentence_tells_ratio_lateness_and_cause() {
    let expected = "'async' was done first, in 1.00 s; 'blocking' took 3.0 times as long. The pulse was late by 812 \
                    ms at worst with 'blocking', by 8 ms with 'async': its polls were asleep for 5600 ms in all, and \
                    nobody else ran on those workers meanwhile.";
    assert_eq!(two().takeaway, expected);
}

#[test]
fn equal_runs_are_told_as_equal() {
    let runs = [Wait::Async, Wait::SpawnBlocking].map(|wait| run(wait, report(1_000.0, 8.0, 0.0, None)));
    let equal = Comparison::of(runs.into(), Vec::new());
    assert!(equal.takeaway.starts_with("All runs took about as long"), "{}", equal.takeaway);
    assert!(equal.takeaway.contains("No run kept the others waiting"), "{}", equal.takeaway);
}

#[test]
fn labels_say_only_what_differs() {
    assert_eq!(two().labels, ["async", "blocking"]);
    let mut one = run(Wait::Async, report(1.0, 1.0, 0.0, None));
    one.settings.workers = 1;
    let mut four = one.clone();
    four.settings.workers = 4;
    assert_eq!(labels(&[one, four]), ["workers 1", "workers 4"]);
}
