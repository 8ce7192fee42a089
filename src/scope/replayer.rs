//! The replayer: shows a recording as the collector shows a run, on a thread of its own.
//!
//! It folds what it reads bit by bit, so that the screen can look at the beginning while the rest is read.

use std::{
    fmt::Display,
    fs::File,
    io::{self, Read},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, select};

use crate::{
    model::{
        history::History,
        picture::{Picture, View},
    },
    trace::{
        log::{Batch, Log, Store},
        recording::{Error, FileLog, Recording, Stream},
    },
};

/// Between two pictures while it is read.
const FRAME: Duration = Duration::from_millis(33);
/// Between two looks for something to do, when all is read.
const IDLE: Duration = Duration::from_millis(100);
/// Blocks of a pipe that may wait.
const WAITING: usize = 4;

/// Where a recording comes from, and how many bytes of it are kept in memory.
pub enum Source {
    /// A file: any part of it can be read again.
    File(Recording<File>, usize),
    /// A pipe: what is not kept is gone.
    Pipe(Stream<Box<dyn Read + Send>>, usize),
}

/// A recording that is shown.
#[derive(Debug)]
pub struct Replayer {
    views: Sender<View>,
    pictures: Receiver<Box<Picture>>,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// The replayer's ends of its channels.
struct Ends {
    views: Receiver<View>,
    pictures: Sender<Box<Picture>>,
    stop: Receiver<()>,
    told: Sender<String>,
}

/// What there is to read.
enum More {
    /// Something was read.
    Some,
    /// Nothing for the moment.
    NotYet,
    /// Nothing more, and why, where that is no good end.
    End(Option<String>),
}

impl Replayer {
    /// Begins to read. What is wrong with the recording is told. Of a file, `so_far` hears which share of it has been
    /// read, and an error of its own ends the reading there, with what was read until then.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn start<E: Display>(
        source: Source,
        told: Sender<String>,
        so_far: impl FnMut(f64) -> Result<(), E> + Send + 'static,
    ) -> io::Result<Self> {
        let (views, views_in) = crossbeam_channel::bounded(16);
        let (pictures_out, pictures) = crossbeam_channel::bounded(1);
        let (stop, stopped) = crossbeam_channel::bounded(1);
        let ends = Ends { views: views_in, pictures: pictures_out, stop: stopped, told };
        let thread = std::thread::Builder::new().name("scope-replayer".into());
        let thread = match source {
            Source::File(recording, limit) => thread.spawn(move || replay_file(recording, limit, so_far, &ends))?,
            Source::Pipe(stream, limit) => {
                let blocks = read_pipe(stream)?;
                thread.spawn(move || replay_pipe(&blocks, limit, &ends))?
            }
        };
        Ok(Self { views, pictures, stop, thread: Some(thread) })
    }

    /// Where to say what is looked at.
    pub fn views(&self) -> Sender<View> {
        self.views.clone()
    }

    /// Where pictures come from.
    pub fn pictures(&self) -> Receiver<Box<Picture>> {
        self.pictures.clone()
    }
}

impl Drop for Replayer {
    fn drop(&mut self) {
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn replay_file<E: Display>(
    recording: Recording<File>,
    limit: usize,
    so_far: impl FnMut(f64) -> Result<(), E>,
    ends: &Ends,
) {
    let history = History::within(limit, |limit| FileLog::new(recording, limit)).of_the_past();
    // Dropped at the end of the reading: whoever told of it hears that it is over.
    let (mut next, mut so_far) = (0, Some(so_far));
    ends.show(history, |history| {
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
    });
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

fn replay_pipe(blocks: &Receiver<Result<Vec<Batch>, Error>>, limit: usize, ends: &Ends) {
    ends.show(History::within(limit, Log::new).of_the_past(), |history| match blocks.try_recv() {
        Ok(Ok(batches)) => {
            for mut batch in batches {
                history.append(&mut batch);
            }
            More::Some
        }
        Ok(Err(error)) => More::End(Some(error.to_string())),
        Err(error) if error.is_empty() => More::NotYet,
        Err(_) => More::End(None),
    });
}

impl Ends {
    /// Reads and shows until told to stop.
    fn show<S: Store>(&self, mut history: History<S>, mut more: impl FnMut(&mut History<S>) -> More) {
        let (mut view, mut reads, mut changed) = (None, true, true);
        let mut next_frame = Instant::now();
        let mut pause = Duration::ZERO;
        loop {
            select! {
                recv(self.stop) -> _ => return,
                recv(self.views) -> asked => {
                    let Ok(asked) = asked else { return };
                    view = Some(self.views.try_iter().last().unwrap_or(asked));
                    (changed, next_frame) = (true, Instant::now());
                }
                default(pause) => {}
            }
            if reads {
                match more(&mut history) {
                    More::Some => (changed, pause) = (true, Duration::ZERO),
                    More::NotYet => pause = FRAME,
                    More::End(damage) => {
                        (reads, pause, changed) = (false, IDLE, true);
                        if let Some(damage) = damage {
                            let _ = self.told.try_send(damage);
                        }
                    }
                }
            }
            let now = Instant::now();
            if let Some(view) = view.as_ref().filter(|_| changed && now >= next_frame && self.pictures.is_empty()) {
                let _ = self.pictures.try_send(Box::new(history.picture(view)));
                (changed, next_frame) = (false, now + FRAME);
            }
        }
    }
}
