//! A thread: what it is in, what it has done, and what the operating system says of it.

use std::sync::Arc;

use super::{
    part::Parts,
    picture::LaneState,
    poll_class::{PollClass, Reading, SLOW_POLL, Split, reading},
};
use crate::trace::{
    clock::{MILLI, Nanos},
    event::{OsSample, OsState, OsTotals, ThreadBegan, ThreadKind},
    record::Doing,
};

/// Totals closer to each other than this say little about shares: a burst is no state. The sampler reads
/// them once a second, and whenever somebody asks.
const SHORTEST_SHARE: Nanos = 800 * MILLI;

/// A span in flight that the collector saw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) start: Nanos,
    pub(super) what: u32,
    pub(super) doing: Doing,
    /// What samples saw of it.
    pub(super) seen: Split,
    /// Up to when samples tell.
    pub(super) seen_upto: Nanos,
    /// What the last sample saw.
    last: Option<PollClass>,
}

impl Open {
    pub(super) fn new(start: Nanos, what: u32, doing: Doing) -> Self {
        Self { start, what, doing, seen: Split::default(), seen_upto: start, last: None }
    }

    /// What it is at this instant, taken as a poll.
    pub(super) fn class(&self, at: Nanos) -> PollClass {
        PollClass::of(at.saturating_sub(self.start), self.last)
    }

    fn seen(&mut self, from: Nanos, to: Nanos, cpu: Nanos, class: PollClass) {
        let from = from.max(self.seen_upto);
        let window = to.saturating_sub(from);
        let cpu = cpu.min(window);
        self.seen.cpu = self.seen.cpu.saturating_add(cpu);
        let rest = if class == PollClass::CpuBound { PollClass::Runnable } else { class };
        // On the CPU for most of it: the remainder was spent without a core, or is the clocks' difference.
        self.seen.add(window - cpu, if window - cpu < window / 8 { PollClass::CpuBound } else { rest });
        self.seen_upto = to;
        self.last = Some(class);
    }
}

/// The states of a lane in the order in which a span's parts are painted.
pub(super) fn lane_parts(spent: Split, took: Nanos, doing: Doing) -> [(LaneState, Nanos); 4] {
    let busy = match doing {
        Doing::Poll if took < SLOW_POLL => LaneState::Polling,
        Doing::Poll => LaneState::Hogged,
        Doing::Job | Doing::Wait => LaneState::Job,
    };
    let asleep = if doing == Doing::Poll { LaneState::Blocked } else { LaneState::Job };
    let unknown = if doing == Doing::Poll { LaneState::Unknown } else { LaneState::Job };
    // A poll that is too short to be split is painted as one that is on the CPU.
    let cpu = spent.cpu.saturating_add(spent.short);
    [(busy, cpu), (LaneState::NoCore, spent.runnable), (asleep, spent.blocked), (unknown, spent.unknown)]
}

/// What a thread has done since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ThreadTotals {
    pub(super) polling: Nanos,
    pub(super) job: Nanos,
    pub(super) runtime: Nanos,
}

/// What the operating system says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OsView {
    last: Option<(Nanos, Nanos, OsState)>,
    pub(super) totals: Option<(Nanos, OsTotals)>,
    /// Cores used and cores waited for, in the last second or so.
    pub(super) lately: Option<(f32, f32)>,
    /// What the next of these shares count from.
    shares_from: Option<(Nanos, OsTotals)>,
    /// Since when samples find it asleep although the worker is awake.
    asleep_since: Option<Nanos>,
}

impl OsView {
    /// The CPU time that was read last.
    pub(super) fn cpu(&self) -> Option<Nanos> {
        let counted = self.totals.map(|(_, totals)| totals.cpu);
        counted.max(self.last.map(|(_, cpu, _)| cpu))
    }
}

/// How names of threads begin that nobody has chosen: Tokio's, Rayon's, the system's.
const UNNAMED: [&str; 3] = ["tokio", "rayon", "unnamed"];

/// A thread.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) name: Arc<str>,
    pub(super) kind: ThreadKind,
    pub(super) os_id: Option<u32>,
    pub(super) generation: u32,
    /// It tells when it parks.
    pub(super) parks: bool,
    /// It is the program's own, which may leave its runtime.
    pub(super) own: bool,
    pub(super) began: Nanos,
    pub(super) ended: Option<Nanos>,
    /// The runtime's index, while it is a worker.
    pub(super) worker: Option<u32>,
    /// Among threads of its kind and lab.
    pub(super) ordinal: u32,
    /// Not parked.
    pub(super) awake: bool,
    /// Up to when its lane is painted.
    pub(super) painted: Nanos,
    pub(super) open: Option<Open>,
    pub(super) parts: Parts,
    /// What it read of itself about the span that the next record ends.
    pub(super) read: Option<Reading>,
    pub(super) totals: ThreadTotals,
    pub(super) os: OsView,
}

impl Thread {
    pub(super) fn new(began: &ThreadBegan, at: Nanos, ordinal: u32) -> Self {
        Self {
            name: Arc::clone(&began.name),
            kind: began.kind,
            os_id: began.os_id,
            generation: began.generation,
            parks: began.parks,
            own: began.own,
            began: at,
            ended: None,
            worker: None,
            ordinal,
            awake: began.kind == ThreadKind::Worker && began.parks && !began.own,
            painted: at,
            open: None,
            parts: Parts::default(),
            read: None,
            totals: ThreadTotals::default(),
            os: OsView::default(),
        }
    }

    /// `worker 0`, `rayon 1`, `producer`; `ex-worker 2` has handed its worker over (`block_in_place`). Where the program
    /// has named a runtime's or a pool's threads, that follows: `worker 0 api`.
    pub(super) fn label(&self) -> String {
        let label = match (self.worker, self.kind) {
            (Some(index), _) => format!("worker {index}"),
            (None, ThreadKind::Worker) => format!("ex-worker {}", self.ordinal),
            (None, ThreadKind::Blocking) => format!("blocking {}", self.ordinal),
            (None, ThreadKind::Rayon) => format!("rayon {}", self.ordinal),
            (None, _) => return self.name.to_string(),
        };
        let of_pool = matches!(self.kind, ThreadKind::Worker | ThreadKind::Blocking | ThreadKind::Rayon);
        let says_nothing = UNNAMED.iter().any(|usual| self.name.starts_with(usual));
        if of_pool && !says_nothing { format!("{label} {}", self.name) } else { label }
    }

    /// Forgets what it is in: a fold begins there that knows nothing of it.
    pub(super) fn begin_anew(&mut self, at: Nanos) {
        (self.open, self.read, self.parts) = (None, None, Parts::default());
        (self.awake, self.painted) = (false, at);
    }

    /// What it does between its polls is known: it tells when it parks, and is nowhere else. A thread of the program's own
    /// that is the worker of a current-thread runtime may be outside of `block_on`, which nobody tells.
    pub(super) fn is_told(&self) -> bool {
        self.parks && !self.is_host()
    }

    /// It is the worker of a current-thread runtime, as long as the program lets it.
    pub(super) fn is_host(&self) -> bool {
        self.worker.is_some() && self.own
    }

    /// Whether its polls are a worker's: it is one, or was started as one and has handed its worker over.
    pub(super) fn polls_as_worker(&self) -> bool {
        self.worker.is_some() || (self.kind == ThreadKind::Worker && !self.own)
    }

    /// The poll that it is in, as far as that is known.
    pub(super) fn poll(&self) -> Option<&Open> {
        self.open.as_ref().filter(|open| open.doing == Doing::Poll)
    }

    /// What it is now: `block_in_place` makes a thread of the pool a worker, and a worker a thread of the pool.
    pub(super) fn role(&self) -> ThreadKind {
        match (self.worker, self.kind) {
            (Some(_), _) => ThreadKind::Worker,
            (None, ThreadKind::Worker) => ThreadKind::Blocking,
            (None, kind) => kind,
        }
    }

    /// What the thread read of itself, microseconds, about the span that ends next.
    pub(super) fn has_read(&mut self, cpu_us: u32, waited_us: Option<u32>) {
        self.read = Some(reading(cpu_us, waited_us));
    }

    /// Since when the thread has been asleep in code that no probe sees, if it is.
    pub(super) fn unseen_since(&self, at: Nanos) -> Option<Nanos> {
        let since = self.os.asleep_since.filter(|_| self.awake && self.open.is_none())?.max(self.painted);
        (at.saturating_sub(since) >= SLOW_POLL).then_some(since)
    }

    /// A job in flight is interrupted by a wait: it is painted up to there.
    pub(super) fn job_until(&mut self, wait: Nanos, paint: impl FnOnce(Nanos, Nanos)) {
        if let Some(open) = self.open.take_if(|open| open.doing == Doing::Job) {
            paint(open.start.max(self.painted), wait);
            self.painted = wait.max(self.painted);
        }
    }

    /// Only the operating system tells of it.
    pub(super) fn only_sampled(&self) -> bool {
        matches!(self.kind, ThreadKind::Server | ThreadKind::Observer)
    }

    /// A look of the operating system at the thread: the start of the window that it ends, and the CPU
    /// time in it.
    pub(super) fn sampled(&mut self, at: Nanos, sample: &OsSample) -> Option<(Nanos, Nanos)> {
        let before = match (self.os.last, sample.base) {
            (Some((last, ..)), Some((base, cpu))) if base > last => Some((base, cpu)),
            (Some((last, cpu, _)), _) => Some((last, cpu)),
            (None, base) => base,
        };
        self.os.last = Some((at, sample.cpu, sample.state));
        let (from, cpu_before) = before.filter(|(from, _)| *from < at)?;
        let cpu = sample.cpu.saturating_sub(cpu_before);
        let class = PollClass::of_sample(at - from, cpu, sample.state);
        if class != PollClass::Blocked {
            self.os.asleep_since = None;
        } else if self.os.asleep_since.is_none() {
            self.os.asleep_since = Some(at);
        }
        if let Some(open) = &mut self.open {
            open.seen(from, at, cpu, class);
        }
        Some((from, cpu))
    }

    /// What the thread itself read when it ended: later than the last look, and so complete.
    pub(super) fn read_at_end(&mut self, at: Nanos, cpu: Option<Nanos>, waited: Option<Nanos>) {
        if let (Some(cpu), Some((_, totals))) = (cpu, &self.os.totals) {
            self.os.totals = Some((at, OsTotals { cpu, waited, ..*totals }));
        }
    }

    /// What the operating system has counted. A thread that has ended has read itself: what the system counts while it is torn
    /// down comes when it likes, and changes no summary any more.
    pub(super) fn counted(&mut self, at: Nanos, totals: &OsTotals) {
        if self.ended.is_some() {
            return;
        }
        self.os.totals = Some((at, *totals));
        let (from, first) = *self.os.shares_from.get_or_insert((at, *totals));
        if from + SHORTEST_SHARE <= at {
            let span = (at - from) as f32;
            let waited = totals.waited.zip(first.waited).map_or(0, |(now, then)| now.saturating_sub(then));
            self.os.lately = Some((totals.cpu.saturating_sub(first.cpu) as f32 / span, waited as f32 / span));
            self.os.shares_from = Some((at, *totals));
        }
    }
}
