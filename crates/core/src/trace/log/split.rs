//! A batch in parts, each of which is a batch: for whoever must bound what is taken at once.
//!
//! A part is what the replay gives next, up to a cost, and its runs are the pieces of the batch's runs in the
//! same order. So the parts' replays, one after the other, are the batch's replay.

use super::{Batch, Item};
use crate::trace::{
    clock::Nanos,
    record::{Record, ThreadId},
};

impl Batch {
    /// Its items in parts that each cost at least `limit`, but for the last, and at most one item more than
    /// that. The watermark of a part is that of its last item, not below `after`; the last part's is the
    /// batch's own.
    pub(in crate::trace) fn split(
        &self,
        after: Nanos,
        limit: usize,
        mut cost: impl FnMut(&Item<'_>) -> usize,
    ) -> Vec<Self> {
        let (mut parts, mut part, mut spent) = (Vec::new(), Part::of(self), 0);
        let mut upto = after;
        let mut replay = self.replay();
        loop {
            let run = replay.run();
            let Some(item) = replay.next() else { break };
            if spent >= limit {
                parts.push(part.close(upto));
                (part, spent) = (Part::of(self), 0);
            }
            spent += cost(&item);
            upto = upto.max(part.take(run, item)).min(self.upto.max(after));
        }
        parts.push(part.close(self.upto));
        parts
    }
}

/// A part in the making.
struct Part {
    runs: Vec<(ThreadId, Vec<Record>)>,
    events: Batch,
}

impl Part {
    fn of(batch: &Batch) -> Self {
        Self { runs: batch.runs().map(|(thread, _)| (thread, Vec::new())).collect(), events: Batch::default() }
    }

    /// Takes the item and gives its instant.
    fn take(&mut self, run: usize, item: Item<'_>) -> Nanos {
        match item {
            Item::Event(event) => {
                self.events.push(event.clone());
                event.at
            }
            Item::Record(_, record) => {
                self.runs[run].1.push(record);
                record.at()
            }
        }
    }

    fn close(self, upto: Nanos) -> Batch {
        let Self { runs, events: mut batch } = self;
        for (thread, records) in runs {
            batch.extend_apart(thread, &records);
        }
        batch.close(upto);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{
        event::{Event, Stamped},
        record::Fact,
    };

    fn items<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> Vec<String> {
        batches.into_iter().flat_map(Batch::replay).map(|item| format!("{item:?}")).collect()
    }

    #[test]
    fn the_parts_replay_as_the_whole() {
        let mut random = fastrand::Rng::with_seed(2);
        for round in 0..50 {
            let mut batch = Batch::default();
            for _ in 0..random.usize(0..6) {
                // Few threads, so that one has several runs, and few instants, so that many are equal.
                let mut instants: Vec<u64> = (0..random.usize(1..60)).map(|_| random.u64(0..40)).collect();
                instants.sort_unstable();
                let records: Vec<_> =
                    instants.iter().map(|at| Record::new(*at, Fact::Dropped { task: random.u32(..) })).collect();
                batch.extend(random.u32(0..3), &records);
            }
            for number in 0..random.u32(0..30) {
                batch.push(Stamped { at: random.u64(0..40), event: Event::AliveTasks { count: number } });
            }
            batch.close(38);
            let limit = random.usize(1..40);
            let parts = batch.split(5, limit, |_| 1);
            assert_eq!(items(&parts), items([&batch]), "round {round}");
            assert!(parts.iter().all(|part| part.len() <= limit));
            assert!(parts.is_sorted_by_key(Batch::upto));
            assert_eq!(parts.last().map(Batch::upto), Some(38));
        }
    }
}
