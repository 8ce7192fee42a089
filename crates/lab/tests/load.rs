//! Much at once, and for long: what is counted stays exact, what is kept stays bounded, and the lanes' clocks agree.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::{
    collections::HashMap,
    env,
    sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;
use pollscope::scope::{self, Scope};
use pollscope_core::trace::{
    event::JobKind,
    log::{Batch, Item},
    record::{ActivityId, Fact, Outcome},
};
use pollscope_lab::lab::{Bench, Lab};
use pollscope_lab::settings::Settings;
use tried::{Area, tried};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What the log may hold here: little, so that its bound is reached.
const HISTORY: usize = 16 << 20;
/// After so many tasks the table of names is full, too, and nothing is left that may grow.
const ENOUGH: usize = 1_250_000;

/// One at a time: they look at the memory of the process that they share.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn settings() -> Settings {
    Settings { workers: 2, ..Settings::default() }
}

fn resident() -> u64 {
    scope::usage().resident.unwrap_or_default()
}

/// Tasks that wake each other once, a thousand at a time. A round ends when all of them are done.
fn round(bench: &Bench, tasks: usize) {
    let (done, finished) = crossbeam_channel::bounded(tasks);
    for _ in 0..tasks / 2 {
        let (tell, told) = tokio::sync::oneshot::channel();
        let (first, second) = (done.clone(), done.clone());
        bench.spawn("told", async move {
            told.await.unwrap();
            first.send(()).unwrap();
        });
        bench.spawn("teller", async move {
            tell.send(()).unwrap();
            second.send(()).unwrap();
        });
    }
    for _ in 0..tasks / 2 * 2 {
        finished.recv().unwrap();
    }
}

#[test]
fn two_million_tasks_are_counted_and_let_go() {
    const TASKS: usize = 2_000_000;
    const AT_ONCE: usize = 1_000;
    let _alone = alone();
    let scope = Scope::start(HISTORY).unwrap();
    let lab = Lab::build(scope.probes(), &settings(), 1).unwrap();
    let mut memory = Vec::new();
    for at in 1..=TASKS / AT_ONCE {
        round(lab.bench(), AT_ONCE);
        // Whoever asks waits for all that has been recorded: no thread's records pile up.
        let summary = scope.summary().unwrap();
        assert_eq!(summary.events.lost, 0, "after {at} rounds");
        if at % 250 == 0 {
            memory.push(resident());
        }
    }
    drop(lab);
    let summary = scope.summary().unwrap();
    assert_eq!((summary.tasks.spawned, summary.tasks.completed), (TASKS as u64, TASKS as u64), "{:?}", summary.tasks);
    // By then the log is full, and so is the table of the last million names.
    let [.., middle, _, _, last] = memory[..] else { panic!("no figures") };
    assert!(last <= middle + middle / 5, "memory grows: {memory:?}");
    tried(
        Area::Load,
        "2 million tasks",
        "1 run, 1,000 at once",
        &format!(
            "counted exactly; none of {} events lost; {} MB of memory after 1.25 million, {} MB at the end",
            summary.events.emitted,
            middle / 1_000_000,
            last / 1_000_000
        ),
    );
}

#[test]
fn a_thousand_blocking_threads_have_a_lane_each() {
    const THREADS: u16 = 1_000;
    let _alone = alone();
    let scope = Scope::start(HISTORY).unwrap();
    let settings = Settings { blocking_threads: Some(THREADS), ..settings() };
    let lab = Lab::build(scope.probes(), &settings, 1).unwrap();
    let all = Arc::new(Barrier::new(usize::from(THREADS)));
    let jobs: Vec<_> = (0..THREADS)
        .map(|_| {
            let all = Arc::clone(&all);
            // It ends when all of them are running: on as many threads.
            lab.bench().spawn_blocking("waits for all", move || all.wait().is_leader())
        })
        .collect();
    let (done, finished) = crossbeam_channel::bounded(1);
    lab.bench().spawn("collects", async move {
        let mut leaders = 0;
        for job in jobs {
            leaders += usize::from(job.await.unwrap());
        }
        done.send(leaders).unwrap();
    });
    assert_eq!(finished.recv().unwrap(), 1);
    let summary = scope.summary().unwrap();
    let blocking = summary.threads.iter().filter(|thread| thread.name.starts_with("blocking")).count();
    assert_eq!(blocking, usize::from(THREADS));
    assert_eq!(summary.events.lost, 0);
    assert!(summary.findings.iter().any(|finding| finding.rule == "growing-blocking-pool"), "{:#?}", summary.findings);
    drop(lab);
    tried(
        Area::Load,
        "1,000 blocking threads",
        "1 run, all at once",
        "a lane each; the growing pool is found; no event lost",
    );
}

/// What was measured again and again, as means of ten parts of the time: to tell what grows from what comes and goes. It
/// takes no memory of its own that would grow.
#[derive(Default)]
struct Tenths([(u64, u64); 10]);

impl Tenths {
    fn add(&mut self, share: f64, bytes: u64) {
        let (sum, count) = &mut self.0[((share * 10.0) as usize).min(9)];
        (*sum, *count) = (*sum + bytes, *count + 1);
    }

    fn megabytes(&self) -> [u64; 10] {
        self.0.map(|(sum, count)| sum / count.max(1) / 1_000_000)
    }

    /// The means of the first half and of the last.
    fn halves(&self) -> (u64, u64) {
        let mean = |part: &[(u64, u64)]| {
            let (sum, count) = part.iter().fold((0, 0), |all, it| (all.0 + it.0, all.1 + it.1));
            sum / u64::max(count, 1)
        };
        (mean(&self.0[..5]), mean(&self.0[5..]))
    }
}

/// For how long: `.ci/soak` says it.
fn soak() -> Duration {
    let seconds = env::var("POLLSCOPE_SOAK").map_or(3, |seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds)
}

/// Each wake led to a poll that began after it, on whatever lane: so the lanes' clocks agree. How many there were.
fn assert_no_poll_before_its_wake(held: &[Arc<Batch>]) -> usize {
    let mut woken: HashMap<ActivityId, u64> = HashMap::new();
    let mut ended: HashMap<u32, u64> = HashMap::new();
    let mut records: Vec<_> = Vec::new();
    for batch in held {
        for item in batch.replay() {
            if let Item::Record(thread, record) = item {
                let before = ended.insert(thread, record.at());
                assert!(before.is_none_or(|before| before <= record.at()), "lane {thread} goes back");
                records.extend(record.fact().map(|fact| (record.at(), fact)));
            }
        }
    }
    // In the order of the clock that all of them share, whichever lane they are of.
    records.sort_by_key(|(at, _)| *at);
    let mut pairs = 0;
    for (at, fact) in records {
        match fact {
            Fact::Wake { task, .. } => drop(woken.insert(task, at)),
            Fact::Poll { task, took, outcome, nested: false } => {
                let after = woken.get(&task).is_some_and(|woken| at - took >= *woken);
                // A poll that was under way may see that it need not wait any more, and end.
                if after || outcome == Outcome::Ready {
                    woken.remove(&task);
                }
                pairs += usize::from(after);
            }
            Fact::Dropped { task } => drop(woken.remove(&task)),
            _ => {}
        }
    }
    // What the last round recorded, and labs that are on their way out, may still come.
    assert!(woken.len() <= 8, "{} of {pairs} wakes led to no poll after them", woken.len());
    pairs
}

#[test]
fn for_long_nothing_is_lost_and_nothing_grows_and_no_clock_drifts() {
    let _alone = alone();
    let scope = Scope::start(HISTORY).unwrap();
    let mut lab = Lab::build(scope.probes(), &settings(), 1).unwrap();
    (0..ENOUGH / 1_000).for_each(|_| {
        round(lab.bench(), 1_000);
        assert_eq!(scope.summary().unwrap().events.lost, 0);
    });
    let (begun, clock_begun) = (Instant::now(), scope.probes().clock().now());
    let (mut generation, mut rounds) = (1, 0_u64);
    let (mut heap, mut memory) = (Tenths::default(), Tenths::default());
    while begun.elapsed() < soak() {
        round(lab.bench(), 200);
        let bench = lab.bench();
        let (job, rayon) = (bench.spawn_blocking("job", || ()), crossbeam_channel::bounded(1));
        bench.spawn_rayon("part", move || rayon.0.send(()).unwrap());
        rayon.1.recv().unwrap();
        scope.probes().job("after", JobKind::Thread, || drop(job))();
        rounds += 1;
        if rounds % 20 == 0 {
            // As a key does it that is held down: another lab, while the old one shuts down behind.
            generation += 1;
            drop(std::mem::replace(&mut lab, Lab::build(scope.probes(), &settings(), generation).unwrap()));
        }
        let summary = scope.summary().unwrap();
        assert_eq!(summary.events.lost, 0, "after {rounds} rounds");
        let share = begun.elapsed().div_duration_f64(soak());
        heap.add(share, HEAP.current_usage() as u64);
        memory.add(share, resident());
    }
    // What the allocator keeps of what was freed is its own affair, and comes to more where labs had no core and piled up; what
    // is in use has no such excuse.
    let ((first, last), (resident_first, resident_last)) = (heap.halves(), memory.halves());
    let (heap, memory) = (heap.megabytes(), memory.megabytes());
    let grows = format!("by tenths, in MB: {heap:?} in use, {memory:?} resident");
    assert!(last <= first + first / 10, "memory in use grows from {first} to {last} bytes; {grows}");
    assert!(resident_last <= resident_first + resident_first / 5, "resident memory grows; {grows}");
    let pairs = assert_no_poll_before_its_wake(&scope.held().unwrap());
    assert!(pairs > 100, "only {pairs} wakes were seen");
    let (theirs, ours) = (begun.elapsed().as_nanos() as f64, (scope.probes().clock().now() - clock_begun) as f64);
    assert!((ours / theirs - 1.0).abs() < 0.01, "the clock drifts: {ours} for {theirs}");
    tried(
        Area::Load,
        "a soak",
        &format!("{} s, {rounds} rounds of 200 tasks, {generation} labs", soak().as_secs()),
        &format!(
            "no event lost; {:.1} MB of memory in use in the first half, {:.1} MB in the last ({grows}); {pairs} wakes, \
             each before the poll that it led to; the clock {:.4} of the system's",
            first as f64 / 1e6,
            last as f64 / 1e6,
            ours / theirs
        ),
    );
}
