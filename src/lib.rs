//! Pollscope shows how async and parallel Rust code is scheduled, while it runs.
//!
//! The modules are floors: each imports only from floors below its own (ARCHITECTURE.md).

pub mod github;
pub mod model;
pub mod probe;
pub mod trace;
pub mod tui;
