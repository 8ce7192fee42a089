//! Numbers over time, besides the lanes: ready tasks, queues, cores in use.
//!
//! They are kept once a tick (10 ms of the trace's time), and cores in use as often as they are measured, for
//! the last hours.

use std::collections::VecDeque;

use super::state::TICK;
use crate::trace::clock::{Nanos, SECOND};

/// Queues that are kept: the first ones.
pub(super) const QUEUES: usize = 6;
/// Ticks that are kept: two hours.
const TICKS: usize = 720_000;
/// Measurements of cores that are kept: two hours of one a second.
const CORES: usize = 7_200;

/// One tick. Numbers above 65,535 are kept as that.
#[derive(Clone, Copy, Debug, Default)]
struct Tick {
    ready: u16,
    queues: [u16; QUEUES],
}

/// Numbers over time.
#[derive(Debug)]
pub(super) struct Gauges {
    /// The number of the first tick that is kept.
    first: u64,
    ticks: VecDeque<Tick>,
    /// Ticks that are kept at most.
    most: usize,
    /// Until when, and how many cores since the time before.
    cores: VecDeque<(Nanos, f32)>,
    /// The process's CPU time when it was read last.
    cpu: Option<(Nanos, Nanos)>,
}

impl Gauges {
    /// As many as take at most so many bytes, but for cores.
    pub(super) fn within(memory: usize) -> Self {
        let most = TICKS.min(memory / size_of::<Tick>());
        Self { first: 0, ticks: VecDeque::new(), most, cores: VecDeque::new(), cpu: None }
    }

    /// What they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.ticks.capacity() * size_of::<Tick>() + self.cores.capacity() * size_of::<(Nanos, f32)>()
    }

    /// At that tick so many tasks were ready, and the queues that deep.
    pub(super) fn tick(&mut self, at: Nanos, ready: u32, queues: impl Iterator<Item = u32>) {
        let number = at / TICK;
        // After a gap of which ticks were left out, what came before it has other numbers: it goes.
        if number != self.first + self.ticks.len() as u64 {
            self.ticks.clear();
            self.first = number;
        }
        if self.ticks.len() >= self.most {
            self.ticks.pop_front();
            self.first += 1;
        }
        let small = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let mut tick = Tick { ready: small(ready), ..Tick::default() };
        for (kept, depth) in tick.queues.iter_mut().zip(queues) {
            *kept = small(depth);
        }
        self.ticks.push_back(tick);
    }

    /// The process had used that much CPU time.
    pub(super) fn cpu(&mut self, at: Nanos, cpu: Nanos) {
        if let Some((before, used)) = self.cpu.filter(|(before, _)| *before < at) {
            if self.cores.len() == CORES {
                self.cores.pop_front();
            }
            self.cores.push_back((at, cpu.saturating_sub(used) as f32 / (at - before) as f32));
        }
        self.cpu = Some((at, cpu));
    }

    /// The most tasks that were ready in a time; none where no tick fell near it.
    pub(super) fn ready(&self, from: Nanos, to: Nanos) -> Option<u32> {
        self.most(from, to, |tick| tick.ready)
    }

    /// The deepest that a queue was in a time.
    pub(super) fn depth(&self, queue: usize, from: Nanos, to: Nanos) -> Option<u32> {
        self.most(from, to, |tick| tick.queues.get(queue).copied().unwrap_or(0))
    }

    fn most(&self, from: Nanos, to: Nanos, of: impl Fn(&Tick) -> u16) -> Option<u32> {
        // A time shorter than a tick has what the tick before it had.
        let first = (from / TICK).checked_sub(self.first)?;
        let last = (to.saturating_sub(1) / TICK).checked_sub(self.first)?;
        let range = first as usize..(last as usize + 1).min(self.ticks.len());
        if range.start >= range.end {
            return None;
        }
        self.ticks.range(range).map(of).max().map(u32::from)
    }

    /// Cores in use at an instant; none where nobody measured within two seconds.
    pub(super) fn cores(&self, at: Nanos) -> Option<f32> {
        let next = self.cores.partition_point(|(until, _)| *until < at);
        self.cores.get(next).filter(|(until, _)| until - at < 2 * SECOND).map(|(_, cores)| *cores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_most_of_its_time() {
        let mut gauges = Gauges::within(1 << 20);
        for tick in 5..25 {
            gauges.tick(tick * TICK, tick as u32, [1, 70_000].into_iter());
        }
        assert_eq!(gauges.ready(0, 4 * TICK), None);
        assert_eq!(gauges.ready(10 * TICK, 13 * TICK), Some(12));
        assert_eq!(gauges.ready(10 * TICK + 1, 10 * TICK + 2), Some(10));
        assert_eq!(gauges.ready(30 * TICK, 40 * TICK), None);
        assert_eq!((gauges.depth(1, 6 * TICK, 7 * TICK), gauges.depth(9, 6 * TICK, 7 * TICK)), (Some(65_535), Some(0)));
    }

    #[test]
    fn a_gap_moves_nothing_to_another_time() {
        let mut gauges = Gauges::within(1 << 20);
        gauges.tick(5 * TICK, 7, [].into_iter());
        gauges.tick(500 * TICK, 9, [].into_iter());
        assert_eq!((gauges.ready(6 * TICK, 7 * TICK), gauges.ready(500 * TICK, 501 * TICK)), (None, Some(9)));
    }

    #[test]
    fn cores_are_those_of_the_second_around() {
        let mut gauges = Gauges::within(1 << 20);
        for second in 0..4 {
            gauges.cpu(second * SECOND, second * SECOND / 2);
        }
        assert_eq!(gauges.cores(SECOND / 2), Some(0.5));
        assert_eq!(gauges.cores(4 * SECOND), None);
    }
}
