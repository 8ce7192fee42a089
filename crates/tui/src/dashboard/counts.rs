//! The head of the dashboard's list: how many tasks are in which state, the worst first.
//!
//! ```text
//! ── tasks  12 · 2 blocked · 6 ready, nobody free · 1 in a job · 3 done ──
//! ```

use pollscope_core::{
    model::picture::{Lane, Picture, ThreadNow},
    trace::event::ThreadKind,
};
use ratatui::{buffer::Buffer, style::Style};

use super::super::{
    looks::{self, Skin},
    panel::PanelLook,
    pen::Pen,
    scenario::{DrawContext, Region, Rows},
};

/// A number in the head of the list, its word and how both look.
pub type Count = (u32, &'static str, Style);

/// Draws the frame, and in its head how many tasks are in which state, then what a scenario counts besides (`more`);
/// `reserved` columns of it are for others.
pub fn head(
    buffer: &mut Buffer,
    region: Region,
    rows: Rows,
    (reserved, more): (usize, &[Count]),
    context: &DrawContext<'_>,
) {
    let DrawContext { picture, skin, .. } = *context;
    let mut pen = region.frame.draw(buffer, region.area, "tasks", PanelLook::Calm, skin);
    if let Some(filter) = context.filter {
        looks::found(pen.gap(1), filter, &format!("{} of {}", rows.shown, rows.shown + rows.hidden), skin);
    }
    counts(pen, (reserved, more), picture, skin);
}

/// Every worker is in a poll: none looks after tasks that are ready, and none asks the network for answers.
pub fn nobody_free(lanes: &[Lane]) -> bool {
    let mut workers = lanes.iter().filter(|it| it.kind == ThreadKind::Worker && !it.ended && !it.left_over).peekable();
    workers.peek().is_some() && workers.all(|lane| !matches!(lane.now, ThreadNow::Parked | ThreadNow::Runtime))
}

/// How many tasks are in which state, the worst first.
fn counts(mut pen: Pen<'_>, (reserved, more): (usize, &[Count]), picture: &Picture, skin: Skin) {
    let (text, tint, counts) = (&skin.theme.text, &skin.theme.tint, &picture.counts);
    let ready = if nobody_free(&picture.lanes) { "ready, nobody free" } else { "ready" };
    let parts = [
        (counts.blocked, "blocked", text.alarm),
        (counts.hogged, "on the CPU", tint.hogged.bar),
        (counts.no_core, "without a core", tint.no_core.bar),
        (counts.polling, "polling", tint.polling.bar),
        (counts.ready, ready, text.warning),
        (counts.asleep.saturating_sub(counts.in_job), "asleep", text.dim),
        (counts.in_job, "in a job", tint.job.bar),
    ];
    pen.put(&format!(" {} ", counts.alive), text.normal);
    for (number, word, style) in parts.iter().chain(more).filter(|(number, ..)| *number > 0) {
        let words = format!("{number} {word}");
        if usize::from(pen.room()) < words.len() + 3 + reserved {
            break;
        }
        pen.put("· ", text.dim).put(&words, *style).put(" ", text.dim);
    }
}
