//! Measuring, on the observed threads.
//!
//! A probe never blocks, and allocates nothing on the hot path: two readings of the clock, a
//! slot that shows what is in flight, one record when it ends. A full ring counts the loss. This floor
//! does not know what the records mean.

mod channel;
mod cost;
mod current;
mod hooks;
mod job;
pub mod mpsc;
mod os_time;
mod pulse;
mod recorder;
mod ring;
mod slot;
#[cfg(feature = "tracing")]
mod spans;
mod task;
#[cfg(tokio_unstable)]
mod unstable;
mod waker;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender};
use pollscope_core::trace::{
    clock::{Clock, Nanos, nanos},
    event::{JobKind, JobQueued, Stamped, TaskBegan, TaskKind, ThreadBegan, ThreadKind},
    record::{ActivityId, ThreadId},
};
pub use pollscope_core::trace::{event::Event, record::NOBODY};

use self::pulse::Claim;
#[cfg(feature = "tracing")]
pub use self::spans::{SpanLayer, SpanSubscriber};
#[cfg(tokio_unstable)]
pub use self::unstable::sample;
pub use self::{
    channel::{Gate, Permit, QueueReceiver, QueueSender},
    cost::poll_cost,
    current::{block_in_place, job, probes, queue, span, task},
    hooks::Hooks,
    os_time::TELLS_ASLEEP,
    ring::{Reader, drain_into},
    slot::{InFlight, Slot},
    task::Probed,
    waker::Watched,
};

/// From one due time of the pulse to the next, unless told otherwise.
///
/// ```
/// use pollscope::probe::PULSE;
///
/// # let scope = pollscope::Scope::new()?;
/// let runtime = scope.runtime(tokio::runtime::Builder::new_current_thread().enable_all())?;
/// runtime.block_on(tokio::task::yield_now());
/// assert_eq!(scope.summary().unwrap().pulse.period_ms, PULSE.as_millis() as f64);
/// # Ok::<(), std::io::Error>(())
/// ```
pub const PULSE: Duration = Duration::from_millis(50);
/// Events that may wait for the collector.
const EVENTS: usize = 1 << 16;

/// The observed side of a scope: makes probes. Copies are cheap and equal. When the scope has ended, what they made
/// goes on unmeasured.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let probes = scope.probes().clone(); // for a thread, or a part of the program, that is given its scope
/// let answer = probes.task("answer", async { 42 });
/// assert_eq!(runtime.block_on(answer), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Probes {
    shared: Arc<Shared>,
}

/// What all probes of a scope share.
#[derive(Debug)]
struct Shared {
    clock: Clock,
    next_activity: AtomicU32,
    next_thread: AtomicU32,
    next_queue: AtomicU32,
    events: Sender<Stamped>,
    threads: Sender<Reader>,
    watches: Sender<Watched>,
    runtimes: Sender<(tokio::runtime::Handle, u32)>,
    lost_events: AtomicU64,
    /// Somebody drains.
    seen: AtomicBool,
    /// It has been told that the runtime tells of every task.
    #[cfg(feature = "tracing")]
    every_task: AtomicBool,
    /// The task of the pulse that beats: there is one at a time.
    pulse: AtomicU32,
}

/// The collector's ends of everything that probes emit.
///
/// ```
/// let (probes, outlets) = pollscope::Probes::new();
/// let pages = probes.queue::<u32>("pages", 8);
/// assert!(outlets.events.recv().unwrap().at <= outlets.clock.now());
/// ```
#[derive(Debug)]
pub struct Outlets {
    /// The clock of all probes.
    pub clock: Clock,
    /// Events, roughly in order.
    pub events: Receiver<Stamped>,
    /// Threads that began to emit records.
    pub threads: Receiver<Reader>,
    /// Tasks whose wakers can be counted.
    pub watches: Receiver<Watched>,
    /// Runtimes whose tasks can be counted, the latest last, and their labs' generations: 0 for none.
    pub runtimes: Receiver<(tokio::runtime::Handle, u32)>,
    shared: Arc<Shared>,
}

impl Outlets {
    /// Takes the number of events that found no room since the last call.
    ///
    /// ```
    /// let (probes, outlets) = pollscope::Probes::new();
    /// for _ in 0..100_000 {
    ///     probes.register_observer("one of very many");
    /// }
    /// assert_eq!(outlets.take_lost_events(), 100_000 - outlets.events.len() as u64);
    /// ```
    pub fn take_lost_events(&self) -> u64 {
        self.shared.lost_events.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Outlets {
    /// Nobody drains any more: probes are as good as none from now on.
    fn drop(&mut self) {
        self.shared.seen.store(false, Ordering::Relaxed);
        current::one_less();
    }
}

impl Probes {
    /// Probes, and the ends that a collector drains. Without a collector they lose everything, and count it.
    ///
    /// ```
    /// let (probes, outlets) = pollscope::Probes::new();
    /// drop(probes.queue::<u32>("pages", 8));
    /// assert_eq!(outlets.events.len(), 2, "it began and ended");
    /// ```
    pub fn new() -> (Self, Outlets) {
        let (events, events_out) = crossbeam_channel::bounded(EVENTS);
        let (threads, threads_out) = crossbeam_channel::bounded(EVENTS);
        let (watches, watches_out) = crossbeam_channel::bounded(EVENTS);
        let (runtimes, runtimes_out) = crossbeam_channel::bounded(EVENTS);
        let clock = Clock::new();
        let shared = Arc::new(Shared {
            clock: clock.clone(),
            next_activity: AtomicU32::new(1),
            next_thread: AtomicU32::new(1),
            next_queue: AtomicU32::new(1),
            events,
            threads,
            watches,
            runtimes,
            lost_events: AtomicU64::new(0),
            seen: AtomicBool::new(true),
            #[cfg(feature = "tracing")]
            every_task: AtomicBool::new(false),
            pulse: AtomicU32::new(NOBODY),
        });
        current::one_more();
        let outlets = Outlets {
            clock,
            events: events_out,
            threads: threads_out,
            watches: watches_out,
            runtimes: runtimes_out,
            shared: Arc::clone(&shared),
        };
        (Self { shared }, outlets)
    }

    /// The clock of all events.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let before = scope.probes().clock().now();
    /// assert!(scope.probes().clock().now() >= before);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Emits an event that happens now.
    ///
    /// ```
    /// use pollscope::probe::Event;
    ///
    /// let (probes, outlets) = pollscope::Probes::new();
    /// probes.emit(Event::ProbeCost { nanos: 40.0 });
    /// assert!(matches!(outlets.events.recv().unwrap().event, Event::ProbeCost { nanos: 40.0 }));
    /// ```
    pub fn emit(&self, event: Event) {
        self.shared.emit(event);
    }

    /// A future whose polls are measured: a task's, if it is given to `spawn`, or those of a part of a task, if
    /// it is polled inside another. Until its first poll it counts as a task that is ready.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let answer = scope.probes().task("answer", async { 42 });
    /// assert_eq!(runtime.block_on(answer), 42);
    /// assert_eq!(scope.summary().unwrap().tasks.completed, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn task<F: Future>(&self, name: &str, future: F) -> Probed<F> {
        Probed::new(&self.shared, name, TaskKind::Task, future)
    }

    /// The same where it is known that it is a part of a task: it is never ready by itself.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let probes = scope.probes();
    /// let whole = probes.task("whole", async { probes.nested("part", async { 42 }).await });
    /// assert_eq!(runtime.block_on(whole), 42);
    /// assert_eq!(scope.summary().unwrap().tasks.spawned, 1, "a part is no task");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn nested<F: Future>(&self, name: &str, future: F) -> Probed<F> {
        Probed::new(&self.shared, name, TaskKind::Sub, future)
    }

    /// A pulse on the Tokio runtime that polls it, where the scope has none yet: a runtime that comes later leaves it where it
    /// is. When it is dropped, with its runtime, the next may have it.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let pulse = scope.probes().first_pulse();
    /// assert!(pulse.is_some(), "no runtime has it yet");
    /// assert!(scope.probes().first_pulse().is_none());
    /// drop(pulse);
    /// assert!(scope.probes().first_pulse().is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn first_pulse(&self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let claim = Claim::new(self)?;
        Some(self.beating(PULSE, tokio::time::sleep, Some(claim)))
    }

    /// A timer on the Tokio runtime that polls it, due every `period`: how late it runs is what others suffer.
    /// It never ends by itself; dropping it ends it, and so does another pulse of the same scope that begins.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let pulse = scope.probes().pulse(pollscope::probe::PULSE);
    /// # runtime.block_on(async {
    /// assert!(tokio::time::timeout(Duration::from_millis(1), pulse).await.is_err(), "it never ends by itself");
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pulse(&self, period: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.pulse_by(period, tokio::time::sleep)
    }

    /// The same for any runtime: `sleep` makes that one's timers. It can be sent to another thread where those can.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// // In the place of Tokio's: the timer of the runtime that polls it.
    /// let pulse = scope.probes().pulse_by(pollscope::probe::PULSE, tokio::time::sleep);
    /// # runtime.block_on(async {
    /// assert!(tokio::time::timeout(Duration::from_millis(1), pulse).await.is_err());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pulse_by<S, F>(&self, period: Duration, sleep: S) -> impl Future<Output = ()> + use<S, F>
    where
        S: Fn(Duration) -> F,
        F: Future,
    {
        self.beating(period, sleep, None)
    }

    fn beating<S, F>(&self, period: Duration, sleep: S, claim: Option<Claim>) -> impl Future<Output = ()> + use<S, F>
    where
        S: Fn(Duration) -> F,
        F: Future,
    {
        let pulse = pulse::run(self.clone(), nanos(period), sleep, claim);
        Probed::new(&self.shared, "pulse", TaskKind::Pulse, pulse)
    }

    /// A closure that is measured as a job from now (queued) on.
    ///
    /// ```
    /// use pollscope::JobKind;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let sum = scope.probes().job("sum", JobKind::Thread, || (1..=100).sum::<u32>());
    /// assert_eq!(std::thread::spawn(sum).join().unwrap(), 5050);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn job<T, F>(&self, name: &str, kind: JobKind, run: F) -> impl FnOnce() -> T + use<T, F>
    where
        F: FnOnce() -> T,
    {
        let queued = self.queued(name, kind);
        move || queued.run(run)
    }

    /// A job that is in line from now on.
    fn queued(&self, name: &str, kind: JobKind) -> job::Queued {
        let job = self.shared.queue_job(name.into(), kind);
        job::Queued { shared: Arc::clone(&self.shared), job }
    }

    /// `tokio::task::block_in_place`, measured: the poll around it ends, a job begins.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
    /// let probes = scope.probes().clone();
    /// let report = async move { probes.block_in_place("sum", || (1..=100).sum::<u32>()) };
    /// assert_eq!(runtime.block_on(runtime.spawn(pollscope::task("report", report)))?, 5050);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// On a current-thread runtime, as Tokio's own.
    pub fn block_in_place<T>(&self, name: &str, run: impl FnOnce() -> T) -> T {
        let job = self.job(name, JobKind::InPlace, run);
        let _back = HandedOver::new(&self.shared);
        tokio::task::block_in_place(job)
    }

    /// A bounded crossbeam channel whose depth and waits are measured.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (sender, receiver) = scope.probes().queue("pages", 8);
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.recv(), Ok(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn queue<T>(&self, name: &str, capacity: u32) -> (QueueSender<T>, QueueReceiver<T>) {
        channel::queue(self.label(name, capacity), capacity)
    }

    /// A counter of permits for tasks, measured as a queue: what holds a permit is in it.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let uploads = scope.probes().gate("uploads", 2);
    /// # runtime.block_on(async {
    /// let permit = uploads.enter().await.unwrap(); // with a third one inside it would wait
    /// drop(permit);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn gate(&self, name: &str, capacity: u32) -> Gate {
        Gate::new(self.label(name, capacity), capacity)
    }

    /// Makes the calling thread a lane from now on, until it ends.
    ///
    /// ```
    /// use pollscope::ThreadKind;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// scope.probes().register_thread(ThreadKind::Scenario, 0);
    /// let threads = scope.summary().unwrap().threads;
    /// assert!(threads.iter().any(|thread| thread.kind == ThreadKind::Scenario));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn register_thread(&self, kind: ThreadKind, generation: u32) {
        recorder::register(&self.shared, kind, generation);
    }

    /// The calling thread's lane; none while it ends.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let lane = scope.probes().lane();
    /// assert!(lane.is_some());
    /// assert_eq!(lane, scope.probes().lane());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn lane(&self) -> Option<ThreadId> {
        recorder::with(&self.shared, |recorder| recorder.thread())
    }

    /// Has the runtime's own count of its tasks read: what is alive and none of ours. Of several runtimes their sum counts.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// // Of a runtime that the scope did not build.
    /// let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
    /// scope.probes().watch_runtime(runtime.handle().clone());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn watch_runtime(&self, handle: tokio::runtime::Handle) {
        self.watch_runtime_of(handle, 0);
    }

    /// The same for one of several labs: those of labs before it count no more.
    fn watch_runtime_of(&self, handle: tokio::runtime::Handle, generation: u32) {
        // A full channel means that nobody samples: the count stays unknown.
        let _ = self.shared.runtimes.try_send((handle, generation));
    }

    /// Makes the calling thread, one of Pollscope's own, a lane that emits nothing itself.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// scope.probes().register_observer("exporter");
    /// let threads = scope.summary().unwrap().threads;
    /// assert!(threads.iter().any(|thread| thread.name == "exporter"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn register_observer(&self, name: &str) -> ThreadId {
        self.register_other(name, ThreadKind::Observer, os_time::os_thread_id())
    }

    /// Makes a thread a lane that emits nothing itself; the operating system is asked about it.
    ///
    /// ```
    /// use pollscope::ThreadKind;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// scope.probes().register_other("printer", ThreadKind::Server, None); // nobody knows its id
    /// let threads = scope.summary().unwrap().threads;
    /// assert!(threads.iter().any(|thread| thread.name == "printer"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn register_other(&self, name: &str, kind: ThreadKind, os_id: Option<u32>) -> ThreadId {
        let thread = self.shared.next_thread.fetch_add(1, Ordering::Relaxed);
        self.emit(Event::Thread(ThreadBegan {
            thread,
            name: name.into(),
            kind,
            os_id,
            generation: 0,
            parks: true,
            own: false,
        }));
        thread
    }

    fn label(&self, name: &str, capacity: u32) -> channel::Label {
        let queue = self.shared.next_queue.fetch_add(1, Ordering::Relaxed);
        self.emit(Event::Queue { queue, name: name.into(), capacity });
        channel::Label::new(&self.shared, queue)
    }
}

/// The poll around a `block_in_place` goes on when this is dropped, also when the closure panics: the polls
/// that unwind then end as themselves. One inside another hands nothing over and takes nothing back.
struct HandedOver<'a>(Option<&'a Arc<Shared>>);

impl<'a> HandedOver<'a> {
    fn new(shared: &'a Arc<Shared>) -> Self {
        let handed = recorder::with(shared, recorder::Recorder::hand_over).unwrap_or(false);
        Self(handed.then_some(shared))
    }
}

impl Drop for HandedOver<'_> {
    fn drop(&mut self) {
        if let Some(shared) = self.0 {
            recorder::with(shared, recorder::Recorder::take_back);
        }
    }
}

impl Shared {
    fn emit(&self, event: Event) {
        self.emit_at(self.clock.now(), event);
    }

    fn emit_at(&self, at: Nanos, event: Event) {
        if self.events.try_send(Stamped { at, event }).is_err() {
            self.lost_events.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn new_activity(&self) -> ActivityId {
        self.next_activity.fetch_add(1, Ordering::Relaxed)
    }

    fn begin_task(self: &Arc<Self>, name: &str, kind: TaskKind) -> ActivityId {
        self.began(self.clock.now(), name.into(), kind, recorder::current(self))
    }

    /// Tells of a task that began at an instant; `parent` made it, or polls it.
    fn began(&self, at: Nanos, name: Arc<str>, kind: TaskKind, parent: Option<ActivityId>) -> ActivityId {
        let task = self.new_activity();
        self.emit_at(at, Event::Task(TaskBegan { task, name, kind, parent }));
        task
    }

    /// Tells of a job that is in line from now on.
    fn queue_job(self: &Arc<Self>, name: Arc<str>, kind: JobKind) -> ActivityId {
        let job = self.new_activity();
        let by = recorder::current(self);
        self.emit(Event::Job(JobQueued { job, name, kind, by }));
        job
    }

    /// Somebody drains what probes emit.
    #[inline]
    fn is_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        task::Poll,
    };

    use super::*;
    use pollscope_core::trace::{
        log::{Batch, Item},
        record::{Doing, Fact, Outcome},
    };

    /// The facts that `run` leaves on a worker's thread.
    fn facts_of(run: impl FnOnce(&Probes)) -> (Vec<Fact>, Option<InFlight>) {
        let (probes, outlets) = Probes::new();
        probes.register_thread(ThreadKind::Worker, 1);
        run(&probes);
        let mut reader = outlets.threads.recv().unwrap();
        let mut batch = Batch::default();
        drain_into(&mut reader, Nanos::MAX, &mut batch);
        let mut facts = Vec::new();
        for item in batch.replay() {
            if let Item::Record(_, record) = item {
                facts.extend(record.fact());
            }
        }
        (facts, reader.slot.outer())
    }

    fn poll_once(future: impl Future<Output = ()>) {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = std::pin::pin!(future).poll(&mut cx);
    }

    fn polls(facts: &[Fact]) -> Vec<(Outcome, bool)> {
        let poll = |fact: &Fact| match *fact {
            Fact::Poll { outcome, nested, .. } => Some((outcome, nested)),
            _ => None,
        };
        facts.iter().filter_map(poll).collect()
    }

    #[test]
    fn a_panic_in_block_in_place_leaves_the_polls_as_they_are() {
        let (facts, in_flight) = facts_of(|probes| {
            let inner = probes.nested("inner", async { probes.block_in_place("job", || panic!("as the test wants")) });
            let panicked = catch_unwind(AssertUnwindSafe(|| poll_once(probes.task("task", inner))));
            assert!(panicked.is_err());
        });
        let expected = [(Outcome::HandedOver, false), (Outcome::Panicked, true), (Outcome::Panicked, false)];
        assert_eq!((polls(&facts), in_flight), (expected.to_vec(), None));
    }

    /// The runtime takes notice of such a wake when the poll is over: that is its instant.
    #[test]
    fn a_task_that_is_woken_in_its_own_poll_is_so_at_the_end_of_it() {
        let wakes_itself = |times: u32, then: Poll<()>| {
            std::future::poll_fn(move |cx| {
                (0..times).for_each(|_| cx.waker().wake_by_ref());
                then
            })
        };
        let (facts, _) = facts_of(|probes| {
            let once = async {
                probes.job("sum", JobKind::Split, || ())();
                wakes_itself(1, Poll::Pending).await;
            };
            poll_once(probes.task("once", once));
            poll_once(probes.task("twice", wakes_itself(2, Poll::Pending)));
            let hands_over = async {
                wakes_itself(1, Poll::Ready(())).await;
                probes.block_in_place("job", || ());
            };
            poll_once(probes.task("hands over", hands_over));
        });
        let words = facts.iter().filter_map(|fact| match *fact {
            Fact::Wake { task, by, by_ref } => (task == by && by_ref).then_some("wake"),
            Fact::Poll { outcome: Outcome::Pending, .. } => Some("pending;"),
            Fact::Poll { outcome: Outcome::HandedOver, .. } => Some("handed over"),
            Fact::Poll { .. } => Some("ready;"),
            Fact::Job { .. } => Some("job"),
            _ => None,
        });
        let expected = "job wake pending; wake wake pending; wake handed over job ready;";
        assert_eq!(words.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn a_thread_that_lost_its_worker_does_not_stay_one() {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let (probes, outlets) = Probes::new();
        probes.instrument_tokio(runtime.worker_threads(1), Hooks::new());
        let runtime = runtime.build().unwrap();
        let inner = probes.clone();
        let body = async move { inner.block_in_place("job", || std::thread::sleep(Duration::from_millis(50))) };
        runtime.block_on(runtime.spawn(probes.task("task", body))).unwrap();
        let mut workers = 0;
        for mut reader in outlets.threads.try_iter() {
            let mut batch = Batch::default();
            drain_into(&mut reader, Nanos::MAX, &mut batch);
            let mut worker = None;
            for item in batch.replay() {
                if let Item::Record(_, record) = item
                    && let Some(Fact::Worker { index }) = record.fact()
                {
                    worker = index;
                }
            }
            workers += u32::from(worker.is_some());
        }
        assert!(workers <= 1, "{workers} threads are worker 0");
    }

    #[test]
    fn block_in_place_inside_another_is_a_nested_job() {
        let (facts, _) = facts_of(|probes| {
            let body = async {
                probes.block_in_place("outer", || {
                    probes.block_in_place("inner", || ());
                    let current = recorder::with(&probes.shared, |recorder| recorder.enter(Doing::Job, 9));
                    assert!(current.is_some(), "the thread still has its recorder");
                    recorder::with(&probes.shared, |it| {
                        it.exit(&current.unwrap(), recorder::End::Job { panicked: false });
                    });
                });
            };
            poll_once(probes.task("task", body));
        });
        let jobs: Vec<bool> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Job { nested, .. } => Some(*nested),
                _ => None,
            })
            .collect();
        assert_eq!(jobs, [true, true, false]);
        assert_eq!(polls(&facts), [(Outcome::HandedOver, false), (Outcome::Ready, false)]);
    }
}
