//! The limit of 5,000 requests an hour, as GitHub counts for a token; more generous, since the dashboard
//! asks for hours: where it would run out, it starts anew.
//!
//! The time comes in with each call; no clock is read here.

use std::cell::Cell;

/// Requests an hour.
pub(super) const LIMIT: u32 = 5_000;

const HOUR: u64 = 3_600;

/// The count so far.
#[derive(Default)]
pub(super) struct RateLimit {
    used: Cell<u32>,
    /// Unix seconds.
    reset: Cell<u64>,
}

/// What an answer says of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) used: u32,
    /// Never 0: a polite client would wait for the reset.
    pub(super) remaining: u32,
    /// Unix seconds.
    pub(super) reset: u64,
}

impl RateLimit {
    /// Counts one request.
    pub(super) fn take(&self, now: u64) -> Standing {
        self.renew(now);
        self.used.set(self.used.get() + 1);
        self.standing(now)
    }

    /// The count as it is.
    pub(super) fn standing(&self, now: u64) -> Standing {
        self.renew(now);
        Standing { used: self.used.get(), remaining: LIMIT - self.used.get(), reset: self.reset.get() }
    }

    fn renew(&self, now: u64) {
        if now >= self.reset.get() || self.used.get() + 1 >= LIMIT {
            self.used.set(0);
            self.reset.set(now + HOUR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_down_and_never_runs_out() {
        let limit = RateLimit::default();
        assert_eq!(limit.take(100), Standing { used: 1, remaining: 4_999, reset: 3_700 });
        assert_eq!(limit.take(101), Standing { used: 2, remaining: 4_998, reset: 3_700 });
        assert!((0..20_000).all(|_| limit.take(102).remaining > 0));
    }

    #[test]
    fn it_starts_anew_every_hour() {
        let limit = RateLimit::default();
        limit.take(0);
        assert_eq!(limit.take(3_600), Standing { used: 1, remaining: 4_999, reset: 7_200 });
    }
}
