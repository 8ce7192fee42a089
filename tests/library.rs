//! Pollscope as a library: what another program does with it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    pin::{Pin, pin},
    process::Command,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc as channel,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use pollscope::{Blocked, Hooks, Scope, job, mpsc, span, task};
use pollscope_core::{
    model::{
        picture::{Picture, Rule, View},
        summary::Summary,
    },
    trace::event::{TaskKind, ThreadKind},
};
use tokio::runtime::Builder;

const LIMIT: Duration = Duration::from_millis(10);

fn workers(summary: &Summary) -> usize {
    summary.threads.iter().filter(|thread| thread.kind == ThreadKind::Worker).count()
}

/// What a server's handlers do: one blocks where it is told to.
async fn handlers(blocks: bool) {
    let handler = async move {
        if blocks {
            thread::sleep(Duration::from_millis(60));
        } else {
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    };
    tokio::spawn(task("GET /report", handler)).await.unwrap();
}

#[test]
fn a_test_says_who_blocked_which_worker_and_for_how_long() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
    let watch = scope.watch();
    runtime.block_on(handlers(true));
    let blocked = watch.no_worker_blocked(LIMIT).unwrap_err();
    let Blocked::By { polls, .. } = &blocked else { panic!("{blocked:?}") };
    assert_eq!(polls.len(), 1, "{blocked}");
    assert_eq!((polls[0].task.as_str(), polls[0].thread.as_str()), ("GET /report", "worker 0"));
    assert!(polls[0].asleep + polls[0].unknown >= 50_000_000, "{polls:?}");
    let words = blocked.to_string();
    assert!(words.contains("task 'GET /report' kept worker 0 for "), "{words}");
    // What came before is not looked at.
    let later = scope.watch();
    runtime.block_on(handlers(false));
    later.assert_no_worker_blocked(Duration::from_millis(50));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn a_finding_is_told_as_soon_as_it_is_one_and_once() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(2).enable_all()).unwrap();
    let mut stream = scope.stream();
    runtime.block_on(async {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let blocker = tokio::spawn(task("blocker", async move { assert!(released.recv().is_err()) }));
        // It has not ended: the finding is told of while it blocks. The other worker waits for it.
        let heard = tokio::spawn(async move {
            loop {
                let finding = stream.recv().await.unwrap();
                if finding.rule == Rule::BlockedWorker {
                    return (finding, stream);
                }
            }
        });
        let (finding, mut stream) = heard.await.unwrap();
        assert_eq!(finding.task.as_deref(), Some("blocker"));
        assert!(finding.thread.is_some_and(|thread| thread.starts_with("worker")));
        drop(release);
        blocker.await.unwrap();
        while let Ok(again) = stream.try_recv() {
            assert_ne!((again.rule, again.number), (Rule::BlockedWorker, finding.number));
        }
    });
    let rules: Vec<_> = scope.findings().iter().map(|finding| finding.rule).collect();
    assert!(rules.contains(&Rule::BlockedWorker), "{rules:?}");
}

#[test]
fn what_is_polled_inside_a_task_is_a_part_of_it() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
    runtime.block_on(async {
        let parts = async {
            tokio::join!(task("left", tokio::task::yield_now()), task("right", tokio::task::yield_now()));
            span("sum", || (1..=100).sum::<u32>())
        };
        tokio::spawn(task("whole", parts)).await.unwrap();
        tokio::task::spawn_blocking(job("job", || ())).await.unwrap();
    });
    let summary = scope.summary().unwrap();
    assert_eq!((summary.tasks.spawned, summary.tasks.completed), (1, 1), "two parts are no tasks");
    let picture = scope.picture(View { tasks: (0, 50), ..View::default() }).unwrap();
    let kind = |name: &str| picture.tasks.iter().find(|line| &*line.name == name).map(|line| (line.kind, line.polls));
    assert_eq!(kind("whole"), Some((TaskKind::Task, 2)));
    assert_eq!([kind("left"), kind("right")], [Some((TaskKind::Sub, 2)); 2]);
    assert_eq!(summary.events.lost, 0);
}

/// A thing that is no copy of another: a channel's ends can be cloned nevertheless.
#[derive(Debug, PartialEq)]
struct Once(u32);

#[test]
fn channels_of_tasks_are_queues_until_their_last_end_is_gone() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
    let (bounded, mut of_bounded) = mpsc::channel("bounded", 2);
    let (endless, mut of_endless) = mpsc::unbounded_channel("endless");
    let (other, endless_too) = (bounded.clone(), endless.clone());
    runtime.block_on(async {
        bounded.send(Once(1)).await.unwrap();
        other.try_send(Once(2)).unwrap();
        assert!(other.try_send(Once(3)).is_err(), "there is no room");
        (0..5).for_each(|number| endless_too.send(Once(number)).unwrap());
        assert_eq!(of_bounded.recv().await, Some(Once(1)));
        assert_eq!(of_endless.recv().await, Some(Once(0)));
    });
    let now = scope.picture(View::default()).unwrap();
    let queue = |name: &str| {
        let queue = now.queues.iter().find(|it| &*it.name == name).unwrap();
        (queue.capacity, queue.depth, queue.sent, queue.received)
    };
    assert_eq!(queue("bounded"), (Some(2), 1, 2, 1));
    assert_eq!(queue("endless"), (None, 4, 5, 1));
    // A thread that waits for room is seen while it waits.
    bounded.try_send(Once(4)).unwrap();
    thread::scope(|threads| {
        let waits = threads.spawn(|| other.blocking_send(Once(5)));
        while scope.picture(View::default()).unwrap().queues.iter().all(|queue| queue.blocked == 0) {
            thread::yield_now();
        }
        assert_eq!(of_bounded.blocking_recv(), Some(Once(2)));
        waits.join().unwrap().unwrap();
    });
    drop((endless, endless_too));
    assert_eq!((0..5).map_while(|_| of_endless.blocking_recv()).count(), 4);
    // Channels come and go: only the first ones keep a place on the screens.
    for number in 0..1000 {
        let (sender, _receiver) = mpsc::channel("of one request", 1);
        sender.try_send(number).unwrap();
    }
    drop((bounded, other, of_bounded, of_endless));
    let after = scope.picture(View::default()).unwrap();
    assert!(after.queues.len() < 10, "{}", after.queues.len());
    let meters = scope.link().meters().unwrap();
    let sent = |name: &str| meters.queues.iter().find(|it| &*it.name == name).map(|it| it.sent);
    assert_eq!((sent("of one request"), sent("bounded")), (Some(1000), Some(4)));
}

#[test]
fn the_programs_own_hooks_are_called_too() {
    let scope = Scope::new().unwrap();
    let calls: [Arc<AtomicUsize>; 6] = std::array::from_fn(|_| Arc::default());
    let count = |which: usize| {
        let calls = Arc::clone(&calls[which]);
        move || {
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (started, ended) = (count(4), count(5));
    let hooks = Hooks::new()
        .on_thread_start(count(0))
        .on_thread_stop(count(1))
        .on_thread_park(count(2))
        .on_thread_unpark(count(3))
        .on_rayon_start(move |_| started())
        .on_rayon_exit(move |_| ended());
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).thread_name("mine").enable_all();
    let runtime = scope.runtime_with(&mut builder, hooks.clone()).unwrap();
    let pool = scope.pool_with(rayon::ThreadPoolBuilder::new().num_threads(2), hooks).unwrap();
    runtime.block_on(handlers(false));
    assert_eq!(pool.install(job("job", || 7)), 7);
    let summary = scope.summary().unwrap();
    drop(runtime);
    assert_eq!(workers(&summary), 2);
    assert_eq!(summary.threads.iter().filter(|thread| thread.kind == ThreadKind::Rayon).count(), 2);
    let seen: Vec<_> = calls[..5].iter().map(|calls| calls.load(Ordering::Relaxed) > 0).collect();
    assert_eq!(seen, [true; 5]);
}

#[test]
fn a_current_thread_runtime_has_its_lane_where_it_is_polled() {
    let scope = Scope::new().unwrap();
    let runtime = scope.runtime(Builder::new_current_thread().enable_all()).unwrap();
    runtime.block_on(handlers(false));
    let summary = scope.summary().unwrap();
    let worker = summary.threads.iter().find(|thread| thread.kind == ThreadKind::Worker).unwrap();
    // Whether the program lets its runtime run, between two polls, nobody tells.
    assert_eq!((worker.parked_ms, worker.runtime_ms), (None, None));
    assert!(worker.name.starts_with("worker 0"), "{worker:?}");
    assert!(worker.polling_ms > 0.0);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells sleep from work inside a poll")]
fn the_programs_own_thread_is_a_worker_only_in_a_current_thread_runtime() {
    let scope = Scope::new().unwrap();
    scope.probes().enter();
    // Nothing of the scope's is in these runtimes, and the thread has told something before it is in one.
    let with_one = Builder::new_current_thread().build().unwrap();
    let with_threads = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    span("load", || ());
    let sleeps = |name| task(name, async { thread::sleep(Duration::from_millis(30)) });
    let watch = scope.watch();
    with_one.block_on(sleeps("on the worker"));
    // Here the thread drives no task of others.
    with_threads.block_on(sleeps("beside the workers"));
    let long = watch.long_polls(LIMIT).unwrap().polls;
    assert_eq!(long.iter().map(|poll| poll.task.as_str()).collect::<Vec<_>>(), ["on the worker"]);
    let found = scope.findings().into_iter().filter(|it| it.rule == Rule::BlockedWorker);
    assert_eq!(found.filter_map(|it| it.task).collect::<Vec<_>>(), ["on the worker"]);
}

#[test]
fn nobody_says_that_nothing_was_blocked_where_records_were_lost() {
    let scope = Scope::new().unwrap();
    let watch = scope.watch();
    // More at once than a thread's ring has room for, until that happened.
    while scope.summary().unwrap().events.lost == 0 {
        scope.probes().enter();
        (0..50_000).for_each(|_| span("short", || ()));
    }
    let why = watch.no_worker_blocked(Duration::from_millis(10)).unwrap_err();
    assert!(matches!(why, Blocked::Lost(1..)) && why.to_string().contains("records of that time were lost"), "{why}");
    // What comes after it is not in doubt.
    scope.watch().assert_no_worker_blocked(Duration::from_millis(10));
}

/// Waits until a picture shows it.
fn until(scope: &Scope, shows: impl Fn(&Picture) -> bool) {
    while !shows(&scope.picture(View::default()).unwrap()) {
        thread::yield_now();
    }
}

#[test]
fn the_next_runtime_has_the_pulse_when_the_one_that_had_it_is_gone() {
    let scope = Scope::new().unwrap();
    // One that never runs has it first.
    drop(scope.runtime(&mut Builder::new_current_thread()).unwrap());
    for _ in 0..2 {
        let before = scope.summary().unwrap().pulse.ticks;
        let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1)).unwrap();
        while scope.summary().unwrap().pulse.ticks == before {
            thread::yield_now();
        }
        drop(runtime);
    }
}

#[test]
fn tasks_that_nobody_probes_are_counted_in_all_runtimes() {
    let scope = Scope::new().unwrap();
    let [first, second] = [1, 2].map(|_| scope.runtime(Builder::new_multi_thread().worker_threads(1)).unwrap());
    first.spawn(std::future::pending::<()>());
    (0..2).for_each(|_| drop(second.spawn(std::future::pending::<()>())));
    until(&scope, |picture| picture.counts.not_ours == 3);
}

/// A timer of no runtime's, which stays on its thread.
struct Timer {
    due: Instant,
    _stays: Rc<()>,
}

impl Future for Timer {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        thread::spawn(move || {
            thread::sleep(left);
            waker.wake();
        });
        Poll::Pending
    }
}

#[test]
fn the_pulse_of_another_executor_beats_by_its_timers() {
    struct Tell(channel::Sender<()>);
    impl Wake for Tell {
        fn wake(self: Arc<Self>) {
            self.0.send(()).unwrap();
        }
    }
    let scope = Scope::new().unwrap();
    let timer = |length| Timer { due: Instant::now() + length, _stays: Rc::default() };
    let mut pulse = pin!(scope.probes().pulse_by(Duration::from_millis(5), timer));
    let (tell, told) = channel::channel();
    let waker = Waker::from(Arc::new(Tell(tell)));
    for _ in 0..4 {
        assert!(pulse.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        told.recv().unwrap();
    }
    let picture = scope.picture(View { tasks: (0, 10), ..View::default() }).unwrap();
    let line = picture.tasks.iter().find(|line| line.kind == TaskKind::Pulse).unwrap();
    let served = scope.summary().unwrap().pulse.ticks;
    assert!(line.polls == 4 && line.wakes == 4 && served >= 3, "{line:?}, {served}");
}

#[test]
fn runtimes_that_are_named_are_told_apart_and_need_no_timers_of_their_own() {
    let scope = Scope::new().unwrap();
    for name in ["api", "jobs"] {
        let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).thread_name(name)).unwrap();
        let sleeps = async { tokio::time::sleep(Duration::from_millis(1)).await };
        runtime.block_on(runtime.spawn(task("sleeps", sleeps))).unwrap();
    }
    let summary = scope.summary().unwrap();
    let lanes: Vec<_> = summary.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert!(["worker 0 api", "worker 0 jobs"].iter().all(|lane| lanes.contains(lane)), "{lanes:?}");
    assert_eq!(summary.tasks.completed, 2);
}

#[test]
fn of_a_runtime_without_hooks_it_is_not_said_when_its_workers_park() {
    let scope = Scope::new().unwrap();
    scope.install();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let watch = scope.watch();
    runtime.block_on(async {
        let spawned = tokio::spawn(async { tokio::spawn(task("inside", async { thread::sleep(2 * LIMIT) })).await });
        spawned.await.unwrap().unwrap();
    });
    let summary = scope.summary().unwrap();
    let worker = summary.threads.iter().find(|thread| thread.kind == ThreadKind::Worker).unwrap();
    assert_eq!((worker.runtime_ms, worker.parked_ms), (None, None));
    assert!(
        matches!(watch.no_worker_blocked(LIMIT), Err(Blocked::By { .. })),
        "its blocked polls are seen all the same"
    );
}

/// The crates of a tree, by name.
fn crates(args: &[&str]) -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let lines = String::from_utf8(cargo.stdout).unwrap();
    lines.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_library_has_at_most_35_crates_with_tokio_and_rayon() {
    let all = crates(&["--package", "pollscope"]);
    assert!((20..=35).contains(&all.len()), "{}: {all:?}", all.len());
    let own: Vec<_> = all.iter().filter(|name| name.starts_with("pollscope")).collect();
    assert_eq!(own, ["pollscope", "pollscope-core"]);
    for never in ["ratatui", "crossterm", "reqwest", "hyper", "rustls", "clap"] {
        assert!(!all.contains(never), "{never}");
    }
}

#[test]
fn two_scopes_at_once_see_their_own() {
    let scopes = [Scope::new().unwrap(), Scope::new().unwrap()];
    for (tasks, scope) in (1..).zip(&scopes) {
        let runtime = scope.runtime(Builder::new_multi_thread().worker_threads(1).enable_all()).unwrap();
        runtime.block_on(async {
            for _ in 0..tasks {
                // Made on a thread of the scope's own.
                tokio::spawn(async { tokio::spawn(task("t", async {})).await }).await.unwrap().unwrap();
            }
        });
        assert_eq!(scope.summary().unwrap().tasks.completed, tasks);
    }
}

#[test]
fn whoever_asks_a_scope_that_ends_does_not_wait_for_ever() {
    let scope = Scope::new().unwrap();
    let link = scope.link();
    let asks = thread::spawn(move || while link.summary().is_some() {});
    // The collector panics with questions behind this one.
    scope.fail();
    assert!(scope.summary().is_none() && scope.findings().is_empty());
    asks.join().unwrap();
    let scope = Scope::new().unwrap();
    let link = scope.link();
    let asks = thread::spawn(move || while link.summary().is_some() {});
    drop(scope);
    asks.join().unwrap();
}

#[test]
fn what_outlives_its_scope_goes_on_unmeasured() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let scope = Scope::new().unwrap();
    let (send, receive) = tokio::sync::oneshot::channel();
    let (queue, items) = pollscope::queue("queue", 2);
    let spawned = runtime.spawn(task("survivor", receive));
    let later = job("later", || 3);
    drop(scope);
    send.send(5).unwrap();
    queue.send(1).unwrap();
    assert_eq!((runtime.block_on(spawned).unwrap(), later(), items.recv()), (Ok(5), 3, Ok(1)));
}
