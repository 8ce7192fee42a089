//! The trace for ui.perfetto.dev and `chrome://tracing`.
//!
//! ```text
//! threads   worker 0   ┌ owner/name ──────────┐  ┌ other ┐      pid 1, a track a thread
//!                      │  ┌ page ─┐           │  └───────┘
//! tasks     owner/name ┌ poll ────────────────┐                pid 2, a track a task
//! ```
//!
//! An arrow goes from a wake to the poll that it led to. Perfetto binds an arrow's end to the slice that
//! began last on that track, also if that one has ended (`FlowTracker`, `GetTopmostSliceOnTrack`), so such a
//! wake is a slice of its own, of a nanosecond. The order in the file matters only within one instant
//! (`track`).

use std::{error::Error, io, io::Write};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value, json};

use super::{
    ExportError,
    cast::{Cast, Gone},
    life::{InFlight, Wake, outcome_name},
    trace_event::{FlowEnd, Millis, TraceEvents, TrackId},
    track::Track,
};
use crate::{
    model::{
        picture::Rule,
        walk::{EndedPoll, PollClass, Reading, Split, Verdict, Walk},
    },
    trace::{
        clock::{MICRO, Nanos},
        log::{Batch, Item},
        record::{ActivityId, Doing, Fact, Outcome, Record, ThreadId},
    },
};

/// The process of the threads; counters and findings are its too.
const THREADS: u32 = 1;
/// The process of the tasks.
const TASKS: u32 = 2;
/// Tracks of tasks are numbered from here: Perfetto tells tracks apart by process and number, but names them
/// by number.
const FIRST_TASK: u32 = 1_000_000;
/// A slice that is this much shorter than its span says so.
const NOTABLE: Nanos = 1_000;

/// Writes the trace in the Trace Event Format (JSON), in one pass. Besides the fold, those who are alive take at
/// most half of `memory` bytes: of more, the first that began have a number for a name after it.
///
/// # Errors
///
/// The first that `batches` gives, and those of the writer.
pub fn perfetto<E: Error + 'static>(
    batches: impl IntoIterator<Item = Result<Batch, E>>,
    out: impl Write,
    memory: usize,
) -> Result<(), ExportError<E>> {
    let mut export = Perfetto::begin(out, memory)?;
    for batch in batches {
        export.batch(&batch.map_err(ExportError::Read)?)?;
    }
    Ok(export.end()?)
}

struct Perfetto<W> {
    out: TraceEvents<W>,
    cast: Cast,
    /// The fold: what polls were, findings and what is ready.
    walk: Walk,
    tracks: FxHashMap<ThreadId, Track>,
    /// Up to where each task's own track is drawn.
    drawn: FxHashMap<ActivityId, Nanos>,
    findings: FxHashSet<(Rule, Option<String>, Nanos)>,
    ready: Option<u32>,
    flows: u64,
    last: Nanos,
}

/// A span to be drawn: what, from when to when.
#[derive(Clone, Copy)]
struct Span {
    thread: ThreadId,
    start: Nanos,
    end: Nanos,
    nested: bool,
}

impl<W: Write> Perfetto<W> {
    fn begin(out: W, memory: usize) -> io::Result<Self> {
        let mut out = TraceEvents::begin(out)?;
        out.process(THREADS, "threads")?;
        out.process(TASKS, "tasks")?;
        Ok(Self {
            out,
            cast: Cast::within(memory / 2),
            walk: Walk::default(),
            tracks: FxHashMap::default(),
            drawn: FxHashMap::default(),
            findings: FxHashSet::default(),
            ready: None,
            flows: 0,
            last: 0,
        })
    }

    fn batch(&mut self, batch: &Batch) -> io::Result<()> {
        for gone in self.cast.gone() {
            self.forget(gone)?;
        }
        for item in batch.replay() {
            let verdict = self.walk.take(item);
            match item {
                Item::Event(event) => self.cast.event(event),
                Item::Record(thread, record) => self.record(thread, record, &verdict)?,
            }
        }
        self.walk.advance(batch.upto());
        self.last = self.last.max(batch.upto());
        self.ready_tasks()?;
        self.new_findings()
    }

    /// What is still in flight, and the names of whoever is alive.
    fn end(mut self) -> io::Result<()> {
        self.unfinished()?;
        for gone in self.cast.gone() {
            self.forget(gone)?;
        }
        let threads: Vec<_> = self.cast.threads.keys().copied().collect();
        let tasks: Vec<_> = self.cast.tasks.keys().copied().collect();
        threads.into_iter().try_for_each(|thread| self.forget(Gone::Thread(thread)))?;
        tasks.into_iter().try_for_each(|task| self.forget(Gone::Task(task)))?;
        self.out.end()
    }

    /// Whoever is gone is named: only now is it known what a thread was for.
    fn forget(&mut self, gone: Gone) -> io::Result<()> {
        match gone {
            Gone::Thread(thread) => {
                self.tracks.remove(&thread);
                let Some(it) = self.cast.threads.remove(&thread) else { return Ok(()) };
                self.out.track(thread_track(thread), &it.label(thread), it.sort_index())
            }
            Gone::Task(task) => {
                self.drawn.remove(&task);
                let Some(it) = self.cast.tasks.remove(&task) else { return Ok(()) };
                self.out.track(task_track(task), &it.name, task)
            }
        }
    }

    fn record(&mut self, thread: ThreadId, record: Record, verdict: &Verdict) -> io::Result<()> {
        let at = record.at();
        self.cast.record(thread, record);
        verdict.began.iter().for_each(|began| self.cast.poll_began(began));
        self.last = self.last.max(at);
        match record.fact() {
            Some(Fact::Poll { task, took, outcome, nested }) => {
                self.poll(span(thread, at, took, nested), task, outcome, verdict.ended)
            }
            Some(Fact::Job { job, took, panicked, nested }) => {
                self.job(span(thread, at, took, nested), job, panicked, verdict.job_read)
            }
            Some(Fact::Waited { queue, took, for_room, nested }) => {
                let name = wait_name(for_room, &self.cast.queue_name(queue));
                self.slice(span(thread, at, took, nested), &name, Map::new()).map(drop)
            }
            Some(Fact::Wake { task, by, by_ref: _ }) => {
                let drawn = self.tracks.entry(thread).or_default().point(at);
                self.cast.woken(task, Wake { at, thread, by, drawn });
                Ok(())
            }
            Some(Fact::Sent { queue, depth } | Fact::Received { queue, depth }) => {
                let name = format!("depth of {}", self.cast.queue_name(queue));
                self.out.counter(THREADS, at, (&name, "items"), depth)
            }
            Some(Fact::Pulse { count: _, late }) => {
                self.out.counter(THREADS, at, ("pulse is late by", "ms"), Millis(late))
            }
            _ => Ok(()),
        }
    }

    fn poll(&mut self, mut span: Span, task: ActivityId, outcome: Outcome, ended: Option<EndedPoll>) -> io::Result<()> {
        let name = self.cast.task_name(task);
        let (wake, _) = self.cast.polled(task, span.end, span.end - span.start, outcome);
        let outcome = outcome_name(outcome);
        let reading = ended.and_then(|poll| poll.read);
        let mut args = spent_args([("task", task.into()), ("outcome", outcome.into())], reading);
        class_args(ended.map(|poll| (poll.class, poll.split)), &mut args);
        // A wake that its thread had no room for is drawn a few nanoseconds late; an arrow goes forward.
        span.start = span.start.max(wake.map_or(0, |wake| wake.drawn));
        let place = self.slice(span, &name, args)?;
        self.arrow(wake, task, (span.thread, place.0))?;
        let args = json!({ "thread": self.cast.thread_label(span.thread), "outcome": outcome });
        self.on_own_track(task, place, &args)
    }

    fn job(&mut self, span: Span, job: ActivityId, panicked: bool, reading: Option<Reading>) -> io::Result<()> {
        let mut args = spent_args([("job", job.into())], reading);
        let name = self.about_job(job, &mut args);
        if panicked {
            args.insert("panicked".to_owned(), true.into());
        }
        self.cast.job_ended(job);
        self.slice(span, &name, args).map(drop)
    }

    /// A job's name; where it ran and for whom goes with its slice.
    fn about_job(&self, job: ActivityId, args: &mut Map<String, Value>) -> String {
        let Some(named) = self.cast.job(job) else { return format!("job {job}") };
        args.insert("kind".to_owned(), json!(named.kind));
        if let Some(by) = named.by.and_then(|by| self.cast.name(by)) {
            args.insert("queued_by".to_owned(), (*by).into());
        }
        named.name.to_string()
    }

    /// Draws a span on its thread, and gives its place there.
    fn slice(&mut self, span: Span, name: &str, mut args: Map<String, Value>) -> io::Result<(Nanos, Nanos)> {
        let Span { thread, start, end, nested } = span;
        let place = self.tracks.entry(thread).or_default().place(start, end, nested);
        let took = end.saturating_sub(start);
        if took > place.1 - place.0 + NOTABLE {
            args.insert("took_ns_in_all".to_owned(), took.into());
        }
        self.out.slice(thread_track(thread), place, name, &Value::Object(args))?;
        Ok(place)
    }

    fn on_own_track(&mut self, task: ActivityId, (start, end): (Nanos, Nanos), args: &Value) -> io::Result<()> {
        let drawn = self.drawn.entry(task).or_default();
        let start = start.max(*drawn);
        *drawn = end.max(start);
        let place = (start, *drawn);
        self.out.slice(task_track(task), place, "poll", args)
    }

    /// From the wake to the poll that it led to.
    fn arrow(&mut self, wake: Option<Wake>, task: ActivityId, (thread, poll): (ThreadId, Nanos)) -> io::Result<()> {
        let Some(wake) = wake else { return Ok(()) };
        let (from, at) = (thread_track(wake.thread), wake.drawn);
        self.out.slice(from, (at, at + 1), "wake", &json!({ "task": task }))?;
        self.flows += 1;
        self.out.flow(from, at, FlowEnd::From, self.flows)?;
        self.out.flow(thread_track(thread), poll, FlowEnd::To, self.flows)
    }

    /// Spans that were seen in flight and never ended: up to the end.
    fn unfinished(&mut self) -> io::Result<()> {
        let open = |(thread, it): (&ThreadId, &super::life::ThreadLife)| (*thread, it.in_flight.clone());
        let threads: Vec<_> = self.cast.threads.iter().map(open).collect();
        for (thread, spans) in threads {
            // The inner before the outer, as records come.
            for (depth, it) in spans.iter().enumerate().rev() {
                let end = self.last.max(it.start);
                self.unfinished_span(Span { thread, start: it.start, end, nested: depth > 0 }, *it)?;
            }
        }
        Ok(())
    }

    fn unfinished_span(&mut self, span: Span, it: InFlight) -> io::Result<()> {
        let mut args = Map::new();
        args.insert("unfinished".to_owned(), true.into());
        match it.doing {
            Doing::Poll => {
                let wake = self.cast.task(it.what).poll_began(span.start);
                args.insert("task".to_owned(), it.what.into());
                class_args(self.walk.in_flight(span.thread).filter(|_| !span.nested), &mut args);
                let place = self.slice(span, &self.cast.task_name(it.what), args)?;
                self.arrow(wake, it.what, (span.thread, place.0))?;
                let thread = self.cast.thread_label(span.thread);
                self.on_own_track(it.what, place, &json!({ "thread": thread, "unfinished": true }))
            }
            Doing::Job => {
                args.insert("job".to_owned(), it.what.into());
                let name = self.about_job(it.what, &mut args);
                self.slice(span, &name, args).map(drop)
            }
            Doing::Wait => {
                let name = format!("waits for {}", self.cast.queue_name(it.what));
                self.slice(span, &name, args).map(drop)
            }
        }
    }

    fn ready_tasks(&mut self) -> io::Result<()> {
        let ready = self.walk.ready_tasks();
        if self.ready.replace(ready) == Some(ready) {
            return Ok(());
        }
        self.out.counter(THREADS, self.walk.now(), ("ready", "tasks"), ready)
    }

    fn new_findings(&mut self) -> io::Result<()> {
        let findings = self.walk.findings();
        let mut known = FxHashSet::default();
        for it in findings {
            let key = (it.rule, it.task.clone().or(it.thread.clone()), it.since);
            if !self.findings.contains(&key) {
                let args = json!({ "text": it.text, "task": it.task, "thread": it.thread });
                self.out.instant(THREADS, it.since, it.rule.name(), &args)?;
            }
            known.insert(key);
        }
        self.findings = known;
        Ok(())
    }
}

fn thread_track(thread: ThreadId) -> TrackId {
    TrackId { pid: THREADS, tid: thread.saturating_add(1) }
}

fn task_track(task: ActivityId) -> TrackId {
    TrackId { pid: TASKS, tid: task.saturating_add(FIRST_TASK) }
}

fn span(thread: ThreadId, end: Nanos, took: Nanos, nested: bool) -> Span {
    Span { thread, start: end.saturating_sub(took), end, nested }
}

fn wait_name(for_room: bool, queue: &str) -> String {
    format!("waits for {} in {queue}", if for_room { "room" } else { "an item" })
}

/// What goes with a slice, and how it was spent where the thread has read that.
fn spent_args<const N: usize>(args: [(&str, Value); N], reading: Option<Reading>) -> Map<String, Value> {
    let mut args: Map<String, Value> = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    if let Some((cpu, waited)) = reading {
        args.insert("cpu_us".to_owned(), (cpu / MICRO).into());
        if let Some(waited) = waited {
            args.insert("waited_us".to_owned(), (waited / MICRO).into());
        }
    }
    args
}

/// What an outermost poll was and how it was spent, where it is long enough to be split.
fn class_args(class: Option<(PollClass, Split)>, args: &mut Map<String, Value>) {
    let Some((class, split)) = class.filter(|(_, split)| split.short == 0) else { return };
    args.insert("class".to_owned(), class.name().into());
    let times = [
        ("blocked_ns", PollClass::Blocked),
        ("on_cpu_ns", PollClass::CpuBound),
        ("runnable_ns", PollClass::Runnable),
        ("unknown_ns", PollClass::Unknown),
    ];
    for (name, class) in times.into_iter().filter(|(_, class)| split.time(*class) > 0) {
        args.insert(name.to_owned(), split.time(class).into());
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::trace::event::{Event, Stamped, TaskKind, ThreadKind};

    #[test]
    fn whoever_has_ended_is_forgotten() {
        let mut export = Perfetto::begin(io::sink(), sample::MEMORY).unwrap();
        for number in 1..=2_000_u32 {
            let at = Nanos::from(number) * 1_000_000;
            let mut batch = Batch::default();
            let (thread, job) = (number, 1_000_000 + number);
            let begun = [
                sample::lab(number),
                sample::thread(thread, ThreadKind::Worker, "tokio"),
                sample::task(number, "short", TaskKind::Task, None),
                sample::job(job, "never run", None),
                Event::Queue { queue: number, name: "q".into(), capacity: 1 },
            ];
            for event in begun {
                batch.push(Stamped { at, event });
            }
            let facts = [sample::wake(number, 0), sample::poll(number, 10, Outcome::Ready, false)];
            for fact in facts {
                batch.extend(thread, &[Record::new(at + 100, fact)]);
            }
            batch.push(Stamped { at: at + 200, event: Event::ThreadEnded { thread, cpu: None, waited: None } });
            batch.close(at + 300);
            export.batch(&batch).unwrap();
        }
        let held = [export.cast.threads.len(), export.cast.tasks.len(), export.tracks.len(), export.drawn.len()];
        assert_eq!(held, [1; 4]);
        assert!(export.cast.size() < 20, "{}", export.cast.size());
    }
}
