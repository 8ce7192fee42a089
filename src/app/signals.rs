//! Signals that ask the program to end: the terminal comes back first.

use crossbeam_channel::Receiver;

/// Where such a signal is told: to terminate, to quit, an interrupt, and that the terminal is gone.
#[cfg(unix)]
pub(super) fn watch() -> anyhow::Result<Receiver<()>> {
    use anyhow::Context;
    use signal_hook::{
        consts::{SIGHUP, TERM_SIGNALS},
        iterator::Signals,
    };

    let mut signals = Signals::new(TERM_SIGNALS.iter().chain(&[SIGHUP])).context("signals cannot be watched")?;
    let (told, tell) = crossbeam_channel::bounded(1);
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for _ in signals.forever() {
                let _ = told.try_send(());
            }
        })
        .context("the signals' thread could not be started")?;
    Ok(tell)
}

/// Elsewhere the system ends the program by itself.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn watch() -> anyhow::Result<Receiver<()>> {
    Ok(crossbeam_channel::never())
}
