//! The observed machine: one Tokio runtime, one Rayon pool, their threads.
//!
//! It is built with the probes' hooks and left in the background: nobody ever waits for a lab
//! that is blocked. It knows no scenario and no screen.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use pollscope::probe::{Hooks, PULSE, Permit, Probed, Probes};
use pollscope_core::trace::event::{Event, JobKind, ThreadKind};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::settings::{Compute, Flavor, Settings, Strategy, Wait};

/// Why a lab cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// No runtime.
    #[error("the Tokio runtime could not be built: {0}")]
    Runtime(#[from] io::Error),
    /// No pool.
    #[error("the Rayon pool could not be built: {0}")]
    Pool(#[from] rayon::ThreadPoolBuildError),
}

/// The strategies, which change while the lab runs.
#[derive(Debug)]
struct Knobs {
    wait: AtomicU8,
    compute: AtomicU8,
}

/// A running lab. Dropping it leaves it: tasks are cancelled at their next pause, and threads that are
/// blocked end when they can.
#[derive(Debug)]
pub struct Lab {
    bench: Bench,
    runtime: Option<Host>,
}

/// Who holds the runtime.
#[derive(Debug)]
enum Host {
    /// The lab itself.
    Here(Runtime),
    /// A thread that polls it, and does what it is asked to, until nobody can ask any more.
    Thread(mpsc::UnboundedSender<Order>),
}

/// What the thread of a current-thread runtime is asked to do.
type Order = Box<dyn FnOnce(&Runtime) + Send>;

/// What a scenario works with: a lab's runtime, pool and probes. Copies are cheap and equal.
#[derive(Clone, Debug)]
pub struct Bench {
    /// What measures.
    pub probes: Probes,
    /// The Tokio runtime.
    pub tokio: Handle,
    /// The Rayon pool.
    pub rayon: Arc<rayon::ThreadPool>,
    /// The lab's number, from 1.
    pub generation: u32,
    knobs: Arc<Knobs>,
}

impl Lab {
    /// Builds a lab as the settings say, and starts its pulse.
    ///
    /// # Errors
    ///
    /// When the system refuses threads.
    pub fn build(probes: &Probes, settings: &Settings, generation: u32) -> Result<Self, LabError> {
        probes.emit(Event::LabBuilt { generation, setup: settings.setup() });
        let rayon = Arc::new(rayon_pool(probes, settings, generation)?);
        let (tokio, host) = match settings.flavor {
            Flavor::MultiThread => multi_thread(probes, settings, generation)?,
            Flavor::CurrentThread => current_thread(probes, generation)?,
        };
        let knobs = Knobs { wait: AtomicU8::new(0), compute: AtomicU8::new(0) };
        let bench = Bench { probes: probes.clone(), tokio, rayon, generation, knobs: Arc::new(knobs) };
        bench.set_wait(settings.wait);
        bench.set_compute(settings.compute);
        bench.tokio.spawn(probes.pulse(PULSE));
        Ok(Self { bench, runtime: Some(host) })
    }

    /// What a scenario works with.
    pub fn bench(&self) -> &Bench {
        &self.bench
    }

    /// Runs something on the thread of a current-thread runtime, outside of its tasks: it may `block_on` a future
    /// that must stay on its thread. Says whether there is such a thread: a runtime with several has none.
    pub fn on_its_thread(&self, run: impl FnOnce(&Runtime) + Send + 'static) -> bool {
        match &self.runtime {
            Some(Host::Thread(orders)) => orders.send(Box::new(run)).is_ok(),
            Some(Host::Here(_)) | None => false,
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.bench.probes.emit(Event::LabLeft { generation: self.bench.generation });
        match self.runtime.take() {
            Some(Host::Here(runtime)) => runtime.shutdown_background(),
            // The thread's orders end with their sender.
            Some(Host::Thread(_)) | None => {}
        }
    }
}

fn rayon_pool(probes: &Probes, settings: &Settings, generation: u32) -> Result<rayon::ThreadPool, LabError> {
    let builder = rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(settings.rayon_threads))
        .thread_name(|index| format!("rayon-{index}"))
        // A job that panics has told its task by dropping the oneshot: the process goes on.
        .panic_handler(|_| {});
    Ok(probes.rayon_pool(builder, Hooks::new().of_lab(generation))?)
}

fn multi_thread(probes: &Probes, settings: &Settings, generation: u32) -> io::Result<(Handle, Host)> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(usize::from(settings.workers)).thread_name("tokio").enable_all();
    if let Some(threads) = settings.blocking_threads {
        builder.max_blocking_threads(usize::from(threads));
    }
    let runtime = probes.tokio_runtime(&mut builder, Hooks::new().of_lab(generation))?;
    Ok((runtime.handle().clone(), Host::Here(runtime)))
}

/// A current-thread runtime on a thread of its own. The runtime's hooks do not tell of that thread's
/// start and end: it is registered here.
fn current_thread(probes: &Probes, generation: u32) -> io::Result<(Handle, Host)> {
    let mut builder = Builder::new_current_thread();
    builder.thread_name("tokio").enable_all();
    let runtime = probes.tokio_runtime(&mut builder, Hooks::new().of_lab(generation))?;
    let handle = runtime.handle().clone();
    let (orders, mut asked) = mpsc::unbounded_channel::<Order>();
    let probes = probes.clone();
    thread::Builder::new().name("tokio".into()).spawn(move || {
        probes.register_thread(ThreadKind::Worker, generation);
        while let Some(order) = runtime.block_on(asked.recv()) {
            order(&runtime);
        }
        runtime.shutdown_background();
    })?;
    Ok((handle, Host::Thread(orders)))
}

impl Bench {
    /// Spawns a measured task.
    pub fn spawn<F>(&self, name: &str, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tokio.spawn(self.probes.task(name, future))
    }

    /// A future inside a task, measured by itself too.
    pub fn nested<F: Future>(&self, name: &str, future: F) -> Probed<F> {
        self.probes.nested(name, future)
    }

    /// `tokio::task::spawn_blocking`, measured.
    pub fn spawn_blocking<T, F>(&self, name: &str, run: F) -> JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.tokio.spawn_blocking(self.probes.job(name, JobKind::Blocking, run))
    }

    /// `tokio::task::block_in_place`, measured.
    ///
    /// # Panics
    ///
    /// On a current-thread runtime, as Tokio's own.
    pub fn block_in_place<T>(&self, name: &str, run: impl FnOnce() -> T) -> T {
        self.probes.block_in_place(name, run)
    }

    /// `rayon::spawn` in the lab's pool, measured.
    pub fn spawn_rayon(&self, name: &str, run: impl FnOnce() + Send + 'static) {
        self.rayon.spawn(self.probes.job(name, JobKind::Rayon, run));
    }

    /// A part of a computation that is spread over the pool, measured where it runs: here and now.
    pub fn split<T>(&self, name: &str, run: impl FnOnce() -> T) -> T {
        self.probes.job(name, JobKind::Split, run)()
    }

    /// `std::thread::spawn`, with a lane of its own, on which tasks that it polls are seen.
    ///
    /// # Errors
    ///
    /// When the system refuses the thread.
    pub fn spawn_lane<T, F>(&self, name: &str, run: F) -> io::Result<thread::JoinHandle<T>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (probes, generation) = (self.probes.clone(), self.generation);
        let lane = move || {
            probes.register_thread(ThreadKind::Scenario, generation);
            run()
        };
        thread::Builder::new().name(name.to_owned()).spawn(lane)
    }

    /// `std::thread::spawn`, measured: a lane of its own, which is in a job.
    ///
    /// # Errors
    ///
    /// When the system refuses the thread.
    pub fn spawn_thread<T, F>(&self, name: &str, run: F) -> io::Result<thread::JoinHandle<T>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.spawn_lane(name, self.probes.job(name, JobKind::Thread, run))
    }

    /// The wait strategy from the next pause on.
    pub fn set_wait(&self, wait: Wait) {
        self.knobs.wait.store(place(wait), Ordering::Relaxed);
    }

    /// The compute strategy from the next job on.
    pub fn set_compute(&self, compute: Compute) {
        self.knobs.compute.store(place(compute), Ordering::Relaxed);
    }

    /// The compute strategy now.
    pub fn compute_strategy(&self) -> Compute {
        Compute::CHOICES[usize::from(self.knobs.compute.load(Ordering::Relaxed))].value
    }

    /// Waits as the wait strategy says; blocking the worker is what `blocking` does.
    pub async fn pause(&self, name: &str, pause: Duration) {
        match Wait::CHOICES[usize::from(self.knobs.wait.load(Ordering::Relaxed))].value {
            Wait::Async => tokio::time::sleep(pause).await,
            Wait::Blocking => thread::sleep(pause),
            Wait::SpawnBlocking => {
                // A runtime that shuts down cancels the job, and this task too.
                let _ = self.spawn_blocking(name, move || thread::sleep(pause)).await;
            }
            Wait::BlockInPlace => self.probes.block_in_place(name, || thread::sleep(pause)),
        }
    }

    /// Runs a computation where the compute strategy says, and gives its result; none when it panicked
    /// or the lab is shutting down. The permit is given back when the computation ends.
    pub async fn compute<T, F>(&self, name: &str, permit: Permit, run: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce(Compute) -> T + Send + 'static,
    {
        let strategy = self.compute_strategy();
        let run = move || {
            let result = run(strategy);
            drop(permit);
            result
        };
        match strategy {
            Compute::Inline => Some(run()),
            Compute::BlockInPlace => Some(self.probes.block_in_place(name, run)),
            Compute::SpawnBlocking => self.spawn_blocking(name, run).await.ok(),
            Compute::Rayon => {
                let (reply, result) = oneshot::channel();
                let job = self.probes.job(name, JobKind::Rayon, run);
                self.rayon.spawn(move || drop(reply.send(job())));
                result.await.ok()
            }
            Compute::Thread => {
                let (reply, result) = oneshot::channel();
                let job = self.probes.job(name, JobKind::Thread, run);
                self.spawn_lane("compute", move || drop(reply.send(job()))).ok()?;
                result.await.ok()
            }
        }
    }
}

/// Where a value stands in its strategy's table.
fn place<T: Strategy>(value: T) -> u8 {
    T::CHOICES.iter().position(|choice| choice.value == value).unwrap_or(0) as u8
}
