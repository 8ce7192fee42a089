//! What other programs see of Pollscope: probes, a scope that observes them, and what it found (ARCHITECTURE.md).
//!
#![doc = include_str!("../docs/library.md")]

#[cfg(feature = "metrics")]
pub mod metrics;
pub mod probe;
pub mod scope;
#[cfg(feature = "tracing")]
pub mod tracing;

#[doc(inline)]
pub use pollscope_core::{
    model::{
        long_polls::{LongPoll, LongPolls},
        meters::Meters,
        picture::{Finding, Picture, Rule, View},
        summary::Summary,
    },
    trace::event::{JobKind, TaskKind, ThreadKind},
};
#[doc(inline)]
pub use probe::{
    Hooks, Probed, Probes, QueueReceiver, QueueSender, block_in_place, job, mpsc, probes, queue, span, task,
};
#[doc(inline)]
pub use scope::{Blocked, Scope, Watch};
#[cfg(feature = "tracing")]
#[doc(inline)]
pub use tracing::init;
