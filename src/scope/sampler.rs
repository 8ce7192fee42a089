//! The sampler: asks the operating system about every thread.
//!
//! A thread with a span in flight that is getting long is looked at every 10 ms, others with something
//! to do every 50 ms, and those with nothing in flight once a second, when the totals are read too.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use pollscope_core::trace::{
    clock::{MILLI, Nanos},
    event::{Event, OsSample, OsTotals},
    record::ThreadId,
};
use tokio::runtime::Handle;

use super::os::{self, OsThread};
use crate::probe::{Probes, Slot};

/// Between two rounds.
const ROUND: Duration = Duration::from_millis(10);
/// A span of this age is getting long.
const LONG: Nanos = 3 * MILLI;
/// Threads in long spans that are looked at every round; of more, some wait for the next.
const A_ROUND: usize = 64;
/// Rounds between looks at threads with something in flight, and at the others.
const IN_FLIGHT: u64 = 5;
const IDLE: u64 = 100;

/// Runtimes whose tasks are counted, the latest: a program may build them without end, and nobody tells when one is gone.
const RUNTIMES: usize = 16;

/// A thread to be sampled.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) thread: ThreadId,
    pub(super) os_id: Option<u32>,
    /// What it is doing; none for a thread that emits no records.
    pub(super) slot: Option<Arc<Slot>>,
}

/// What the collector tells the sampler.
#[derive(Debug)]
pub(super) enum ToSampler {
    /// There is another thread.
    Track(Track),
    /// All totals are to be read now; the reply says that they are on their way.
    ReadTotals(Sender<()>),
}

#[derive(Debug)]
struct Tracked {
    thread: ThreadId,
    os: OsThread,
    slot: Option<Arc<Slot>>,
    /// Spreads the rare looks over the rounds.
    phase: u64,
}

/// The sampler.
#[derive(Debug)]
pub(super) struct Sampler {
    probes: Probes,
    orders: Receiver<ToSampler>,
    runtimes: Receiver<(Handle, u32)>,
    /// Those of the latest lab, or of none.
    watched: VecDeque<(Handle, u32)>,
    tracked: Vec<Tracked>,
}

impl Sampler {
    pub(super) fn new(probes: Probes, orders: Receiver<ToSampler>, runtimes: Receiver<(Handle, u32)>) -> Self {
        Self { probes, orders, runtimes, watched: VecDeque::new(), tracked: Vec::new() }
    }

    /// Runs until the collector is gone.
    pub(super) fn run(mut self) {
        self.probes.register_observer("scope-sampler");
        let mut next = Instant::now();
        for round in 0.. {
            next += ROUND;
            loop {
                match self.orders.recv_deadline(next) {
                    Ok(ToSampler::Track(track)) => self.track(track, round),
                    Ok(ToSampler::ReadTotals(reply)) => self.read_totals(&reply),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            // After a stop of the whole process the missed rounds are not made up for.
            next = next.max(Instant::now());
            self.round(round);
        }
    }

    fn track(&mut self, track: Track, round: u64) {
        let Some(os) = track.os_id.and_then(OsThread::open) else { return };
        let phase = round + u64::from(track.thread) % IN_FLIGHT;
        let tracked = Tracked { thread: track.thread, os, slot: track.slot, phase };
        // The first totals are what later ones are compared with.
        tracked.totals(&self.probes);
        self.tracked.push(tracked);
    }

    fn read_totals(&mut self, reply: &Sender<()>) {
        self.tracked.retain(|tracked| tracked.totals(&self.probes));
        self.sample_process();
        let _ = reply.send(());
    }

    fn round(&mut self, round: u64) {
        let now = self.probes.clock().now();
        let probes = &self.probes;
        let mut long = 0;
        self.tracked.retain(|tracked| {
            let since = round - tracked.phase.min(round);
            let look = match tracked.in_flight(now) {
                Some(age) if age >= LONG => {
                    long += 1;
                    long <= A_ROUND || since.is_multiple_of(IN_FLIGHT)
                }
                Some(_) => since.is_multiple_of(IN_FLIGHT),
                None => since.is_multiple_of(IDLE),
            };
            let alive = !look || tracked.sample(probes);
            alive && (!since.is_multiple_of(IDLE) || tracked.totals(probes))
        });
        if round.is_multiple_of(IN_FLIGHT * 2) {
            self.sample_process();
        }
    }

    fn sample_process(&mut self) {
        if let Some((cpu, rss)) = os::process() {
            self.probes.emit(Event::Process { cpu, rss });
        }
        for (runtime, generation) in self.runtimes.try_iter() {
            self.watched.retain(|(other, of)| *of == generation && other.id() != runtime.id());
            if self.watched.len() == RUNTIMES {
                self.watched.pop_front();
            }
            self.watched.push_back((runtime, generation));
        }
        if !self.watched.is_empty() {
            let runtimes = self.watched.iter().map(|(runtime, _)| runtime);
            let count = runtimes.clone().map(|runtime| runtime.metrics().num_alive_tasks() as u32).sum();
            self.probes.emit(Event::AliveTasks { count });
            #[cfg(tokio_unstable)]
            self.probes.emit(Event::Scheduler(Box::new(crate::probe::sample(runtimes))));
        }
    }
}

impl Tracked {
    /// The age of what is in flight. A thread without a slot always has something.
    fn in_flight(&self, now: Nanos) -> Option<Nanos> {
        match &self.slot {
            None => Some(0),
            Some(slot) => slot.outer().map(|span| now.saturating_sub(span.start)),
        }
    }

    /// Emits a look. Says whether the thread is alive.
    fn sample(&self, probes: &Probes) -> bool {
        let Some((cpu, state)) = self.os.sample() else { return false };
        let base = self.slot.as_ref().and_then(|slot| slot.base());
        probes.emit(Event::Os(OsSample { thread: self.thread, cpu, state, base }));
        true
    }

    fn totals(&self, probes: &Probes) -> bool {
        let totals: Option<OsTotals> = self.os.totals(self.thread);
        totals.map(|totals| probes.emit(Event::OsTotals(totals))).is_some()
    }
}
