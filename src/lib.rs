//! What other programs see of Pollscope, and the floors that it is made of (ARCHITECTURE.md).
//!
#![doc = include_str!("../docs/library.md")]

#[cfg(feature = "program")]
pub mod app;
#[cfg(feature = "program")]
pub mod cli;
#[cfg(feature = "dashboard")]
pub mod dashboard;
#[cfg(all(feature = "program", any(test, fuzzing)))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "program")]
pub mod github;
#[cfg(feature = "program")]
pub mod lab;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod model;
pub mod probe;
#[cfg(feature = "dashboard")]
pub mod report;
#[cfg(feature = "program")]
pub mod scenario;
pub mod scope;
#[cfg(feature = "dashboard")]
mod text;
pub mod trace;
#[cfg(feature = "tracing")]
pub mod tracing;
#[cfg(feature = "dashboard")]
pub mod tui;

#[doc(inline)]
pub use probe::{
    Hooks, Probed, Probes, QueueReceiver, QueueSender, block_in_place, job, mpsc, probes, queue, span, task,
};
#[doc(inline)]
pub use scope::{Blocked, Scope, Watch};
#[cfg(feature = "tracing")]
#[doc(inline)]
pub use tracing::init;

#[cfg(test)]
#[path = "../tests/tried/mod.rs"]
mod tried;
