//! GitHub's REST API: the client, and an embedded server that behaves like the real one.
//!
//! This floor knows nothing of probes, models or screens.

pub mod client;
pub mod embedded;
mod list;
pub mod types;
