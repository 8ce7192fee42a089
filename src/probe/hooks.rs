//! The hooks of runtimes and pools, shared with whoever had them first: a builder keeps only one of each.

use std::{
    fmt, io,
    sync::{Arc, PoisonError},
};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};

use super::{
    Probes,
    recorder::{self, Recorder},
};
use crate::trace::event::ThreadKind;

type Hook = Arc<dyn Fn() + Send + Sync>;
type IndexedHook = Arc<dyn Fn(usize) + Send + Sync>;

/// Hooks of the program's own. `on_thread_*` of Tokio's builder and the handlers of Rayon's *replace* what was set
/// before: a hook that was set on the builder itself is lost when a scope takes it. Given here, both are called,
/// the scope's first.
#[derive(Clone, Default)]
pub struct Hooks {
    start: Option<Hook>,
    stop: Option<Hook>,
    park: Option<Hook>,
    unpark: Option<Hook>,
    rayon_start: Option<IndexedHook>,
    rayon_exit: Option<IndexedHook>,
    generation: u32,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Hooks {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// When a thread of the Tokio runtime has started, a worker or one of the blocking pool.
    #[must_use]
    pub fn on_thread_start(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { start: Some(Arc::new(hook)), ..self }
    }

    /// Before a thread of the Tokio runtime stops.
    #[must_use]
    pub fn on_thread_stop(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { stop: Some(Arc::new(hook)), ..self }
    }

    /// Before a worker goes idle.
    #[must_use]
    pub fn on_thread_park(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { park: Some(Arc::new(hook)), ..self }
    }

    /// When a worker has woken up.
    #[must_use]
    pub fn on_thread_unpark(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { unpark: Some(Arc::new(hook)), ..self }
    }

    /// When a thread of the Rayon pool has started: its index.
    #[must_use]
    pub fn on_rayon_start(self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { rayon_start: Some(Arc::new(hook)), ..self }
    }

    /// Before a thread of the Rayon pool ends: its index.
    #[must_use]
    pub fn on_rayon_exit(self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        Self { rayon_exit: Some(Arc::new(hook)), ..self }
    }

    /// The threads belong to one of several labs that come one after the other; 0, unless said, for none.
    #[must_use]
    pub fn of_lab(self, generation: u32) -> Self {
        Self { generation, ..self }
    }
}

impl Probes {
    /// Takes a Tokio runtime's builder: all else stays as it was set. For whoever builds it himself; of a
    /// current-thread runtime built so nobody tells when its thread parks.
    pub fn instrument_tokio(&self, builder: &mut Builder, hooks: Hooks) {
        #[cfg(tokio_unstable)]
        super::unstable::hook(&self.shared, builder);
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
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn tokio_runtime(&self, builder: &mut Builder, hooks: Hooks) -> io::Result<Runtime> {
        self.instrument_tokio(builder, hooks);
        let runtime = builder.build()?;
        // A current-thread runtime has no thread to start: its hooks are called wherever `block_on` is.
        self.shared.hooked.lock().unwrap_or_else(PoisonError::into_inner).push(runtime.handle().id());
        self.watch_runtime(runtime.handle().clone());
        Ok(runtime)
    }

    /// Builds a Rayon pool whose threads are lanes: all else is as the builder says.
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn rayon_pool(&self, builder: ThreadPoolBuilder, hooks: Hooks) -> Result<ThreadPool, ThreadPoolBuildError> {
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
            Some(hook) => builder.exit_handler(move |index| hook(index)).build(),
            None => builder.build(),
        }
    }
}

fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}
