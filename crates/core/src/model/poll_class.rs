//! The classification of polls: what a poll was, and how its time was spent.
//!
//! It is decided here and nowhere else. The fold calls it once for each poll that ends and for those in flight; the
//! watch, the reports and the exports take what the fold got.

use crate::trace::{
    clock::{MICRO, MILLI, Nanos},
    event::{OsState, TaskKind},
    record::{ActivityId, Outcome, ThreadId},
};

/// Polls of this length or more are slow.
pub const SLOW_POLL: Nanos = 10 * MILLI;
/// Spans of this length or more are split into blocked, CPU, runnable and unknown; the time of shorter polls is only
/// counted.
pub(super) const SPLIT_FROM: Nanos = MILLI;

/// The class of a poll: short, or what most of its time was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PollClass {
    /// Shorter than [`SLOW_POLL`].
    Short,
    /// Its thread was asleep.
    Blocked,
    /// On the CPU.
    CpuBound,
    /// Its thread waited for a core.
    Runnable,
    /// The system does not say.
    Unknown,
}

impl PollClass {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Short, Self::Blocked, Self::CpuBound, Self::Runnable, Self::Unknown];

    /// Returns the class of a poll of this length. `most` is what most of it was: the largest share of a poll that has
    /// ended, the last sample of one in flight.
    #[inline]
    pub(super) fn of(took: Nanos, most: Option<Self>) -> Self {
        if took < SLOW_POLL { Self::Short } else { most.unwrap_or(Self::Unknown) }
    }

    /// Returns what a thread was in a window between two samples: the CPU time in it decides first, then the state at its
    /// end.
    pub(super) fn of_sample(window: Nanos, cpu: Nanos, state: OsState) -> Self {
        match state {
            _ if cpu >= window.div_ceil(2) => Self::CpuBound,
            OsState::Runnable => Self::Runnable,
            OsState::Asleep => Self::Blocked,
            OsState::Stopped => Self::Unknown,
        }
    }

    /// The name in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Blocked => "blocked",
            Self::CpuBound => "cpu-bound",
            Self::Runnable => "runnable",
            Self::Unknown => "unknown",
        }
    }
}

/// What a thread read of itself about a span: its CPU time, and how long it waited for a core, where the system counts that.
pub type Reading = (Nanos, Option<Nanos>);

/// Returns the reading that a record of microseconds holds.
pub(super) fn reading(cpu_us: u32, waited_us: Option<u32>) -> Reading {
    (Nanos::from(cpu_us) * MICRO, waited_us.map(|us| Nanos::from(us) * MICRO))
}

/// The time of one span, or of many, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// In polls that are too short to be split.
    pub short: Nanos,
    /// Asleep.
    pub blocked: Nanos,
    /// On the CPU.
    pub cpu: Nanos,
    /// Waiting for a core.
    pub runnable: Nanos,
    /// The system does not say.
    pub unknown: Nanos,
}

impl Split {
    /// Splits a poll that has ended: by what its thread read, or else by what samples saw of it.
    #[inline]
    pub(super) fn of_poll(took: Nanos, read: Option<Reading>, seen: Option<Self>) -> Self {
        if took < SPLIT_FROM { Self { short: took, ..Self::default() } } else { Self::of_span(took, read, seen) }
    }

    /// Splits a job that has ended. The time of a short one was spent on the CPU.
    pub(super) fn of_job(took: Nanos, read: Option<Reading>, seen: Option<Self>) -> Self {
        match (read, seen) {
            (None, Some(_)) => Self::of_span(took, None, seen),
            _ if took < SPLIT_FROM => Self { cpu: took, ..Self::default() },
            _ => Self::of_span(took, read, None),
        }
    }

    fn of_span(took: Nanos, read: Option<Reading>, seen: Option<Self>) -> Self {
        match (read, seen) {
            (Some(read), _) => Self::by_reading(took, read),
            (None, Some(seen)) => seen.up_to(took),
            (None, None) => Self { unknown: took, ..Self::default() },
        }
    }

    /// Splits by what the thread itself read: its CPU time is the surest, then its wait for a core.
    fn by_reading(took: Nanos, (cpu, waited): Reading) -> Self {
        let cpu = cpu.min(took);
        let rest = took - cpu;
        match waited {
            Some(waited) => {
                let runnable = waited.min(rest);
                Self { cpu, runnable, blocked: rest - runnable, ..Self::default() }
            }
            // A rest this small is what two clocks disagree by.
            None if rest < SPLIT_FROM => Self { cpu: took, ..Self::default() },
            None => Self { cpu, unknown: rest, ..Self::default() },
        }
    }

    /// What samples saw of a span of this length; the rest of it is unknown.
    pub(super) fn up_to(self, took: Nanos) -> Self {
        let seen = self.cpu + self.runnable + self.blocked;
        Self { unknown: took.saturating_sub(seen), ..self }
    }

    /// The class of the poll that took so long and was spent like this: its largest share.
    pub(super) fn class(&self, took: Nanos) -> PollClass {
        const SHARES: [PollClass; 4] =
            [PollClass::Unknown, PollClass::Runnable, PollClass::CpuBound, PollClass::Blocked];
        // Of equal shares the last, which is the one that a reader can do most about.
        PollClass::of(took, SHARES.into_iter().max_by_key(|class| self.time(*class)))
    }

    /// The time of a class.
    pub fn time(&self, class: PollClass) -> Nanos {
        match class {
            PollClass::Short => self.short,
            PollClass::Blocked => self.blocked,
            PollClass::CpuBound => self.cpu,
            PollClass::Runnable => self.runnable,
            PollClass::Unknown => self.unknown,
        }
    }

    /// Adds time that a span in flight was at. A poll that is short so far is on the CPU.
    pub(super) fn add(&mut self, time: Nanos, class: PollClass) {
        let sum = match class {
            PollClass::CpuBound | PollClass::Short => &mut self.cpu,
            PollClass::Runnable => &mut self.runnable,
            PollClass::Blocked => &mut self.blocked,
            PollClass::Unknown => &mut self.unknown,
        };
        *sum = sum.saturating_add(time);
    }

    /// Adds the times of another.
    pub(super) fn add_all(&mut self, other: &Self) {
        self.short = self.short.saturating_add(other.short);
        self.blocked = self.blocked.saturating_add(other.blocked);
        self.cpu = self.cpu.saturating_add(other.cpu);
        self.runnable = self.runnable.saturating_add(other.runnable);
        self.unknown = self.unknown.saturating_add(other.unknown);
    }
}

/// A poll, or a part of one, that began: the fold knows so from its end, or from a look at it in flight.
#[derive(Clone, Copy, Debug)]
pub struct BegunPoll {
    /// The task.
    pub task: ActivityId,
    /// Its kind.
    pub kind: TaskKind,
    /// How long the task had been ready, where that is known.
    pub ready: Option<Nanos>,
}

/// An outermost poll that has ended, as the fold tells of it.
#[derive(Clone, Copy, Debug)]
pub struct EndedPoll {
    /// The thread.
    pub thread: ThreadId,
    /// Whether that was a worker then, or was started as one.
    pub on_worker: bool,
    /// The task.
    pub task: ActivityId,
    /// The part of it that was most of the poll, where one was.
    pub part: Option<ActivityId>,
    /// When it ended.
    pub end: Nanos,
    /// How long it took.
    pub took: Nanos,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was.
    pub class: PollClass,
    /// How it was spent.
    pub split: Split,
    /// What its thread read of itself about it.
    pub read: Option<Reading>,
}

impl EndedPoll {
    /// When it began.
    pub fn start(&self) -> Nanos {
        self.end.saturating_sub(self.took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_split_by_what_its_thread_read() {
        let took = 100 * MILLI;
        let all = Split::of_poll(took, Some((30 * MILLI, Some(20 * MILLI))), None);
        assert_eq!(all, Split { cpu: 30 * MILLI, runnable: 20 * MILLI, blocked: 50 * MILLI, ..Split::default() });
        let no_schedstat = Split::of_poll(took, Some((30 * MILLI, None)), None);
        assert_eq!(no_schedstat, Split { cpu: 30 * MILLI, unknown: 70 * MILLI, ..Split::default() });
        assert_eq!(Split::of_poll(took, None, None).unknown, took);
        let seen = Split { blocked: 60 * MILLI, ..Split::default() };
        let sampled = Split::of_poll(took, None, Some(seen));
        assert_eq!(sampled, Split { blocked: 60 * MILLI, unknown: 40 * MILLI, ..Split::default() });
        assert_eq!(
            Split::of_poll(SPLIT_FROM - 1, None, Some(seen)),
            Split { short: SPLIT_FROM - 1, ..Split::default() }
        );
    }

    #[test]
    fn the_class_of_a_slow_poll_is_its_largest_share() {
        let split =
            |cpu: Nanos, waited: Nanos| Split::of_poll(30 * MILLI, Some((cpu * MILLI, Some(waited * MILLI))), None);
        assert_eq!(split(11, 9).class(30 * MILLI), PollClass::CpuBound);
        assert_eq!(split(10, 10).class(30 * MILLI), PollClass::Blocked);
        assert_eq!(split(5, 20).class(30 * MILLI), PollClass::Runnable);
        let unread = Split::of_poll(30 * MILLI, None, None);
        assert_eq!(unread.class(30 * MILLI), PollClass::Unknown);
        assert_eq!(split(0, 0).class(SLOW_POLL - 1), PollClass::Short);
    }
}
