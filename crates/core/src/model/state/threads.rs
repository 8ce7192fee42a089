//! The thread's half of the fold: what its lane shows, how its spans were spent.
//!
//! A record at the end of a span paints the span; the gap before it, while a worker was awake, was the
//! runtime's.

use std::sync::Arc;

use super::State;
use crate::{
    model::{
        part::Parts,
        picture::LaneState,
        poll_class::{EndedPoll, PollClass, SPLIT_FROM, Split},
        sink::Sink,
        thread::{Open, Thread, lane_parts},
    },
    trace::{
        clock::Nanos,
        event::ThreadBegan,
        record::{ActivityId, Doing, Outcome, QueueId, ThreadId},
    },
};

/// Jobs inside polls that are remembered when they have ended, until their poll has; and the longest name of one, bytes.
const ENDED_PARTS: usize = 16;
const LONGEST_NAME: usize = 256;

/// Threads, alive or ended, from which on the oldest ended one is forgotten.
const KEPT_THREADS: usize = 1024;

impl State {
    pub(super) fn thread_began(&mut self, at: Nanos, began: &ThreadBegan, sink: &mut impl Sink) {
        let thread = if let Some(known) = self.threads.get(began.thread) {
            // It is told again: its lane and its number are kept.
            Thread {
                worker: known.worker,
                awake: known.awake,
                painted: known.painted,
                totals: known.totals,
                ..Thread::new(began, at, known.ordinal)
            }
        } else {
            let ordinal = self.ordinals.entry((began.kind, began.generation)).or_default();
            *ordinal += 1;
            Thread::new(began, at, *ordinal - 1)
        };
        if !self.threads.insert(began.thread, thread) {
            self.totals.lost += 1;
        }
        if self.threads.len() > KEPT_THREADS {
            let oldest = self.threads.iter().find(|(_, it)| it.ended.is_some()).map(|(id, _)| id);
            if let Some(oldest) = oldest {
                self.threads.get(oldest).inspect(|it| sink.thread_forgotten(oldest, it));
                self.threads.remove(oldest);
            }
        }
    }

    pub(super) fn thread_ended(&mut self, at: Nanos, thread: ThreadId) {
        self.with_thread(thread, |it| {
            it.ended = Some(at);
            it.open = None;
            it.awake = false;
        });
        // A job whose end was lost has ended now.
        self.jobs.retain(|_, job| job.thread != Some(thread));
    }

    pub(super) fn with_thread(&mut self, thread: ThreadId, act: impl FnOnce(&mut Thread)) {
        if let Some(thread) = self.threads.get_mut(thread) {
            act(thread);
        }
    }

    /// The outermost span of a thread ended: its lane, its totals.
    #[inline]
    pub(super) fn poll_ended(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        task: ActivityId,
        took: Nanos,
        outcome: Outcome,
        sink: &mut impl Sink,
    ) {
        let Some(it) = self.threads.get_mut(thread) else { return };
        let start = at.saturating_sub(took);
        let read = it.read.take();
        let open = it.open.take();
        if it.awake && start > it.painted {
            it.totals.runtime = it.totals.runtime.saturating_add(start - it.painted);
            sink.paint(thread, it.painted, start, LaneState::Runtime);
        }
        it.totals.polling = it.totals.polling.saturating_add(took);
        it.painted = at;
        self.totals.polls += u64::from(outcome != Outcome::HandedOver);
        self.totals.longest_poll = self.totals.longest_poll.max(took);
        let split = Split::of_poll(took, read, open.map(|open| open.seen));
        let class = split.class(took);
        let mut poll = EndedPoll {
            thread,
            on_worker: it.polls_as_worker(),
            task,
            part: None,
            end: at,
            took,
            outcome,
            class,
            split,
            read,
        };
        if took < SPLIT_FROM {
            self.totals.split.short = self.totals.split.short.saturating_add(took);
            sink.paint(thread, start, at, LaneState::Polling);
            sink.poll_ended(&poll);
            return;
        }
        let worker = it.worker.is_some();
        poll.part = std::mem::take(&mut it.parts).most_of(start, at);
        paint_parts(sink, thread, start, at, split, Doing::Poll);
        sink.poll_ended(&poll);
        self.totals.split.add_all(&split);
        if class != PollClass::Short {
            self.totals.long_polls += 1;
            if worker {
                self.slow_poll_found(&poll, sink);
            }
        }
    }

    pub(super) fn seen_open(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        what: u32,
        age: Nanos,
        doing: Doing,
        sink: &mut impl Sink,
    ) {
        let start = at.saturating_sub(age);
        let Some(it) = self.threads.get_mut(thread) else { return };
        if it.awake && start > it.painted {
            it.totals.runtime = it.totals.runtime.saturating_add(start - it.painted);
            sink.paint(thread, it.painted, start, LaneState::Runtime);
            it.painted = start;
        }
        if doing == Doing::Wait {
            it.job_until(start, |from, to| sink.paint(thread, from, to, LaneState::Job));
        }
        // A job that goes on after a wait inside it is drawn from there.
        it.open = Some(Open::new(start.max(it.painted), what, doing));
        match doing {
            Doing::Poll => self.poll_seen_open(thread, what, start, sink),
            Doing::Job => {
                if let Some(job) = self.jobs.get_mut(&what) {
                    job.thread = Some(thread);
                }
            }
            Doing::Wait => {}
        }
    }

    pub(super) fn job_ended(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        job: ActivityId,
        took: Nanos,
        nested: bool,
        sink: &mut impl Sink,
    ) {
        if nested {
            self.part_ended(thread, at, job, took);
        }
        let ended = self.jobs.remove(&job);
        if let Some(ended) =
            ended.as_ref().filter(|ended| nested && took >= SPLIT_FROM && ended.name.len() <= LONGEST_NAME)
        {
            if self.ended_parts.len() == ENDED_PARTS {
                self.ended_parts.pop_front();
            }
            self.ended_parts.push_back((job, Arc::clone(&ended.name)));
        }
        if let Some(ended) = ended
            && let Some(task) = ended.by.and_then(|by| self.task_of(by))
        {
            self.with_task(task, |it| it.jobs = it.jobs.saturating_sub(1));
        }
        let Some(it) = self.threads.get_mut(thread).filter(|_| !nested) else { return };
        it.totals.job = it.totals.job.saturating_add(took);
        it.parts = Parts::default();
        let read = it.read.take();
        sink.job_ended(read);
        let spent = Split::of_job(took, read, it.open.take().map(|open| open.seen));
        // What came before a wait inside the job is drawn already.
        let start = at.saturating_sub(took).max(it.painted).min(at);
        it.painted = at;
        paint_parts(sink, thread, start, at, spent, Doing::Job);
    }

    pub(super) fn waited(
        &mut self,
        thread: ThreadId,
        at: Nanos,
        wait: (QueueId, Nanos, bool),
        nested: bool,
        sink: &mut impl Sink,
    ) {
        let (queue, took, for_room) = wait;
        if for_room {
            self.with_queue(queue, |it| it.blocked = it.blocked.saturating_add(took));
        }
        let Some(it) = self.threads.get_mut(thread) else { return };
        // A short wait inside a job is drawn as part of it.
        if nested && took < SPLIT_FROM {
            return;
        }
        it.job_until(at.saturating_sub(took), |from, to| sink.paint(thread, from, to, LaneState::Job));
        if for_room {
            sink.paint(thread, at.saturating_sub(took), at, LaneState::WaitsForRoom);
        }
        if !nested {
            it.read = None;
        }
        it.open = None;
        it.painted = at;
    }

    pub(super) fn parks(&mut self, thread: ThreadId, at: Nanos, sink: &mut impl Sink) {
        let Some(it) = self.threads.get_mut(thread) else { return };
        if it.awake && at > it.painted {
            it.totals.runtime = it.totals.runtime.saturating_add(at - it.painted);
            sink.paint(thread, it.painted, at, LaneState::Runtime);
        }
        it.painted = at;
        it.awake = false;
        // A worker parks in no poll of its own: the record of one that was seen in flight is lost.
        it.open = None;
    }

    pub(super) fn unparks(&mut self, thread: ThreadId, at: Nanos, cpu_us: u32) {
        self.with_thread(thread, |it| {
            it.totals.runtime = it.totals.runtime.saturating_add(Nanos::from(cpu_us) * 1_000);
            it.painted = at;
            it.awake = it.is_told();
        });
    }
}

/// Paints a span's parts: those that the samples cannot place come in a set order, and short pieces share
/// their cells anyway.
fn paint_parts(sink: &mut impl Sink, thread: ThreadId, start: Nanos, end: Nanos, spent: Split, doing: Doing) {
    let mut at = start;
    for (state, time) in lane_parts(spent, end - start, doing) {
        let until = (at + time).min(end);
        sink.paint(thread, at, until, state);
        at = until;
    }
}
