//! What lies over a screen: a box of lines that can be scrolled.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    state::List,
};

/// Some text in one style.
pub type Span = (String, Style);

/// Spans of text, one after the other.
pub type Line = Vec<Span>;

/// Takes the screen below away, with a column of air on both sides, so that no word of it runs into the frame.
pub(super) fn clear(buffer: &mut Buffer, area: Rect, skin: Skin) {
    let cleared = Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area };
    for position in cleared.intersection(buffer.area).positions() {
        buffer[position].reset();
        buffer[position].set_style(skin.theme.ground);
    }
}

/// Draws lines from the first that the list shows.
pub(super) fn render(buffer: &mut Buffer, area: Rect, title: &str, lines: &[Line], list: &List, skin: Skin) {
    clear(buffer, area, skin);
    let inner = Frame::Box.inner(area);
    let shown = list.shown();
    let mut pen = Frame::Box.draw(buffer, area, title, PanelLook::Calm, skin);
    if shown.len() < lines.len() {
        pen.put(&format!(" {}–{} of {} ", shown.start + 1, shown.end, lines.len()), skin.theme.text.dim);
    }
    for (row, spans) in (0..inner.height).zip(lines.get(shown).unwrap_or_default()) {
        let mut pen = Pen::new(buffer, line(inner, row));
        for (words, style) in spans {
            pen.put(words, *style);
        }
    }
}
