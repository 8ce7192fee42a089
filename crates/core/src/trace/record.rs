//! The hot stream: one fact in 16 bytes.
//!
//! A record is two words: the instant (56 bits, nanoseconds) with a tag (8 bits), and two numbers of 32
//! bits. The instant is always the one at which the fact was *emitted*, so a thread's records are in
//! order; a span says how long before that it began.

pub(super) mod tag;

use super::clock::Nanos;

/// A task, a sub-future or a job. 0 is nobody.
pub type ActivityId = u32;
/// A thread, in the order of registration.
pub type ThreadId = u32;
/// A channel or a gate.
pub type QueueId = u32;

/// Nobody: a wake from outside any task, say.
pub const NOBODY: ActivityId = 0;
/// The last instant that a record can have: 56 bits of it hold the time.
pub(super) const LAST_INSTANT: Nanos = (1 << 56) - 1;

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It will be polled again.
    Pending,
    /// The future is done.
    Ready,
    /// The poll panicked.
    Panicked,
    /// The worker was handed to another thread (`block_in_place`): the poll goes on in a later span.
    HandedOver,
}

/// What a thread does for a while: what a span is a span of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doing {
    /// Polls a task or, nested, a sub-future.
    Poll,
    /// Runs a closure.
    Job,
    /// Waits for room or for an item in a queue.
    Wait,
}

/// What happened on a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A poll ended.
    Poll {
        /// The task or sub-future.
        task: ActivityId,
        /// Its duration.
        took: Nanos,
        /// How it ended.
        outcome: Outcome,
        /// Inside another poll on the same thread.
        nested: bool,
    },
    /// A job ended.
    Job {
        /// The job.
        job: ActivityId,
        /// Its duration.
        took: Nanos,
        /// Whether it panicked.
        panicked: bool,
        /// Inside another span of the same thread.
        nested: bool,
    },
    /// A wait for a queue ended.
    Waited {
        /// The queue.
        queue: QueueId,
        /// Its duration.
        took: Nanos,
        /// For room (a sender), else for an item (a receiver).
        for_room: bool,
        /// Inside another span of the same thread.
        nested: bool,
    },
    /// How the span that the next record ends was spent, in microseconds: exact, by the operating
    /// system's accounting as the thread itself reads it.
    Spent {
        /// On the CPU.
        cpu_us: u32,
        /// Ready, without a core; none where the system does not say.
        waited_us: Option<u32>,
    },
    /// A span has been going on for a while: written by the collector, which saw it in flight.
    Open {
        /// The task, job or queue.
        what: u32,
        /// How long it had been going on.
        age: Nanos,
        /// What it is.
        doing: Doing,
    },
    /// So has one inside it, the innermost: a future that is polled, or a job.
    Part {
        /// The task or job.
        what: ActivityId,
        /// How long it had been going on.
        age: Nanos,
        /// What it is; no wait, which is told of as open.
        doing: Doing,
    },
    /// A task was woken.
    Wake {
        /// The task.
        task: ActivityId,
        /// The task that was polled on this thread meanwhile, or [`NOBODY`].
        by: ActivityId,
        /// Through a reference; else the waker was consumed.
        by_ref: bool,
    },
    /// A future was dropped before it was ready.
    Dropped {
        /// The task.
        task: ActivityId,
    },
    /// A task ended, and nobody saw how: what tells of it sees polls, not what they return.
    Closed {
        /// The task.
        task: ActivityId,
    },
    /// The number of a task's wakers changed.
    Wakers {
        /// The task.
        task: ActivityId,
        /// How many are alive, without those that our own wrappers keep.
        alive: u32,
    },
    /// A worker is about to park.
    Park,
    /// A worker woke up.
    Unpark {
        /// Microseconds on the CPU since it parked: timers and the I/O driver run there.
        cpu_us: u32,
    },
    /// The thread is worker `Some(index)` from now on, or none.
    Worker {
        /// The runtime's index.
        index: Option<u32>,
    },
    /// An item went into a queue.
    Sent {
        /// The queue.
        queue: QueueId,
        /// How many it held then.
        depth: u32,
    },
    /// An item came out of a queue.
    Received {
        /// The queue.
        queue: QueueId,
        /// How many it held then.
        depth: u32,
    },
    /// The pulse ran: `count` due times were served, the oldest of them this late.
    Pulse {
        /// How many, at least 1.
        count: u32,
        /// Lateness of the oldest.
        late: Nanos,
    },
    /// Records of this thread that found no room.
    Lost {
        /// How many since the last one.
        count: u32,
    },
}

/// One fact, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Record {
    head: u64,
    a: u32,
    b: u32,
}

const _: () = assert!(size_of::<Record>() == Record::BYTES);

/// The absent value of a 32-bit number.
const NONE: u32 = u32::MAX;

impl Record {
    /// Its size, in memory and in a recording.
    pub(super) const BYTES: usize = 16;

    /// Packs `fact`, emitted at `at`. Always inline: where the kind is known, so is all but the numbers.
    #[expect(clippy::inline_always, reason = "3 ns a record, `cargo bench --bench probes`")]
    #[inline(always)]
    pub fn new(at: Nanos, fact: Fact) -> Self {
        let (tag, a, b) = pack(fact);
        Self { head: at << 8 | Nanos::from(tag), a, b }
    }

    /// When the fact was emitted.
    #[inline]
    pub fn at(self) -> Nanos {
        self.head >> 8
    }

    /// The fact. An unknown tag, which only a damaged file holds, is none.
    #[inline]
    pub fn fact(self) -> Option<Fact> {
        let (a, b) = (self.a, self.b);
        let tag = (self.head & 0xff) as u8;
        let nested = tag & tag::NESTED != 0;
        let detail = (tag & !tag::NESTED) >> tag::DETAIL_SHIFT;
        Some(match tag & tag::KIND {
            tag::POLL => {
                Fact::Poll { task: a, took: unpack_span(b), outcome: OUTCOMES[usize::from(detail & 3)], nested }
            }
            tag::JOB => Fact::Job { job: a, took: unpack_span(b), panicked: detail != 0, nested },
            tag::WAITED => Fact::Waited { queue: a, took: unpack_span(b), for_room: detail != 0, nested },
            tag::SPENT => Fact::Spent { cpu_us: a, waited_us: (b != NONE).then_some(b) },
            tag::OPEN if nested => {
                Fact::Part { what: a, age: unpack_span(b), doing: *DOINGS.get(usize::from(detail))? }
            }
            tag::OPEN => Fact::Open { what: a, age: unpack_span(b), doing: *DOINGS.get(usize::from(detail))? },
            tag::WAKE => Fact::Wake { task: a, by: b, by_ref: detail != 0 },
            tag::DROPPED if detail == 0 => Fact::Dropped { task: a },
            tag::DROPPED => Fact::Closed { task: a },
            tag::WAKERS => Fact::Wakers { task: a, alive: b },
            tag::PARK => Fact::Park,
            tag::UNPARK => Fact::Unpark { cpu_us: a },
            tag::WORKER => Fact::Worker { index: (a != NONE).then_some(a) },
            tag::SENT => Fact::Sent { queue: a, depth: b },
            tag::RECEIVED => Fact::Received { queue: a, depth: b },
            tag::PULSE => Fact::Pulse { count: a, late: unpack_span(b) },
            tag::LOST => Fact::Lost { count: a },
            _ => return None,
        })
    }

    /// The same poll, and that its task woke itself in it, by reference: what a record of the wake would say, which came
    /// just before this one.
    #[inline]
    #[must_use]
    pub fn with_wake(self, is_woken: bool) -> Self {
        Self { head: self.head | if is_woken { u64::from(tag::WOKEN) } else { 0 }, ..self }
    }

    /// The wake that this record tells of besides, and the rest of it.
    #[inline]
    pub(super) fn take_wake(self) -> Option<(Self, Self)> {
        const WOKEN_POLL: u64 = (tag::POLL | tag::WOKEN) as u64;
        if self.head & u64::from(tag::KIND | tag::WOKEN) != WOKEN_POLL {
            return None;
        }
        let wake = Self::new(self.at(), Fact::Wake { task: self.a, by: self.a, by_ref: true });
        Some((wake, Self { head: self.head & !u64::from(tag::WOKEN), ..self }))
    }

    /// The same with another instant and other ids.
    #[inline]
    pub(super) fn moved(
        self,
        instant: impl Fn(Nanos) -> Nanos,
        activity: impl Fn(ActivityId) -> ActivityId,
        queue: impl Fn(QueueId) -> QueueId,
    ) -> Self {
        let tag = (self.head & 0xff) as u8;
        let is_wait = tag >> tag::DETAIL_SHIFT & 7 == Doing::Wait as u8;
        let (a, b) = match tag & tag::KIND {
            tag::OPEN if is_wait => (queue(self.a), self.b),
            tag::POLL | tag::JOB | tag::DROPPED | tag::WAKERS | tag::OPEN => (activity(self.a), self.b),
            tag::WAKE => (activity(self.a), activity(self.b)),
            tag::WAITED | tag::SENT | tag::RECEIVED => (queue(self.a), self.b),
            _ => (self.a, self.b),
        };
        Self { head: instant(self.at()) << 8 | Nanos::from(tag), a, b }
    }

    /// Its 16 bytes, little endian: what a recording holds.
    #[inline]
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        (u128::from(self.head) | u128::from(self.a) << 64 | u128::from(self.b) << 96).to_le_bytes()
    }

    /// The record of these 16 bytes. An unknown tag is kept as it is.
    #[inline]
    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let word = u128::from_le_bytes(bytes);
        Self { head: word as u64, a: (word >> 64) as u32, b: (word >> 96) as u32 }
    }
}

const OUTCOMES: [Outcome; 4] = [Outcome::Pending, Outcome::Ready, Outcome::Panicked, Outcome::HandedOver];
const DOINGS: [Doing; 3] = [Doing::Poll, Doing::Job, Doing::Wait];

#[expect(clippy::inline_always, reason = "as `Record::new`")]
#[inline(always)]
fn pack(fact: Fact) -> (u8, u32, u32) {
    let tag =
        |kind: u8, detail: u8, nested: bool| kind | detail << tag::DETAIL_SHIFT | if nested { tag::NESTED } else { 0 };
    match fact {
        Fact::Poll { task, took, outcome, nested } => (tag(tag::POLL, outcome as u8, nested), task, pack_span(took)),
        Fact::Job { job, took, panicked, nested } => (tag(tag::JOB, panicked.into(), nested), job, pack_span(took)),
        Fact::Waited { queue, took, for_room, nested } => {
            (tag(tag::WAITED, for_room.into(), nested), queue, pack_span(took))
        }
        Fact::Spent { cpu_us, waited_us } => (tag::SPENT, cpu_us, waited_us.map_or(NONE, |us| us.min(NONE - 1))),
        Fact::Open { what, age, doing } => (tag(tag::OPEN, doing as u8, false), what, pack_span(age)),
        Fact::Part { what, age, doing } => (tag(tag::OPEN, doing as u8, true), what, pack_span(age)),
        Fact::Wake { task, by, by_ref } => (tag(tag::WAKE, by_ref.into(), false), task, by),
        Fact::Dropped { task } => (tag::DROPPED, task, 0),
        Fact::Closed { task } => (tag(tag::DROPPED, 1, false), task, 0),
        Fact::Wakers { task, alive } => (tag::WAKERS, task, alive),
        Fact::Park => (tag::PARK, 0, 0),
        Fact::Unpark { cpu_us } => (tag::UNPARK, cpu_us, 0),
        Fact::Worker { index } => (tag::WORKER, index.unwrap_or(NONE), 0),
        Fact::Sent { queue, depth } => (tag::SENT, queue, depth),
        Fact::Received { queue, depth } => (tag::RECEIVED, queue, depth),
        Fact::Pulse { count, late } => (tag::PULSE, count, pack_span(late)),
        Fact::Lost { count } => (tag::LOST, count, 0),
    }
}

/// Bits of a packed span's mantissa; the other 5 are its exponent.
const MANTISSA: u32 = 27;

/// A duration in 32 bits: exact up to 134 ms, to one part in 67 million above, up to nine years.
#[inline]
fn pack_span(span: Nanos) -> u32 {
    if span < 1 << MANTISSA {
        return span as u32;
    }
    let bits = 64 - span.leading_zeros();
    let exponent = bits.saturating_sub(MANTISSA).min(31);
    let mantissa = (span >> exponent).min((1 << MANTISSA) - 1);
    exponent << MANTISSA | mantissa as u32
}

#[inline]
fn unpack_span(packed: u32) -> Nanos {
    Nanos::from(packed & ((1 << MANTISSA) - 1)) << (packed >> MANTISSA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_survives_packing() {
        let facts = [
            Fact::Poll { task: 7, took: 123, outcome: Outcome::Pending, nested: false },
            Fact::Poll { task: u32::MAX, took: 0, outcome: Outcome::HandedOver, nested: true },
            Fact::Poll { task: 1, took: 9, outcome: Outcome::Panicked, nested: true },
            Fact::Job { job: 3, took: 1 << 26, panicked: true, nested: true },
            Fact::Waited { queue: 2, took: 5, for_room: true, nested: false },
            Fact::Spent { cpu_us: 4, waited_us: None },
            Fact::Spent { cpu_us: 4, waited_us: Some(0) },
            Fact::Open { what: 9, age: 1_000_000, doing: Doing::Wait },
            Fact::Part { what: 9, age: 1_000_000, doing: Doing::Poll },
            Fact::Part { what: 9, age: 1_000_000, doing: Doing::Job },
            Fact::Wake { task: 1, by: 2, by_ref: true },
            Fact::Wake { task: 1, by: NOBODY, by_ref: false },
            Fact::Dropped { task: 8 },
            Fact::Closed { task: 8 },
            Fact::Wakers { task: 8, alive: 0 },
            Fact::Park,
            Fact::Unpark { cpu_us: 12 },
            Fact::Worker { index: Some(0) },
            Fact::Worker { index: None },
            Fact::Sent { queue: 1, depth: 8 },
            Fact::Received { queue: 1, depth: 7 },
            Fact::Pulse { count: 8, late: 400_000_000 },
            Fact::Lost { count: 1 },
        ];
        for fact in facts {
            let record = Record::new(77, fact);
            assert_eq!((record.at(), record.fact()), (77, Some(fact)));
        }
    }

    #[test]
    fn a_poll_can_tell_of_a_wake_besides() {
        for nested in [false, true] {
            let poll = Record::new(77, Fact::Poll { task: 7, took: 5, outcome: Outcome::HandedOver, nested });
            let wake = Record::new(77, Fact::Wake { task: 7, by: 7, by_ref: true });
            assert_eq!((poll.take_wake(), wake.take_wake()), (None, None));
            assert_eq!(poll.with_wake(false), poll);
            assert_eq!(poll.with_wake(true).take_wake(), Some((wake, poll)));
            assert_eq!(poll.with_wake(true).fact(), poll.fact());
        }
    }

    #[test]
    fn bytes_are_two_words_little_endian() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        let record = Record::from_bytes(bytes);
        assert_eq!((record.head, record.a, record.b), (0x0807_0605_0403_0201, 0x0c0b_0a09, 0x100f_0e0d));
        assert_eq!(record.to_bytes(), bytes);
    }

    #[test]
    fn spans_are_exact_to_134_ms_and_close_above() {
        for span in [0, 1, 999, (1 << MANTISSA) - 1] {
            assert_eq!(unpack_span(pack_span(span)), span);
        }
        for span in [1u64 << MANTISSA, 400_000_001, 86_400_000_000_000, 1 << 57] {
            let error = span - unpack_span(pack_span(span));
            assert!(error <= span >> 26, "{span} lost {error}");
        }
    }

    #[test]
    fn instants_reach_two_years() {
        let at = LAST_INSTANT;
        assert_eq!(Record::new(at, Fact::Park).at(), at);
    }
}
