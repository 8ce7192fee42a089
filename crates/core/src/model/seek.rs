//! From one event to the next, or back: where a key goes that goes by events instead of time.

use std::ops::ControlFlow;

use super::{
    Model,
    index::Index,
    picture::{Filter, Landmark, Of, Seek, Sought, SpanKind},
    sink::Firing,
    span,
    state::State,
    thread::Thread,
};
use crate::trace::{
    clock::Nanos,
    log::{Batch, Item, Store},
    record::{Fact, ThreadId},
};

/// Records and events that are looked at for one picture at most: unpacking so many takes about 100 ms.
const MOST_LOOKED_AT: usize = 1 << 20;

/// What became of a look.
enum Look {
    /// An event, and where it was.
    Found(Nanos, Option<ThreadId>),
    /// Nothing so far; it goes on from there.
    Onward(Nanos),
    Nothing,
}

/// Where the step leads; nowhere where there is no such event.
pub(super) fn find(store: &impl Store, model: &Model, seek: Seek, filter: Option<&Filter>) -> Sought {
    find_among(store, model, seek, filter, MOST_LOOKED_AT)
}

/// The same among so many records and events.
pub(super) fn find_among(
    store: &impl Store,
    model: &Model,
    seek: Seek,
    filter: Option<&Filter>,
    most: usize,
) -> Sought {
    let nowhere = |at: Option<Nanos>| at.map_or(Look::Nothing, |at| Look::Found(at, None));
    let is_sought = |item: &Item<'_>| match (seek.landmark, filter) {
        (Landmark::Match, Some(filter)) => matching(item, filter, (&model.state, &model.index)).is_some(),
        (Landmark::Match, None) => false,
        _ => is_sought(item, seek),
    };
    // What is found of a task is found of all that have its name.
    let is_of = |firing: &Firing| match seek.of {
        Of::All => true,
        Of::Thread(thread) => firing.thread == Some(thread),
        Of::Task(task) => firing.task.is_some() && firing.task.as_ref() == model.index.names.of(task),
    };
    let look = match (seek.landmark, seek.forward) {
        (Landmark::Finding, true) => nowhere(model.index.fired_after(seek.from, is_of)),
        (Landmark::Finding, false) => nowhere(model.index.fired_before(seek.from, is_of)),
        (_, true) => first_after(store, seek.from, most, is_sought),
        (_, false) => last_before(store, seek.from, most, is_sought),
    };
    let nothing = Sought { number: seek.number, at: None, onward: None, thread: None };
    match look {
        Look::Found(at, thread) => {
            Sought { at: Some(at), thread: thread.filter(|_| seek.landmark == Landmark::Match), ..nothing }
        }
        Look::Onward(from) => Sought { onward: Some(from), ..nothing },
        Look::Nothing => nothing,
    }
}

/// When a step comes to an event: a record that was late, which the batch after the one that it belongs to brought, comes at
/// the beginning of that batch. So steps there and back meet the same events in the same order.
fn met(at: Nanos, before: Option<Nanos>) -> Nanos {
    before.map_or(at, |before| at.max(before + 1))
}

fn first_after(store: &impl Store, from: Nanos, most: usize, is_sought: impl Fn(&Item<'_>) -> bool) -> Look {
    let (mut look, mut looked_at) = (Look::Nothing, 0);
    let mut before = last_watermark(store, from);
    store.after(from, &mut |batch| {
        let found = events(batch, &is_sought).map(|(at, thread)| (met(at, before), thread)).find(|(at, _)| *at > from);
        looked_at += batch.len();
        look = match found {
            Some((at, thread)) => Look::Found(at, thread),
            None if looked_at >= most => Look::Onward(batch.upto()),
            None => {
                before = Some(batch.upto());
                return ControlFlow::Continue(());
            }
        };
        ControlFlow::Break(())
    });
    look
}

fn last_before(store: &impl Store, from: Nanos, most: usize, is_sought: impl Fn(&Item<'_>) -> bool) -> Look {
    let (mut look, mut looked_at) = (Look::Nothing, 0);
    store.back_from(from, &mut |batch| {
        // Now it is known where the batch of what was found begins.
        if let Look::Found(at, _) = &mut look {
            *at = met(*at, Some(batch.upto()));
            if *at < from {
                return ControlFlow::Break(());
            }
        }
        // Not of this one any more, but from its end.
        if looked_at >= most {
            look = Look::Onward(batch.upto() + 1);
            return ControlFlow::Break(());
        }
        looked_at += batch.len();
        let found = events(batch, &is_sought).take_while(|(at, _)| *at < from).last();
        look = found.map_or(Look::Nothing, |(at, thread)| Look::Found(at, thread));
        ControlFlow::Continue(())
    });
    look
}

/// The last watermark up to an instant.
fn last_watermark(store: &impl Store, instant: Nanos) -> Option<Nanos> {
    let mut last = None;
    store.back_from(instant, &mut |batch| {
        if batch.upto() > instant {
            return ControlFlow::Continue(());
        }
        last = Some(batch.upto());
        ControlFlow::Break(())
    });
    last
}

/// The events of a batch that are sought, in order.
fn events(batch: &Batch, is_sought: impl Fn(&Item<'_>) -> bool) -> impl Iterator<Item = (Nanos, Option<ThreadId>)> {
    batch.replay().filter(move |item| is_sought(item)).map(|item| match item {
        Item::Record(thread, record) => (record.at(), Some(thread)),
        Item::Event(event) => (event.at, None),
    })
}

pub(super) fn is_sought(item: &Item<'_>, seek: Seek) -> bool {
    let Item::Record(thread, record) = item else { return false };
    let ((Some(Fact::Poll { task, .. }), Landmark::Poll) | (Some(Fact::Wake { task, .. }), Landmark::Wake)) =
        (record.fact(), seek.landmark)
    else {
        return false;
    };
    match seek.of {
        Of::All => true,
        Of::Thread(wanted) => *thread == wanted,
        Of::Task(wanted) => task == wanted,
    }
}

/// The thread, start and end of an outermost span that a filter matches. The state knows the threads and queues.
pub(super) fn matching(item: &Item<'_>, filter: &Filter, known: (&State, &Index)) -> Option<(ThreadId, Nanos, Nanos)> {
    let Item::Record(thread, record) = item else { return None };
    let (what, took, kind) = span::outermost(record.fact())?;
    let span = (*thread, record.at().saturating_sub(took), record.at());
    is_match((kind, what), span, filter, known).then_some(span)
}

/// Whether a filter matches a span: what it is, and its thread, start and end.
pub(super) fn is_match(
    (kind, what): (SpanKind, u32),
    (thread, start, end): (ThreadId, Nanos, Nanos),
    filter: &Filter,
    known: (&State, &Index),
) -> bool {
    // What costs least comes first.
    filter.is_like(kind, end.saturating_sub(start))
        && filter.is_of(span::name_of(known, (kind, what)).map(AsRef::as_ref))
        && filter.is_on(known.0.threads.get(thread).map(Thread::label).as_deref())
}
