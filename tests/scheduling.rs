//! What the scope says of real tasks on real threads: order, counts, ratios and findings.

use std::{
    thread,
    time::{Duration, Instant},
};

use pollscope::{
    lab::Lab,
    model::summary::Summary,
    scope::{HISTORY, Scope},
    trace::settings::{Flavor, Settings},
};

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Runs two tasks, each of which holds its worker in one way, and sums up.
fn two_tasks(settings: &Settings) -> Summary {
    let scope = Scope::start(HISTORY).unwrap();
    let lab = Lab::build(scope.probes(), settings, 1).unwrap();
    let (done, finished) = crossbeam_channel::bounded(2);
    let (first, second) = (done.clone(), done);
    lab.bench().spawn("sleeper", async move {
        thread::sleep(Duration::from_millis(150));
        let _ = first.send(());
    });
    lab.bench().spawn("spinner", async move {
        spin(Duration::from_millis(150));
        let _ = second.send(());
    });
    finished.recv().unwrap();
    finished.recv().unwrap();
    let summary = scope.summary().unwrap();
    drop(lab);
    summary
}

fn has(summary: &Summary, rule: &str, task: &str) -> bool {
    summary.findings.iter().any(|finding| finding.rule == rule && finding.task.as_deref() == Some(task))
}

#[test]
fn blocked_is_told_from_hogged() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        let workers = if flavor == Flavor::MultiThread { 2 } else { 1 };
        let summary = two_tasks(&Settings { flavor, workers, ..Settings::default() });
        println!("{}", serde_json::to_string_pretty(&summary).unwrap());
        assert!(has(&summary, "blocked-worker", "sleeper"), "{flavor}: {:#?}", summary.findings);
        assert!(!has(&summary, "hogged-worker", "sleeper"), "{flavor}: {:#?}", summary.findings);
        assert!(!has(&summary, "blocked-worker", "spinner"), "{flavor}: {:#?}", summary.findings);
        assert!(summary.polls.blocked_ms >= 140.0, "{:#?}", summary.polls);
        assert_eq!(summary.events.lost, 0);
    }
}
