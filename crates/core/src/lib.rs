//! What Pollscope records, and what it means.
//!
//! [`trace`] has the facts: records, events, the log and recordings. [`model`] folds them into threads, tasks, queues and
//! findings, without a clock of its own. [`report`] writes the result for people and for other programs, and [`wire`]
//! brings a trace from one process to another. This crate knows no runtime, no screen and no scenario; other crates of
//! Pollscope share it, and it makes no promise to anybody else.

pub mod model;
pub mod observe;
pub mod recorder;
pub mod replayer;
#[cfg(feature = "reports")]
pub mod report;
pub mod show;
#[cfg(feature = "reports")]
pub mod text;
pub mod trace;
pub mod wire;
