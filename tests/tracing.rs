//! What the layer makes of spans, on a registry beside which others may be.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "nothing else depends on which scope is installed")]
mod spanned;

use std::sync::Once;

use pollscope::tracing::SpanLayer;
use tracing_subscriber::prelude::*;

fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::registry().with(SpanLayer::new()).init());
}
