//! Several programs on one clock: what each tells is held until all have told as much.
//!
//! It knows no socket and reads no clock: whoever has one says who is not to be waited for.

use std::collections::VecDeque;

use pollscope_core::trace::{clock::Nanos, log::Batch, recording::Origin};

use super::course::{Began, Course};

#[derive(Debug, Default)]
struct Source {
    course: Course,
    waiting: VecDeque<Batch>,
    /// It has told everything up to there.
    reach: Nanos,
}

/// The programs' traces, on the way to one clock.
#[derive(Debug)]
pub(super) struct Merge {
    sources: Vec<Source>,
    /// The common clock's zero, in nanoseconds since 1970.
    zero: Nanos,
    /// The common watermark.
    upto: Nanos,
}

impl Merge {
    /// Of so many sources, on the clock of the one that began first.
    pub(super) fn new(count: usize, origins: &[Origin]) -> Self {
        let zero = origins.iter().filter_map(|origin| origin.unix_zero).min().unwrap_or_default();
        Self { sources: (0..count).map(|_| Source::default()).collect(), zero, upto: 0 }
    }

    /// A stream begins at an address.
    pub(super) fn begins(&mut self, which: usize, origin: &Origin) -> Began {
        self.sources[which].course.begins(origin, self.zero)
    }

    /// Takes what a source tells next.
    pub(super) fn take(&mut self, which: usize, batches: Vec<Batch>) {
        let Source { course, waiting, reach } = &mut self.sources[which];
        for batch in batches {
            waiting.extend(course.take(batch));
        }
        *reach = waiting.back().map_or(*reach, Batch::upto).max(*reach);
    }

    /// Nothing of it waits for the others: more of it can be taken.
    pub(super) fn wants(&self, which: usize) -> bool {
        self.sources[which].waiting.is_empty()
    }

    /// The common watermark, and what comes up to it, by source; those that are late are not waited for, and what they tell
    /// then happens at the watermark, with its own time in it.
    pub(super) fn ready(&mut self, is_late: impl Fn(usize) -> bool) -> (Nanos, Vec<(usize, Batch)>) {
        let waited_for = |(which, source): (usize, &Source)| {
            let has_told = source.reach > 0 && (!source.waiting.is_empty() || !is_late(which));
            has_told.then_some(source.reach)
        };
        let reach = self.sources.iter().enumerate().filter_map(waited_for).min();
        let (before, upto) = (self.upto, reach.unwrap_or(0).max(self.upto));
        self.upto = upto;
        let mut ready = Vec::new();
        for (which, source) in self.sources.iter_mut().enumerate() {
            let count = source.waiting.partition_point(|batch| batch.upto() <= upto);
            ready.extend(source.waiting.drain(..count).map(|mut batch| {
                if batch.upto() < before {
                    batch.close(before);
                }
                (which, batch)
            }));
        }
        (upto, ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollscope_core::trace::record::{Fact, Record};

    fn origin(zero: Nanos) -> Origin {
        Origin { program: "p".into(), pid: Some(1), unix_zero: Some(zero), now: None }
    }

    fn batch(upto: Nanos) -> Batch {
        let mut batch = Batch::default();
        batch.extend(1, &[Record::new(upto, Fact::Park)]);
        batch.close(upto);
        batch
    }

    fn uptos(ready: &[(usize, Batch)]) -> Vec<(usize, Nanos)> {
        ready.iter().map(|(which, batch)| (*which, batch.upto())).collect()
    }

    #[test]
    fn nobody_goes_further_than_all_have_told() {
        let origins = [origin(1_000), origin(1_500)];
        let mut merge = Merge::new(2, &origins);
        for (which, origin) in origins.iter().enumerate() {
            merge.begins(which, origin);
        }
        merge.take(0, vec![batch(100), batch(600), batch(900)]);
        merge.take(1, vec![batch(10), batch(120)]);
        let (upto, ready) = merge.ready(|_| false);
        assert_eq!((upto, uptos(&ready)), (620, vec![(0, 100), (0, 600), (1, 510), (1, 620)]));
        assert!(!merge.wants(0) && merge.wants(1));
        // The second stands still: the first is shown without it, and it is late then.
        let (upto, ready) = merge.ready(|which| which == 1);
        assert_eq!((upto, uptos(&ready)), (900, vec![(0, 900)]));
        merge.take(1, vec![batch(130), batch(500)]);
        let (upto, ready) = merge.ready(|_| false);
        assert_eq!((upto, uptos(&ready)), (900, vec![(1, 900)]));
    }

    #[test]
    fn whatever_comes_in_whatever_order_each_gets_all_of_its_own_in_order() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let count = random.usize(1..5);
            let origins: Vec<_> = (0..count).map(|_| origin(1_000_000 + random.u64(0..5_000))).collect();
            let mut merge = Merge::new(count, &origins);
            for (which, origin) in origins.iter().enumerate() {
                merge.begins(which, origin);
            }
            let (mut told, mut clocks, mut last) = (vec![0; count], vec![0; count], vec![0; count]);
            let (mut got, mut watermark) = (vec![0; count], 0);
            for _ in 0..300 {
                let which = random.usize(0..count);
                let some = (0..random.usize(1..4)).map(|_| {
                    clocks[which] += random.u64(0..300);
                    batch(clocks[which])
                });
                let some: Vec<_> = some.collect();
                told[which] += some.len();
                merge.take(which, some);
                let late = random.usize(0..count * 4);
                let (upto, ready) = merge.ready(|which| which == late);
                assert!(upto >= watermark, "the watermark goes back");
                watermark = upto;
                for (which, batch) in ready {
                    assert!(batch.upto() >= last[which] && batch.upto() <= upto);
                    last[which] = batch.upto();
                    got[which] += batch.len();
                }
            }
            // In the end nobody is waited for but those that are ahead.
            for _ in 0..count {
                let (_, ready) = merge.ready(|_| true);
                for (which, batch) in ready {
                    got[which] += batch.len();
                }
            }
            assert_eq!(got, told, "seed {seed}");
        }
    }
}
