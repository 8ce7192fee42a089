//! From one event to the next, or back: where a key goes that goes by events instead of time.

use std::ops::ControlFlow;

use super::{
    Model,
    picture::{Landmark, Of, Seek},
};
use crate::trace::{
    clock::Nanos,
    log::{Batch, Item, Store},
    record::Fact,
};

/// The instant of the event that is sought; none where there is none.
pub(super) fn find(store: &impl Store, model: &Model, seek: Seek) -> Option<Nanos> {
    match (seek.landmark, seek.forward) {
        (Landmark::Finding, true) => model.index.fired_after(seek.from),
        (Landmark::Finding, false) => model.index.fired_before(seek.from),
        (_, true) => first_after(store, seek),
        (_, false) => last_before(store, seek),
    }
}

fn first_after(store: &impl Store, seek: Seek) -> Option<Nanos> {
    let mut found = None;
    store.after(seek.from, &mut |batch| {
        found = instants(batch, seek).find(|at| *at > seek.from);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

fn last_before(store: &impl Store, seek: Seek) -> Option<Nanos> {
    let mut found = None;
    store.back_from(seek.from, &mut |batch| {
        found = instants(batch, seek).take_while(|at| *at < seek.from).last();
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// The instants of a batch that are of the sought kind, in order.
fn instants(batch: &Batch, seek: Seek) -> impl Iterator<Item = Nanos> {
    batch.replay().filter(move |item| is_sought(item, seek)).map(|item| item.at())
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
