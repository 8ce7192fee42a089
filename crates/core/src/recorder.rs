//! The recorder: writes what the collector hands it into a file, on a thread of its own.
//!
//! The collector never waits for it: where the file is slower than what happens, batches are left out, and the
//! file says how many records that were.

use std::{
    fs::File,
    io::{self, BufWriter},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::trace::{
    clock::Nanos,
    event::{Event, Stamped},
    log::Batch,
    recording::{Origin, Writer},
};

/// Its thread.
const THREAD: &str = "scope-recorder";
/// A block is written at least this often, so that a killed run leaves what it had.
const FLUSH: Duration = Duration::from_secs(1);
/// Bytes that may wait for the file.
const WAITING: usize = 64 << 20;
/// Batches that may wait for the file, besides those that the log held at the start.
const BATCHES: usize = 1 << 16;

/// What the recorder is told.
enum Told {
    Batch(Arc<Batch>),
    /// Everything up to there was handed over.
    Upto(Nanos),
}

/// What the recorder and the collector both know.
#[derive(Debug, Default)]
struct Shared {
    waiting: AtomicUsize,
    written: AtomicU64,
}

/// A recording that is being written.
#[derive(Debug)]
pub struct Recorder {
    told: Sender<Told>,
    shared: Arc<Shared>,
    thread: JoinHandle<io::Result<()>>,
    /// Records and events that found no room.
    lost: u64,
}

impl Recorder {
    /// Starts a recording with what the log holds already. `observed` is called on the recorder's thread, with its name. The
    /// channel receives the reason as soon as the file can no longer be written.
    ///
    /// # Errors
    ///
    /// When the system refuses the thread.
    pub fn start(
        file: File,
        held: Vec<Arc<Batch>>,
        origin: Origin,
        observed: impl FnOnce(&'static str) + Send + 'static,
    ) -> io::Result<(Self, Receiver<String>)> {
        let (told, tell) = crossbeam_channel::bounded(BATCHES);
        let (broke, broken) = crossbeam_channel::bounded(1);
        let shared = Arc::new(Shared::default());
        let known = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name(THREAD.into()).spawn(move || {
            observed(THREAD);
            write(file, held, &origin, &tell, &known).inspect_err(|error| {
                let _ = broke.try_send(error.to_string());
            })
        })?;
        Ok((Self { told, shared, thread, lost: 0 }, broken))
    }

    /// Takes the next batch, if there is room.
    pub fn batch(&mut self, batch: &Arc<Batch>) {
        let bytes = batch.bytes();
        if self.shared.waiting.load(Ordering::Relaxed) + bytes > WAITING {
            self.lost += batch.len() as u64;
            return;
        }
        if self.lost > 0 && self.send(Arc::new(gap(batch.upto(), self.lost))) {
            self.lost = 0;
        }
        if !self.send(Arc::clone(batch)) {
            self.lost += batch.len() as u64;
        }
    }

    fn send(&self, batch: Arc<Batch>) -> bool {
        let bytes = batch.bytes();
        self.shared.waiting.fetch_add(bytes, Ordering::Relaxed);
        let sent = self.told.try_send(Told::Batch(batch)).is_ok();
        if !sent {
            self.shared.waiting.fetch_sub(bytes, Ordering::Relaxed);
        }
        sent
    }

    /// Bytes in the file so far.
    pub fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    /// The file could not be written any more, or is complete.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends the recording at a watermark, without waiting for its file.
    pub fn end(self, upto: Nanos) -> Recorded {
        Recorded { recorder: self, upto }
    }

    /// Writes the rest, up to a watermark, and ends. Returns the file's size in bytes.
    ///
    /// # Errors
    ///
    /// When the file could not be written to its end.
    pub fn finish(self, upto: Nanos) -> io::Result<u64> {
        let Self { told, shared, thread, lost } = self;
        // Here it is waited for: whoever ends a recording wants all of it.
        if lost > 0 {
            let _ = told.send(Told::Batch(Arc::new(gap(upto, lost))));
        }
        let _ = told.send(Told::Upto(upto));
        drop(told);
        thread.join().map_err(|_| io::Error::other("the recorder panicked"))??;
        Ok(shared.written.load(Ordering::Relaxed))
    }
}

/// A recording that is told nothing more, and may not be written to its end yet.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// # let path = std::env::temp_dir().join(format!("recorded-{}.pollscope", std::process::id()));
/// scope.record(std::fs::File::create(&path)?)?;
/// let recorded = scope.end_recording().unwrap();
/// // Another may be begun at once; this one's file may be slow.
/// let bytes = recorded.finish()?;
/// assert_eq!(bytes, std::fs::metadata(&path)?.len());
/// # std::fs::remove_file(path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "the file is complete when this is finished"]
pub struct Recorded {
    recorder: Recorder,
    upto: Nanos,
}

impl Recorded {
    /// Waits until all is written, as long as the file takes. Gives the file's bytes.
    ///
    /// # Errors
    ///
    /// When the file could not be written to its end.
    pub fn finish(self) -> io::Result<u64> {
        self.recorder.finish(self.upto)
    }
}

/// A batch that says how much is missing.
fn gap(upto: Nanos, count: u64) -> Batch {
    let mut batch = Batch::default();
    batch.push(Stamped { at: upto, event: Event::EventsLost { count } });
    batch.close(upto);
    batch
}

fn write(file: File, held: Vec<Arc<Batch>>, origin: &Origin, tell: &Receiver<Told>, shared: &Shared) -> io::Result<()> {
    let mut writer = Writer::of(origin, Counted { out: BufWriter::new(file), shared })?;
    for batch in held {
        writer.batch(&batch)?;
    }
    let mut flushed = Instant::now();
    loop {
        if flushed.elapsed() >= FLUSH {
            writer.flush_block()?;
            flushed = Instant::now();
        }
        match tell.recv_timeout(FLUSH) {
            Ok(Told::Batch(batch)) => {
                writer.batch(&batch)?;
                shared.waiting.fetch_sub(batch.bytes(), Ordering::Relaxed);
            }
            Ok(Told::Upto(upto)) => {
                let mut last = Batch::default();
                last.close(upto);
                writer.batch(&last)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let mut out = writer.finish()?;
    io::Write::flush(&mut out)
}

/// Counts what goes into the file.
struct Counted<'a> {
    out: BufWriter<File>,
    shared: &'a Shared,
}

impl io::Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.shared.written.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
