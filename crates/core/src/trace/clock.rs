//! Time, as every event carries it.
//!
//! One clock serves all threads: the processor's time-stamp counter where the system trusts it, which
//! costs 10 ns a reading against 23 ns for `Instant` (`benches/probes.rs`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds since the clock's zero. 2^56 of them, 2.28 years, fit in a record.
pub type Nanos = u64;

/// Nanoseconds of a microsecond.
pub const MICRO: Nanos = 1_000;
/// Nanoseconds of a millisecond.
pub const MILLI: Nanos = 1_000_000;
/// Nanoseconds of a second.
pub const SECOND: Nanos = 1_000_000_000;

/// A monotonic clock with a zero of its own. Copies agree with each other.
#[derive(Clone, Debug)]
pub struct Clock {
    source: quanta::Clock,
    zero: u64,
    unix_zero: Nanos,
}

impl Clock {
    /// A clock whose zero is now. Takes about a millisecond, to calibrate the counter.
    pub fn new() -> Self {
        let source = quanta::Clock::new();
        let zero = source.raw();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { source, zero, unix_zero: nanos(unix) }
    }

    /// The time of day at the zero, as the system had it then: nanoseconds since 1970. Clocks of several programs are
    /// brought to one by it, as exactly as their systems agree.
    pub fn unix_zero(&self) -> Nanos {
        self.unix_zero
    }

    /// Nanoseconds since the zero.
    #[inline]
    pub fn now(&self) -> Nanos {
        self.source.delta_as_nanos(self.zero, self.source.raw())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// A duration in the clock's unit; 584 years at the most.
pub fn nanos(duration: Duration) -> Nanos {
    Nanos::try_from(duration.as_nanos()).unwrap_or(Nanos::MAX)
}

/// Milliseconds with their fraction, as reports give them.
pub fn millis(nanos: Nanos) -> f64 {
    nanos as f64 / MILLI as f64
}
