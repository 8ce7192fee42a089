//! One span of a thread, and what bears on it: what woke its task, and the task's polls before and after it.

use std::{ops::ControlFlow, sync::Arc};

use super::{
    index::Index,
    picture::{Beside, Span, SpanKind, Woken},
    poll_class::{Split, reading},
    state::State,
    thread::Thread,
};
use crate::trace::{
    clock::Nanos,
    event::{Event, Stamped, TaskKind},
    log::{Item, Store},
    record::{ActivityId, Doing, Fact, Outcome, ThreadId},
};

/// Records that are gone through in one direction, at most: unpacked from a file they take some 50 ms.
const MOST_RECORDS: usize = 1 << 19;

/// The outermost span that a thread was in at an instant, or the first after it. `then` is a state that knows the
/// names.
pub(super) fn at(store: &impl Store, known: (&State, &Index), thread: ThreadId, at: Nanos) -> Option<Span> {
    at_among(store, known, thread, at, MOST_RECORDS)
}

/// The same, among so many records in one direction.
pub(super) fn at_among(
    store: &impl Store,
    known: (&State, &Index),
    thread: ThreadId,
    at: Nanos,
    most: usize,
) -> Option<Span> {
    let mut span = ended_after(store, thread, at, most).or_else(|| open(known.0, thread))?;
    span.name = name_of(known, (span.kind, span.what)).cloned();
    if let SpanKind::Poll(outcome) = span.kind {
        back(store, known, &mut span, most);
        let is_last = matches!(outcome, Some(Outcome::Ready | Outcome::Panicked));
        span.after = if is_last { Beside::None } else { next(store, span.what, span.end, most) };
    }
    Some(span)
}

/// The first outermost span of the thread that ended at the instant or later.
fn ended_after(store: &impl Store, thread: ThreadId, at: Nanos, most: usize) -> Option<Span> {
    let (mut found, mut read, mut records) = (None, None, 0);
    store.after(at.saturating_sub(1), &mut |batch| {
        records += batch.len();
        for item in batch.replay() {
            let Item::Record(on, record) = item else { continue };
            if on != thread {
                continue;
            }
            if let Some(Fact::Spent { cpu_us, waited_us }) = record.fact() {
                read = Some(reading(cpu_us, waited_us));
                continue;
            }
            let Some((what, took, kind)) = outermost(record.fact()) else { continue };
            let read = read.take();
            if record.at() >= at {
                let start = record.at().saturating_sub(took);
                let spent = read.map(|read| Split::of_poll(took, Some(read), None));
                found = Some(Span { spent, ..bare(thread, what, kind, (start, record.at())) });
                return ControlFlow::Break(());
            }
        }
        if records > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// A span of which nothing else is known.
fn bare(thread: ThreadId, what: u32, kind: SpanKind, (start, end): (Nanos, Nanos)) -> Span {
    let (name, spent, spawned, woken) = (None, None, None, None);
    let (before, after) = (Beside::None, Beside::None);
    Span { thread, what, name, kind, start, end, spent, spawned, woken, before, after }
}

/// What the record of an outermost span says: what, how long, and what it was.
pub(super) fn outermost(fact: Option<Fact>) -> Option<(u32, Nanos, SpanKind)> {
    match fact? {
        Fact::Poll { task, took, outcome, nested: false } => Some((task, took, SpanKind::Poll(Some(outcome)))),
        Fact::Job { job, took, nested: false, .. } => Some((job, took, SpanKind::Job)),
        Fact::Waited { queue, took, nested: false, .. } => Some((queue, took, SpanKind::Wait)),
        _ => None,
    }
}

/// The span that is in flight.
pub(super) fn open(then: &State, thread: ThreadId) -> Option<Span> {
    let open = then.threads.get(thread)?.open.as_ref()?;
    let kind = match open.doing {
        Doing::Poll => SpanKind::Poll(None),
        Doing::Job => SpanKind::Job,
        Doing::Wait => SpanKind::Wait,
    };
    Some(bare(thread, open.what, kind, (open.start, then.now)))
}

/// What a span's task, job or queue is called; none where it is not known any more.
pub(super) fn name_of<'k>(
    (then, index): (&'k State, &'k Index),
    (kind, what): (SpanKind, u32),
) -> Option<&'k Arc<str>> {
    match kind {
        SpanKind::Poll(_) | SpanKind::Job => index.names.of(what),
        SpanKind::Wait => then.queues.get(&what).map(|queue| &queue.name),
    }
}

/// Finds what made a task ready for a poll, and the poll before.
fn back(store: &impl Store, (then, index): (&State, &Index), span: &mut Span, most: usize) {
    let (mut wakes, mut records) = (Vec::new(), 0);
    store.back_from(span.start, &mut |batch| {
        records += batch.len();
        let of_task = batch.replay().filter_map(|item| about(&item, span.what)).filter(|it| it.at() <= span.start);
        let mut latest = Beside::None;
        let mut since = Vec::new();
        for about in of_task {
            match about {
                About::Poll(thread, start, end) => latest = Beside::Poll(thread, start, end),
                About::Wake(woken) => since.push(woken),
                About::Spawn(at) => span.spawned = Some(at),
            }
        }
        // Wakes during the poll before count too: the task was ready again when that was over.
        let from = if let Beside::Poll(_, start, _) = latest { start } else { 0 };
        wakes.extend(since.into_iter().filter(|woken: &(Nanos, ThreadId, ActivityId)| woken.0 >= from));
        span.before = latest;
        // Nothing of a task is older than its beginning.
        if latest != Beside::None || span.spawned.is_some() {
            return ControlFlow::Break(());
        }
        if records <= most {
            return ControlFlow::Continue(());
        }
        span.before = Beside::Far;
        ControlFlow::Break(())
    });
    // It was ready from its beginning on for its first poll only.
    span.spawned = span.spawned.filter(|_| span.before == Beside::None);
    let first = wakes.into_iter().min();
    span.woken = first.map(|(at, thread, by)| Woken {
        at,
        thread,
        lane: then.threads.get(thread).map(Thread::label),
        by,
        name: index.names.of(by).cloned(),
    });
}

/// The first poll of a task that ends after an instant.
fn next(store: &impl Store, task: ActivityId, end: Nanos, most: usize) -> Beside {
    let (mut found, mut records) = (Beside::None, 0);
    store.after(end, &mut |batch| {
        records += batch.len();
        let next = batch.replay().filter(|item| item.at() > end).find_map(|item| match about(&item, task)? {
            About::Poll(thread, start, end) => Some(Beside::Poll(thread, start, end)),
            About::Wake(_) | About::Spawn(_) => None,
        });
        found = next.unwrap_or(if records > most { Beside::Far } else { Beside::None });
        if found == Beside::None { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

/// What bears on a task.
enum About {
    /// On which thread, from when to when.
    Poll(ThreadId, Nanos, Nanos),
    /// When, on which thread, by which task.
    Wake((Nanos, ThreadId, ActivityId)),
    Spawn(Nanos),
}

impl About {
    fn at(&self) -> Nanos {
        match self {
            Self::Poll(.., at) | Self::Wake((at, ..)) | Self::Spawn(at) => *at,
        }
    }
}

fn about(item: &Item<'_>, task: ActivityId) -> Option<About> {
    match item {
        Item::Event(Stamped { at, event: Event::Task(began) }) if began.task == task => {
            // A nested future is polled where it is awaited, and ready with its task.
            (began.kind != TaskKind::Sub).then_some(About::Spawn(*at))
        }
        Item::Event(_) => None,
        Item::Record(thread, record) => match record.fact()? {
            Fact::Poll { task: polled, took, .. } if polled == task => {
                Some(About::Poll(*thread, record.at().saturating_sub(took), record.at()))
            }
            Fact::Wake { task: woken, by, .. } if woken == task => Some(About::Wake((record.at(), *thread, by))),
            _ => None,
        },
    }
}
