//! Faults that the tests ask for: what panics, so that what a panic leaves behind can be looked at.

use pollscope_lab::pipeline;
use pollscope_tui::Fails;

/// What is to go wrong: `POLLSCOPE_FAULT` is for the tests of what a panic leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// What a test asks for.
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
        _ => None,
    }
}

impl Fault {
    /// What of it goes wrong in the pipeline.
    pub(super) fn in_pipeline(self) -> Option<pipeline::Fault> {
        match self {
            Self::Task => Some(pipeline::Fault::Task),
            Self::Job => Some(pipeline::Fault::Job),
            Self::Screen | Self::Keys | Self::Terminal | Self::Main | Self::Collector | Self::Export => None,
        }
    }

    /// What of it goes wrong on the screen's threads.
    pub(super) fn in_screen(self) -> Option<Fails> {
        match self {
            Self::Screen => Some(Fails::Screen),
            Self::Keys => Some(Fails::Keys),
            Self::Terminal => Some(Fails::Terminal),
            Self::Task | Self::Job | Self::Main | Self::Collector | Self::Export => None,
        }
    }
}
