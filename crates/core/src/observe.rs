//! A running scope, as a dashboard or a recording sees it: the library implements these traits, the terminal uses them.
//!
//! They keep the two apart: a dashboard compiles without the library's probes, and the library without a terminal.

use std::{fmt, fs::File, io, sync::Arc};

use crossbeam_channel::{Receiver, Sender};

use crate::{
    model::{
        picture::{Picture, View},
        scenario::Scenarios,
    },
    recorder::Recorded,
    trace::log::Batch,
};

/// A running scope whose pictures can be shown.
pub trait Observed {
    /// Returns the channel that takes the view to make pictures of.
    fn views(&self) -> Sender<View>;

    /// Returns the channel of pictures, which has one whenever a view was asked for.
    fn pictures(&self) -> Receiver<Box<Picture>>;

    /// Returns a handle that outlives this borrow.
    fn handle(&self) -> Arc<dyn ObservedHandle>;

    /// Whether it is a recording, whose end is known.
    fn is_recorded(&self) -> bool {
        false
    }
}

/// A handle of a running scope. It does not keep the scope alive: when the scope has ended, there is nothing to record or export.
pub trait ObservedHandle: fmt::Debug + Send + Sync {
    /// Registers the calling thread as one of Pollscope's own, so that its CPU time counts as overhead.
    fn register_observer(&self, name: &'static str);

    /// Returns everything that the log holds; none when the scope has ended.
    fn held(&self) -> Option<Vec<Arc<Batch>>>;

    /// Returns the folds of the scope's scenarios, as they are before the first event.
    fn scenarios(&self) -> Scenarios;

    /// Records into a file from now on, beginning with what the log holds. The channel receives the reason, once, when the
    /// file can no longer be written.
    ///
    /// # Errors
    ///
    /// When a recording is running already, or the system refuses a thread.
    fn record(&self, file: File) -> io::Result<Receiver<String>>;

    /// Ends the recording without waiting for its file; none when nothing was being recorded.
    fn end_recording(&self) -> Option<Recorded>;

    /// Whether the calling thread runs the tasks of an async runtime: a panic there ends a task, not the program.
    fn is_in_runtime(&self) -> bool;
}
