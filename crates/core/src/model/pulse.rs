//! The pulse: every due time counts, also those that have not run yet.

use super::sink::Sink;
use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    record::ActivityId,
};

/// No pulse is faster or slower than that.
const SHORTEST: Nanos = MILLI;
const LONGEST: Nanos = 3600 * SECOND;
/// Due times that are counted at once, at most: an hour of ours.
const MOST: Nanos = 72_000;

/// The pulse's next due time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PulseState {
    pub(super) task: ActivityId,
    pub(super) period: Nanos,
    /// The first due time that has not run; none while no pulse runs.
    pub(super) next_due: Option<Nanos>,
    pub(super) ticks: u64,
}

impl PulseState {
    pub(super) fn started(&mut self, task: ActivityId, first_due: Nanos, period: Nanos) {
        self.task = task;
        self.period = period.clamp(SHORTEST, LONGEST);
        self.next_due = Some(first_due.min(Nanos::MAX / 4));
    }

    /// `count` due times were served, the oldest of them `late`.
    pub(super) fn ran(&mut self, at: Nanos, count: u32, late: Nanos, sink: &mut impl Sink) {
        // Of a lab that was left: its due times were counted then.
        if self.next_due.is_none() {
            return;
        }
        let oldest = at.saturating_sub(late);
        // More of them were not due since then.
        let count = Nanos::from(count).min((at - oldest) / self.period + 1);
        for step in count.saturating_sub(MOST)..count {
            let due = oldest + step * self.period;
            sink.beat(due, at.saturating_sub(due));
        }
        self.ticks = self.ticks.saturating_add(count);
        self.next_due = Some(oldest + count * self.period);
    }

    /// Nobody serves the rest: what was due by then counts with its lateness so far.
    pub(super) fn stopped(&mut self, at: Nanos, sink: &mut impl Sink) {
        let overdue: Vec<_> = self.overdue(0, at).collect();
        self.ticks += overdue.len() as u64;
        for (due, late) in overdue {
            sink.beat(due, late);
        }
        self.next_due = None;
    }

    /// Due times since `from` that have not run, with their lateness so far, oldest first.
    pub(super) fn overdue(&self, from: Nanos, at: Nanos) -> impl Iterator<Item = (Nanos, Nanos)> + use<> {
        let period = self.period.max(1);
        // Of very many, the latest.
        let from = from.max(at.saturating_sub(MOST * period));
        let first = self.next_due.map(|due| due + from.saturating_sub(due).div_ceil(period) * period);
        let dues = std::iter::successors(first, move |due| Some(due + period));
        dues.take_while(move |due| *due < at).map(move |due| (due, at - due))
    }

    /// The lateness of the oldest due time that has not run.
    pub(super) fn late(&self, at: Nanos) -> Nanos {
        self.next_due.map_or(0, |due| at.saturating_sub(due))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::index::Index, *};

    #[test]
    fn a_block_of_400_ms_gives_a_sample_for_every_due_time() {
        let mut pulse = PulseState::default();
        let mut index = Index::default();
        pulse.started(1, 50 * MILLI, 50 * MILLI);
        let lates: Vec<_> = pulse.overdue(0, 450 * MILLI).map(|(_, late)| late / MILLI).collect();
        assert_eq!(lates, [400, 350, 300, 250, 200, 150, 100, 50]);
        let recent: Vec<_> = pulse.overdue(310 * MILLI, 450 * MILLI).map(|(_, late)| late / MILLI).collect();
        assert_eq!(recent, [100, 50]);
        pulse.ran(451 * MILLI, 9, 401 * MILLI, &mut index);
        let beats: Vec<_> = index.beats(0, MILLI * 500).map(|(_, late)| late / MILLI).collect();
        assert_eq!(beats, [401, 351, 301, 251, 201, 151, 101, 51, 1]);
        pulse.stopped(560 * MILLI, &mut index);
        assert_eq!((pulse.ticks, pulse.late(600 * MILLI)), (11, 0));
        pulse.ran(610 * MILLI, 3, 110 * MILLI, &mut index);
        assert_eq!((pulse.ticks, pulse.late(900 * MILLI)), (11, 0), "a pulse that was stopped serves nothing");
    }
}
