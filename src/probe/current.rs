//! Probes for whoever names no scope: that of the calling thread, or the process's.
//!
//! Where there is none, a probe is a look at one atomic: it allocates nothing and measures nothing.

use std::{
    cell::RefCell,
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use pollscope_core::trace::event::JobKind;

use super::{
    Probed, Probes, QueueReceiver, QueueSender, Shared,
    channel::{self, Label},
    recorder,
};

/// Scopes that somebody drains.
static SEEN: AtomicUsize = AtomicUsize::new(0);
/// That of threads that belong to no other.
static INSTALLED: RwLock<Weak<Shared>> = RwLock::new(Weak::new());

thread_local! {
    /// The scope that was started on the calling thread.
    static STARTED: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
}

pub(super) fn one_more() {
    SEEN.fetch_add(1, Ordering::Relaxed);
}

pub(super) fn one_less() {
    SEEN.fetch_sub(1, Ordering::Relaxed);
}

/// The probes of the calling thread's scope; none where there is no scope.
///
/// A thread belongs to the scope whose runtime or pool started it, or that it has started itself or told of anything;
/// every other to the one that was [installed](Probes::install) for the process.
///
/// ```
/// assert!(pollscope::probes().is_none());
/// let scope = pollscope::Scope::new()?;
/// assert!(pollscope::probes().is_some());
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline]
pub fn probes() -> Option<Probes> {
    if SEEN.load(Ordering::Relaxed) == 0 { None } else { find() }
}

fn find() -> Option<Probes> {
    let seen = |shared: &Arc<Shared>| shared.is_seen();
    let started = || STARTED.try_with(|it| it.borrow().upgrade()).ok().flatten().filter(seen);
    let installed = || INSTALLED.read().unwrap_or_else(PoisonError::into_inner).upgrade().filter(seen);
    let shared = recorder::home().or_else(started).or_else(installed)?;
    Some(Probes { shared })
}

impl Probes {
    /// From now on this scope is that of every thread that belongs to no other. The last one counts.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// scope.probes().install();
    /// let thread = std::thread::spawn(|| pollscope::probes().is_some());
    /// assert!(thread.join().unwrap());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn install(&self) {
        *INSTALLED.write().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&self.shared);
    }

    /// Has the calling thread belong to this scope, unless a runtime or pool of another has started it.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let probes = scope.probes().clone();
    /// let thread = std::thread::spawn(move || {
    ///     probes.enter();
    ///     pollscope::probes().is_some()
    /// });
    /// assert!(thread.join().unwrap());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) {
        let _ = STARTED.try_with(|it| it.replace(Arc::downgrade(&self.shared)));
    }
}

/// A future whose polls and wakes are measured: a task's, if it is given to `spawn`, or those of a part of a task, if it
/// is polled inside another. It belongs to the scope of the thread that makes it.
///
/// ```
/// # async fn answer(_: &str) {}
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let server = tokio::spawn(pollscope::task("server", async {
///     pollscope::task("first", answer("first")).await;
///     pollscope::task("second", answer("second")).await;
/// }));
/// # server.await.unwrap(); });
/// ```
#[inline]
pub fn task<F: Future>(name: &str, future: F) -> Probed<F> {
    match probes() {
        Some(probes) => probes.task(name, future),
        None => Probed::unseen(future),
    }
}

/// A closure that is measured as a job: from now on it waits, until `spawn_blocking`, Rayon or a thread calls it.
///
/// ```
/// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
/// let sum = pool.install(pollscope::job("sum", || (1..=100).sum::<u32>()));
/// assert_eq!(sum, 5050);
/// ```
#[inline]
pub fn job<T, F: FnOnce() -> T>(name: &str, run: F) -> impl FnOnce() -> T + use<T, F> {
    let probed = probes().map(|probes| probes.queued(name, JobKind::Anywhere));
    move || match probed {
        Some(queued) => queued.run(run),
        None => run(),
    }
}

/// A named part of what the calling thread does now, inside a task or a job.
///
/// ```
/// let words = pollscope::span("split", || "a named span".split(' ').count());
/// assert_eq!(words, 3);
/// ```
#[inline]
pub fn span<T>(name: &str, run: impl FnOnce() -> T) -> T {
    match probes() {
        Some(probes) => probes.job(name, JobKind::Split, run)(),
        None => run(),
    }
}

/// `tokio::task::block_in_place`, measured: it ends the poll around it, so that it blocks no worker on the screen either.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
/// # runtime.block_on(async {
/// let report = async { pollscope::block_in_place("sum", || (1..=100).sum::<u32>()) };
/// assert_eq!(tokio::spawn(pollscope::task("report", report)).await.unwrap(), 5050);
/// # });
/// ```
///
/// # Panics
///
/// On a current-thread runtime, as Tokio's own.
pub fn block_in_place<T>(name: &str, run: impl FnOnce() -> T) -> T {
    match probes() {
        Some(probes) => probes.block_in_place(name, run),
        None => tokio::task::block_in_place(run),
    }
}

/// A bounded crossbeam channel whose depth and waits are measured.
///
/// ```
/// let (sender, receiver) = pollscope::queue("pages", 8);
/// sender.send(1).unwrap();
/// assert_eq!(receiver.recv(), Ok(1));
/// ```
pub fn queue<T>(name: &str, capacity: u32) -> (QueueSender<T>, QueueReceiver<T>) {
    channel::queue(label(name, capacity), capacity)
}

/// What both ends of a channel tell of it.
pub(super) fn label(name: &str, capacity: u32) -> Label {
    probes().map_or_else(Label::unseen, |probes| probes.label(name, capacity))
}
