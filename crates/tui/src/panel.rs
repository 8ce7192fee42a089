//! A region's frame: a box where there is room, else a rule above it.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    looks::Skin,
    pen::{Pen, inset, line},
};

/// What surrounds a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A line on all four sides.
    Box,
    /// A line above.
    Rule,
}

/// Whether what a frame surrounds is all right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelLook {
    /// It is.
    Calm,
    /// Somebody is stopped.
    Alarm,
}

impl PanelLook {
    /// Alarm, if so.
    pub fn alarm_if(alarm: bool) -> Self {
        if alarm { Self::Alarm } else { Self::Calm }
    }
}

impl Frame {
    /// The lines that a frame takes.
    pub fn height(self) -> u16 {
        match self {
            Self::Box => 2,
            Self::Rule => 1,
        }
    }

    /// What is left inside.
    pub fn inner(self, area: Rect) -> Rect {
        let area = inset(area, 2);
        Rect { y: area.y + 1, height: area.height.saturating_sub(self.height()), ..area }
    }

    /// Draws it, with a title in its upper line, and gives the pen after the title.
    pub fn draw<'b>(self, buffer: &'b mut Buffer, area: Rect, title: &str, look: PanelLook, skin: Skin) -> Pen<'b> {
        let lines = &skin.glyphs.line;
        let (style, title_style) = match look {
            PanelLook::Calm => (skin.theme.line.calm, skin.theme.text.accent),
            PanelLook::Alarm => (skin.theme.line.alarm, skin.theme.text.alarm),
        };
        let [top_left, top_right, ..] = match self {
            Self::Box => lines.corners,
            Self::Rule => [lines.across; 4],
        };
        let inner = area.width.saturating_sub(2);
        Pen::new(buffer, line(area, 0)).put(top_left, style).fill(lines.across, inner, style).put(top_right, style);
        if self == Self::Box {
            sides(buffer, area, style, skin);
        }
        let mut pen = Pen::new(buffer, inset(line(area, 0), 2));
        pen.put(" ", style).put(title, title_style).put(" ", style);
        pen
    }
}

fn sides(buffer: &mut Buffer, area: Rect, style: Style, skin: Skin) {
    let lines = &skin.glyphs.line;
    let inner = area.width.saturating_sub(2);
    for row in 1..area.height.saturating_sub(1) {
        Pen::new(buffer, line(area, row)).put(lines.down, style).gap(inner).put(lines.down, style);
    }
    if area.height > 1 {
        let mut pen = Pen::new(buffer, line(area, area.height - 1));
        pen.put(lines.corners[2], style).fill(lines.across, inner, style).put(lines.corners[3], style);
    }
}
