//! The observer: collector and sampler, on threads of their own.
//!
//! It drains what the probes emit, keeps the log, folds the model and gives pictures. It knows
//! no lab and no screen, and nothing of the observed runtime can stop it.

mod collector;
mod os;
mod sampler;
mod serve;
mod wakers;
mod watch;

use std::{fs::File, io, sync::Arc, thread::JoinHandle};

use crossbeam_channel::{Receiver, Sender};
pub use pollscope_core::{
    model::scenario::Scenarios,
    recorder::Recorded,
    trace::{log::HISTORY, recording::program_name},
};
use pollscope_core::{
    model::{
        meters::Meters,
        picture::{Finding, Picture, View},
        summary::Summary,
    },
    observe::{Observed, ObservedHandle},
    trace::{event::Event, log::Batch},
};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};

use self::collector::Ask;
pub use self::{
    serve::{Address, AddressError, Listen, ServeError, Server, Token, TokenError},
    watch::{Blocked, Watch},
};
use crate::probe::{Hooks, Probes, poll_cost};

/// A running observer.
///
/// ```
/// let scope = pollscope::Scope::new()?;
/// let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all())?;
/// let answer = runtime.spawn(pollscope::task("answer", async { 42 }));
/// assert_eq!(runtime.block_on(answer)?, 42);
/// assert_eq!(scope.summary().unwrap().tasks.completed, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Scope {
    link: Link,
    views: Sender<View>,
    pictures: Receiver<Box<Picture>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a scenario needs of a running observer: probes, and answers. Copies are equal.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// let link = scope.link();
/// let thread = std::thread::spawn(move || link.summary().is_some());
/// assert!(thread.join().unwrap());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Link {
    probes: Probes,
    asks: Sender<Ask>,
    scenarios: Arc<Scenarios>,
}

/// What the process has taken so far, as the operating system says; none where it does not.
///
/// ```
/// let before = pollscope::scope::usage();
/// # fn work() {}
/// work();
/// if let (Some(before), Some(after)) = (before.switches, pollscope::scope::usage().switches) {
///     assert!(after >= before, "{} switches", after - before);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory, bytes.
    pub resident: Option<u64>,
    /// Switches of its threads, also of those that have ended: because they waited, or because their time was over.
    pub switches: Option<u64>,
}

/// What the process has taken so far.
///
/// ```
/// match pollscope::scope::usage().resident {
///     Some(bytes) => assert!(bytes > 0),
///     None => println!("the system does not say"),
/// }
/// ```
pub fn usage() -> Usage {
    Usage { resident: os::process().map(|(_, rss)| rss), switches: os::switches() }
}

impl Scope {
    /// A scope with a history of [`HISTORY`] bytes. The calling thread belongs to it from now on.
    ///
    /// ```
    /// let scope = pollscope::Scope::new()?;
    /// assert_eq!(scope.summary().unwrap().tasks.spawned, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn new() -> io::Result<Self> {
        Self::start(HISTORY)
    }

    /// Builds a Tokio runtime under the scope: its threads are lanes, and if it is the scope's first, the pulse beats on
    /// it, for which the builder's timer is enabled. All else is as the builder says; hooks that were set on it are lost,
    /// see [`runtime_with`](Self::runtime_with). Of several runtimes, `thread_name` tells the lanes apart.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all())?;
    /// let answer = runtime.spawn(pollscope::task("answer", async { 42 }));
    /// assert_eq!(runtime.block_on(answer)?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn runtime(&self, builder: &mut Builder) -> io::Result<Runtime> {
        self.runtime_with(builder, Hooks::new())
    }

    /// The same with hooks of the program's own: both are called.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let hooks = pollscope::Hooks::new().on_thread_start(|| println!("{:?}", std::thread::current().name()));
    /// let runtime = scope.runtime_with(tokio::runtime::Builder::new_multi_thread().enable_all(), hooks)?;
    /// assert_eq!(runtime.block_on(async { 42 }), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn runtime_with(&self, builder: &mut Builder, hooks: Hooks) -> io::Result<Runtime> {
        // The pulse needs a timer: nobody can tell whether the builder has been told of one.
        let runtime = self.probes().tokio_runtime(builder.enable_time(), hooks)?;
        if let Some(pulse) = self.probes().first_pulse() {
            runtime.spawn(pulse);
        }
        Ok(runtime)
    }

    /// Builds a Rayon pool under the scope: its threads are lanes. All else is as the builder says; its start handler, if
    /// it has one, is lost, see [`pool_with`](Self::pool_with).
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let pool = scope.pool(rayon::ThreadPoolBuilder::new().num_threads(2))?;
    /// assert_eq!(pool.install(pollscope::job("answer", || 42)), 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn pool(&self, builder: ThreadPoolBuilder) -> Result<ThreadPool, ThreadPoolBuildError> {
        self.pool_with(builder, Hooks::new())
    }

    /// The same with handlers of the program's own: both are called.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let hooks = pollscope::Hooks::new().on_rayon_start(|index| println!("thread {index}"));
    /// let pool = scope.pool_with(rayon::ThreadPoolBuilder::new().num_threads(2), hooks)?;
    /// assert_eq!(pool.install(pollscope::job("answer", || 42)), 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses it, as the builder's own.
    pub fn pool_with(&self, builder: ThreadPoolBuilder, hooks: Hooks) -> Result<ThreadPool, ThreadPoolBuildError> {
        self.probes().rayon_pool(builder, hooks)
    }

    /// From now on this scope is that of every thread that belongs to no other: of threads that the program starts by
    /// itself.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// scope.install();
    /// let thread = std::thread::spawn(|| pollscope::probes().is_some());
    /// assert!(thread.join().unwrap());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn install(&self) {
        self.probes().install();
    }

    /// A look at what happens from now on.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let watch = scope.watch();
    /// // … what a test is about …
    /// watch.assert_no_worker_blocked(std::time::Duration::from_millis(10));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn watch(&self) -> Watch {
        self.link.watch()
    }

    /// What was found so far, the worst first of what holds now; kept in a bounded number.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// for finding in scope.findings() {
    ///     println!("{}: {}", finding.rule.name(), finding.text);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn findings(&self) -> Vec<Finding> {
        self.link.findings()
    }

    /// Each finding from now on, as soon as it is one: see [`Link::stream`].
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let mut findings = scope.stream();
    /// let told = std::thread::spawn(move || {
    ///     while let Some(finding) = findings.blocking_recv() {
    ///         println!("{}", finding.text);
    ///     }
    /// });
    /// drop(scope); // and the stream ends
    /// told.join().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stream(&self) -> tokio::sync::mpsc::Receiver<Finding> {
        self.link.stream()
    }

    /// Starts the observer's threads, with a history of so many bytes. The calling thread belongs to it from now on.
    ///
    /// ```
    /// let scope = pollscope::Scope::start(16 << 20)?; // 16 MiB
    /// assert!(pollscope::probes().is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn start(history: usize) -> io::Result<Self> {
        Self::start_with(history, Scenarios::default())
    }

    /// Starts the observer's threads, with a history of so many bytes and the folds of scenarios: what these report is in the
    /// pictures and summaries. The calling thread belongs to it from now on.
    ///
    /// ```
    /// use pollscope::scope::{HISTORY, Scenarios, Scope};
    ///
    /// let scope = Scope::start_with(HISTORY, Scenarios::default())?; // as `Scope::start`: nobody reports anything
    /// assert!(scope.summary().unwrap().sections.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn start_with(history: usize, scenarios: Scenarios) -> io::Result<Self> {
        let (probes, outlets) = Probes::new();
        probes.enter();
        // Not bounded: what waits in a bounded channel is kept when nobody takes it any more, and with it the answer's
        // channel, at which whoever asked would wait for ever.
        let (asks, asks_in) = crossbeam_channel::unbounded();
        let (views, views_in) = crossbeam_channel::bounded(16);
        let (pictures_out, pictures) = crossbeam_channel::bounded(1);
        let (sampler_orders, orders) = crossbeam_channel::unbounded();
        let ends = collector::Ends { asks: asks_in, views: views_in, pictures: pictures_out, sampler: sampler_orders };
        let runtimes = outlets.runtimes.clone();
        let collector = collector::Collector::new(outlets, ends, (history, scenarios.clone()), probes.clone());
        let sampler = sampler::Sampler::new(probes.clone(), orders, runtimes);
        let calibration = probes.clone();
        let threads = vec![
            std::thread::Builder::new().name("scope-collector".into()).spawn(move || collector.run())?,
            std::thread::Builder::new().name("scope-sampler".into()).spawn(move || sampler.run())?,
            std::thread::Builder::new()
                .name("scope-cost".into())
                .spawn(move || calibration.emit(Event::ProbeCost { nanos: poll_cost() }))?,
        ];
        let link = Link { probes, asks, scenarios: Arc::new(scenarios) };
        Ok(Self { link, views, pictures, threads })
    }

    /// What makes probes for this observer.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (sender, receiver) = scope.probes().queue("pages", 8);
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.recv(), Ok(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn probes(&self) -> &Probes {
        &self.link.probes
    }

    /// What a scenario needs of it.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let link = scope.link();
    /// drop(scope);
    /// assert!(link.summary().is_none(), "it does not keep the scope");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn link(&self) -> Link {
        self.link.clone()
    }

    /// Where to say what is looked at.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// scope.views().send(pollscope::View::default())?;
    /// assert!(scope.pictures().recv().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn views(&self) -> Sender<View> {
        self.views.clone()
    }

    /// Where pictures come from, as long as somebody has said what is looked at.
    ///
    /// ```
    /// use pollscope::View;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// assert!(scope.pictures().try_recv().is_err(), "nobody looks");
    /// scope.views().send(View::default())?;
    /// assert!(scope.pictures().recv()?.goes_on);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pictures(&self) -> Receiver<Box<Picture>> {
        self.pictures.clone()
    }

    /// The run so far, summed up; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// runtime.block_on(pollscope::task("answer", async { 42 }));
    /// let summary = scope.summary().unwrap();
    /// assert_eq!((summary.tasks.completed, summary.polls.count), (1, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn summary(&self) -> Option<Summary> {
        self.link.summary()
    }

    /// Records into a file from now on, beginning with what the log holds. Gives where it is told, as soon as that is
    /// known, why no more can be written.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let path = std::env::temp_dir().join(format!("doc-{}.pollscope", std::process::id()));
    /// scope.record(std::fs::File::create(&path)?)?;
    /// // … what the program does …
    /// let (written, _) = scope.conclude().unwrap();
    /// assert_eq!(written.unwrap()?, std::fs::metadata(&path)?.len());
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When something is recorded already, or the recorder's thread could not be started. What goes wrong later is told by
    /// [`conclude`](Self::conclude).
    pub fn record(&self, file: File) -> io::Result<Receiver<String>> {
        self.link.record(file)
    }

    /// Lets other programs look at this one, as `pollscope attach` does, until the server is dropped.
    ///
    /// ```
    /// use pollscope::scope::Listen;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?))?;
    /// println!("look at it with: pollscope attach {}", server.address());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the address cannot be listened at, or anybody on the network could look without a token.
    pub fn serve(&self, at: &Listen) -> Result<Server, ServeError> {
        Server::start(&self.link, at)
    }

    /// All that the log holds; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let batches = scope.held().unwrap();
    /// assert!(batches.iter().any(|batch| !batch.is_empty()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn held(&self) -> Option<Vec<Arc<Batch>>> {
        self.link.held()
    }

    /// Ends the recording, if there is one, and sums up the run at the same instant. Gives the file's bytes, or why
    /// it could not be written to its end; nothing when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (written, summary) = scope.conclude().unwrap();
    /// assert!(written.is_none(), "nothing was recorded");
    /// assert_eq!(summary.events.lost, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn conclude(&self) -> Option<(Option<io::Result<u64>>, Summary)> {
        let (recorded, summary) = self.link.concluded()?;
        Some((recorded.map(Recorded::finish), summary))
    }

    /// Ends the recording without waiting for its file; none where nothing was recorded, or the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// assert!(scope.end_recording().is_none(), "nothing was recorded");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn end_recording(&self) -> Option<Recorded> {
        self.link.end_recording()
    }

    /// A single picture; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (sender, _receiver) = pollscope::queue("pages", 8);
    /// sender.send(1).unwrap();
    /// let picture = scope.picture(pollscope::View::default()).unwrap();
    /// assert_eq!((&*picture.queues[0].name, picture.queues[0].depth), ("pages", 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn picture(&self, view: View) -> Option<Box<Picture>> {
        self.link.picture(view)
    }

    /// Lets the collector panic: for tests of what that leaves behind.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// scope.fail();
    /// assert!(scope.summary().is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn fail(&self) {
        let _ = self.link.asks.send(Ask::Fail);
    }
}

impl Link {
    /// Asks the collector, and waits for the answer; none when it is gone.
    fn ask<T>(&self, ask: impl FnOnce(Sender<T>) -> Ask) -> Option<T> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.asks.send(ask(reply)).ok()?;
        answer.recv().ok()
    }

    /// What makes probes for this observer.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let link = scope.link();
    /// let (sender, receiver) = link.probes().queue("pages", 8);
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.recv(), Ok(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn probes(&self) -> &Probes {
        &self.probes
    }

    /// The run so far, summed up; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let link = scope.link();
    /// assert_eq!(link.summary().unwrap().tasks.spawned, 0);
    /// drop(scope);
    /// assert!(link.summary().is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn summary(&self) -> Option<Summary> {
        self.ask(Ask::Summary)
    }

    /// Counts since the scope began, and what is so now; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (sender, _receiver) = pollscope::queue("pages", 8);
    /// sender.send(1).unwrap();
    /// let meters = scope.link().meters().unwrap();
    /// assert_eq!((&*meters.queues[0].name, meters.queues[0].sent), ("pages", 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn meters(&self) -> Option<Meters> {
        self.ask(Ask::Meters)
    }

    /// A single picture; none when the collector is gone.
    ///
    /// ```
    /// use pollscope::View;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// let link = scope.link();
    /// let picture = link.picture(View::default()).unwrap();
    /// assert!(picture.at <= link.probes().clock().now());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn picture(&self, view: View) -> Option<Box<Picture>> {
        self.ask(|reply| Ask::Picture(view, reply))
    }

    /// As [`Scope::record`].
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// # let path = std::env::temp_dir().join(format!("link-{}.pollscope", std::process::id()));
    /// let link = scope.link();
    /// link.record(std::fs::File::create(&path)?)?;
    /// assert!(link.record(std::fs::File::open(&path)?).is_err(), "one at a time");
    /// assert!(link.end_recording().unwrap().finish()? > 0);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When something is recorded already, or the recorder's thread could not be started.
    pub fn record(&self, file: File) -> io::Result<Receiver<String>> {
        self.ask(|reply| Ask::Record(file, reply)).ok_or_else(|| io::Error::other("the collector is gone"))?
    }

    /// Ends the recording without waiting for its file; none where nothing was recorded, or the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// assert!(scope.link().end_recording().is_none(), "nothing was recorded");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn end_recording(&self) -> Option<Recorded> {
        self.concluded()?.0
    }

    fn concluded(&self) -> Option<(Option<Recorded>, Summary)> {
        self.ask(Ask::Conclude)
    }

    /// All that the log holds; none when the collector is gone.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let batches = scope.link().held().unwrap();
    /// assert!(batches.iter().any(|batch| !batch.is_empty()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn held(&self) -> Option<Vec<Arc<Batch>>> {
        self.ask(Ask::Held)
    }
}

impl Observed for Scope {
    fn views(&self) -> Sender<View> {
        Self::views(self)
    }

    fn pictures(&self) -> Receiver<Box<Picture>> {
        Self::pictures(self)
    }

    fn handle(&self) -> Arc<dyn ObservedHandle> {
        Arc::new(self.link())
    }
}

impl ObservedHandle for Link {
    fn register_observer(&self, name: &'static str) {
        self.probes.register_observer(name);
    }

    fn held(&self) -> Option<Vec<Arc<Batch>>> {
        Self::held(self)
    }

    fn scenarios(&self) -> Scenarios {
        Scenarios::clone(&self.scenarios)
    }

    fn record(&self, file: File) -> io::Result<Receiver<String>> {
        Self::record(self, file)
    }

    fn end_recording(&self) -> Option<Recorded> {
        Self::end_recording(self)
    }

    fn is_in_runtime(&self) -> bool {
        tokio::runtime::Handle::try_current().is_ok()
    }
}

impl Drop for Scope {
    /// Ends the observer's threads; none of them ever waits for the observed ones.
    fn drop(&mut self) {
        let _ = self.link.asks.send(Ask::Stop);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
