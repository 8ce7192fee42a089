//! One span of a thread, and what bears on it: what woke its task, and the task's polls before and after it.

use std::{ops::ControlFlow, sync::Arc};

use super::{
    index::Index,
    picture::{Span, SpanKind, Woken},
    state::State,
    thread::Thread,
};
use crate::trace::{
    clock::{MICRO, Nanos},
    log::{Item, Store},
    record::{ActivityId, Doing, Fact, Outcome, ThreadId},
};

/// Records that are gone through in one direction, at most: unpacked from a file they take some 50 ms.
const MOST_RECORDS: usize = 1 << 19;

/// The outermost span that a thread was in at an instant, or the first after it. `then` is a state that knows the
/// names.
pub(super) fn at(store: &impl Store, (then, index): (&State, &Index), thread: ThreadId, at: Nanos) -> Option<Span> {
    let mut span = ended_after(store, thread, at).or_else(|| open(then, thread))?;
    span.name = name_of((then, index), (span.kind, span.what)).cloned();
    if let SpanKind::Poll(outcome) = span.kind {
        (span.woken, span.before) = back(store, (then, index), span.what, span.start);
        let is_last = matches!(outcome, Some(Outcome::Ready | Outcome::Panicked));
        span.after = if is_last { None } else { next(store, span.what, span.end) };
    }
    Some(span)
}

/// The first outermost span of the thread that ended at the instant or later.
fn ended_after(store: &impl Store, thread: ThreadId, at: Nanos) -> Option<Span> {
    let (mut found, mut spent, mut records) = (None, None, 0);
    store.after(at.saturating_sub(1), &mut |batch| {
        records += batch.len();
        for item in batch.replay() {
            let Item::Record(on, record) = item else { continue };
            if on != thread {
                continue;
            }
            if let Some(Fact::Spent { cpu_us, waited_us }) = record.fact() {
                spent = Some((Nanos::from(cpu_us) * MICRO, waited_us.map(|us| Nanos::from(us) * MICRO)));
                continue;
            }
            let Some((what, took, kind)) = outermost(record.fact()) else { continue };
            let spent = spent.take();
            if record.at() >= at {
                let (start, end) = (record.at().saturating_sub(took), record.at());
                let (name, woken, before, after) = (None, None, None, None);
                found = Some(Span { thread, what, name, kind, start, end, spent, woken, before, after });
                return ControlFlow::Break(());
            }
        }
        if records > MOST_RECORDS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
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
    let (start, end) = (open.start, then.now);
    let (name, spent, woken, before, after) = (None, None, None, None, None);
    Some(Span { thread, what: open.what, name, kind, start, end, spent, woken, before, after })
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

type Poll = (ThreadId, Nanos, Nanos);

/// What made a task ready for a poll that began then, and the poll before.
fn back(
    store: &impl Store,
    (then, index): (&State, &Index),
    task: ActivityId,
    start: Nanos,
) -> (Option<Woken>, Option<Poll>) {
    let (mut wakes, mut before, mut records) = (Vec::new(), None, 0);
    store.back_from(start, &mut |batch| {
        records += batch.len();
        let of_task = batch.replay().filter_map(|item| about(&item, task)).filter(|about| about.at() <= start);
        let mut latest = None;
        let mut since = Vec::new();
        for about in of_task {
            match about {
                About::Poll(poll) => latest = Some(poll),
                About::Wake(woken) => since.push(woken),
            }
        }
        // Wakes during the poll before count too: the task was ready again when that was over.
        let from = latest.map_or(0, |(_, start, _)| start);
        wakes.extend(since.into_iter().filter(|woken: &(Nanos, ThreadId, ActivityId)| woken.0 >= from));
        before = latest;
        if before.is_some() || records > MOST_RECORDS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let first = wakes.into_iter().min();
    let woken = first.map(|(at, thread, by)| Woken {
        at,
        thread,
        lane: then.threads.get(thread).map(Thread::label),
        by,
        name: index.names.of(by).cloned(),
    });
    (woken, before)
}

/// The first poll of a task that ends after an instant.
fn next(store: &impl Store, task: ActivityId, end: Nanos) -> Option<Poll> {
    let (mut found, mut records) = (None, 0);
    store.after(end, &mut |batch| {
        records += batch.len();
        found = batch.replay().filter(|item| item.at() > end).find_map(|item| match about(&item, task)? {
            About::Poll(poll) => Some(poll),
            About::Wake(_) => None,
        });
        if found.is_some() || records > MOST_RECORDS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// A record about a task.
enum About {
    Poll(Poll),
    Wake((Nanos, ThreadId, ActivityId)),
}

impl About {
    fn at(&self) -> Nanos {
        match self {
            Self::Poll((.., end)) => *end,
            Self::Wake((at, ..)) => *at,
        }
    }
}

fn about(item: &Item<'_>, task: ActivityId) -> Option<About> {
    let Item::Record(thread, record) = item else { return None };
    match record.fact()? {
        Fact::Poll { task: polled, took, .. } if polled == task => {
            Some(About::Poll((*thread, record.at().saturating_sub(took), record.at())))
        }
        Fact::Wake { task: woken, by, .. } if woken == task => Some(About::Wake((record.at(), *thread, by))),
        _ => None,
    }
}
