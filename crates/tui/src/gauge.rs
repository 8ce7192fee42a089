//! A thin gauge: how much of something is done.

use super::{looks::Skin, pen::Pen};
use ratatui::style::Style;

/// Draws a gauge of so many columns, filled to a share of 0 to 1, in steps of half a column.
pub fn put(pen: &mut Pen<'_>, share: f32, columns: u16, style: Style, skin: Skin) {
    let lines = &skin.glyphs.line;
    let columns = columns.min(pen.room());
    let halves = (share.clamp(0.0, 1.0) * f32::from(columns) * 2.0).round() as u16;
    let (full, half) = (halves / 2, halves % 2);
    pen.fill(lines.gauge_full, full, style).fill(lines.gauge_half, half, style);
    pen.fill(lines.gauge_empty, columns - full - half, skin.theme.line.track);
}
