//! Pollscope shows how async and parallel Rust code is scheduled, while it runs.
//!
//! The modules are floors: each imports only from floors below its own (ARCHITECTURE.md).
pub mod app;
pub mod cli;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod github;
pub mod lab;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod model;
pub mod probe;
pub mod report;
pub mod scenario;
pub mod scope;
mod text;
pub mod trace;
pub mod tui;

#[cfg(test)]
#[path = "../tests/tried/mod.rs"]
mod tried;
