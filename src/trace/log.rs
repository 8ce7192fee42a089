//! The event log: batches, as the collector drained them, bounded in bytes.
//!
//! A [`Batch`] is everything that happened up to its watermark and after the one before: for each thread
//! a run of records in order, and the events beside them. Keeping the runs apart leaves a record at 16
//! bytes without a thread in it, and makes appending a copy; whoever reads a batch merges its runs by
//! time, always in the same order ([`Batch::replay`]), live and later alike.

use std::collections::VecDeque;

use super::{
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

/// A thread's records in a batch.
#[derive(Clone, Copy, Debug)]
struct Run {
    thread: ThreadId,
    /// Where they end in the batch's records; they begin where the run before ends.
    end: usize,
}

/// What was drained at one time.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    upto: Nanos,
    runs: Vec<Run>,
    records: Vec<Record>,
    events: Vec<Stamped>,
}

impl Batch {
    /// Empties it for the next drain, and keeps its memory.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.records.clear();
        self.events.clear();
    }

    /// Adds records of one thread, which are in order.
    pub fn extend(&mut self, thread: ThreadId, records: &[Record]) {
        if records.is_empty() {
            return;
        }
        self.records.extend_from_slice(records);
        match self.runs.last_mut() {
            Some(run) if run.thread == thread => run.end = self.records.len(),
            _ => self.runs.push(Run { thread, end: self.records.len() }),
        }
    }

    /// Adds an event; any order.
    pub fn push(&mut self, event: Stamped) {
        self.events.push(event);
    }

    /// Closes the batch at its watermark and puts its events in order.
    pub fn close(&mut self, upto: Nanos) {
        self.upto = upto;
        self.events.sort_by_key(|event| event.at);
    }

    /// The instant up to which every thread was drained.
    pub fn upto(&self) -> Nanos {
        self.upto
    }

    /// Nothing happened.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.events.is_empty()
    }

    /// How many records and events it holds.
    pub fn len(&self) -> usize {
        self.records.len() + self.events.len()
    }

    /// Goes through all items by time: events before records of the same instant, and threads in the
    /// order of their runs.
    pub fn replay<'a>(&'a self, mut visit: impl FnMut(Item<'a>)) {
        let mut events = self.events.iter().peekable();
        let mut heads = self.heads();
        while let Some((head, limit)) = earliest(&mut heads) {
            let (thread, records) = head;
            let next_event = events.peek().map_or(Nanos::MAX, |event| event.at);
            let first = records[0].at();
            if next_event <= first {
                let event = events.next();
                if let Some(event) = event {
                    visit(Item::Event(event));
                }
                continue;
            }
            // Everything of this thread before the next other thing, without looking around again.
            let until = limit.min(next_event);
            let mut taken = 1;
            visit(Item::Record(*thread, records[0]));
            while let Some(record) = records.get(taken).filter(|record| record.at() < until) {
                visit(Item::Record(*thread, *record));
                taken += 1;
            }
            *records = &records[taken..];
            if records.is_empty() {
                let thread = *thread;
                heads.retain(|(other, records)| *other != thread || !records.is_empty());
            }
        }
        events.for_each(|event| visit(Item::Event(event)));
    }

    fn heads(&self) -> Vec<(ThreadId, &[Record])> {
        let mut start = 0;
        let mut heads = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            heads.push((run.thread, &self.records[start..run.end]));
            start = run.end;
        }
        heads
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.records[..]) + size_of_val(&self.runs[..]) + size_of_val(&self.events[..]) + size_of::<Self>()
    }
}

/// The run with the earliest record, and the instant at which another run comes first.
fn earliest<'h, 'r>(heads: &'h mut [(ThreadId, &'r [Record])]) -> Option<(&'h mut (ThreadId, &'r [Record]), Nanos)> {
    let mut best = None;
    let mut limit = Nanos::MAX;
    let mut best_at = Nanos::MAX;
    for (index, (_, records)) in heads.iter().enumerate() {
        let at = records[0].at();
        if best.is_none() || at < best_at {
            limit = best_at;
            best_at = at;
            best = Some(index);
        } else {
            limit = limit.min(at);
        }
    }
    best.map(|index| (&mut heads[index], limit))
}

/// The log: the latest batches, up to a number of bytes.
#[derive(Debug)]
pub struct Log {
    batches: VecDeque<Batch>,
    bytes: usize,
    limit: usize,
    forgotten: Option<Nanos>,
}

impl Log {
    /// A log that keeps at most `limit` bytes, but always the last batch.
    pub fn new(limit: usize) -> Self {
        Self { batches: VecDeque::new(), bytes: 0, limit, forgotten: None }
    }

    /// Keeps a copy of the batch; empty ones leave no trace.
    pub fn append(&mut self, batch: &Batch) {
        if batch.is_empty() {
            return;
        }
        self.bytes += batch.bytes();
        self.batches.push_back(batch.clone());
        while self.bytes > self.limit && self.batches.len() > 1 {
            if let Some(oldest) = self.batches.pop_front() {
                self.bytes -= oldest.bytes();
                self.forgotten = Some(oldest.upto());
            }
        }
    }

    /// All batches that are kept, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// The instant up to which details are gone; none while everything is kept.
    pub fn forgotten(&self) -> Option<Nanos> {
        self.forgotten
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{event::Event, record::Fact};

    fn park(at: Nanos) -> Record {
        Record::new(at, Fact::Park)
    }

    fn order(batch: &Batch) -> Vec<(Nanos, Option<ThreadId>)> {
        let mut seen = Vec::new();
        batch.replay(|item| {
            seen.push(match item {
                Item::Record(thread, record) => (record.at(), Some(thread)),
                Item::Event(event) => (event.at, None),
            });
        });
        seen
    }

    #[test]
    fn runs_and_events_are_merged_by_time() {
        let mut batch = Batch::default();
        batch.extend(1, &[park(10), park(20), park(50)]);
        batch.extend(2, &[park(5), park(20), park(60)]);
        batch.push(Stamped { at: 70, event: Event::RoundDone });
        batch.push(Stamped { at: 20, event: Event::RoundDone });
        batch.close(80);
        let expected = [
            (5, Some(2)),
            (10, Some(1)),
            (20, None),
            (20, Some(1)),
            (20, Some(2)),
            (50, Some(1)),
            (60, Some(2)),
            (70, None),
        ];
        assert_eq!(order(&batch), expected);
    }

    #[test]
    fn the_log_forgets_the_oldest_and_says_so() {
        let mut batch = Batch::default();
        batch.extend(1, &[park(1); 100]);
        batch.close(2);
        let mut log = Log::new(3 * batch.bytes());
        for upto in 2..=5 {
            batch.close(upto);
            log.append(&batch);
        }
        assert_eq!(log.batches().count(), 3);
        assert_eq!(log.forgotten(), Some(2));
        assert!(log.bytes() <= 3 * batch.bytes());
    }
}
