//! Where there is no scope, probes allocate nothing. A process of its own, without a test's threads: what others allocate
//! meanwhile would be counted, too.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use peak_alloc::PeakAlloc;
use pollscope::{Scope, job, span, task};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a program under probes does, on one thread. Gives the most bytes that it had at once, beside those before.
fn allocated() -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    for number in 0..100 {
        let nested = async { task("nested", async { black_box(number) }).await };
        let mut future = pin!(task("future", nested));
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(number));
        assert_eq!(job("job", || black_box(number))(), number);
        assert_eq!(span("span", || black_box(number)), number);
    }
    MEMORY.peak_usage() - before
}

fn main() {
    assert_eq!(allocated(), 0, "without a scope");
    let scope = Scope::new().unwrap();
    assert!(allocated() > 0, "with a scope there is something to remember");
    assert_eq!(scope.summary().unwrap().tasks.completed, 100);
    drop(scope);
    // A lab of before leaves nothing behind that would be looked through.
    assert_eq!(allocated(), 0, "after a scope");
    println!("probes without a scope allocate nothing");
}
