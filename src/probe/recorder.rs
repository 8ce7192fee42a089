//! A thread's own recorder: the hot path.
//!
//! It lives in a thread-local and belongs to the scope that used it last. `enter` and `exit` bracket a
//! span; only the outermost span of a thread is split into CPU and waiting, and only when it took more
//! than a millisecond: short polls pay for two clock readings, a slot and a record.

use std::{
    cell::RefCell,
    sync::{Arc, Weak, atomic::Ordering},
};

use pollscope_core::trace::{
    clock::{MICRO, MILLI, Nanos},
    event::{Event, ThreadBegan, ThreadKind},
    record::{ActivityId, Doing, Fact, NOBODY, Outcome, Record, ThreadId},
};
use rtrb::Producer;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{
    Shared,
    os_time::{OwnTime, Reading, os_thread_id},
    ring,
    slot::{InFlight, Slot},
};

/// Spans longer than this are split into CPU, waiting and asleep; the accounts they are compared with
/// are never older.
const LONG: Nanos = MILLI;

thread_local! {
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
    /// The lab and the scope of a runtime's thread that has not emitted anything yet.
    static EXPECTED: RefCell<Option<Expected>> = const { RefCell::new(None) };
}

/// What a thread of a runtime will be.
#[derive(Clone, Debug)]
struct Expected {
    shared: Weak<Shared>,
    generation: u32,
}

/// A span between `enter` and `exit`.
#[derive(Debug)]
pub(super) struct Frame {
    span: InFlight,
    /// What the slot's inner pair showed before.
    before: Option<InFlight>,
    /// Time handed over to jobs on this thread before the span began.
    handed: Nanos,
}

/// How a span ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Poll(Outcome),
    Job { panicked: bool },
    Wait { for_room: bool },
}

#[derive(Debug)]
pub(super) struct Recorder {
    shared: Arc<Shared>,
    ring: Producer<Record>,
    slot: Arc<Slot>,
    thread: ThreadId,
    of: Of,
    worker: Option<u32>,
    depth: u32,
    outer: Option<InFlight>,
    /// The task of the outermost poll has woken itself in it. The runtime takes notice of that when the poll is over, and
    /// the poll's record tells of it: for no reading of the clock, and no record of its own.
    woke_itself: bool,
    inner: Option<InFlight>,
    handed: Nanos,
    own_time: OwnTime,
    base_at: Nanos,
    base: Option<Reading>,
    cpu_at_park: Option<Nanos>,
    handing: Option<Handing>,
    /// Spans of `tracing`, and polls that a runtime tells of, that are entered here, by their ids.
    #[cfg(any(feature = "tracing", tokio_unstable))]
    spans: Vec<(u64, Frame)>,
    /// What spans of `tracing` that were met here lately are.
    #[cfg(feature = "tracing")]
    known: [Known; KNOWN],
    /// The task whose poll is under way has ended in it, as the runtime tells.
    #[cfg(tokio_unstable)]
    ending: Option<ActivityId>,
    /// A poll goes on after `block_in_place`: whether the thread is still a worker shows after it.
    perhaps_no_worker: bool,
}

/// Whose a thread is, and so when it asks for the index that a worker has.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// A runtime's: it may become a worker.
    Runtime,
    /// The program's own: it may become one, and be none again, from one poll to the next.
    Program,
    /// It will never be one.
    Neither,
}

/// Spans of `tracing` whose activities a thread keeps in mind.
#[cfg(feature = "tracing")]
const KNOWN: usize = 16;

/// What a span of `tracing` is: valid as long as its epoch, which ends with the span.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) id: u64,
    pub(super) epoch: u32,
    pub(super) doing: Doing,
    pub(super) activity: ActivityId,
}

#[cfg(feature = "tracing")]
impl Known {
    /// No span has the id 0.
    const NONE: Self = Self { id: 0, epoch: 0, doing: Doing::Poll, activity: NOBODY };
}

/// Runs `act` with what the calling thread knows of a span, if it does.
#[cfg(feature = "tracing")]
#[inline]
pub(super) fn with_known(id: u64, epoch: u32, act: impl FnOnce(&mut Recorder, Known)) -> bool {
    let known = |cell: &RefCell<Option<Recorder>>| {
        let mut slot = cell.try_borrow_mut().ok()?;
        let recorder = slot.as_mut().filter(|recorder| recorder.shared.is_seen())?;
        let known = recorder.known[id as usize % KNOWN];
        (known.id == id && known.epoch == epoch).then(|| act(recorder, known))
    };
    RECORDER.try_with(known).ok().flatten().is_some()
}

/// A poll that was interrupted by `block_in_place`.
#[derive(Debug)]
struct Handing {
    task: ActivityId,
    depth: u32,
    inner: Option<InFlight>,
    at: Nanos,
}

/// Runs `act` on the calling thread's recorder, which is made if need be. None while the thread is torn
/// down, and where nobody drains.
#[inline]
pub(super) fn with<T>(shared: &Arc<Shared>, act: impl FnOnce(&mut Recorder) -> T) -> Option<T> {
    if !shared.is_seen() {
        return None;
    }
    RECORDER
        .try_with(|cell| {
            let mut slot = cell.try_borrow_mut().ok()?;
            if !slot.as_ref().is_some_and(|recorder| Arc::ptr_eq(&recorder.shared, shared)) {
                take_in(&mut slot, shared);
            }
            slot.as_mut().map(act)
        })
        .ok()
        .flatten()
}

/// The calling thread has told the scope nothing so far. Apart, since every probe would have room for a recorder on its
/// stack.
#[cold]
#[inline(never)]
fn take_in(slot: &mut Option<Recorder>, shared: &Arc<Shared>) {
    *slot = Some(Recorder::new(shared, Lane::of_calling_thread(shared)));
}

/// Ids of the spans that are polls of which a runtime tells: far above those of `tracing`.
#[cfg(any(feature = "tracing", tokio_unstable))]
const HOOKED: u64 = 1 << 63;

#[cfg(tokio_unstable)]
impl Recorder {
    /// A poll begins of which the runtime tells.
    pub(super) fn enter_hooked(&mut self, task: ActivityId) {
        self.enter_span(HOOKED | u64::from(task), Doing::Poll, task);
    }

    /// The task has ended: it is closed when the poll that it is in ends, or now, where it is in none.
    pub(super) fn ended_hooked(&mut self, task: ActivityId) {
        if self.spans.iter().any(|(open, _)| *open == HOOKED | u64::from(task)) {
            self.ending = Some(task);
        } else {
            self.note(Fact::Closed { task });
        }
    }

    /// The poll ends that the runtime told of last.
    pub(super) fn exit_hooked(&mut self) {
        let Some(at) = self.spans.iter().rposition(|(open, _)| *open >= HOOKED) else { return };
        self.exit_spans(at);
        if let Some(task) = self.ending.take() {
            self.note(Fact::Closed { task });
        }
    }
}

/// A span of `tracing` is left, which a scope has seen entered on the calling thread; and with it what was entered inside
/// it and not left: who keeps a guard over an `await` would else be in it for good.
#[cfg(any(feature = "tracing", tokio_unstable))]
#[inline]
pub(super) fn exit_span(id: u64) {
    let exit = |cell: &RefCell<Option<Recorder>>| {
        let mut slot = cell.try_borrow_mut().ok()?;
        let recorder = slot.as_mut()?;
        let at = recorder.spans.iter().rposition(|(open, _)| *open == id)?;
        recorder.exit_spans(at);
        Some(())
    };
    let _ = RECORDER.try_with(exit);
}

/// The span of `tracing` that the calling thread has entered last and not left.
#[cfg(feature = "tracing")]
pub(super) fn innermost_span() -> Option<u64> {
    let innermost = |cell: &RefCell<Option<Recorder>>| {
        let slot = cell.try_borrow().ok()?;
        slot.as_ref()?.spans.iter().rev().map(|(id, _)| *id).find(|id| *id < HOOKED)
    };
    RECORDER.try_with(innermost).ok().flatten()
}

/// The task, sub-future or job that the calling thread runs, if it has been seen before.
pub(super) fn current(shared: &Arc<Shared>) -> Option<ActivityId> {
    let current = |cell: &RefCell<Option<Recorder>>| {
        let slot = cell.try_borrow().ok()?;
        let recorder = slot.as_ref().filter(|recorder| Arc::ptr_eq(&recorder.shared, shared))?;
        recorder.current()
    };
    RECORDER.try_with(current).ok().flatten()
}

/// A thread of a runtime began. What it is, a worker or one of the blocking pool, shows at its first
/// event: `worker_index()` is none until then.
pub(super) fn expect_runtime_thread(shared: &Arc<Shared>, generation: u32) {
    let expected = Expected { shared: Arc::downgrade(shared), generation };
    EXPECTED.with(|it| it.replace(Some(expected)));
}

/// The scope that the calling thread belongs to: that of its records, or of the runtime that started it.
pub(super) fn home() -> Option<Arc<Shared>> {
    let of_records = |cell: &RefCell<Option<Recorder>>| Some(Arc::clone(&cell.try_borrow().ok()?.as_ref()?.shared));
    let of_runtime = |cell: &RefCell<Option<Expected>>| cell.try_borrow().ok()?.as_ref()?.shared.upgrade();
    let seen = |shared: &Arc<Shared>| shared.is_seen();
    let recorded = RECORDER.try_with(of_records).ok().flatten().filter(seen);
    recorded.or_else(|| EXPECTED.try_with(of_runtime).ok().flatten().filter(seen))
}

/// A thread of a runtime ends: its lane does too, even if it had nothing to say.
pub(super) fn thread_stops(shared: &Arc<Shared>) {
    let ours = |cell: &RefCell<Option<Recorder>>| {
        let mut slot = cell.borrow_mut();
        if slot.as_ref().is_some_and(|recorder| Arc::ptr_eq(&recorder.shared, shared)) {
            *slot = None;
        }
    };
    let _ = RECORDER.try_with(ours);
}

/// Makes the calling thread a lane of that kind.
pub(super) fn register(shared: &Arc<Shared>, kind: ThreadKind, generation: u32) {
    let lane = Lane { kind, generation, parks: true, own: false };
    let _ = RECORDER.try_with(|cell| *cell.borrow_mut() = Some(Recorder::new(shared, lane)));
}

/// What a thread is.
struct Lane {
    kind: ThreadKind,
    generation: u32,
    parks: bool,
    own: bool,
}

impl Lane {
    /// Of the calling thread, by what the runtime says of it.
    fn of_calling_thread(shared: &Arc<Shared>) -> Self {
        let is_worker = tokio::runtime::worker_index().is_some();
        let expected = EXPECTED.with(|it| it.borrow().clone()).filter(|it| it.shared.as_ptr() == Arc::as_ptr(shared));
        if let Some(Expected { generation, .. }) = expected {
            let kind = if is_worker { ThreadKind::Worker } else { ThreadKind::Blocking };
            return Self { kind, generation, parks: true, own: false };
        }
        // Of a runtime that was built without the hooks; else a thread of the program's own, which is a worker while it is in
        // the `block_on` of a current-thread runtime.
        let has_threads = |it: Handle| it.runtime_flavor() != RuntimeFlavor::CurrentThread;
        let own = !(is_worker && Handle::try_current().is_ok_and(has_threads));
        let kind = if is_worker { ThreadKind::Worker } else { ThreadKind::Scenario };
        Self { kind, generation: 0, parks: own, own }
    }
}

impl Recorder {
    fn new(shared: &Arc<Shared>, Lane { kind, generation, parks, own }: Lane) -> Self {
        let thread = shared.next_thread.fetch_add(1, Ordering::Relaxed);
        let name = std::thread::current().name().unwrap_or("unnamed").into();
        let os_id = os_thread_id();
        shared.emit(Event::Thread(ThreadBegan { thread, name, kind, os_id, generation, parks, own }));
        let slot = Arc::new(Slot::default());
        let (ring, reader) = ring::ring(thread, kind, os_id, &slot);
        if shared.threads.try_send(reader).is_err() {
            shared.lost_events.fetch_add(1, Ordering::Relaxed);
        }
        let mut recorder = Self {
            shared: Arc::clone(shared),
            ring,
            slot,
            thread,
            of: match kind {
                _ if own => Of::Program,
                ThreadKind::Worker | ThreadKind::Blocking => Of::Runtime,
                _ => Of::Neither,
            },
            worker: None,
            depth: 0,
            outer: None,
            woke_itself: false,
            inner: None,
            handed: 0,
            own_time: OwnTime::open(),
            base_at: 0,
            base: None,
            cpu_at_park: None,
            handing: None,
            #[cfg(any(feature = "tracing", tokio_unstable))]
            spans: Vec::new(),
            #[cfg(feature = "tracing")]
            known: [Known::NONE; KNOWN],
            #[cfg(tokio_unstable)]
            ending: None,
            perhaps_no_worker: false,
        };
        recorder.rebase();
        recorder.look_for_index();
        recorder
    }

    fn now(&self) -> Nanos {
        self.shared.clock.now()
    }

    /// The innermost task or job.
    pub(super) fn thread(&self) -> ThreadId {
        self.thread
    }

    pub(super) fn current(&self) -> Option<ActivityId> {
        let span = self.inner.or(self.outer)?;
        (span.doing != Doing::Wait).then_some(span.what)
    }

    /// The task or sub-future whose poll the thread is in, where nothing else is inside it.
    pub(super) fn polling(&self) -> Option<ActivityId> {
        let span = self.inner.or(self.outer)?;
        (span.doing == Doing::Poll).then_some(span.what)
    }

    /// Always inline: what kind of fact it is, is known where it is called.
    #[expect(clippy::inline_always, reason = "3 ns a record, `cargo bench --bench probes`")]
    #[inline(always)]
    fn push(&mut self, at: Nanos, fact: Fact) {
        self.push_record(Record::new(at, fact));
    }

    #[inline]
    fn push_record(&mut self, record: Record) {
        if self.ring.push(record).is_err() {
            self.slot.count_loss();
        }
    }

    /// A span begins.
    #[inline]
    pub(super) fn enter(&mut self, doing: Doing, what: u32) -> Frame {
        let mut start = self.now();
        let before = self.inner;
        if self.depth == 0 {
            if start.saturating_sub(self.base_at) > LONG {
                self.rebase();
                start = self.now();
            }
            let may_be_another = match self.of {
                Of::Program => true,
                Of::Runtime => self.worker.is_none(),
                Of::Neither => false,
            };
            if doing == Doing::Poll && may_be_another {
                self.look_for_index();
            }
        }
        let span = InFlight { start, what, doing };
        if self.depth == 0 {
            self.outer = Some(span);
            self.slot.set_outer(self.outer);
        } else {
            self.inner = Some(span);
            self.slot.set_inner(self.inner);
        }
        self.depth += 1;
        Frame { span, before, handed: self.handed }
    }

    /// The span ended.
    #[inline]
    pub(super) fn exit(&mut self, frame: &Frame, end: End) {
        self.depth = self.depth.saturating_sub(1);
        let now = self.now();
        let nested = self.depth > 0;
        if nested {
            let handed = self.handed.saturating_sub(frame.handed);
            let took = now.saturating_sub(frame.span.start).saturating_sub(handed);
            self.push(now, fact(frame.span.what, took, end, nested));
            self.inner = frame.before;
            self.slot.set_inner(self.inner);
        } else {
            // Handing over begins the span anew, so its start is the recorder's.
            let start = self.outer.map_or(frame.span.start, |outer| outer.start);
            self.outer = None;
            // Before its record: whoever has drained the record never sees the span in flight.
            self.slot.set_outer(None);
            self.close_span(start, now, |took| fact(frame.span.what, took, end, false));
            if self.perhaps_no_worker {
                self.leave_worker(now);
            }
        }
    }

    /// Keeps in mind what a span is.
    #[cfg(feature = "tracing")]
    pub(super) fn remember(&mut self, known: Known) {
        self.known[known.id as usize % KNOWN] = known;
    }

    /// A span of `tracing` is entered.
    #[cfg(any(feature = "tracing", tokio_unstable))]
    #[inline]
    pub(super) fn enter_span(&mut self, id: u64, doing: Doing, what: ActivityId) {
        let frame = self.enter(doing, what);
        self.spans.push((id, frame));
    }

    /// Those from this one on are left.
    #[cfg(any(feature = "tracing", tokio_unstable))]
    #[inline]
    fn exit_spans(&mut self, from: usize) {
        while self.spans.len() > from
            && let Some((_, frame)) = self.spans.pop()
        {
            self.exit(&frame, span_end(frame.span.doing));
        }
    }

    /// Emits a thread's outermost span, and how it was spent where it was long.
    #[inline]
    fn close_span(&mut self, start: Nanos, now: Nanos, fact: impl FnOnce(Nanos) -> Fact) {
        let took = now.saturating_sub(start);
        if took >= LONG {
            self.split(now, took);
        }
        let woke_itself = std::mem::take(&mut self.woke_itself);
        self.push_record(Record::new(now, fact(took)).with_wake(woke_itself));
    }

    #[cold]
    fn split(&mut self, now: Nanos, took: Nanos) {
        let before = self.base;
        self.rebase();
        if let (Some(before), Some(after)) = (before, self.base) {
            let (cpu, waited) = after.since(before, took);
            self.push(now, Fact::Spent { cpu_us: micros(cpu), waited_us: waited.map(micros) });
        }
    }

    /// Reads the thread's accounts.
    #[cold]
    fn rebase(&mut self) {
        self.base = self.own_time.read();
        self.base_at = self.now();
        if let Some(base) = self.base {
            self.slot.set_base(self.base_at, base.cpu);
        }
    }

    #[cold]
    fn look_for_index(&mut self) {
        let index = tokio::runtime::worker_index().map(|index| index as u32);
        if index != self.worker {
            self.worker = index;
            let now = self.now();
            self.push(now, Fact::Worker { index });
        }
    }

    #[cold]
    fn leave_worker(&mut self, now: Nanos) {
        self.perhaps_no_worker = false;
        self.worker = None;
        self.push(now, Fact::Worker { index: None });
    }

    /// A waker was used.
    #[inline]
    pub(super) fn wake(&mut self, task: ActivityId, by_ref: bool) {
        let by = self.current().unwrap_or(NOBODY);
        let is_polled = || self.outer.is_some_and(|outer| outer.doing == Doing::Poll && outer.what == task);
        if by == task && by_ref && !self.woke_itself && is_polled() {
            self.woke_itself = true;
            return;
        }
        let now = self.now();
        self.push(now, Fact::Wake { task, by, by_ref });
    }

    /// Emits a fact that happens now.
    pub(super) fn note(&mut self, fact: Fact) {
        let now = self.now();
        self.push(now, fact);
    }

    /// A worker parks.
    pub(super) fn park(&mut self) {
        self.look_for_index();
        self.cpu_at_park = OwnTime::cpu();
        self.note(Fact::Park);
    }

    /// A worker woke up.
    pub(super) fn unpark(&mut self) {
        self.rebase();
        let used = self.base.zip(self.cpu_at_park).map_or(0, |(base, before)| base.cpu.saturating_sub(before));
        self.note(Fact::Unpark { cpu_us: micros(used) });
    }

    /// The worker is handed to another thread: the poll's span ends here, and the thread is no worker.
    /// Says whether there was a poll to hand over.
    pub(super) fn hand_over(&mut self) -> bool {
        let now = self.now();
        let Some(outer) = self.outer.take_if(|outer| outer.doing == Doing::Poll) else { return false };
        let task = outer.what;
        self.slot.set_outer(None);
        self.slot.set_inner(None);
        self.close_span(outer.start, now, |took| Fact::Poll {
            task,
            took,
            outcome: Outcome::HandedOver,
            nested: false,
        });
        self.leave_worker(now);
        self.handing = Some(Handing { task, depth: self.depth, inner: self.inner.take(), at: now });
        self.depth = 0;
        true
    }

    /// The job is over: the poll goes on.
    pub(super) fn take_back(&mut self) {
        let Some(handing) = self.handing.take() else { return };
        self.look_for_index();
        // The runtime names the index also where another thread has taken the worker over. That one keeps
        // it; this one, if it is a worker after all, says so when it polls or parks next.
        self.perhaps_no_worker = true;
        let now = self.now();
        self.handed += now.saturating_sub(handing.at);
        self.depth = handing.depth;
        self.outer = Some(InFlight { start: now, what: handing.task, doing: Doing::Poll });
        self.inner = handing.inner;
        self.slot.set_outer(self.outer);
        self.slot.set_inner(self.inner);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.slot.end();
        let last = self.own_time.read();
        let (cpu, waited) = (last.map(|last| last.cpu), last.and_then(|last| last.waited));
        self.shared.emit(Event::ThreadEnded { thread: self.thread, cpu, waited });
    }
}

/// How a span of `tracing` ended, as far as anybody can tell from outside.
#[cfg(any(feature = "tracing", tokio_unstable))]
fn span_end(doing: Doing) -> End {
    let panicked = std::thread::panicking();
    match doing {
        Doing::Job => End::Job { panicked },
        Doing::Poll | Doing::Wait => End::Poll(if panicked { Outcome::Panicked } else { Outcome::Pending }),
    }
}

/// The record of a span.
#[inline]
fn fact(what: u32, took: Nanos, end: End, nested: bool) -> Fact {
    match end {
        End::Poll(outcome) => Fact::Poll { task: what, took, outcome, nested },
        End::Job { panicked } => Fact::Job { job: what, took, panicked, nested },
        End::Wait { for_room } => Fact::Waited { queue: what, took, for_room, nested },
    }
}

fn micros(nanos: Nanos) -> u32 {
    u32::try_from(nanos / MICRO).unwrap_or(u32::MAX)
}
