//! What a thread is doing at this moment, for other threads to read.
//!
//! The owner writes before a span begins and after it ended, so a poll that never ends is seen at once.
//! All stores are releases and all loads acquires (free on x86): a reader that finds the same start
//! before and after reading what is done has read a consistent pair, since a later pair is only written
//! after the start was changed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pollscope_core::trace::{clock::Nanos, record::Doing};

/// One thread's window to the outside.
#[derive(Debug, Default)]
pub struct Slot {
    outer: Pair,
    inner: Pair,
    base_at: AtomicU64,
    base_cpu: AtomicU64,
    lost: AtomicU64,
    ended: AtomicBool,
}

/// A start and what began then; a start of 0 is nothing.
#[derive(Debug, Default)]
struct Pair {
    start: AtomicU64,
    what: AtomicU64,
}

/// A span that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// When it began.
    pub start: Nanos,
    /// The task, job or queue.
    pub what: u32,
    /// What it is.
    pub doing: Doing,
}

impl InFlight {
    fn packed(self) -> u64 {
        let doing: u64 = match self.doing {
            Doing::Poll => 0,
            Doing::Job => 1,
            Doing::Wait => 2,
        };
        doing << 32 | u64::from(self.what)
    }

    fn unpacked(start: Nanos, what: u64) -> Self {
        let doing = match what >> 32 {
            0 => Doing::Poll,
            1 => Doing::Job,
            _ => Doing::Wait,
        };
        Self { start, what: what as u32, doing }
    }
}

impl Pair {
    #[inline]
    fn set(&self, span: InFlight) {
        self.start.store(0, Ordering::Release);
        self.what.store(span.packed(), Ordering::Release);
        self.start.store(span.start, Ordering::Release);
    }

    #[inline]
    fn clear(&self) {
        self.start.store(0, Ordering::Release);
    }

    fn get(&self) -> Option<InFlight> {
        loop {
            let start = self.start.load(Ordering::Acquire);
            if start == 0 {
                return None;
            }
            let what = self.what.load(Ordering::Acquire);
            if self.start.load(Ordering::Acquire) == start {
                return Some(InFlight::unpacked(start, what));
            }
        }
    }
}

impl Slot {
    /// The outermost span in flight: the task that is polled, the job that runs.
    pub fn outer(&self) -> Option<InFlight> {
        self.outer.get()
    }

    /// The innermost span in flight, where it is not the outermost.
    pub fn inner(&self) -> Option<InFlight> {
        self.inner.get()
    }

    /// The instant and the CPU time that the thread itself read last.
    pub fn base(&self) -> Option<(Nanos, Nanos)> {
        loop {
            let at = self.base_at.load(Ordering::Acquire);
            if at == 0 {
                return None;
            }
            let cpu = self.base_cpu.load(Ordering::Acquire);
            if self.base_at.load(Ordering::Acquire) == at {
                return Some((at, cpu));
            }
        }
    }

    /// Records that found no room in the ring, in all.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Acquire)
    }

    /// The thread has ended; its ring may still hold records.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn set_outer(&self, span: Option<InFlight>) {
        span.map_or_else(|| self.outer.clear(), |span| self.outer.set(span));
    }

    #[inline]
    pub(super) fn set_inner(&self, span: Option<InFlight>) {
        span.map_or_else(|| self.inner.clear(), |span| self.inner.set(span));
    }

    pub(super) fn set_base(&self, at: Nanos, cpu: Nanos) {
        self.base_at.store(0, Ordering::Release);
        self.base_cpu.store(cpu, Ordering::Release);
        self.base_at.store(at, Ordering::Release);
    }

    pub(super) fn count_loss(&self) {
        self.lost.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}
