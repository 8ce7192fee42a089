//! Faults that the tests ask for: the part that panics, so that a test can look at what the panic leaves behind.
//!
//! A release build has none: it does not read `POLLSCOPE_FAULT`, and does not contain the name.

use pollscope_lab::pipeline;
use pollscope_tui::Fails;

/// The part that panics, as `POLLSCOPE_FAULT` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(debug_assertions), expect(dead_code, reason = "a release build has no faults"))]
pub(super) enum Fault {
    /// A task of the pipeline.
    Task,
    /// A job of the pool.
    Job,
    /// The screen, at its first picture.
    Screen,
    /// The thread that reads keys, at the first one.
    Keys,
    /// The thread that writes to the terminal, at the second frame.
    Terminal,
    /// The main thread, at the first signal.
    Main,
    /// The collector, at once.
    Collector,
    /// An export.
    Export,
    /// Nothing: the channel of the telemetry is full all the time.
    Telemetry,
}

/// Returns the fault that a test asks for.
#[cfg(debug_assertions)]
pub(super) fn fault() -> Option<Fault> {
    match std::env::var("POLLSCOPE_FAULT").ok()?.as_str() {
        "task" => Some(Fault::Task),
        "job" => Some(Fault::Job),
        "screen" => Some(Fault::Screen),
        "keys" => Some(Fault::Keys),
        "terminal" => Some(Fault::Terminal),
        "main" => Some(Fault::Main),
        "collector" => Some(Fault::Collector),
        "export" => Some(Fault::Export),
        "telemetry" => Some(Fault::Telemetry),
        _ => None,
    }
}

/// Returns no fault: this is a release build.
#[cfg(not(debug_assertions))]
pub(super) const fn fault() -> Option<Fault> {
    None
}

impl Fault {
    /// What of it goes wrong in the pipeline.
    pub(super) fn in_pipeline(self) -> Option<pipeline::Fault> {
        match self {
            Self::Task => Some(pipeline::Fault::Task),
            Self::Job => Some(pipeline::Fault::Job),
            Self::Screen
            | Self::Keys
            | Self::Terminal
            | Self::Main
            | Self::Collector
            | Self::Export
            | Self::Telemetry => None,
        }
    }

    /// What of it goes wrong on the screen's threads.
    pub(super) fn in_screen(self) -> Option<Fails> {
        match self {
            Self::Screen => Some(Fails::Screen),
            Self::Keys => Some(Fails::Keys),
            Self::Terminal => Some(Fails::Terminal),
            Self::Task | Self::Job | Self::Main | Self::Collector | Self::Export | Self::Telemetry => None,
        }
    }
}
