//! The chosen span in words: what it was, how it was spent, what woke its task, and the polls beside it.

use pollscope_core::{
    model::picture::{Beside, Span, SpanKind},
    trace::{
        clock::Nanos,
        record::{Outcome, ThreadId},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        looks::Skin,
        panel::{Frame, PanelLook},
        pen::{Pen, line},
        units,
    },
    Shown,
};

/// Draws the panel.
pub(super) fn render(buffer: &mut Buffer, area: Rect, frame: Frame, shown: &Shown<'_>, skin: Skin) {
    let text = &skin.theme.text;
    let Some(span) = &shown.timeline.span else {
        frame.draw(buffer, area, "span", PanelLook::Calm, skin);
        let words = match shown.thread {
            None => "Choose a lane with ↑ and ↓: [ and ] go from poll to poll on it, + and − zoom about the cursor.",
            Some(_) => "Nothing ended on this thread at the cursor or after it.",
        };
        Pen::new(buffer, line(frame.inner(area), 0)).put(words, text.dim);
        return;
    };
    let mut pen = frame.draw(buffer, area, kind(span), PanelLook::Calm, skin);
    pen.put(&format!(" {} ", span.name.as_deref().unwrap_or("of a task that is gone")), text.strong);
    let inner = frame.inner(area);
    for (row, words) in [took(span), woken(span), beside(shown, span)].into_iter().enumerate() {
        Pen::new(buffer, line(inner, row as u16)).put(&words, text.normal);
    }
}

fn kind(span: &Span) -> &'static str {
    match span.kind {
        SpanKind::Poll(_) => "poll",
        SpanKind::Job => "job",
        SpanKind::Wait => "wait for a queue",
    }
}

/// `400 ms on worker 0: asleep 398 ms, on the CPU 2 ms; Pending`.
fn took(span: &Span) -> String {
    let took = span.end - span.start;
    let outcome = match span.kind {
        SpanKind::Poll(None) => "; not over yet",
        SpanKind::Poll(Some(Outcome::Pending)) => "; it answered Pending",
        SpanKind::Poll(Some(Outcome::Ready)) => "; it answered Ready: the task is done",
        SpanKind::Poll(Some(Outcome::Panicked)) => "; it panicked",
        SpanKind::Poll(Some(Outcome::HandedOver)) => "; then the worker was handed to another thread",
        SpanKind::Job | SpanKind::Wait => "",
    };
    let spent = span.spent.filter(|split| split.short == 0).map_or_else(String::new, |split| {
        let parts = [
            ("on the CPU", split.cpu),
            ("without a core", split.runnable),
            ("asleep", split.blocked),
            ("unknown", split.unknown),
        ];
        let parts = parts.into_iter().filter(|(_, time)| *time > 0);
        let words: Vec<_> = parts.map(|(word, time)| format!("{word} {}", units::duration(time))).collect();
        format!(": {}", words.join(", "))
    });
    format!("It took {}{spent}{outcome}.", units::duration(took))
}

/// `Woken by fetch on worker 1; then ready for 0.3 ms`.
fn woken(span: &Span) -> String {
    let SpanKind::Poll(_) = span.kind else { return String::new() };
    if let Some(spawned) = span.spawned {
        let ready = span.start.saturating_sub(spawned);
        return format!("Spawned, and then ready for {} until this first poll.", units::duration(ready));
    }
    let Some(woken) = &span.woken else {
        return match span.before {
            Beside::Far => "What made it ready is further back than is looked from here.".to_owned(),
            Beside::None | Beside::Poll(..) => "What made it ready is not in the log.".to_owned(),
        };
    };
    // Of several wakes the first counts, which may be further back.
    let at_least = if span.before == Beside::Far { "at least " } else { "" };
    let by = woken.name.as_deref().map_or_else(|| "something outside all tasks".to_owned(), ToString::to_string);
    let lane = woken.lane.as_deref().unwrap_or("a thread that is gone");
    let ready = span.start.saturating_sub(woken.at);
    format!("Woken by {by}, on {lane}; then it was ready for {at_least}{} until it was polled.", units::duration(ready))
}

/// `Polled before 12 ms earlier, on worker 1; polled next 3 ms later, here`.
fn beside(shown: &Shown<'_>, span: &Span) -> String {
    let SpanKind::Poll(_) = span.kind else { return String::new() };
    let lane = |thread: ThreadId| match shown.timeline.lanes.iter().find(|lane| lane.thread == thread) {
        _ if thread == span.thread => "here".to_owned(),
        Some(lane) => format!("on {}", lane.label),
        None => "on another thread".to_owned(),
    };
    let poll = |thread: ThreadId, gap: Nanos, side: &str, took: Nanos| {
        format!("{} {side}, {}, for {}", units::duration(gap), lane(thread), units::duration(took))
    };
    let before = match span.before {
        Beside::Poll(thread, start, end) => {
            format!("The poll before: {}", poll(thread, span.start.saturating_sub(end), "earlier", end - start))
        }
        Beside::None => "It is the first poll that the log has of it".to_owned(),
        Beside::Far => "The poll before is further back than is looked from here".to_owned(),
    };
    let after = match span.after {
        Beside::Poll(thread, start, end) => {
            format!("the next: {}.", poll(thread, start.saturating_sub(span.end), "later", end - start))
        }
        Beside::None => "no poll came after it.".to_owned(),
        Beside::Far => "the next is further on than is looked from here.".to_owned(),
    };
    format!("{before}; {after}")
}
