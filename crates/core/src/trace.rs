//! The trace: the ordered events that the probes emit, and the log that keeps them.
//!
//! It knows what happened and when, and not what it means.

pub mod clock;
mod duration;
pub mod event;
mod float;
pub mod lesson;
pub mod log;
pub mod record;
pub mod recording;
pub mod settings;
pub mod shift;
