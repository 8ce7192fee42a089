//! What takes long, on threads of its own: the screen is told what comes of it.

use std::{
    any::Any,
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    thread::{self, JoinHandle},
};

use crossbeam_channel::Sender;

use super::progress::Underway;

/// Threads that are under way, each with the line that tells of it.
#[derive(Debug)]
pub(crate) struct Asides {
    told: Sender<String>,
    underway: Underway,
    threads: RefCell<Vec<JoinHandle<String>>>,
}

impl Asides {
    /// None yet. The screen hears there what comes of them.
    pub(crate) fn new(told: Sender<String>, underway: Underway) -> Self {
        Self { told, underway, threads: RefCell::default() }
    }

    /// Does it on a thread of its own, and tells what comes of it: a panic, too, which is nowhere else to be seen while the
    /// screen is there.
    pub(crate) fn run(&self, name: &str, work: impl FnOnce(&Underway) -> String + Send + 'static) {
        let (told, underway, what) = (self.told.clone(), self.underway.clone(), name.to_owned());
        let work = move || {
            let said = panic::catch_unwind(AssertUnwindSafe(|| work(&underway)));
            let said = said.unwrap_or_else(|panic| format!("{what} panicked: {}", words_of(&*panic)));
            let _ = told.try_send(said.clone());
            said
        };
        match thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(thread) => {
                let mut threads = self.threads.borrow_mut();
                threads.retain(|thread| !thread.is_finished());
                threads.push(thread);
            }
            Err(error) => drop(self.told.try_send(format!("the thread {name} could not be started: {error}"))),
        }
    }

    /// Stops what takes long where it is; a recording is written to its end. What the screen has not told, `say` tells.
    pub(crate) fn end(self, say: impl Fn(&str)) {
        self.underway.stop();
        for thread in self.threads.into_inner() {
            // What was over by then the screen has told.
            let is_told = thread.is_finished();
            if let Ok(line) = thread.join()
                && !is_told
            {
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
