//! The scope's hooks on a runtime, where Tokio calls all of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use pollscope::{Hooks, Picture, Scope, TaskKind, View, task};
use tokio::{
    runtime::{Builder, TaskMeta},
    task::yield_now,
};

fn all(scope: &Scope) -> Box<Picture> {
    scope.picture(View { tasks: (0, 100), ..View::default() }).unwrap()
}

/// Name (of the place the file alone), kind, depth and polls of each task that is no pulse.
fn tasks(picture: &Picture) -> Vec<(String, TaskKind, u8, u64)> {
    let place = |name: &str| if name.starts_with("tests/hooks.rs:") { "here".to_owned() } else { name.to_owned() };
    let ours = picture.tasks.iter().filter(|it| it.kind != TaskKind::Pulse && !it.name.contains("scope.rs"));
    ours.map(|it| (place(&it.name), it.kind, it.depth, it.polls)).collect()
}

#[test]
fn a_runtime_tells_of_every_task_and_of_its_queues() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all()).unwrap();
    let watch = scope.watch();
    runtime.block_on(async {
        tokio::spawn(async {
            yield_now().await;
            thread::sleep(Duration::from_millis(30));
        })
        .await
        .unwrap();
        tokio::spawn(task("named", yield_now())).await.unwrap();
    });
    let picture = all(&scope);
    let seen = tasks(&picture);
    let seen: Vec<_> = seen.iter().map(|(name, kind, depth, polls)| (name.as_str(), *kind, *depth, *polls)).collect();
    let expected = [("here", TaskKind::Task, 0, 2), ("here", TaskKind::Task, 0, 2), ("named", TaskKind::Sub, 1, 2)];
    assert_eq!(seen, expected);
    let summary = scope.summary().unwrap();
    // The task of the pulse is one, too.
    assert_eq!((summary.tasks.closed, summary.events.lost), (2, 0));
    assert!(summary.coverage.every_task && summary.coverage.scheduler);
    let scheduler = summary.scheduler.unwrap();
    assert_eq!(scheduler.local_queues.len(), 2, "{scheduler:?}");
    if cfg!(target_os = "linux") {
        let blocked = watch.no_worker_blocked(Duration::from_millis(10)).unwrap_err().to_string();
        assert!(blocked.contains("task 'tests/hooks.rs:"), "{blocked}");
    }
}

#[test]
fn the_programs_own_hooks_of_tasks_are_called_too() {
    let scope = Scope::new().unwrap();
    let calls: [Arc<AtomicUsize>; 4] = Default::default();
    let count = |which: usize| {
        let calls = Arc::clone(&calls[which]);
        move |_: &TaskMeta<'_>| {
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let hooks = Hooks::new()
        .on_task_spawn(count(0))
        .on_before_task_poll(count(1))
        .on_after_task_poll(count(2))
        .on_task_terminate(count(3));
    // The scope has a pulse already: there is no other task here.
    let _pulse = scope.probes().first_pulse();
    let runtime = scope.runtime_with(Builder::new_multi_thread().worker_threads(1), hooks).unwrap();
    runtime.block_on(async { tokio::spawn(yield_now()).await.unwrap() });
    drop(runtime);
    let [spawned, before, after, ended] = calls.each_ref().map(|calls| calls.load(Ordering::Relaxed));
    // Tokio tells the end of its workers' own loops, too.
    assert!((spawned, before, after) == (1, 2, 2) && ended >= 1, "{calls:?}");
    let seen = tasks(&all(&scope));
    assert_eq!(seen, [("here".to_owned(), TaskKind::Task, 0, 2)]);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn a_finding_names_the_part_that_held_the_worker() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all()).unwrap();
    let watch = scope.watch();
    let report = task("GET /report", async { thread::sleep(Duration::from_millis(30)) });
    // As a server has it: the task is a connection's, and is known by where it was spawned.
    runtime.block_on(async { tokio::spawn(async { report.await }).await.unwrap() });
    let blocked = watch.no_worker_blocked(Duration::from_millis(10)).unwrap_err().to_string();
    assert!(blocked.contains(" most of it in 'GET /report',"), "{blocked}");
    let findings = scope.findings();
    let named = findings.iter().find(|it| it.part.as_deref() == Some("GET /report"));
    let text = &named.unwrap_or_else(|| panic!("{findings:?}")).text;
    assert!(text.starts_with("GET /report slept inside a poll of tests/hooks.rs:"), "{text}");
}
