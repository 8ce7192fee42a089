//! The queues, in the order in which they were made: how full each is, and where somebody waits for room.
//!
//! ```text
//!  queues  repos ━━━━━━━━ 8/8 full, 1 waits  →  fetched ━━────── 2/8  →  results ──────── 0/8
//! ```

use pollscope_core::model::picture::{Picture, Queue, filling};
use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{
    gauge,
    looks::Skin,
    pen::{Pen, inset},
    text,
};

/// From this width on there is air around the arrows.
const WIDE: u16 = 100;

/// Draws the region: one line.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, picture: &Picture, skin: Skin) {
    let queues = &picture.queues;
    let texts = &skin.theme.text;
    let mut pen = Pen::new(buffer, inset(area, 2));
    pen.put("queues", texts.accent).gap(2);
    if queues.is_empty() {
        pen.put("none yet", texts.dim);
    }
    let gap = if area.width >= WIDE { 2 } else { 1 };
    let columns = gauge_columns(pen.room(), gap, queues);
    for (at, queue) in queues.iter().enumerate() {
        if at > 0 && picture.header.is_of_programs() {
            // Which of a program's queues comes after which nobody knows.
            pen.gap(2 * gap);
        } else if at > 0 {
            pen.gap(gap).put(skin.glyphs.mark.arrow, texts.dim).gap(gap);
        }
        draw(&mut pen, queue, columns, skin);
    }
}

/// The room of each gauge when the names, the figures and the words about who waits have theirs; none below two
/// columns, which tell nobody anything.
fn gauge_columns(room: u16, gap: u16, queues: &[Queue]) -> u16 {
    let width = |queue: &Queue| text::width(&text::clean(&queue.name)) + 1 + 1 + figures(queue);
    let arrow = 2 * usize::from(gap) + 2;
    let words = queues.iter().map(|queue| width(queue) + arrow).sum::<usize>() + " · 1 waits".len();
    let spare = usize::from(room).saturating_sub(words) / queues.len().max(1);
    match spare.min(10) {
        ..2 => 0,
        columns => columns as u16,
    }
}

/// Columns of a queue's figures, at most; one without a bound is not expected to hold millions.
fn figures(queue: &Queue) -> usize {
    let digits = |number: u32| number.checked_ilog10().unwrap_or(0) as usize + 1;
    queue.capacity.map_or(6, |capacity| 2 * digits(capacity) + 1)
}

fn draw(pen: &mut Pen<'_>, queue: &Queue, columns: u16, skin: Skin) {
    let (texts, tint) = (&skin.theme.text, &skin.theme.tint);
    let full = queue.capacity.is_some_and(|capacity| queue.depth >= capacity);
    let style = if full { tint.hogged.bar } else { tint.polling.bar };
    pen.put(&queue.name, texts.normal).gap(1);
    if let Some(capacity) = queue.capacity.filter(|_| columns > 0) {
        gauge::put(pen, queue.depth as f32 / capacity.max(1) as f32, columns, style, skin);
        pen.gap(1);
    }
    pen.put(&filling(queue.depth, queue.capacity), if full { style } else { texts.dim });
    if queue.blocked > 0 {
        pen.put(&format!(" · {} waits", queue.blocked), style);
    }
}
