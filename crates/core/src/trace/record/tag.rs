//! A record's tag: its low bits say what, its high bits how.
//!
//! [`KINDS`] says the same for whoever reads a recording without this program: it is written at the
//! beginning of each. It does not know how a fact is packed.

use serde::Serialize;

pub(super) const KIND: u8 = 0x0f;
pub(super) const NESTED: u8 = 0x80;
pub(super) const POLL: u8 = 1;
pub(super) const JOB: u8 = 2;
pub(super) const WAITED: u8 = 3;
pub(super) const SPENT: u8 = 4;
pub(super) const OPEN: u8 = 5;
pub(super) const WAKE: u8 = 6;
pub(super) const DROPPED: u8 = 7;
pub(super) const WAKERS: u8 = 8;
pub(super) const PARK: u8 = 9;
pub(super) const UNPARK: u8 = 10;
pub(super) const WORKER: u8 = 11;
pub(super) const SENT: u8 = 12;
pub(super) const RECEIVED: u8 = 13;
pub(super) const PULSE: u8 = 14;
pub(super) const LOST: u8 = 15;
/// A poll's highest bit of detail.
pub(super) const WOKEN: u8 = 0x40;
/// Bits 4 to 6: a small number beside the kind (outcome, doing, a flag).
pub(super) const DETAIL_SHIFT: u8 = 4;

/// What a kind of record holds, in words.
#[derive(Debug, Serialize)]
pub(in crate::trace) struct Kind {
    number: u8,
    name: &'static str,
    a: &'static str,
    b: &'static str,
    detail: &'static str,
}

const fn row(number: u8, name: &'static str, a: &'static str, b: &'static str, detail: &'static str) -> Kind {
    Kind { number, name, a, b, detail }
}

/// All kinds, by number.
pub(in crate::trace) const KINDS: &[Kind] = &[
    row(
        POLL,
        "poll",
        "task",
        "span",
        "0 pending, 1 ready, 2 panicked, 3 handed over; 4 more where the task woke itself in it, by reference: a wake just before",
    ),
    row(JOB, "job", "job", "span", "1 if it panicked"),
    row(WAITED, "waited", "queue", "span", "1 for room, 0 for an item"),
    row(SPENT, "spent", "microseconds on the CPU", "microseconds ready without a core, or 4294967295", ""),
    row(OPEN, "open", "task, job or queue", "span so far", "0 poll, 1 job, 2 wait"),
    row(WAKE, "wake", "task", "the task that was polled meanwhile, or 0", "1 by reference"),
    row(DROPPED, "dropped", "task", "", "1 if it ended, and nobody saw how"),
    row(WAKERS, "wakers", "task", "wakers alive", ""),
    row(PARK, "park", "", "", ""),
    row(UNPARK, "unpark", "microseconds on the CPU since it parked", "", ""),
    row(WORKER, "worker", "index of the worker, or 4294967295", "", ""),
    row(SENT, "sent", "queue", "items it held then", ""),
    row(RECEIVED, "received", "queue", "items it held then", ""),
    row(PULSE, "pulse", "due times served", "span that the oldest was late", ""),
    row(LOST, "lost", "records that found no room", "", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row() {
        assert!(KINDS.iter().map(|kind| kind.number).eq(POLL..=LOST));
    }
}
