//! Panics of a program while its dashboard is open.
//!
//! The terminal is given back before the message is printed, by the hook that the program has: one that ends the program
//! leaves it as it was. Of most, such as a task's, the runtime makes an error: the program goes on, and so does its
//! dashboard, which takes the terminal anew and tells of the panic. Its message is on the screen that was there before.

use std::{
    panic::{self, PanicHookInfo},
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
    thread,
};

use crossbeam_channel::Sender;
use pollscope_core::{observe::ObservedHandle, text::clean};

use super::background::{self, words_of};
use crate::Asked;

/// The dashboard that is open.
static OPEN: Mutex<Option<Open>> = Mutex::new(None);

#[derive(Debug)]
struct Open {
    ask: Sender<Asked>,
    told: Sender<String>,
    scope: Arc<dyn ObservedHandle>,
}

fn open() -> MutexGuard<'static, Option<Open>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A dashboard's hold of the process's hook: it is set once, and minds whichever is open.
#[derive(Debug)]
pub(super) struct Mind;

impl Mind {
    /// None where another dashboard is open.
    pub(super) fn begin(ask: Sender<Asked>, told: Sender<String>, scope: Arc<dyn ObservedHandle>) -> Option<Self> {
        static ONCE: Once = Once::new();
        let mut open = open();
        if open.is_some() {
            return None;
        }
        *open = Some(Open { ask, told, scope });
        drop(open);
        ONCE.call_once(|| {
            let print = panic::take_hook();
            panic::set_hook(Box::new(move |info| meet(info, &print)));
        });
        Some(Self)
    }
}

impl Drop for Mind {
    fn drop(&mut self) {
        *open() = None;
    }
}

fn meet(info: &PanicHookInfo<'_>, print: &dyn Fn(&PanicHookInfo<'_>)) {
    let current = thread::current();
    let name = current.name().unwrap_or("a thread");
    // On the main thread of a program whose runtime runs there, it may be a task's as well.
    let ends = name == "main" && open().as_ref().is_none_or(|open| !open.scope.is_in_runtime());
    if cfg!(panic = "abort") || ends {
        crate::close();
        return print(info);
    }
    let lent = crate::lend();
    print(info);
    drop(lent);
    if let Some(open) = &*open() {
        // Of its own threads the dashboard tells itself.
        if !background::is_here() {
            let at = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
            let words = words_of(info.payload());
            let _ = open.told.try_send(clean(&format!("{name} panicked{at}: {words}")).into_owned());
        }
        // One that waits already will do, and a screen that is the one to panic hears nothing.
        let _ = open.ask.try_send(Asked::Retake);
    }
}
