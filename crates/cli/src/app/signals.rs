//! Signals: those that ask the program to end, those that say that it goes on, and one that is not heard.

use crossbeam_channel::Receiver;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// To end, once the terminal has come back.
    End,
    /// To go on after a stop: the shell has had the terminal.
    #[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere no process is stopped"))]
    GoOn,
}

/// The thread that hears signals.
pub(super) const THREAD: &str = "signals";

/// Signals that may wait.
#[cfg(unix)]
const WAITING: usize = 4;

/// Where signals are told, to whoever looks first: to terminate, to quit, an interrupt, that the terminal is gone, and
/// that a stopped process goes on.
#[cfg(unix)]
pub(super) fn watch() -> anyhow::Result<Receiver<Signal>> {
    use std::sync::{Mutex, PoisonError};

    static WATCHED: Mutex<Option<Receiver<Signal>>> = Mutex::new(None);

    let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tell) = &*watched {
        return Ok(tell.clone());
    }
    let tell = start()?;
    *watched = Some(tell.clone());
    Ok(tell)
}

#[cfg(unix)]
fn start() -> anyhow::Result<Receiver<Signal>> {
    use anyhow::Context;
    use signal_hook::{
        consts::{SIGCONT, SIGHUP, TERM_SIGNALS},
        iterator::Signals,
    };

    let mut signals =
        Signals::new(TERM_SIGNALS.iter().chain(&[SIGHUP, SIGCONT])).context("signals cannot be watched")?;
    let (told, tell) = crossbeam_channel::bounded(WAITING);
    std::thread::Builder::new()
        .name(THREAD.into())
        .spawn(move || {
            for signal in signals.forever() {
                let asks = if signal == SIGCONT { Signal::GoOn } else { Signal::End };
                let is_heard = told.try_send(asks).is_ok();
                // Shells send SIGHUP twice, and the end of a recording is still being written.
                if !is_heard && asks == Signal::End && signal != SIGHUP {
                    // The program ends already, or cannot: that takes too long for somebody.
                    pollscope_tui::close();
                    std::process::exit(i32::from(super::FAILED));
                }
            }
        })
        .context("the signals' thread could not be started")?;
    Ok(tell)
}

/// Elsewhere the system ends the program by itself.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn watch() -> anyhow::Result<Receiver<Signal>> {
    Ok(crossbeam_channel::never())
}

/// A file that may not grow any more is an error of its writing, as a full disk is, and not the program's end.
pub(super) fn outlive_full_files() {
    #[cfg(unix)]
    {
        use std::sync::{Arc, atomic::AtomicBool};

        // Where that is refused, the system's way remains.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}
