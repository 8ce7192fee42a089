//! What the scope says of real tasks on real threads: order, counts, ratios and findings.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    thread,
    time::{Duration, Instant},
};

use pollscope::scope::{HISTORY, Scope};
use pollscope_core::{
    model::{
        picture::{Picture, PollClass, Rule, TaskLine, TaskState, ThreadNow, View},
        summary::Summary,
    },
    trace::event::{JobKind, ThreadKind},
};
use pollscope_lab::lab::Lab;
use pollscope_lab::settings::{Flavor, Settings};

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// For so long a task holds its worker: several times what a busy machine may keep a thread waiting.
const HELD: Duration = Duration::from_millis(400);

/// Runs two tasks, each of which holds its worker in one way, and sums up.
fn two_tasks(settings: &Settings) -> Summary {
    let scope = Scope::start(HISTORY).unwrap();
    let lab = Lab::build(scope.probes(), settings, 1).unwrap();
    let (done, finished) = crossbeam_channel::bounded(2);
    let (first, second) = (done.clone(), done);
    lab.bench().spawn("sleeper", async move {
        thread::sleep(HELD);
        let _ = first.send(());
    });
    lab.bench().spawn("spinner", async move {
        spin(HELD);
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
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn blocked_is_told_from_hogged() {
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        let workers = if flavor == Flavor::MultiThread { 2 } else { 1 };
        let summary = two_tasks(&Settings { flavor, workers, ..Settings::default() });
        assert!(has(&summary, "blocked-worker", "sleeper"), "{flavor}: {:#?}", summary.findings);
        assert!(!has(&summary, "hogged-worker", "sleeper"), "{flavor}: {:#?}", summary.findings);
        assert!(!has(&summary, "blocked-worker", "spinner"), "{flavor}: {:#?}", summary.findings);
        assert!(summary.polls.blocked_ms >= 0.9 * 1e3 * HELD.as_secs_f64(), "{:#?}", summary.polls);
        assert_eq!(summary.events.lost, 0);
    }
}

/// A lab with a scope, and a look at them once a condition holds.
struct Observed {
    lab: Lab,
    scope: Scope,
}

impl Observed {
    fn new(workers: u16) -> Self {
        let scope = Scope::start(HISTORY).unwrap();
        let settings = Settings { workers, ..Settings::default() };
        let lab = Lab::build(scope.probes(), &settings, 1).unwrap();
        Self { lab, scope }
    }

    /// Looks until it is as asked; only a broken scope reaches the deadline.
    #[track_caller]
    fn see(&self, what: &str, is: impl Fn(&Picture) -> bool) -> Box<Picture> {
        let start = Instant::now();
        loop {
            let picture = self.scope.picture(View { tasks: (0, 100), ..View::default() }).unwrap();
            if is(&picture) {
                return picture;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{what} is never seen: {picture:#?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn fired(picture: &Picture, rule: Rule, task: &str) -> bool {
    picture.findings.iter().any(|it| it.rule == rule && it.active && it.task.as_deref() == Some(task))
}

fn line<'a>(picture: &'a Picture, name: &str) -> Option<&'a TaskLine> {
    picture.tasks.iter().find(|task| &*task.name == name)
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn a_poll_that_never_ends_is_seen_while_it_lasts() {
    let observed = Observed::new(2);
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    observed.lab.bench().spawn("stuck", async move {
        let _ = held.recv();
    });
    let picture = observed.see("the block", |picture| fired(picture, Rule::BlockedWorker, "stuck"));
    let how = picture.lanes.iter().find_map(|lane| match &lane.now {
        ThreadNow::Polling(name, _, how) if name == "stuck" => Some(*how),
        _ => None,
    });
    assert_eq!(how, Some(PollClass::Blocked));
    drop(let_go);
    observed.see("its end", |picture| line(picture, "stuck").is_some_and(|task| task.state == TaskState::Done));
}

#[test]
fn a_task_whose_waker_is_gone_is_found_and_one_whose_waker_lives_is_not() {
    let observed = Observed::new(2);
    let (keep, kept) = std::sync::mpsc::channel();
    observed.lab.bench().spawn("forgotten", std::future::pending::<()>());
    observed.lab.bench().spawn("remembered", async move {
        std::future::poll_fn(|cx| {
            let _ = keep.send(cx.waker().clone());
            std::task::Poll::<()>::Pending
        })
        .await;
    });
    let waker = kept.recv().unwrap();
    let picture = observed.see("the finding, and the other's waker", |picture| {
        let counted = line(picture, "remembered").is_some_and(|task| task.wakers == Some(1));
        counted && fired(picture, Rule::UnwakeableTask, "forgotten")
    });
    assert!(!fired(&picture, Rule::UnwakeableTask, "remembered"), "{:#?}", picture.findings);
    drop(waker);
    // The sender inside the task still holds nothing: now it is forgotten too.
    drop(kept);
    observed.see("the second finding", |picture| fired(picture, Rule::UnwakeableTask, "remembered"));
}

#[test]
fn a_nested_probe_keeps_no_hope_for_its_task() {
    let observed = Observed::new(2);
    let probes = observed.lab.bench().probes.clone();
    let nested = async move { probes.nested("inside", std::future::pending::<()>()).await };
    observed.lab.bench().spawn("outside", nested);
    let picture = observed.see("the finding", |picture| fired(picture, Rule::UnwakeableTask, "outside"));
    let inside = line(&picture, "inside").unwrap();
    assert_eq!((inside.depth, inside.wakers), (1, Some(0)));
}

#[test]
fn a_task_that_wakes_itself_is_spinning() {
    let observed = Observed::new(2);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    observed.lab.bench().spawn("spinner", async move {
        std::future::poll_fn(|cx| {
            if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                return std::task::Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    });
    let picture = observed.see("the finding", |picture| fired(picture, Rule::SpinningTask, "spinner"));
    let spinner = line(&picture, "spinner").unwrap();
    assert!(spinner.self_wakes * 2 > spinner.polls, "{spinner:#?}");
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
}

#[test]
fn who_woke_whom_is_told() {
    let observed = Observed::new(2);
    let (told, tell) = tokio::sync::oneshot::channel();
    observed.lab.bench().spawn("listener", async move {
        let _ = tell.await;
        std::future::pending::<()>().await;
    });
    observed.see("the listener asleep", |picture| {
        line(picture, "listener").is_some_and(|task| matches!(task.state, TaskState::Asleep(_)))
    });
    observed.lab.bench().spawn("teller", async move {
        let _ = told.send(());
    });
    let picture = observed.see("the wake", |picture| line(picture, "listener").is_some_and(|task| task.polls == 2));
    assert_eq!(line(&picture, "listener").unwrap().woken_by.as_deref(), Some("teller"));
}

#[test]
fn block_in_place_is_a_job_and_the_worker_moves() {
    let observed = Observed::new(1);
    let probes = observed.lab.bench().probes.clone();
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    observed.lab.bench().spawn("mover", async move {
        probes.block_in_place("a long call", || {
            let _ = held.recv();
        });
    });
    observed.lab.bench().spawn("other", async {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let picture = observed.see("the job and the other worker", |picture| {
        let job = picture.lanes.iter().any(|lane| matches!(&lane.now, ThreadNow::Job(_, _, JobKind::InPlace)));
        let other = line(picture, "other").is_some_and(|task| task.polls > 3);
        job && other
    });
    let worker = picture.lanes.iter().filter(|lane| lane.label == "worker 0").count();
    assert_eq!(worker, 1, "{:#?}", picture.lanes);
    // The job lasts since the first look; a block would last as long. (A page from a cold disk may hold up a poll.)
    let blocks = |it: &ThreadNow| matches!(it, ThreadNow::Polling(_, _, PollClass::Blocked));
    assert!(!picture.lanes.iter().any(|lane| blocks(&lane.now)), "{:#?}", picture.lanes);
    drop(let_go);
    observed.see("its end", |picture| line(picture, "mover").is_some_and(|task| task.state == TaskState::Done));
}

#[test]
fn many_jobs_of_the_blocking_pool_make_it_grow() {
    let observed = Observed::new(1);
    let bench = observed.lab.bench().clone();
    let (let_go, held) = crossbeam_channel::bounded::<()>(0);
    let grows = |picture: &Picture| picture.findings.iter().any(|it| it.rule == Rule::GrowingBlockingPool);
    let add = |jobs: usize| {
        for _ in 0..jobs {
            let held = held.clone();
            drop(bench.tokio.spawn_blocking(bench.probes.job("waits", JobKind::Blocking, move || held.recv())));
        }
    };
    let at_work = |picture: &Picture| {
        picture.lanes.iter().filter(|lane| matches!(lane.now, ThreadNow::Job(_, _, JobKind::Blocking))).count()
    };
    add(7);
    let picture = observed.see("seven jobs at work", |picture| at_work(picture) == 7);
    assert!(!grows(&picture), "{:#?}", picture.findings);
    add(1);
    observed.see("the finding", |picture| grows(picture) && at_work(picture) == 8);
    drop(let_go);
    observed.see("an idle pool", |picture| at_work(picture) == 0);
}

#[test]
fn a_full_queue_shows_who_waits() {
    let observed = Observed::new(1);
    let (sender, receiver) = observed.lab.bench().probes.queue("narrow", 1);
    let probes = observed.lab.bench().probes.clone();
    let sending = thread::Builder::new()
        .name("sender".into())
        .spawn(move || {
            probes.register_thread(ThreadKind::Scenario, 1);
            (0..2).for_each(|item| sender.send(item).unwrap());
        })
        .unwrap();
    let picture = observed.see("the full queue", |picture| picture.queues.iter().any(|queue| queue.blocked == 1));
    let waits = |lane: &pollscope_core::model::picture::Lane| matches!(lane.now, ThreadNow::WaitsForRoom(..));
    assert!(picture.lanes.iter().any(|lane| lane.label == "sender" && waits(lane)), "{:#?}", picture.lanes);
    assert_eq!((receiver.recv(), receiver.recv()), (Ok(0), Ok(1)));
    sending.join().unwrap();
    let picture = observed.see("the empty queue", |picture| picture.queues[0].received == 2);
    assert_eq!((picture.queues[0].sent, picture.queues[0].depth), (2, 0));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells a thread that sleeps from one that works")]
fn leaving_a_blocked_lab_waits_for_nobody_and_shows_what_is_left_over() {
    let mut observed = Observed::new(1);
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    observed.lab.bench().spawn("stuck", async move {
        let _ = held.recv();
    });
    observed.see("the block", |picture| fired(picture, Rule::BlockedWorker, "stuck"));
    let next = Lab::build(observed.scope.probes(), &Settings { workers: 1, ..Settings::default() }, 2).unwrap();
    // The blocked lab is dropped here: this returns although its only worker does not.
    observed.lab = next;
    observed.see("a lane left over", |picture| picture.lanes.iter().any(|lane| lane.left_over));
    drop(let_go);
    observed.see("its end", |picture| !picture.lanes.iter().any(|lane| lane.left_over));
}

#[test]
fn a_job_that_waits_for_room_is_drawn_as_waiting() {
    let observed = Observed::new(1);
    let bench = observed.lab.bench().clone();
    let (sender, receiver) = bench.probes.queue("narrow", 1);
    sender.send(0).unwrap();
    let job = bench.probes.job("sends", JobKind::Rayon, move || sender.send(1).unwrap());
    bench.rayon.spawn(job);
    observed.see("a Rayon thread that waits", |picture| {
        picture
            .lanes
            .iter()
            .any(|lane| lane.kind == ThreadKind::Rayon && matches!(lane.now, ThreadNow::WaitsForRoom(..)))
    });
    assert_eq!((receiver.recv(), receiver.recv()), (Ok(0), Ok(1)));
    observed.see("an idle pool", |picture| {
        picture.lanes.iter().filter(|lane| lane.kind == ThreadKind::Rayon).all(|lane| lane.now == ThreadNow::Parked)
    });
}
