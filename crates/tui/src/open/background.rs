//! What takes long, on threads of its own: the screen is told what comes of it.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe},
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender};

use super::progress::Underway;

thread_local! {
    /// The calling thread is one of them: what it panics with is told by them.
    static IS_ASIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread's panics are told of here.
pub(super) fn is_here() -> bool {
    IS_ASIDE.get()
}

/// Threads that are under way, each with the line that tells of it, and whether that was sent.
#[derive(Debug)]
pub struct BackgroundJobs {
    told: Sender<String>,
    /// Another end of the screen's: what it has not taken is there.
    untold: Receiver<String>,
    underway: Underway,
    threads: RefCell<Vec<JoinHandle<(String, bool)>>>,
}

impl BackgroundJobs {
    /// None yet. The screen hears there what comes of them.
    pub fn new((told, untold): (Sender<String>, Receiver<String>), underway: Underway) -> Self {
        Self { told, untold, underway, threads: RefCell::default() }
    }

    /// Does it on a thread of its own, and tells what comes of it: a panic, too, which is nowhere else to be seen while the
    /// screen is there.
    pub fn run(&self, name: &str, work: impl FnOnce(&Underway) -> String + Send + 'static) {
        let (told, underway, what) = (self.told.clone(), self.underway.clone(), name.to_owned());
        let work = move || {
            IS_ASIDE.set(true);
            let said = panic::catch_unwind(AssertUnwindSafe(|| work(&underway)));
            let said = said.unwrap_or_else(|panic| format!("{what} panicked: {}", words_of(&*panic)));
            let is_sent = told.try_send(said.clone()).is_ok();
            (said, is_sent)
        };
        match thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(thread) => {
                let mut threads = self.threads.borrow_mut();
                threads.retain(|thread| !thread.is_finished() || !self.untold.is_empty());
                threads.push(thread);
            }
            Err(error) => drop(self.told.try_send(format!("the thread {name} could not be started: {error}"))),
        }
    }

    /// Stops what takes long where it is; a recording is written to its end. What the screen has not told, `say` tells.
    pub fn end(self, say: impl Fn(&str)) {
        self.underway.stop();
        let ended: Vec<_> = self.threads.into_inner().into_iter().filter_map(|thread| thread.join().ok()).collect();
        // What was sent and is still there the screen has not told.
        let untold: Vec<_> = self.untold.try_iter().collect();
        for (line, is_sent) in ended {
            if !is_sent || untold.contains(&line) {
                say(&line);
            }
        }
    }
}

/// What a panic said, where it said something.
pub(super) fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
