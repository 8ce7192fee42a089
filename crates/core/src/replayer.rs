//! The replayer: shows a recording as the collector shows a run, on a thread of its own.
//!
//! It folds what it reads bit by bit, so that the screen can look at the beginning while the rest is read.

use std::{
    fmt::Display,
    fs::File,
    io::{self, Read},
    sync::Arc,
    thread::JoinHandle,
};

use crate::{
    model::{
        history::History,
        picture::{Picture, View},
        scenario::Scenarios,
    },
    observe::{Observed, ObservedHandle},
    recorder::Recorded,
    show::{Asks, Ends, Looks, More, Reading, channels},
    trace::{
        log::{Batch, Log},
        recording::{Error, FileLog, Recording, Stream},
    },
};
use crossbeam_channel::{Receiver, Sender};

/// Blocks of a pipe that may wait.
const WAITING: usize = 4;

/// Where a recording comes from, and how many bytes of it are kept in memory.
///
/// ```
/// use pollscope_core::replayer::Source;
/// use pollscope_core::trace::{log::HISTORY, recording::Recording};
///
/// let source = Source::File(Recording::open("../../assets/recordings/blocked.pollscope")?, HISTORY);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub enum Source {
    /// A file: any part of it can be read again.
    File(Recording<File>, usize),
    /// A pipe: what is not kept is gone.
    Pipe(Stream<Box<dyn Read + Send>>, usize),
}

/// A recording that is shown.
///
/// ```
/// use pollscope_core::replayer::{Replayer, Source};
/// use pollscope_core::{model::scenario::Scenarios, trace::{log::HISTORY, recording::Recording}};
///
/// # let (told, _words) = crossbeam_channel::unbounded();
/// let source = Source::File(Recording::open("../../assets/recordings/blocked.pollscope")?, HISTORY);
/// let replayer = Replayer::start(source, Scenarios::default(), told, |_| Ok::<(), String>(()))?;
/// replayer.views().send(pollscope::View::default())?;
/// assert!(!replayer.pictures().recv()?.goes_on);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replayer {
    looks: Looks,
    scenarios: Scenarios,
    thread: Option<JoinHandle<()>>,
}

impl Replayer {
    /// Begins to read. The scenarios are those whose events may be in it. What is wrong with the recording is told. Of a file, `so_far` hears which share of it has been
    /// read, and an error of its own ends the reading there, with what was read until then.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn start<E: Display>(
        source: Source,
        scenarios: Scenarios,
        told: Sender<String>,
        so_far: impl FnMut(f64) -> Result<(), E> + Send + 'static,
    ) -> io::Result<Self> {
        let (looks, ends) = channels(told);
        let again = scenarios.clone();
        let thread = std::thread::Builder::new().name("scope-replayer".into());
        let thread = match source {
            Source::File(recording, limit) => {
                thread.spawn(move || replay_file(recording, (limit, again), so_far, &ends))?
            }
            Source::Pipe(stream, limit) => {
                let program = stream.head().origin.program.clone();
                let blocks = read_pipe(stream)?;
                thread.spawn(move || replay_pipe(&blocks, (limit, again), program, &ends))?
            }
        };
        Ok(Self { looks, scenarios, thread: Some(thread) })
    }

    /// Where to say what is looked at.
    pub fn views(&self) -> Sender<View> {
        self.looks.views.clone()
    }

    /// Where pictures come from.
    pub fn pictures(&self) -> Receiver<Box<Picture>> {
        self.looks.pictures.clone()
    }

    /// All that memory holds of a pipe, of which nothing can be read again; nothing of a file, of which all can.
    pub fn held(&self) -> Vec<Arc<Batch>> {
        self.looks.held().into_iter().flat_map(|(_, held)| held).collect()
    }
}

impl Observed for Replayer {
    fn views(&self) -> Sender<View> {
        Self::views(self)
    }

    fn pictures(&self) -> Receiver<Box<Picture>> {
        Self::pictures(self)
    }

    fn handle(&self) -> Arc<dyn ObservedHandle> {
        Arc::new(Handle { asks: self.looks.asks(), scenarios: self.scenarios.clone() })
    }

    fn is_recorded(&self) -> bool {
        true
    }
}

/// What a dashboard needs of a recording: nothing of it goes on.
#[derive(Debug)]
struct Handle {
    asks: Asks,
    scenarios: Scenarios,
}

impl ObservedHandle for Handle {
    fn register_observer(&self, _name: &'static str) {}

    fn held(&self) -> Option<Vec<Arc<Batch>>> {
        let held: Vec<_> = self.asks.held().into_iter().flat_map(|(_, held)| held).collect();
        (!held.is_empty()).then_some(held)
    }

    fn scenarios(&self) -> Scenarios {
        self.scenarios.clone()
    }

    fn record(&self, _file: File) -> io::Result<Receiver<String>> {
        Err(io::Error::other("this is a recording already"))
    }

    fn end_recording(&self) -> Option<Recorded> {
        None
    }

    fn is_in_runtime(&self) -> bool {
        false
    }
}

impl Drop for Replayer {
    fn drop(&mut self) {
        let _ = self.looks.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn replay_file<E: Display>(
    recording: Recording<File>,
    (limit, scenarios): (usize, Scenarios),
    so_far: impl FnMut(f64) -> Result<(), E>,
    ends: &Ends,
) {
    let program = recording.head().origin.program.clone();
    let history =
        History::within(limit, |limit| FileLog::new(recording, limit)).of_the_past().with_scenarios(scenarios);
    // Dropped at the end of the reading: whoever told of it hears that it is over.
    let (mut next, mut so_far) = (0, Some(so_far));
    let more = move |history: &mut History<FileLog>| {
        let share = next as f64 / history.store().blocks().max(1) as f64;
        if let Some(Err(stopped)) = so_far.as_mut().map(|so_far| so_far(share)) {
            so_far = None;
            return More::End(Some(format!("the recording is open up to here: {stopped}")));
        }
        let Some(batches) = history.store().block(next) else {
            so_far = None;
            return More::End(history.store().damage());
        };
        next += 1;
        batches.iter().for_each(|batch| history.fold(batch));
        More::Some
    };
    ends.show(Reading { history, more, held: |_| Vec::new(), program });
}

/// A pipe may be slow: another thread waits for it. It ends with the pipe, or when nobody wants more.
fn read_pipe(stream: Stream<Box<dyn Read + Send>>) -> io::Result<Receiver<Result<Vec<Batch>, Error>>> {
    let (read, blocks) = crossbeam_channel::bounded(WAITING);
    std::thread::Builder::new().name("scope-pipe".into()).spawn(move || {
        for block in stream {
            if read.send(block).is_err() {
                return;
            }
        }
    })?;
    Ok(blocks)
}

fn replay_pipe(
    blocks: &Receiver<Result<Vec<Batch>, Error>>,
    (limit, scenarios): (usize, Scenarios),
    program: String,
    ends: &Ends,
) {
    let history = History::within(limit, Log::new).of_the_past().with_scenarios(scenarios);
    let more = |history: &mut History<Log>| match blocks.try_recv() {
        Ok(Ok(batches)) => {
            for mut batch in batches {
                history.append(&mut batch);
            }
            More::Some
        }
        Ok(Err(error)) => More::End(Some(error.to_string())),
        Err(error) if error.is_empty() => More::NotYet,
        Err(_) => More::End(None),
    };
    ends.show(Reading { history, more, held: History::held, program });
}
