//! A batch in the order of time: the runs of its threads, merged, and its events between them.
//!
//! The merge is a tournament. Each node of a tree keeps the loser of two, and the winner goes up; when the
//! winner's run has gone on, only the matches on its own way up are played again. Threads that strictly
//! alternate, the worst there is, so cost one comparison for two of them and four for 16.

use std::slice;

use super::Batch;
use crate::trace::{
    clock::Nanos,
    event::Stamped,
    record::{Record, ThreadId},
};

/// One item of a batch, in the order in which it is to be read.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A record of a thread.
    Record(ThreadId, Record),
    /// An event.
    Event(&'a Stamped),
}

impl Item<'_> {
    /// The instant that it carries.
    pub fn at(&self) -> Nanos {
        match self {
            Self::Record(_, record) => record.at(),
            Self::Event(event) => event.at,
        }
    }
}

/// A run's place in the order: the instant of its next record, then its number among the runs. One number,
/// so that a match is one comparison without a branch.
type Key = u128;

/// The key of a run that is over.
const OVER: Key = Key::MAX;
/// Below a key's instant are so many bits for the run's number.
const RUN_BITS: u32 = 32;

#[inline]
fn key(run: usize, records: &[Record]) -> Key {
    records.first().map_or(OVER, |record| Key::from(record.at()) << RUN_BITS | run as Key)
}

/// The items of a batch, in order; a wake that a poll's record tells of besides is one of its own.
#[derive(Debug)]
pub struct Replay<'a> {
    events: &'a [Stamped],
    runs: Vec<(ThreadId, slice::Iter<'a, Record>)>,
    /// Who lost at each node; the children of node `n` are `2n` and `2n + 1`, and the leaves follow the
    /// nodes. Node 0 is none.
    losers: Vec<Key>,
    winner: Key,
    /// Of the next record its wake is told already.
    is_wake_told: bool,
}

impl<'a> Replay<'a> {
    pub(super) fn new(batch: &'a Batch) -> Self {
        let runs: Vec<_> = batch.runs().map(|(thread, records)| (thread, records.iter())).collect();
        // 0, where nobody has played yet, wins against everybody: so each node fills up as the runs come in.
        let losers = vec![0; runs.len()];
        let mut replay = Self { events: &batch.events, runs, losers, winner: OVER, is_wake_told: false };
        for run in 0..replay.runs.len() {
            replay.play(run);
        }
        replay
    }

    /// Which run the next record is of. Says nothing before an event or after the last item.
    pub(super) fn run(&self) -> usize {
        self.winner as u32 as usize
    }

    /// The run's next record plays its matches.
    #[inline]
    fn play(&mut self, run: usize) {
        let mut winner = key(run, self.runs[run].1.as_slice());
        let mut place = self.losers.len() + run;
        while place > 1 {
            place /= 2;
            let loser = self.losers[place];
            self.losers[place] = winner.max(loser);
            winner = winner.min(loser);
        }
        self.winner = winner;
    }
}

impl<'a> Iterator for Replay<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        if let Some((event, later)) = self.events.split_first()
            && Key::from(event.at) <= self.winner >> RUN_BITS
        {
            self.events = later;
            return Some(Item::Event(event));
        }
        let run = self.run();
        let (thread, records) = self.runs.get_mut(run)?;
        let (thread, mut record) = (*thread, *records.as_slice().first()?);
        if let Some((wake, rest)) = record.take_wake() {
            self.is_wake_told = !self.is_wake_told;
            if self.is_wake_told {
                return Some(Item::Record(thread, wake));
            }
            record = rest;
        }
        records.next();
        self.play(run);
        Some(Item::Record(thread, record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::record::{Fact, Outcome};

    #[test]
    fn any_number_of_runs_comes_out_as_if_sorted() {
        let mut random = fastrand::Rng::with_seed(1);
        for runs in 0..40 {
            let mut batch = Batch::default();
            let mut expected = Vec::new();
            for thread in 0..runs {
                // Few instants, so that many are equal; one run in four is short.
                let length = if thread % 4 == 0 { 1 } else { 50 };
                let mut instants: Vec<u64> = (0..length).map(|_| random.u64(0..100)).collect();
                instants.sort_unstable();
                expected.extend(instants.iter().map(|at| (*at, thread)));
                let records: Vec<_> = instants.iter().map(|at| Record::new(*at, Fact::Park)).collect();
                batch.extend(thread, &records);
            }
            expected.sort_unstable();
            let place = |item: Item<'_>| match item {
                Item::Record(thread, record) => Some((record.at(), thread)),
                Item::Event(_) => None,
            };
            assert_eq!(batch.replay().filter_map(place).collect::<Vec<_>>(), expected, "{runs} runs");
        }
    }

    #[test]
    fn a_wake_that_a_poll_tells_of_comes_before_it() {
        let poll = |at| Record::new(at, Fact::Poll { task: 1, took: 1, outcome: Outcome::Pending, nested: false });
        let mut batch = Batch::default();
        batch.extend(1, &[poll(5).with_wake(true), poll(5), poll(9).with_wake(true)]);
        batch.extend(2, &[Record::new(5, Fact::Park), Record::new(7, Fact::Park)]);
        let told = batch.replay().map(|item| match item {
            Item::Record(thread, record) => (record.at(), thread, matches!(record.fact(), Some(Fact::Wake { .. }))),
            Item::Event(_) => unreachable!("there is none"),
        });
        let (wake, other) = (true, false);
        let expected =
            [(5, 1, wake), (5, 1, other), (5, 1, other), (5, 2, other), (7, 2, other), (9, 1, wake), (9, 1, other)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
