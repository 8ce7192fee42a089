//! A time limit that counts only time in which the runtime could poll.
//!
//! An ordinary timeout looks at the clock first: after a runtime was blocked, an answer that already lies in
//! the socket becomes a timeout. [`Patient`] looks at the answer first, and a block costs it one tick at most,
//! however long it was. Knows nothing of HTTP.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

/// Into how many ticks a limit is divided.
const TICKS: u32 = 20;

/// A tick that comes later than this after its time says that the runtime could not poll.
const STALL: Duration = Duration::from_secs(1);

/// Keeps a tick away from zero and from the end of time.
const SHORTEST_TICK: Duration = Duration::from_millis(1);
const LONGEST_TICK: Duration = Duration::from_secs(24 * 60 * 60);

/// What became of a future under a time limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome<T> {
    /// None when the limit was reached first.
    pub(super) output: Option<T>,
    /// Whether the runtime could not poll for more than a second meanwhile.
    pub(super) stalled: bool,
}

pin_project_lite::pin_project! {
    /// The inner future, polled first at every poll, and the timer of the tick in progress.
    pub(super) struct Patient<F> {
        #[pin]
        inner: F,
        #[pin]
        timer: Sleep,
        tick: Duration,
        count: TickCount,
    }
}

impl<F> Patient<F> {
    /// Gives `inner` that much time. To be called inside a runtime with timers.
    pub(super) fn new(inner: F, limit: Duration) -> Self {
        let tick = (limit / TICKS).clamp(SHORTEST_TICK, LONGEST_TICK);
        Self { inner, timer: sleep(tick), tick, count: TickCount::default() }
    }
}

impl<F: Future> Future for Patient<F> {
    type Output = Outcome<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let output = this.inner.poll(cx);
        let lateness = Instant::now().saturating_duration_since(this.timer.deadline());
        this.count.look(lateness);
        if let Poll::Ready(output) = output {
            return Poll::Ready(Outcome { output: Some(output), stalled: this.count.stalled });
        }
        while this.timer.as_mut().poll(cx).is_ready() {
            if this.count.tick() {
                return Poll::Ready(Outcome { output: None, stalled: this.count.stalled });
            }
            // From now, not from when the tick was due: time in which nothing was polled is not counted.
            this.timer.as_mut().reset(Instant::now() + *this.tick);
        }
        Poll::Pending
    }
}

/// How many ticks have passed, and whether one of them came very late. Reads no clock.
#[derive(Debug, Default)]
struct TickCount {
    passed: u32,
    stalled: bool,
}

impl TickCount {
    /// Takes note of how late the tick in progress is (zero while it is not due).
    fn look(&mut self, lateness: Duration) {
        self.stalled |= lateness > STALL;
    }

    /// Counts a tick; true when it was the last.
    fn tick(&mut self) -> bool {
        self.passed += 1;
        self.passed >= TICKS
    }
}

#[cfg(test)]
mod tests {
    use std::{future, time::Duration};

    use super::{Outcome, Patient, STALL, TICKS, TickCount};

    #[test]
    fn the_last_tick_ends_it() {
        let mut count = TickCount::default();
        let ends: Vec<bool> = (0..TICKS).map(|_| count.tick()).collect();
        assert_eq!(ends.iter().position(|&end| end), Some(19));
        assert!(!count.stalled);
    }

    #[test]
    fn only_a_tick_that_is_more_than_a_second_late_is_a_stall() {
        let mut count = TickCount::default();
        count.look(Duration::ZERO);
        count.look(STALL);
        assert!(!count.stalled);
        count.look(STALL + Duration::from_nanos(1));
        count.look(Duration::ZERO);
        assert!(count.stalled, "and it is remembered");
    }

    fn on_a_runtime<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn what_is_ready_wins_over_a_limit_of_nothing() {
        let outcome = on_a_runtime(async { Patient::new(future::ready(7), Duration::ZERO).await });
        assert_eq!(outcome, Outcome { output: Some(7), stalled: false });
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let outcome = on_a_runtime(async { Patient::new(future::pending::<()>(), Duration::from_millis(20)).await });
        assert_eq!(outcome.output, None);
    }

    #[test]
    fn a_block_far_beyond_the_limit_is_no_timeout_and_is_noticed() {
        let outcome = on_a_runtime(async {
            let (answer, answered) = tokio::sync::oneshot::channel();
            let limit = Duration::from_millis(200);
            let block = async {
                // Lets the limit's timer start, then holds the only thread for longer than limit and stall.
                tokio::task::yield_now().await;
                std::thread::sleep(STALL + limit);
                tokio::task::yield_now().await;
                answer.send(7).unwrap();
            };
            tokio::join!(Patient::new(answered, limit), block).0
        });
        assert_eq!(outcome, Outcome { output: Some(Ok(7)), stalled: true });
    }
}
