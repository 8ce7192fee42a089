//! How long a task's polls were: a bar for each half decade, its count above it, and the axis below.

use pollscope_core::model::picture::{BINS, Distribution};
use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{
    looks::{LONG_POLL, Skin},
    pen::Pen,
    text, units,
};

/// The widest that a bar's place is.
const WIDEST: u16 = 7;

/// The names of the decades, of which every second bin begins one.
const DECADES: [&str; 8] = ["1 µs", "10 µs", "0.1 ms", "1 ms", "10 ms", "0.1 s", "1 s", "10 s"];

/// Draws the chart: its last line is the axis.
pub(super) fn render(buffer: &mut Buffer, area: Rect, of: &Distribution, skin: Skin) {
    let text = &skin.theme.text;
    let width = (area.width / BINS.len() as u16).min(WIDEST);
    let bars = Rect { height: area.height.saturating_sub(1), ..area };
    let most = of.counts.iter().copied().max().unwrap_or(0);
    for (bin, count) in of.counts.iter().enumerate() {
        let place = Rect { x: area.x + bin as u16 * width, width: width - 1, ..bars };
        bar(buffer, place, (bin, *count, most), skin);
    }
    let axis = Rect { y: bars.bottom(), height: 1, ..area };
    for (decade, name) in DECADES.into_iter().enumerate() {
        let x = area.x + (1 + 2 * decade as u16) * width;
        Pen::new(buffer, Rect { x, width: area.right().saturating_sub(x), ..axis }).put(name, text.dim);
    }
}

/// One bar, its count above it. Whatever there is can be seen, be it one of millions.
fn bar(buffer: &mut Buffer, area: Rect, (bin, count, most): (usize, u64, u64), skin: Skin) {
    let bottom = area.bottom().saturating_sub(1);
    if count == 0 || area.height < 2 {
        Pen::new(buffer, Rect { y: bottom, height: 1, ..area }).fill(
            skin.glyphs.line.ground,
            area.width,
            skin.theme.line.track,
        );
        return;
    }
    let tint = &skin.theme.tint;
    let style = if BINS[bin] >= LONG_POLL { tint.blocked.bar } else { tint.polling.bar };
    let all = u64::from(area.height - 1) * 8;
    let steps = (u128::from(count) * u128::from(all)).div_ceil(u128::from(most.max(1))) as u16;
    let rows = steps.div_ceil(8);
    for row in 0..rows {
        let step = (steps - row * 8).min(8);
        let line = Rect { y: bottom - row, height: 1, ..area };
        Pen::new(buffer, line).fill(skin.glyphs.bar[usize::from(step) - 1], area.width, style);
    }
    let words = units::count(count);
    let gap = usize::from(area.width).saturating_sub(text::width(&words)) / 2;
    let above = Rect { y: bottom - rows, height: 1, width: area.width + 1, ..area };
    Pen::new(buffer, above).gap(gap as u16).put(&words, skin.theme.text.normal);
}
