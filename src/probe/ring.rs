//! The way of a thread's records to the collector: one bounded single-producer ring a thread.

use std::sync::Arc;

use pollscope_core::trace::{
    clock::Nanos,
    event::ThreadKind,
    log::Batch,
    record::{Record, ThreadId},
};
use rtrb::{Consumer, Producer, RingBuffer};

use super::slot::Slot;

/// The collector's end of one thread.
#[derive(Debug)]
pub struct Reader {
    /// Whose.
    pub thread: ThreadId,
    /// The operating system's id, where it is known.
    pub os_id: Option<u32>,
    /// What the thread is doing now.
    pub slot: Arc<Slot>,
    ring: Consumer<Record>,
}

impl Reader {
    /// Nothing is in the ring, and nothing will come.
    pub fn is_finished(&self) -> bool {
        self.slot.ended() && self.ring.is_abandoned() && self.ring.is_empty()
    }
}

/// Records that a ring holds. A worker at full speed emits 10,000 a millisecond; a thread of the blocking
/// pool can become a worker (`block_in_place`); a thread that hands ten thousand things on does so while the
/// collector may have no core for some ten milliseconds. Memory that is never written is never resident.
fn capacity(kind: ThreadKind) -> usize {
    match kind {
        ThreadKind::Worker => 1 << 18,
        ThreadKind::Blocking => 1 << 16,
        ThreadKind::Rayon | ThreadKind::Scenario => 1 << 14,
        ThreadKind::Server | ThreadKind::Observer => 1 << 10,
    }
}

pub(super) fn ring(
    thread: ThreadId,
    kind: ThreadKind,
    os_id: Option<u32>,
    slot: &Arc<Slot>,
) -> (Producer<Record>, Reader) {
    let (producer, ring) = RingBuffer::new(capacity(kind));
    (producer, Reader { thread, os_id, slot: Arc::clone(slot), ring })
}

/// Moves the records up to `watermark` into the batch. Later ones stay for the next drain, so that a
/// batch holds what happened before its watermark on every thread.
pub fn drain_into(reader: &mut Reader, watermark: Nanos, batch: &mut Batch) {
    let available = reader.ring.slots();
    if available == 0 {
        return;
    }
    let Ok(chunk) = reader.ring.read_chunk(available) else { return };
    let (first, second) = chunk.as_slices();
    let split = |records: &[Record]| match records.last() {
        Some(last) if last.at() > watermark => records.partition_point(|record| record.at() <= watermark),
        _ => records.len(),
    };
    let (head, tail) = (split(first), split(second));
    batch.extend(reader.thread, &first[..head]);
    let tail = if head == first.len() { tail } else { 0 };
    batch.extend(reader.thread, &second[..tail]);
    chunk.commit(head + tail);
}
