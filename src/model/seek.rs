//! From one event to the next, or back: where a key goes that goes by events instead of time.

use std::ops::ControlFlow;

use super::{
    Model,
    picture::{Filter, Landmark, Of, Seek, Sought},
    span,
    thread::Thread,
};
use crate::trace::{
    clock::Nanos,
    log::{Batch, Item, Store},
    record::{Fact, ThreadId},
};

/// An event, and where it was.
type Found = (Nanos, Option<ThreadId>);

/// Where the step leads; nowhere where there is no such event.
pub(super) fn find(store: &impl Store, model: &Model, seek: Seek, filter: Option<&Filter>) -> Sought {
    let nowhere = |at: Option<Nanos>| at.map(|at| (at, None));
    let is_sought = |item: &Item<'_>| match (seek.landmark, filter) {
        (Landmark::Match, Some(filter)) => matching(item, filter, model).is_some(),
        (Landmark::Match, None) => false,
        _ => is_sought(item, seek),
    };
    let found = match (seek.landmark, seek.forward) {
        (Landmark::Finding, true) => nowhere(model.index.fired_after(seek.from)),
        (Landmark::Finding, false) => nowhere(model.index.fired_before(seek.from)),
        (_, true) => first_after(store, seek.from, is_sought),
        (_, false) => last_before(store, seek.from, is_sought),
    };
    let thread = found.and_then(|(_, thread)| thread).filter(|_| seek.landmark == Landmark::Match);
    Sought { number: seek.number, at: found.map(|(at, _)| at), thread }
}

fn first_after(store: &impl Store, from: Nanos, is_sought: impl Fn(&Item<'_>) -> bool) -> Option<Found> {
    let mut found = None;
    store.after(from, &mut |batch| {
        found = events(batch, &is_sought).find(|(at, _)| *at > from);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

fn last_before(store: &impl Store, from: Nanos, is_sought: impl Fn(&Item<'_>) -> bool) -> Option<Found> {
    let mut found = None;
    store.back_from(from, &mut |batch| {
        found = events(batch, &is_sought).take_while(|(at, _)| *at < from).last();
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// The events of a batch that are sought, in order.
fn events(batch: &Batch, is_sought: impl Fn(&Item<'_>) -> bool) -> impl Iterator<Item = Found> {
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

/// The thread, start and end of an outermost span that a filter matches.
pub(super) fn matching(item: &Item<'_>, filter: &Filter, model: &Model) -> Option<(ThreadId, Nanos, Nanos)> {
    let Item::Record(thread, record) = item else { return None };
    let (what, took, kind) = span::outermost(record.fact())?;
    // What costs least comes first.
    if !filter.is_like(kind, took) || !filter.is_of(model.index.names.of(what).map(AsRef::as_ref)) {
        return None;
    }
    let label = model.state.threads.get(*thread).map(Thread::label);
    filter.is_on(label.as_deref()).then(|| (*thread, record.at().saturating_sub(took), record.at()))
}
