//! The trace: the ordered events that the probes emit, and the log that keeps them.
//!
//! It knows what happened and when, and not what it means.

pub mod clock;
pub mod event;
mod float;
pub mod log;
pub mod record;
pub mod recording;
pub mod shift;
