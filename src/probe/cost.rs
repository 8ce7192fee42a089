//! What a probed poll costs on this machine: measured once at the start, in a few milliseconds.

use std::{
    future::pending,
    pin::pin,
    task::{Context, Waker},
};

use pollscope_core::trace::event::ThreadKind;

use super::Probes;

/// Polls a round. A worker's ring holds all of them, as no one drains it here.
const POLLS: u32 = 20_000;
/// Rounds, of which the median counts.
const ROUNDS: usize = 5;

/// Nanoseconds that a probe adds to a poll, on the calling thread, which must be no lane of a scope.
pub fn poll_cost() -> f64 {
    let mut costs: Vec<f64> = (0..ROUNDS).map(|_| round()).collect();
    costs.sort_by(f64::total_cmp);
    costs[ROUNDS / 2]
}

fn round() -> f64 {
    let (scratch, _outlets) = Probes::new();
    scratch.register_thread(ThreadKind::Worker, 0);
    let bare = per_poll(&scratch, pin!(pending::<()>()));
    let probed = per_poll(&scratch, pin!(scratch.task("cost", pending::<()>())));
    (probed - bare).max(0.0)
}

fn per_poll(probes: &Probes, mut future: std::pin::Pin<&mut impl Future>) -> f64 {
    let mut cx = Context::from_waker(Waker::noop());
    let start = probes.clock().now();
    for _ in 0..POLLS {
        let _ = std::hint::black_box(future.as_mut().poll(&mut cx));
    }
    (probes.clock().now() - start) as f64 / f64::from(POLLS)
}
