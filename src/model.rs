//! What the trace means.
//!
//! Floor 2. A pure fold of the log into threads, tasks, queues, pulse and findings. It reads no clock and
//! knows no screen: the same events up to the same instant give the same picture.

pub mod picture;
