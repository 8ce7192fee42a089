//! The queues, in the order of the pipeline: how full each is, and where somebody waits for room.
//!
//! ```text
//!  queues  repos ━━━━━━━━ 8/8 full, 1 waits  →  fetched ━━────── 2/8  →  results ──────── 0/8
//! ```

use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{
    gauge,
    looks::Skin,
    pen::{Pen, inset},
    text,
};
use crate::model::picture::Queue;

/// Draws the region: one line.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, queues: &[Queue], skin: Skin) {
    let texts = &skin.theme.text;
    let mut pen = Pen::new(buffer, inset(area, 2));
    pen.put("queues", texts.accent).gap(2);
    if queues.is_empty() {
        pen.put("none yet", texts.dim);
    }
    let words: usize = queues.iter().map(|queue| text::width(&text::clean(&queue.name)) + 14).sum();
    let spare = usize::from(pen.room()).saturating_sub(words) / queues.len().max(1);
    let columns = spare.clamp(3, 10) as u16;
    for (at, queue) in queues.iter().enumerate() {
        if at > 0 {
            pen.put("  ", texts.dim).put(skin.glyphs.mark.arrow, texts.dim).put("  ", texts.dim);
        }
        draw(&mut pen, queue, columns, skin);
    }
}

fn draw(pen: &mut Pen<'_>, queue: &Queue, columns: u16, skin: Skin) {
    let (texts, tint) = (&skin.theme.text, &skin.theme.tint);
    let full = queue.depth >= queue.capacity;
    let style = if full { tint.hogged.bar } else { tint.polling.bar };
    pen.put(&queue.name, texts.normal).gap(1);
    gauge::put(pen, queue.depth as f32 / queue.capacity.max(1) as f32, columns, style, skin);
    let figures = format!(" {}/{}", queue.depth, queue.capacity);
    pen.put(&figures, if full { style } else { texts.dim });
    if queue.blocked > 0 {
        pen.put(&format!(" · {} waits", queue.blocked), style);
    }
}
