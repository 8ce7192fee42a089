//! How many colours a terminal has, and what becomes of the others.

use anstyle::RgbColor;
use ratatui::{buffer::Buffer, style::Color};

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None.
    Mono,
    /// The terminal's own sixteen.
    Sixteen,
    /// The 240 of xterm beside those.
    Indexed,
    /// All that there are.
    #[default]
    True,
}

/// Replaces the colours of a finished picture by the nearest of xterm's.
pub(crate) fn to_indexed(buffer: &mut Buffer) {
    // Neighbours have the same colours nearly always.
    let (mut last, mut nearest) = (Color::Reset, Color::Reset);
    let mut index = |colour: Color| {
        let Color::Rgb(red, green, blue) = colour else { return colour };
        if colour != last {
            let xterm = anstyle_lossy::rgb_to_xterm(RgbColor(red, green, blue));
            (last, nearest) = (colour, Color::Indexed(xterm.index()));
        }
        nearest
    };
    for cell in &mut buffer.content {
        cell.fg = index(cell.fg);
        cell.bg = index(cell.bg);
    }
}

/// What a terminal of 256 colours makes of one.
#[cfg(test)]
pub(super) fn in_xterms(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    let nearest = anstyle_lossy::rgb_to_xterm(RgbColor(red, green, blue));
    let RgbColor(red, green, blue) = anstyle_lossy::xterm_to_rgb(nearest, anstyle_lossy::palette::Palette::default());
    Color::Rgb(red, green, blue)
}
