//! The layer for `tracing`, where Tokio has spans of its own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pollscope::{Picture, View};
use tokio::{runtime::Builder, task::yield_now};

fn all(scope: &pollscope::Scope) -> Box<Picture> {
    scope.picture(View { tasks: (0, 100), ..View::default() }).unwrap()
}

#[test]
fn one_line_sees_every_task_of_a_program_and_who_woke_it() {
    // Nothing of the scope's is in the program but this.
    let scope = pollscope::tracing::try_init().unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let waits = tokio::spawn(async { receiver.await.unwrap() });
        // It waits before it is sent to.
        while all(scope).tasks.iter().all(|it| it.polls == 0) {
            yield_now().await;
        }
        let sends = tokio::task::Builder::new().name("sends").spawn(async { sender.send(7).unwrap() }).unwrap();
        assert_eq!(waits.await.unwrap(), 7);
        sends.await.unwrap();
        assert_eq!(tokio::task::spawn_blocking(|| 8).await.unwrap(), 8);
    });
    let picture = all(scope);
    assert!(picture.header.coverage.every_task);
    let sends = picture.tasks.iter().find(|it| &*it.name == "sends").unwrap();
    assert!(sends.polls >= 1);
    let woken = picture.tasks.iter().filter(|it| it.woken_by.as_deref() == Some("sends"));
    assert!(woken.filter(|it| it.name.starts_with("tests/layer.rs:")).count() >= 1, "{:?}", picture.tasks);
    let summary = scope.summary().unwrap();
    // Of the program's tasks, nothing is around a worker's polls.
    let polls: u64 = picture.tasks.iter().map(|it| it.polls).sum();
    assert!(summary.polls.count >= polls && polls > 4, "{} {polls}", summary.polls.count);
    assert_eq!(summary.events.lost, 0);
}
