//! Writing one line into the buffer, from left to right, never beyond its end.
//!
//! Whatever it writes is cleaned first ([`text`]), so that no region can forget it.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::text;

/// A place in a line of the buffer.
pub struct Pen<'b> {
    buffer: &'b mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'b> Pen<'b> {
    /// At the start of the first line of an area; nothing is written where the area is empty.
    pub fn new(buffer: &'b mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buffer.area);
        let end = if area.height == 0 { area.x } else { area.right() };
        Self { buffer, x: area.x, y: area.y, end }
    }

    /// Columns that are left.
    pub fn room(&self) -> u16 {
        self.end - self.x
    }

    /// Where the next character goes.
    pub fn x(&self) -> u16 {
        self.x
    }

    /// Leaves columns as they are.
    pub fn gap(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// Goes on at a column of the buffer, if that lies ahead.
    pub fn go_to(&mut self, x: u16) -> &mut Self {
        self.x = x.clamp(self.x, self.end);
        self
    }

    /// Writes a text, cut at the end of the line.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        self.put_in(text, self.room(), style)
    }

    /// Writes a text in a column of its own: cut or padded to the width.
    pub fn column(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let after = self.x.saturating_add(columns).min(self.end);
        self.put_in(text, after - self.x, style);
        self.x = after;
        self
    }

    /// Writes a text at the right side of a column.
    pub fn right(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let after = self.x.saturating_add(columns).min(self.end);
        let clean = text::clean(text);
        let width = text::width(&clean) as u16;
        self.x += (after - self.x).saturating_sub(width);
        self.put_in(&clean, after - self.x, style);
        self.x = after;
        self
    }

    /// Repeats one symbol of one column.
    pub fn fill(&mut self, symbol: &str, columns: u16, style: Style) -> &mut Self {
        for _ in 0..columns.min(self.room()) {
            self.buffer[(self.x, self.y)].set_symbol(symbol).set_style(style);
            self.x += 1;
        }
        self
    }

    fn put_in(&mut self, raw: &str, columns: u16, style: Style) -> &mut Self {
        let clean = text::clean(raw);
        let shown = text::cut(&clean, columns.into());
        (self.x, _) = self.buffer.set_stringn(self.x, self.y, shown.as_ref(), columns.into(), style);
        self
    }
}

/// One line of an area, counted from its top; empty beyond the bottom.
pub fn line(area: Rect, row: u16) -> Rect {
    if row >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect { y: area.y + row, height: 1, ..area }
}

/// The same area without some columns on both sides.
pub fn inset(area: Rect, columns: u16) -> Rect {
    Rect { x: area.x + columns.min(area.width), width: area.width.saturating_sub(2 * columns), ..area }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_never_left() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        let mut pen = Pen::new(&mut buffer, Rect::new(2, 0, 8, 2));
        pen.column("repetition", 5, Style::new()).right("日", 3, Style::new()).put("\x1b[2J", Style::new());
        assert_eq!(pen.room(), 0);
        assert_eq!(buffer, Buffer::with_lines(["  repe… 日  ", "            "]));
    }

    #[test]
    fn an_empty_area_takes_nothing() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        Pen::new(&mut buffer, Rect::new(0, 1, 3, 0)).put("x", Style::new()).fill("x", 4, Style::new());
        Pen::new(&mut buffer, line(Rect::new(0, 0, 3, 1), 7)).put("x", Style::new());
        assert_eq!(buffer, Buffer::with_lines(["   "]));
    }
}
