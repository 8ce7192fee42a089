//! The hooks of runtimes and pools, shared with whoever had them first: a builder keeps only one of each.

use std::{fmt, io, sync::Arc};

use pollscope_core::trace::event::ThreadKind;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};

use super::{
    Probes,
    recorder::{self, Recorder},
};

type Hook = Arc<dyn Fn() + Send + Sync>;
type IndexedHook = Arc<dyn Fn(usize) + Send + Sync>;

/// Hooks of the program's own. `on_thread_*` of Tokio's builder and the handlers of Rayon's *replace* what was set
/// before: a hook that was set on the builder itself is lost when a scope takes it; so it is with Tokio's of tasks under
/// `--cfg tokio_unstable`. Given here, both are called: what the program's own does is measured, too, where it is on a
/// thread that is a lane by then.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// let hooks = pollscope::Hooks::new()
///     .on_thread_start(|| println!("{:?} starts", std::thread::current().name()))
///     .on_thread_stop(|| println!("{:?} stops", std::thread::current().name()));
/// let runtime = scope.runtime_with(tokio::runtime::Builder::new_multi_thread().enable_all(), hooks)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Hooks {
    start: Option<Hook>,
    stop: Option<Hook>,
    park: Option<Hook>,
    unpark: Option<Hook>,
    rayon_start: Option<IndexedHook>,
    rayon_exit: Option<IndexedHook>,
    #[cfg(tokio_unstable)]
    pub(super) of_tasks: super::unstable::TaskHooks,
    generation: u32,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Hooks {
    /// None.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let pool = scope.pool_with(rayon::ThreadPoolBuilder::new(), pollscope::Hooks::new())?; // as `Scope::pool`
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// When a thread of the Tokio runtime has started, a worker or one of the blocking pool.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (start, started) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_thread_start(move || drop(start.send(())));
    /// drop(scope.runtime_with(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all(), hooks)?);
    /// assert_eq!(started.try_iter().count(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_thread_start(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { start: Some(Arc::new(hook)), ..self }
    }

    /// Before a thread of the Tokio runtime stops.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (stop, stopped) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_thread_stop(move || drop(stop.send(())));
    /// drop(scope.runtime_with(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all(), hooks)?);
    /// assert_eq!(stopped.try_iter().count(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_thread_stop(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { stop: Some(Arc::new(hook)), ..self }
    }

    /// Before a worker goes idle.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (park, parked) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_thread_park(move || drop(park.send(())));
    /// let runtime = scope.runtime_with(tokio::runtime::Builder::new_multi_thread().enable_all(), hooks)?;
    /// assert!(parked.recv().is_ok(), "there is nothing to do");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_thread_park(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { park: Some(Arc::new(hook)), ..self }
    }

    /// When a worker has woken up.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (unpark, unparked) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_thread_unpark(move || drop(unpark.send(())));
    /// let runtime = scope.runtime_with(tokio::runtime::Builder::new_multi_thread().enable_all(), hooks)?;
    /// runtime.spawn(async {});
    /// assert!(unparked.recv().is_ok(), "there is a task");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_thread_unpark(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { unpark: Some(Arc::new(hook)), ..self }
    }

    /// When a thread of the Rayon pool has started: its index.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (start, started) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_rayon_start(move |index| drop(start.send(index)));
    /// let pool = scope.pool_with(rayon::ThreadPoolBuilder::new().num_threads(1), hooks)?;
    /// assert_eq!(started.recv()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_rayon_start(self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { rayon_start: Some(Arc::new(hook)), ..self }
    }

    /// Before a thread of the Rayon pool ends: its index.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (exit, exited) = std::sync::mpsc::channel();
    /// let hooks = pollscope::Hooks::new().on_rayon_exit(move |index| drop(exit.send(index)));
    /// drop(scope.pool_with(rayon::ThreadPoolBuilder::new().num_threads(1), hooks)?);
    /// assert_eq!(exited.recv()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_rayon_exit(self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { rayon_exit: Some(Arc::new(hook)), ..self }
    }

    /// The threads belong to one of several labs that come one after the other; 0, unless said, for none.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let second = pollscope::Hooks::new().of_lab(2);
    /// let runtime = scope.runtime_with(tokio::runtime::Builder::new_multi_thread().enable_all(), second)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn of_lab(self, generation: u32) -> Self {
        Self { generation, ..self }
    }
}

impl Probes {
    /// Takes a Tokio runtime's builder: all else stays as it was set. For whoever builds it himself.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let mut builder = tokio::runtime::Builder::new_multi_thread();
    /// scope.probes().instrument_tokio(builder.worker_threads(1), pollscope::Hooks::new());
    /// let runtime = builder.build()?;
    /// runtime.block_on(runtime.spawn(pollscope::task("answer", async { 42 })))?;
    /// assert!(scope.summary().unwrap().threads.iter().any(|thread| thread.name == "worker 0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instrument_tokio(&self, builder: &mut Builder, hooks: Hooks) {
        #[cfg(tokio_unstable)]
        super::unstable::hook(&self.shared, builder, &hooks.of_tasks);
        let [started, stopped, parked, unparked] = std::array::from_fn(|_| Arc::clone(&self.shared));
        let Hooks { start, stop, park, unpark, generation, .. } = hooks;
        builder
            .on_thread_start(move || {
                recorder::expect_runtime_thread(&started, generation);
                call(start.as_ref());
            })
            .on_thread_stop(move || {
                // What the other hook does is still the thread's doing.
                call(stop.as_ref());
                recorder::thread_stops(&stopped);
            })
            .on_thread_park(move || {
                recorder::with(&parked, Recorder::park);
                call(park.as_ref());
            })
            .on_thread_unpark(move || {
                recorder::with(&unparked, Recorder::unpark);
                call(unpark.as_ref());
            });
    }

    /// Builds a Tokio runtime whose threads are lanes: all else is as the builder says.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let mut builder = tokio::runtime::Builder::new_multi_thread();
    /// let runtime = scope.probes().tokio_runtime(builder.worker_threads(1), pollscope::Hooks::new())?;
    /// let answer = runtime.spawn(scope.probes().task("answer", async { 42 }));
    /// assert_eq!(runtime.block_on(answer)?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn tokio_runtime(&self, builder: &mut Builder, hooks: Hooks) -> io::Result<Runtime> {
        let generation = hooks.generation;
        self.instrument_tokio(builder, hooks);
        let runtime = builder.build()?;
        self.watch_runtime_of(runtime.handle().clone(), generation);
        Ok(runtime)
    }

    /// Builds a Rayon pool whose threads are lanes: all else is as the builder says.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let builder = rayon::ThreadPoolBuilder::new().num_threads(1);
    /// let pool = scope.probes().rayon_pool(builder, pollscope::Hooks::new())?;
    /// assert_eq!(pool.install(pollscope::job("answer", || 42)), 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn rayon_pool(&self, builder: ThreadPoolBuilder, hooks: Hooks) -> Result<ThreadPool, ThreadPoolBuildError> {
        self.instrument_rayon(builder, hooks).build()
    }

    /// Takes a Rayon pool's builder: all else stays as it was set. For whoever builds it himself, such as the pool that
    /// `par_iter` uses where nobody says otherwise:
    ///
    /// ```
    /// use rayon::prelude::*;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let builder = rayon::ThreadPoolBuilder::new().num_threads(2);
    /// scope.probes().instrument_rayon(builder, pollscope::Hooks::new()).build_global()?;
    /// assert_eq!((1..=100).into_par_iter().sum::<u32>(), 5050);
    /// assert!(scope.summary().unwrap().threads.iter().any(|thread| thread.name.starts_with("rayon")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn instrument_rayon<S>(&self, builder: ThreadPoolBuilder<S>, hooks: Hooks) -> ThreadPoolBuilder<S> {
        let shared = Arc::clone(&self.shared);
        let Hooks { rayon_start, rayon_exit, generation, .. } = hooks;
        let started = move |index| {
            recorder::register(&shared, ThreadKind::Rayon, generation);
            if let Some(hook) = &rayon_start {
                hook(index);
            }
        };
        let builder = builder.start_handler(started);
        match rayon_exit {
            Some(hook) => builder.exit_handler(move |index| hook(index)),
            None => builder,
        }
    }
}

fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}
