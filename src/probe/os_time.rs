//! What a thread reads of itself: its CPU time and how long it waited for a core.
//!
//! On Linux the thread's CPU clock costs 0.4 µs, and `schedstat`, over a file that is kept open, 0.6 µs.
//! `schedstat`'s wait is booked when a thread gets its core, so for the running reader it is exact.
//! The count of its sleeps tells what both leave out: time that a hypervisor took from the core is booked
//! nowhere, and would pass for sleep. Elsewhere nothing is measured, and what depends on it is unknown.

use pollscope_core::trace::clock::Nanos;

/// Whether this system tells what a thread did in a long poll: asleep, on the CPU, or without a core.
pub const TELLS_ASLEEP: bool = cfg!(target_os = "linux");

/// CPU time and waiting time of the calling thread, since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub(super) cpu: Nanos,
    pub(super) waited: Option<Nanos>,
    /// How often it went to sleep; none where nobody counts.
    sleeps: Option<u64>,
}

impl Reading {
    /// CPU time, and time without a core, of a span of that length between an earlier reading and this one.
    ///
    /// A thread that never went to sleep meanwhile had no core for all the time in which it did not run.
    pub(super) fn since(self, before: Self, took: Nanos) -> (Nanos, Option<Nanos>) {
        let cpu = self.cpu.saturating_sub(before.cpu);
        if self.sleeps.is_some() && self.sleeps == before.sleeps {
            return (cpu, Some(took.saturating_sub(cpu)));
        }
        (cpu, before.waited.zip(self.waited).map(|(before, now)| now.saturating_sub(before)))
    }
}

/// The calling thread's own accounts.
#[derive(Debug)]
pub(super) struct OwnTime {
    #[cfg(target_os = "linux")]
    schedstat: Option<std::fs::File>,
}

#[cfg(target_os = "linux")]
impl OwnTime {
    pub(super) fn open() -> Self {
        Self { schedstat: std::fs::File::open("/proc/thread-self/schedstat").ok() }
    }

    /// CPU time alone, which is cheaper.
    pub(super) fn cpu() -> Option<Nanos> {
        let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).ok()?;
        Some(time.tv_sec() as Nanos * pollscope_core::trace::clock::SECOND + time.tv_nsec() as Nanos)
    }

    pub(super) fn read(&self) -> Option<Reading> {
        Some(Reading { cpu: Self::cpu()?, waited: self.waited(), sleeps: Self::sleeps() })
    }

    /// Switches because the thread had to wait for something: a page from the disk counts, a turn of
    /// another thread does not.
    fn sleeps() -> Option<u64> {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        u64::try_from(usage.voluntary_context_switches()).ok()
    }

    fn waited(&self) -> Option<Nanos> {
        use std::os::unix::fs::FileExt;
        let mut text = [0; 96];
        let length = self.schedstat.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..length]).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse().ok()
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_self, reason = "there is nothing to read: as on Linux, where there is")]
impl OwnTime {
    pub(super) fn open() -> Self {
        Self {}
    }

    pub(super) fn cpu() -> Option<Nanos> {
        None
    }

    pub(super) fn read(&self) -> Option<Reading> {
        None
    }
}

/// The operating system's id of the calling thread.
pub(super) fn os_thread_id() -> Option<u32> {
    if cfg!(target_os = "linux") {
        std::fs::read_link("/proc/thread-self").ok()?.file_name()?.to_str()?.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollscope_core::trace::clock::MILLI;

    fn reading(cpu: Nanos, waited: Option<Nanos>, sleeps: Option<u64>) -> Reading {
        Reading { cpu: cpu * MILLI, waited: waited.map(|waited| waited * MILLI), sleeps }
    }

    #[test]
    fn who_never_went_to_sleep_had_no_core() {
        let before = reading(5, Some(1), Some(7));
        let stolen = reading(15, Some(3), Some(7)).since(before, 40 * MILLI);
        assert_eq!(stolen, (10 * MILLI, Some(30 * MILLI)), "of 40 ms, the 30 that nobody booked too");
        let slept = reading(15, Some(3), Some(8)).since(before, 40 * MILLI);
        assert_eq!(slept, (10 * MILLI, Some(2 * MILLI)), "what was booked, no more");
        let uncounted = reading(15, None, None).since(Reading { sleeps: None, ..before }, 40 * MILLI);
        assert_eq!(uncounted, (10 * MILLI, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_sleep_is_counted() {
        let own = OwnTime::open();
        let before = own.read().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1));
        assert!(own.read().unwrap().sleeps > before.sleeps);
    }
}
