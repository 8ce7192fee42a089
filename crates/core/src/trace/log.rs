//! The event log: batches, as the collector drained them, bounded in bytes.
//!
//! A [`Batch`] is everything that happened up to its watermark and after the one before: for each thread
//! a run of records in order, and the events beside them. Keeping the runs apart leaves a record at 16
//! bytes without a thread in it, and makes appending a copy; whoever reads a batch merges its runs by
//! time, always in the same order ([`Batch::replay`]), live and later alike.

mod replay;
mod split;

use std::{collections::VecDeque, ops::ControlFlow, sync::Arc};

pub use self::replay::{Item, Replay};
use super::{
    clock::Nanos,
    event::Stamped,
    record::{Record, ThreadId},
};

/// The default size of a log, in bytes.
///
/// ```
/// use pollscope::scope::{HISTORY, Scope};
///
/// let scope = Scope::start(4 * HISTORY)?; // a gigabyte, when there is as much to keep
/// # Ok::<(), std::io::Error>(())
/// ```
pub const HISTORY: usize = 256 << 20;

/// A thread's records in a batch.
#[derive(Clone, Copy, Debug)]
struct Run {
    thread: ThreadId,
    /// Where they end in the batch's records; they begin where the run before ends.
    end: u32,
}

/// What was drained at one time.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    upto: Nanos,
    runs: Vec<Run>,
    records: Vec<Record>,
    events: Vec<Stamped>,
    /// What the events own, in bytes.
    owned: usize,
}

impl Batch {
    /// An empty one, with room for so much.
    pub(super) fn with_room(runs: usize, records: usize, events: usize) -> Self {
        let (runs, records, events) =
            (Vec::with_capacity(runs), Vec::with_capacity(records), Vec::with_capacity(events));
        Self { runs, records, events, ..Self::default() }
    }

    /// Empties it for the next drain, and keeps its memory.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.records.clear();
        self.events.clear();
        self.owned = 0;
    }

    /// Adds records of one thread, which are in order.
    pub fn extend(&mut self, thread: ThreadId, records: &[Record]) {
        match self.runs.last_mut() {
            Some(run) if run.thread == thread => {
                self.records.extend_from_slice(records);
                run.end = self.records.len() as u32;
            }
            _ => self.extend_apart(thread, records),
        }
    }

    /// The same, but as a run of their own, even if the run before is the thread's too: where runs were
    /// taken apart, the pieces are merged by time and must not be joined.
    pub(super) fn extend_apart(&mut self, thread: ThreadId, records: &[Record]) {
        if !records.is_empty() {
            self.records.extend_from_slice(records);
            self.runs.push(Run { thread, end: self.records.len() as u32 });
        }
    }

    /// Adds an event; any order.
    pub fn push(&mut self, event: Stamped) {
        self.owned += event.event.owned();
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

    /// All items by time: events before records of the same instant, and threads in the order of their
    /// runs.
    #[inline]
    pub fn replay(&self) -> Replay<'_> {
        Replay::new(self)
    }

    /// The events, in order.
    pub(super) fn events(&self) -> &[Stamped] {
        &self.events
    }

    /// The records of all runs, one after the other.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The runs, in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = (ThreadId, &[Record])> {
        let mut start = 0;
        self.runs.iter().map(move |run| {
            let end = run.end as usize;
            let records = &self.records[start..end];
            start = end;
            (run.thread, records)
        })
    }

    /// What its events own, in bytes: names and texts, which whoever keeps them shares.
    pub fn owned(&self) -> usize {
        self.owned
    }

    /// What it takes in memory, also what it has room for.
    pub fn bytes(&self) -> usize {
        let lists = room(&self.records) + room(&self.runs) + room(&self.events);
        size_of::<Self>() + SHARED + lists + self.owned
    }

    /// Gives back the room that it does not need: a list that grew has up to twice as much.
    fn shrink(&mut self) {
        shrink(&mut self.records);
        shrink(&mut self.runs);
        shrink(&mut self.events);
    }
}

/// What it takes to share a batch, in bytes: two counts, and a place in the log.
const SHARED: usize = 3 * size_of::<usize>();
/// A list that has more room to spare than this part of its length gives it back.
const SPARE: usize = 8;

fn room<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}

fn shrink<T>(list: &mut Vec<T>) {
    if list.capacity() - list.len() > list.len() / SPARE {
        list.shrink_to_fit();
    }
}

/// Records and events from which on a batch is kept as it is.
const LARGE: usize = 4096;

/// The log: the latest batches, up to a number of bytes.
#[derive(Debug)]
pub struct Log {
    /// Shared with whoever writes them to a file.
    batches: VecDeque<Arc<Batch>>,
    bytes: usize,
    limit: usize,
    forgotten: Option<Nanos>,
    /// What was kept once and is gone.
    gone: Place,
    /// The same, and all that is kept.
    end: Place,
}

/// A place in a log, between two batches: how much came before it since the log began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How many batches.
    pub batches: u64,
    /// How many records and events were in them.
    pub items: u64,
}

impl Place {
    /// The place after a batch here.
    #[must_use]
    pub fn after(self, batch: &Batch) -> Self {
        Self { batches: self.batches + 1, items: self.items + batch.len() as u64 }
    }
}

impl Log {
    /// A log that keeps at most `limit` bytes, but always the last batch.
    pub fn new(limit: usize) -> Self {
        Self {
            batches: VecDeque::new(),
            bytes: 0,
            limit,
            forgotten: None,
            gone: Place::default(),
            end: Place::default(),
        }
    }

    /// Takes the batch and leaves an empty one in its place. Empty ones leave no trace, and small ones
    /// leave a copy of just their size. Gives what is kept.
    pub fn append(&mut self, batch: &mut Batch) -> Option<&Arc<Batch>> {
        if batch.is_empty() {
            return None;
        }
        self.end = self.end.after(batch);
        let mut kept = if batch.len() < LARGE { batch.clone() } else { std::mem::take(batch) };
        kept.shrink();
        self.bytes += kept.bytes();
        let spare = self.forget();
        if batch.is_empty() {
            *batch = spare.unwrap_or_default();
        }
        batch.clear();
        self.batches.push_back(Arc::new(kept));
        self.batches.back()
    }

    /// Makes room. Gives the memory of a forgotten batch for the next: memory that was written before is
    /// cheaper than fresh memory of the system.
    fn forget(&mut self) -> Option<Batch> {
        let mut spare = None;
        while self.bytes > self.limit
            && let Some(oldest) = self.batches.pop_front()
        {
            self.bytes -= oldest.bytes();
            self.forgotten = Some(oldest.upto());
            self.gone = self.gone.after(&oldest);
            spare = Arc::into_inner(oldest);
        }
        spare
    }

    /// Where what is kept begins.
    pub fn begins(&self) -> Place {
        self.gone
    }

    /// Where it ends so far.
    pub fn end(&self) -> Place {
        self.end
    }

    /// All batches that are kept, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Arc<Batch>> {
        self.batches.iter()
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Where batches are kept: in memory or in a file. Reading goes on as long as `act` says.
pub trait Store {
    /// Of the memory for all, states to go back to may take a part in so many; the store has the others.
    const FOR_CHECKPOINTS: usize;

    /// Goes through the batches whose watermark is later than an instant, oldest first.
    fn after(&self, watermark: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>);

    /// Goes through the batches that can hold something at or before an instant, newest first.
    fn back_from(&self, instant: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>);

    /// How many items the batches hold from one instant to another, with the whole of the last; more than `most` is not
    /// counted on.
    fn count(&self, from: Nanos, to: Nanos, most: usize) -> usize {
        let mut count = 0;
        self.after(from, &mut |batch| {
            count += batch.len();
            if batch.upto() >= to || count > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        count
    }

    /// The instant up to which details are gone; none while everything is kept.
    fn forgotten(&self) -> Option<Nanos>;

    /// The bytes of memory that it takes at most.
    fn limit(&self) -> usize;

    /// From now on it takes at most so many.
    fn keep_within(&mut self, limit: usize);
}

impl Store for Log {
    const FOR_CHECKPOINTS: usize = 4;

    fn after(&self, watermark: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>) {
        let first = self.batches.partition_point(|batch| batch.upto() <= watermark);
        let _ = self.batches.range(first..).map(AsRef::as_ref).try_for_each(act);
    }

    fn back_from(&self, instant: Nanos, act: &mut dyn FnMut(&Batch) -> ControlFlow<()>) {
        let whole = self.batches.partition_point(|batch| batch.upto() <= instant);
        let _ = self.batches.range(..(whole + 1).min(self.batches.len())).rev().map(AsRef::as_ref).try_for_each(act);
    }

    fn forgotten(&self) -> Option<Nanos> {
        self.forgotten
    }

    fn limit(&self) -> usize {
        self.limit
    }

    fn keep_within(&mut self, limit: usize) {
        self.limit = limit;
        self.forget();
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
        let place = |item| match item {
            Item::Record(thread, record) => (record.at(), Some(thread)),
            Item::Event(event) => (event.at, None),
        };
        batch.replay().map(place).collect()
    }

    #[test]
    fn runs_and_events_are_merged_by_time() {
        let mut batch = Batch::default();
        batch.extend(1, &[park(10), park(20), park(50)]);
        batch.extend(2, &[park(5), park(20), park(60)]);
        batch.push(Stamped { at: 70, event: Event::ToldAnew });
        batch.push(Stamped { at: 20, event: Event::ToldAnew });
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
            log.append(&mut batch.clone());
        }
        assert_eq!(log.batches().count(), 3);
        assert_eq!(log.forgotten(), Some(2));
        assert!(log.bytes() <= 3 * batch.bytes());
    }
}
