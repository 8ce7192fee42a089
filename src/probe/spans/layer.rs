//! A layer beside others, on a registry that keeps the spans.

use std::sync::atomic::{AtomicU32, Ordering};

use tracing_core::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{Spanned, Woken, wants};
use crate::probe::recorder;

/// The layer: measures what spans tell, for the scope of the thread that makes a span.
///
/// ```
/// use pollscope::tracing::SpanLayer;
/// use tracing::{Instrument, info_span};
/// use tracing_subscriber::{filter::filter_fn, prelude::*};
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let subscriber = tracing_subscriber::registry().with(SpanLayer::new()).with(filter_fn(SpanLayer::wants));
/// tracing::subscriber::with_default(subscriber, || runtime.block_on(async {}.instrument(info_span!("import"))));
/// assert_eq!(scope.summary().unwrap().tasks.spawned, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanLayer(());

impl SpanLayer {
    /// A layer for any subscriber that keeps spans, such as `tracing_subscriber::registry()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the layer makes anything of a span or event: for filters of others, which save the cost of the rest.
    pub fn wants(metadata: &Metadata<'_>) -> bool {
        wants(metadata)
    }
}

/// Counts the spans that have closed, of so many ids together: what a thread keeps in mind of a span is of its epoch, since
/// another may have its id later.
static EPOCHS: [AtomicU32; 64] = [const { AtomicU32::new(0) }; 64];

fn epoch(id: &Id) -> &'static AtomicU32 {
    &EPOCHS[id.into_u64() as usize % EPOCHS.len()]
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if let (Some(spanned), Some(span)) = (Spanned::new(attributes), ctx.span(id)) {
            span.extensions_mut().insert(spanned);
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        let (number, epoch) = (id.into_u64(), epoch(id).load(Ordering::Acquire));
        if recorder::with_known(number, epoch, |it, known| it.enter_span(number, known.doing, known.activity)) {
            return;
        }
        if let Some(span) = ctx.span(id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
        {
            spanned.enter(number, epoch);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        recorder::exit_span(id.into_u64());
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        epoch(&id).fetch_add(1, Ordering::Release);
        if let Some(span) = ctx.span(&id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
        {
            spanned.close();
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let Some((woken, by_ref)) = Woken::of(event) else { return };
        let id = Id::from_u64(woken);
        let epoch = epoch(&id).load(Ordering::Acquire);
        if recorder::with_known(woken, epoch, |it, known| it.wake(known.activity, by_ref)) {
            return;
        }
        if let Some(span) = ctx.span(&id)
            && let Some(spanned) = span.extensions().get::<Spanned>()
        {
            spanned.woken(woken, epoch, by_ref);
        }
    }
}
