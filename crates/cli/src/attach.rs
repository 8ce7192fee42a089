//! Looking at other programs: their traces come over sockets, and are shown as a run of our own is.
//!
//! Each address has a history of its own, so nothing that one program tells can change what another has told; they are on
//! one clock, and what is shown of them is one picture. It knows no screen.

mod connect;
mod course;
mod follower;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod merge;

use std::{
    fs::File,
    io,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender};
use pollscope_core::{
    model::{
        history::History,
        picture::{Picture, Together, View},
    },
    recorder::Recorder,
    text::clean,
    trace::{
        clock::Nanos,
        log::{Batch, Log},
        recording::{Head, Origin},
    },
    wire::{Address, Token},
};

pub use self::connect::{AttachError, Trace, connect};
use self::{
    course::Began,
    follower::{Follower, News},
    merge::Merge,
};
use pollscope_core::show::{Held, Looks, More, Show, channels};

/// Who tells nothing for so long is not waited for.
const LATE: Duration = Duration::from_millis(500);

/// Programs that are looked at.
///
/// ```
/// use pollscope::scope::{HISTORY, Listen};
/// use pollscope_cli::attach::{Attached, connect};
///
/// # let scope = pollscope::Scope::new()?;
/// # let server = scope.serve(&Listen::at("127.0.0.1:0".parse()?).named("api"))?;
/// # let (told, _words) = crossbeam_channel::unbounded();
/// let program = (server.address().clone(), Some(connect(server.address(), None)?));
/// let attached = Attached::start(vec![program], None, HISTORY, Vec::new(), told)?;
/// attached.views().send(pollscope::View::default())?;
/// assert!(attached.pictures().recv()?.goes_on);
/// assert_eq!(attached.held().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Attached {
    looks: Looks,
    thread: Option<JoinHandle<()>>,
}

impl Attached {
    /// Looks at the programs at these addresses, those that are there with their streams; `history` bytes are kept of all,
    /// and all that comes is written into these files, where there are as many. What becomes of the programs is told.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn start(
        programs: Vec<(Address, Option<Trace>)>,
        token: Option<Token>,
        history: usize,
        files: Vec<File>,
        told: Sender<String>,
    ) -> io::Result<Self> {
        let (looks, ends) = channels(told.clone());
        let origins: Vec<_> =
            programs.iter().filter_map(|(_, trace)| trace.as_ref()).map(|trace| trace.head().origin.clone()).collect();
        let (count, token) = (programs.len().max(1), token.map(Arc::new));
        // Whatever is recorded of them is on the clock that they share.
        let unix_zero = origins.iter().filter_map(|origin| origin.unix_zero).min();
        let mut files = files.into_iter();
        let mut all = Vec::new();
        for (address, trace) in programs {
            let origin = trace.as_ref().map(|trace| trace.head().origin.clone()).unwrap_or_default();
            let origin = Origin { unix_zero, now: None, ..origin };
            let recorder = match files.next() {
                Some(file) => Some(Recorder::start(file, Vec::new(), origin, |_| {})?.0),
                None => None,
            };
            let follower = Follower::start(address, token.clone(), trace)?;
            all.push(Program::new(follower, history / count, recorder));
        }
        let merge = Merge::new(all.len(), &origins);
        let shown = Programs { all, merge, upto: 0, told };
        let show = move || ends.show(shown);
        let thread = std::thread::Builder::new().name("scope-attach".into()).spawn(show)?;
        Ok(Self { looks, thread: Some(thread) })
    }

    /// Where to say what is looked at.
    pub fn views(&self) -> Sender<View> {
        self.looks.views.clone()
    }

    /// Where pictures come from.
    pub fn pictures(&self) -> Receiver<Box<Picture>> {
        self.looks.pictures.clone()
    }

    /// All that is held of each program.
    pub fn held(&self) -> Vec<Held> {
        self.looks.held()
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let _ = self.looks.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The program at an address.
struct Program {
    follower: Follower,
    name: Arc<str>,
    history: History<Log>,
    recorder: Option<Recorder>,
    /// When it told something last; none while it is gone.
    told: Option<Instant>,
}

impl Program {
    fn new(follower: Follower, history: usize, recorder: Option<Recorder>) -> Self {
        let name = follower.address.to_string().into();
        Self {
            follower,
            name,
            history: History::within(history, Log::new).with_scenarios(pollscope_lab::scenarios()),
            recorder,
            told: None,
        }
    }

    fn append(&mut self, mut batch: Batch) {
        if let Some(kept) = self.history.append(&mut batch)
            && let Some(recorder) = &mut self.recorder
        {
            recorder.batch(&kept);
        }
    }
}

/// All of them.
struct Programs {
    all: Vec<Program>,
    merge: Merge,
    upto: Nanos,
    told: Sender<String>,
}

impl Programs {
    /// Takes what one of them tells, if it does. Says whether it did.
    fn hear(&mut self, which: usize) -> bool {
        if !self.merge.wants(which) {
            return false;
        }
        let Ok(news) = self.all[which].follower.news.try_recv() else { return false };
        match news {
            News::Begins(head) => self.begins(which, &head),
            News::Batches(batches) => {
                self.all[which].told = Some(Instant::now());
                self.merge.take(which, batches);
            }
            News::Gone(why) => {
                self.all[which].told = None;
                self.tell(which, &format!("{why}; trying again"));
            }
        }
        true
    }

    fn begins(&mut self, which: usize, head: &Head) {
        let program = clean(&head.origin.program);
        if !program.is_empty() {
            self.all[which].name = self.name(which, &program);
        }
        self.all[which].told = Some(Instant::now());
        let how = match self.merge.begins(which, &head.origin) {
            Began::First => "",
            Began::Again => "back",
            Began::Another => "back, started anew",
        };
        let own = env!("CARGO_PKG_VERSION");
        let version = if head.pollscope == own || head.pollscope.is_empty() {
            String::new()
        } else {
            format!("its pollscope is {}, this is {own}", head.pollscope)
        };
        let told: Vec<_> = [how, &version].into_iter().filter(|it| !it.is_empty()).collect();
        if !told.is_empty() {
            self.tell(which, &told.join("; "));
        }
    }

    /// The program's name; with its address where another has the same.
    fn name(&self, which: usize, program: &str) -> Arc<str> {
        let is_taken = self.all.iter().enumerate().any(|(other, it)| other != which && &*it.name == program);
        if is_taken { format!("{program} {}", self.all[which].follower.address).into() } else { program.into() }
    }

    fn tell(&self, which: usize, what: &str) {
        let _ = self.told.try_send(format!("{}: {what}", self.all[which].name));
    }
}

impl Show for Programs {
    fn more(&mut self) -> More {
        let mut heard = false;
        for which in 0..self.all.len() {
            heard |= self.hear(which);
        }
        let now = Instant::now();
        let all = &self.all;
        let is_late = |which: usize| all[which].told.is_none_or(|told| now.duration_since(told) > LATE);
        let (upto, ready) = self.merge.ready(is_late);
        for (which, batch) in ready {
            self.all[which].append(batch);
        }
        if upto > self.upto {
            self.upto = upto;
            // Of one that is gone nobody knows how it went on: it stays as it was.
            for it in self.all.iter_mut().filter(|it| it.told.is_some()) {
                let mut clock = Batch::default();
                clock.close(upto);
                it.append(clock);
            }
        }
        if heard { More::Some } else { More::NotYet }
    }

    fn picture(&mut self, view: &View) -> Picture {
        let mut together = Together::new(self.all.len(), view);
        for it in &mut self.all {
            let picture = it.history.picture(together.view());
            together.add(&it.name, it.told.is_some(), picture);
        }
        together.picture()
    }

    fn held(&self) -> Vec<Held> {
        self.all.iter().map(|it| (Arc::clone(&it.name), it.history.held())).collect()
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        for recorder in self.all.iter_mut().filter_map(|it| it.recorder.take()) {
            let _ = recorder.finish(self.upto);
        }
    }
}
