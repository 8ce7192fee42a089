//! GitHub's REST API: the client, and an embedded server that behaves like the real one.
//!
//! This floor knows nothing of probes, models or screens.

pub mod embedded;
pub mod types;
