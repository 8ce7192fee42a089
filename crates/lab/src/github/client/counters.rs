//! What a client counts. Relaxed atomics: each figure is right, and together they are of about one instant.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a client has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests sent, retries and redirects included.
    pub requests: u64,
    /// Requests that were repeated, for whatever reason.
    pub retries: u64,
    /// Pages that the server said are unchanged.
    pub not_modified: u64,
    /// Bytes of bodies received.
    pub bytes: u64,
    /// Answers that nobody could read in time because the runtime could not poll, each asked for once more.
    pub unread_answers: u64,
    /// Listings that failed. Disabled issues are no failure.
    pub failures: u64,
}

/// One counter.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters while they count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: Count,
    pub(super) retries: Count,
    pub(super) not_modified: Count,
    pub(super) bytes: Count,
    pub(super) unread_answers: Count,
    pub(super) failures: Count,
}

impl Tally {
    pub(super) fn counters(&self) -> Counters {
        Counters {
            requests: self.requests.get(),
            retries: self.retries.get(),
            not_modified: self.not_modified.get(),
            bytes: self.bytes.get(),
            unread_answers: self.unread_answers.get(),
            failures: self.failures.get(),
        }
    }
}
