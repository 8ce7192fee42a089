//! The subscriber of a program that has no other: it keeps of a span what it is, and nothing else.
//!
//! A registry keeps spans for any number of layers, and each thread's stack of them: half of what a poll costs there.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tracing_core::{
    Event, Interest, Metadata, Subscriber,
    span::{Attributes, Current, Id, Record},
};

use super::{Spanned, Woken, wants};
use crate::probe::recorder;

/// Spans are spread over so many locks: threads seldom wait for each other.
const SHARDS: usize = 64;
/// What threads keep in mind of its spans is valid for good: no id comes twice. No layer's epoch gets there.
const EPOCH: u32 = u32::MAX;
/// The last id that was given: threads keep spans of all subscribers in mind, and on one stack.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Measures what spans tell, for the scope of the thread that makes a span. It is for programs that have no subscriber;
/// beside others it is [`SpanLayer`](super::SpanLayer).
///
/// ```
/// use pollscope::tracing::SpanSubscriber;
/// use tracing::{Instrument, info_span};
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let future = async { async {}.instrument(info_span!("import")).await };
/// tracing::subscriber::with_default(SpanSubscriber::new(), || runtime.block_on(future));
/// assert_eq!(scope.summary().unwrap().tasks.spawned, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SpanSubscriber {
    spans: [Mutex<HashMap<u64, Arc<Span>>>; SHARDS],
}

/// A span that somebody has a handle of.
#[derive(Debug)]
struct Span {
    metadata: &'static Metadata<'static>,
    /// None where nothing is made of it.
    spanned: Option<Spanned>,
    handles: AtomicUsize,
}

impl SpanSubscriber {
    /// A subscriber that has seen no span yet.
    pub fn new() -> Self {
        Self { spans: std::array::from_fn(|_| Mutex::default()) }
    }

    fn shard(&self, id: u64) -> MutexGuard<'_, HashMap<u64, Arc<Span>>> {
        self.spans[id as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn span(&self, id: u64) -> Option<Arc<Span>> {
        self.shard(id).get(&id).cloned()
    }
}

impl Default for SpanSubscriber {
    fn default() -> Self {
        Self::new()
    }
}

impl Subscriber for SpanSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        wants(metadata)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let spanned = Spanned::new(attributes);
        let span = Span { metadata: attributes.metadata(), spanned, handles: AtomicUsize::new(1) };
        self.shard(id).insert(id, Arc::new(span));
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some((woken, by_ref)) = Woken::of(event) else { return };
        if recorder::with_known(woken, EPOCH, |it, known| it.wake(known.activity, by_ref)) {
            return;
        }
        if let Some(spanned) = self.span(woken).as_ref().and_then(|span| span.spanned.as_ref()) {
            spanned.woken(woken, EPOCH, by_ref);
        }
    }

    fn enter(&self, id: &Id) {
        let id = id.into_u64();
        if recorder::with_known(id, EPOCH, |it, known| it.enter_span(id, known.doing, known.activity)) {
            return;
        }
        if let Some(spanned) = self.span(id).as_ref().and_then(|span| span.spanned.as_ref()) {
            spanned.enter(id, EPOCH);
        }
    }

    fn exit(&self, id: &Id) {
        recorder::exit_span(id.into_u64());
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(span) = self.shard(id.into_u64()).get(&id.into_u64()) {
            span.handles.fetch_add(1, Ordering::Relaxed);
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let id = id.into_u64();
        let mut shard = self.shard(id);
        if shard.get(&id).is_none_or(|span| span.handles.fetch_sub(1, Ordering::Relaxed) > 1) {
            return false;
        }
        let span = shard.remove(&id);
        drop(shard);
        if let Some(spanned) = span.as_ref().and_then(|span| span.spanned.as_ref()) {
            spanned.close();
        }
        true
    }

    fn current_span(&self) -> Current {
        let id = recorder::innermost_span();
        let span = id.and_then(|id| Some((id, self.span(id)?)));
        span.map_or_else(Current::none, |(id, span)| Current::new(Id::from_u64(id), span.metadata))
    }
}
