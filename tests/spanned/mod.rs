//! Programs that have spans already: what is made of them, whoever is told of them.

use std::{
    sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use pollscope::Scope;
use pollscope_core::{
    model::{
        picture::{Picture, Rule, TaskState, View},
        summary::Summary,
    },
    trace::{event::TaskKind, log::Item, record::Fact},
};
use tokio::{runtime::Builder, task::yield_now};
use tracing::{Instrument, Metadata, Span, info_span, trace, trace_span};

use super::subscribe;

/// The process has one subscriber; what it sees belongs to the scope of the thread that makes a span.
fn scope() -> Scope {
    subscribe();
    Scope::new().unwrap()
}

/// Held by whoever depends on which scope is the process's: that of threads that belong to no other.
pub(super) fn installed() -> MutexGuard<'static, ()> {
    static INSTALLED: Mutex<()> = Mutex::new(());
    INSTALLED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn all(scope: &Scope) -> Box<Picture> {
    scope.picture(View { tasks: (0, 100), ..View::default() }).unwrap()
}

fn summary(scope: &Scope) -> Summary {
    scope.summary().unwrap()
}

/// Jobs that have ended.
fn jobs(scope: &Scope) -> usize {
    let batches = scope.held().unwrap();
    let items = batches.iter().flat_map(|batch| batch.replay());
    items
        .filter(|item| matches!(item, Item::Record(_, record) if matches!(record.fact(), Some(Fact::Job { .. }))))
        .count()
}

/// Kind, depth and polls of the tasks of that name.
fn tasks(scope: &Scope, name: &str) -> Vec<(TaskKind, u8, u64)> {
    let picture = all(scope);
    let named = picture.tasks.iter().filter(|line| &*line.name == name);
    named.map(|line| (line.kind, line.depth, line.polls)).collect()
}

#[tracing::instrument]
async fn query(times: u32) {
    for _ in 0..times {
        yield_now().await;
    }
}

#[test]
fn spans_on_futures_are_tasks_and_their_parts() {
    let scope = scope();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all()).unwrap();
    runtime.block_on(async {
        let request = async {
            query(3).await;
            info_span!("render").in_scope(|| 42)
        };
        assert_eq!(tokio::spawn(request.instrument(info_span!("GET /report"))).await.unwrap(), 42);
    });
    // Four polls of each, and one more: to drop a future enters its span.
    assert_eq!(tasks(&scope, "GET /report"), [(TaskKind::Task, 0, 5)]);
    assert_eq!(tasks(&scope, "query"), [(TaskKind::Sub, 1, 5)]);
    assert_eq!(tasks(&scope, "render"), [(TaskKind::Sub, 1, 1)]);
    let summary = summary(&scope);
    let tasks = &summary.tasks;
    // How it ended nobody saw.
    assert_eq!((tasks.spawned, tasks.completed, tasks.cancelled, tasks.closed), (1, 0, 0, 1));
    assert_eq!(summary.events.lost, 0);
    assert!(all(&scope).tasks.iter().filter(|line| line.kind == TaskKind::Task).all(|it| it.state == TaskState::Ended));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn who_blocks_a_worker_is_named_by_its_span() {
    let _installed = installed();
    let scope = scope();
    // As `#[tokio::main]` builds it: nothing of the scope's is in it.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    scope.install();
    let watch = scope.watch();
    runtime.block_on(async {
        let blocks = async { thread::sleep(Duration::from_millis(60)) };
        tokio::spawn(blocks.instrument(info_span!("export"))).await.unwrap();
    });
    let blocked = watch.no_worker_blocked(Duration::from_millis(10)).unwrap_err().to_string();
    assert!(blocked.contains("task 'export' kept worker 0 for "), "{blocked}");
    let rules: Vec<_> = scope.findings().into_iter().map(|it| (it.rule, it.task.unwrap_or_default())).collect();
    assert!(rules.contains(&(Rule::BlockedWorker, "export".to_owned())), "{rules:?}");
}

#[test]
fn a_span_outside_a_runtime_is_a_job() {
    let scope = scope();
    let span = info_span!("batch");
    for _ in 0..3 {
        span.in_scope(|| info_span!("part").in_scope(|| ()));
    }
    let summary = summary(&scope);
    assert_eq!((summary.tasks.spawned, summary.polls.count, jobs(&scope)), (0, 0, 6));
}

#[test]
fn a_guard_that_is_kept_over_an_await_keeps_nothing_open() {
    let scope = scope();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let careless = async {
            let _kept = info_span!("kept").entered();
            yield_now().await;
        };
        careless.instrument(info_span!("careless")).await;
    });
    let picture = all(&scope);
    let open = picture.lanes.iter().filter(|lane| lane.label != "collector" && lane.label != "sampler");
    for lane in open {
        assert!(!format!("{:?}", lane.now).contains("Polling"), "{:?}", lane.now);
    }
    assert_eq!(tasks(&scope, "careless"), [(TaskKind::Task, 0, 3)]);
}

/// A span as Tokio makes it of what is spawned, under `--cfg tokio_unstable` with its feature `tracing`.
fn spawned(name: &str, kind: &str) -> Span {
    let (file, line) = ("src/main.rs", 12_u32);
    trace_span!(
        target: "tokio::task", parent: None, "runtime.spawn",
        %kind, task.name = %name, task.id = 1_u64, size.bytes = 8_u64, loc.file = file, loc.line = line, loc.col = 5_u32
    )
}

#[test]
fn what_tokio_tells_of_its_own_is_understood() {
    let scope = scope();
    let (named, nameless, blocking) = (spawned("accept", "task"), spawned("", "task"), spawned("read", "blocking"));
    let waker = |span: &Span, op: &'static str| {
        trace!(target: "tokio::task::waker", op = op, task.id = span.id().unwrap().into_u64());
    };
    for op in ["waker.clone", "waker.wake_by_ref", "waker.wake", "waker.drop"] {
        waker(&nameless, op);
    }
    // Nothing that is polled is made of a resource.
    trace_span!("runtime.resource", concrete_type = "Sleep").in_scope(|| ());
    named.in_scope(|| waker(&nameless, "waker.wake"));
    nameless.in_scope(|| ());
    blocking.in_scope(|| ());
    drop((named, nameless, blocking));
    let picture = all(&scope);
    let lines: Vec<_> = picture.tasks.iter().map(|line| (&*line.name, line.polls, line.wakes)).collect();
    assert_eq!(lines, [("accept", 1, 0), ("src/main.rs:12", 1, 3)]);
    assert_eq!(picture.tasks[1].woken_by.as_deref(), Some("accept"));
    assert_eq!((jobs(&scope), summary(&scope).tasks.closed), (1, 2));
}

fn current() -> Option<&'static str> {
    Span::current().metadata().map(Metadata::name)
}

#[test]
fn a_future_is_instrumented_with_the_span_that_is_current() {
    let scope = scope();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all()).unwrap();
    runtime.block_on(async {
        let request = async {
            assert_eq!(current(), Some("request"));
            yield_now().await;
            // What is spawned goes on in the same span, after the request.
            vec![tokio::spawn(yield_now().in_current_span())]
        };
        let last = tokio::spawn(request.instrument(info_span!("request"))).await.unwrap();
        assert_eq!(current(), None);
        for last in last {
            last.await.unwrap();
        }
    });
    // Two polls of each future, and one more of each that is dropped.
    assert_eq!(tasks(&scope, "request"), [(TaskKind::Task, 0, 6)]);
    assert_eq!(summary(&scope).tasks.closed, 1);
}

#[test]
fn threads_that_enter_thousands_of_spans_at_once_lose_none() {
    let scope = scope();
    let many = |_| {
        let probes = scope.probes().clone();
        thread::spawn(move || {
            probes.enter();
            for _ in 0..400 {
                let spans: Vec<_> = (0..20).map(|_| info_span!("many")).collect();
                // Back and forth, so that none is the last that was entered.
                spans.iter().chain(spans.iter().rev()).for_each(|span| span.in_scope(|| ()));
            }
        })
    };
    (0..4).map(many).collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((jobs(&scope), summary(&scope).events.lost), (4 * 400 * 20 * 2, 0));
}

#[test]
fn a_span_that_threads_enter_first_at_once_is_one_task() {
    let scope = scope();
    let runtime = Builder::new_current_thread().build().unwrap();
    let spans: Arc<Vec<Span>> = Arc::new((0..200).map(|_| info_span!("shared")).collect());
    let together = Arc::new(Barrier::new(4));
    let enter_all = |_| {
        let (handle, spans, together) = (runtime.handle().clone(), Arc::clone(&spans), Arc::clone(&together));
        thread::spawn(move || {
            let _on_runtime = handle.enter();
            for span in &*spans {
                together.wait();
                span.in_scope(|| ());
            }
        })
    };
    (0..4).map(enter_all).collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    let summary = summary(&scope);
    assert_eq!((summary.tasks.spawned, summary.polls.count), (200, 4 * 200));
}

#[test]
fn a_runtime_without_timers_has_one_pulse_that_fails_and_no_more() {
    let scope = scope();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..5 {
            async {}.instrument(info_span!("request")).await;
            yield_now().await;
        }
    });
    let picture = all(&scope);
    let pulses: Vec<_> = picture.tasks.iter().filter(|line| line.kind == TaskKind::Pulse).map(|it| it.state).collect();
    assert_eq!(pulses, [TaskState::Panicked]);
    assert_eq!(tasks(&scope, "request").len(), 5);
}
