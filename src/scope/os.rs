//! What the operating system says of a thread, read from outside it.
//!
//! On Linux: the thread's CPU clock (exact while it runs, 0.4 µs), and over files that are kept open the
//! state letter in `stat`, `schedstat` for the time without a core and `status` for the switches.
//! Elsewhere nothing is measured, and the screen says so.

use pollscope_core::trace::{
    clock::Nanos,
    event::{OsState, OsTotals},
    record::ThreadId,
};

/// A thread's accounts, kept open.
#[derive(Debug)]
pub(super) struct OsThread {
    #[cfg(target_os = "linux")]
    linux: linux::Accounts,
}

/// CPU time of the process and its resident memory in bytes.
pub(super) fn process() -> Option<(Nanos, u64)> {
    #[cfg(target_os = "linux")]
    return linux::process();
    #[cfg(not(target_os = "linux"))]
    return None;
}

/// Switches of all threads of the process, also of those that have ended.
pub(super) fn switches() -> Option<u64> {
    #[cfg(target_os = "linux")]
    return linux::switches();
    #[cfg(not(target_os = "linux"))]
    return None;
}

#[cfg(target_os = "linux")]
impl OsThread {
    pub(super) fn open(os_id: u32) -> Option<Self> {
        Some(Self { linux: linux::Accounts::open(os_id)? })
    }

    /// CPU time and state now; none when the thread has ended.
    pub(super) fn sample(&self) -> Option<(Nanos, OsState)> {
        Some((self.linux.cpu()?, self.linux.state()?))
    }

    /// What was counted so far; none when the thread has ended.
    pub(super) fn totals(&self, thread: ThreadId) -> Option<OsTotals> {
        self.linux.totals(thread)
    }
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_self, reason = "there is nothing to read: as on Linux, where there is")]
impl OsThread {
    pub(super) fn open(_os_id: u32) -> Option<Self> {
        None
    }

    pub(super) fn sample(&self) -> Option<(Nanos, OsState)> {
        None
    }

    pub(super) fn totals(&self, _thread: ThreadId) -> Option<OsTotals> {
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs::File, os::unix::fs::FileExt};

    use nix::{
        sys::resource::{UsageWho, getrusage},
        time::{ClockId, clock_gettime},
    };

    use super::{Nanos, OsState, OsTotals, ThreadId};
    use pollscope_core::trace::clock::SECOND;

    #[derive(Debug)]
    pub(super) struct Accounts {
        clock: ClockId,
        stat: File,
        schedstat: Option<File>,
        status: Option<File>,
    }

    impl Accounts {
        pub(super) fn open(os_id: u32) -> Option<Self> {
            let file = |name: &str| File::open(format!("/proc/self/task/{os_id}/{name}")).ok();
            // The clock of a thread: its id negated, with the bits for 'per thread' and 'scheduler' (the
            // kernel's include/linux/posix-timers.h, make_thread_cpuclock).
            let clock = ClockId::from_raw((!os_id.cast_signed() << 3) | 6);
            Some(Self { clock, stat: file("stat")?, schedstat: file("schedstat"), status: file("status") })
        }

        pub(super) fn cpu(&self) -> Option<Nanos> {
            clock(self.clock)
        }

        /// The letter after the name in `stat`; the name is in parentheses and may hold any letter.
        pub(super) fn state(&self) -> Option<OsState> {
            let mut text = [0; 128];
            let text = read(&self.stat, &mut text)?;
            let letter = text[text.rfind(')')?..].split_ascii_whitespace().nth(1)?;
            Some(match letter {
                "R" => OsState::Runnable,
                "T" | "t" => OsState::Stopped,
                _ => OsState::Asleep,
            })
        }

        pub(super) fn totals(&self, thread: ThreadId) -> Option<OsTotals> {
            let mut text = [0; 96];
            let waited = self
                .schedstat
                .as_ref()
                .and_then(|file| read(file, &mut text)?.split_ascii_whitespace().nth(1)?.parse().ok());
            let mut text = [0; 4096];
            let status = read(self.status.as_ref()?, &mut text)?;
            let (voluntary, involuntary) =
                (number(status, "voluntary_ctxt_switches:")?, number(status, "nonvoluntary_ctxt_switches:")?);
            Some(OsTotals { thread, cpu: self.cpu()?, waited, voluntary, involuntary })
        }
    }

    pub(super) fn process() -> Option<(Nanos, u64)> {
        let cpu = clock(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        Some((cpu, number(&status, "VmRSS:")? * 1024))
    }

    pub(super) fn switches() -> Option<u64> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        u64::try_from(usage.voluntary_context_switches() + usage.involuntary_context_switches()).ok()
    }

    fn clock(id: ClockId) -> Option<Nanos> {
        let time = clock_gettime(id).ok()?;
        Some(time.tv_sec() as Nanos * SECOND + time.tv_nsec() as Nanos)
    }

    fn read<'a>(file: &File, buffer: &'a mut [u8]) -> Option<&'a str> {
        let length = file.read_at(buffer, 0).ok()?;
        std::str::from_utf8(&buffer[..length]).ok()
    }

    fn number(text: &str, key: &str) -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_ascii_whitespace().next()?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_thread_s_own_accounts_are_readable() {
            let os_id = std::process::id();
            let accounts = Accounts::open(os_id).unwrap();
            let before = accounts.cpu().unwrap();
            let mut sum = 0u64;
            while accounts.cpu().unwrap() == before {
                sum = std::hint::black_box(sum + 1);
            }
            assert!(accounts.state().is_some());
            let totals = accounts.totals(7).unwrap();
            assert!(totals.cpu > before && totals.thread == 7);
        }
    }
}
