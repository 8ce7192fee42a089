//! The list of lessons, and what the chosen one is about.

use pollscope_tui::{
    looks::Skin,
    overlay::Line,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    text,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{LessonCard, paragraphs, put_lines, state::Lessons, wrapped};

/// From this width on, what the chosen lesson is about stands beside the list.
const WIDE: u16 = 100;

/// Where the list and the text beside or below it are.
fn split(area: Rect, lessons: usize) -> (Rect, Rect) {
    if area.width >= WIDE {
        let left = area.width / 2;
        let list = Rect { width: left, ..area };
        return (list, Rect { x: area.x + left, width: area.width - left, ..area });
    }
    let height = (lessons as u16 + 2).min(area.height.saturating_sub(9));
    let list = Rect { height, ..area };
    (list, Rect { y: list.bottom(), height: area.height - height, ..area })
}

/// The lines of the list.
pub(super) fn lines(area: Rect, lessons: usize) -> Rect {
    Frame::Box.inner(split(area, lessons).0)
}

/// Draws the screen between header and footer.
pub(super) fn render(buffer: &mut Buffer, area: Rect, lessons: &Lessons, skin: Skin) {
    let texts = &skin.theme.text;
    let (list, about) = split(area, lessons.cards.len());
    let mut pen = Frame::Box.draw(buffer, list, "lessons", PanelLook::Calm, skin);
    pen.put(&format!(" {} ", lessons.cards.len()), texts.normal);
    let inner = Frame::Box.inner(list);
    let name = lessons.cards.iter().map(|card| text::width(card.name)).max().unwrap_or(0) as u16;
    let chosen = lessons.list.selected.unwrap_or(0);
    for (row, at) in (0..inner.height).zip(lessons.list.shown()) {
        let card = &lessons.cards[at];
        let area = line(inner, row);
        if at == chosen {
            buffer.set_style(area, skin.theme.selected);
        }
        let mark = if at == chosen { skin.glyphs.mark.selected } else { " " };
        let mut pen = Pen::new(buffer, area);
        pen.put(mark, texts.accent).gap(1).right(&(at + 1).to_string(), 2, texts.dim).gap(2);
        let style = if at == chosen { texts.strong } else { texts.normal };
        pen.column(card.name, name, style).gap(2).put(&card.title, texts.dim);
    }
    Frame::Box.draw(buffer, about, "the idea", PanelLook::Calm, skin);
    if let Some(card) = lessons.cards.get(chosen) {
        let inner = Frame::Box.inner(about);
        put_lines(buffer, inner, &idea(card, inner.width.into(), skin));
    }
}

fn idea(card: &LessonCard, width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let mut lines = wrapped(&[], &card.title, text.strong, width, skin);
    lines.push(Line::new());
    lines.extend(paragraphs(&card.idea, text.normal, width, skin));
    lines.extend(wrapped(&[], &card.question, text.accent, width, skin));
    lines
}
