//! Arrows over the lanes: from who woke a task down or up to who polled it.

use pollscope_core::{
    model::scenario::Hop,
    trace::{clock::Nanos, record::ThreadId},
};
use pollscope_tui::{
    dashboard::threads::{Columns, Threads},
    looks::Skin,
    panel::Frame,
};
use ratatui::buffer::Buffer;

/// More would hide the lanes.
const MOST: usize = 12;

/// Draws the newest arrows whose ends are both in sight, one in a column. `feet` are the lines of the lanes.
pub(super) fn render<'a>(
    buffer: &mut Buffer,
    threads: &Threads<'_>,
    feet: &[(ThreadId, u16)],
    arrows: impl DoubleEndedIterator<Item = &'a Hop>,
    skin: Skin,
) {
    let foot = |thread| feet.iter().find(|(it, _)| *it == thread).map(|(_, y)| *y);
    let mut taken = Vec::new();
    for arrow in arrows.rev() {
        let (Some(from), Some(to), Some(x)) = (foot(arrow.from), foot(arrow.to), column(threads, arrow.polled)) else {
            continue;
        };
        if taken.len() < MOST && !taken.contains(&x) {
            taken.push(x);
            draw(buffer, x, (from, to), skin);
        }
    }
}

/// The column of an instant; none beside the lanes.
fn column(threads: &Threads<'_>, instant: Nanos) -> Option<u16> {
    let columns = Columns::new(threads.area);
    let from = threads.picture.at.saturating_sub(threads.picture.window);
    let into = instant.checked_sub(from).filter(|into| *into <= threads.picture.window)?;
    let cell = into as f64 / threads.picture.window.max(1) as f64 * f64::from(columns.lane);
    let inner = Frame::inner(threads.frame, threads.area);
    (columns.lane > 0).then(|| columns.lane_x(inner) + (cell as u16).min(columns.lane - 1))
}

/// A shaft between two lanes, over what is free, with its point beside the lane that polled: or on it, where
/// nothing is between them.
fn draw(buffer: &mut Buffer, x: u16, (from, to): (u16, u16), skin: Skin) {
    let (line, style) = (&skin.glyphs.line, skin.theme.text.accent);
    for y in from.min(to) + 1..from.max(to) {
        let symbol = buffer[(x, y)].symbol();
        if symbol == " " || symbol == line.ground {
            buffer[(x, y)].set_symbol(line.shaft).set_style(style);
        }
    }
    let (beside, point) = if from < to { (to - 1, line.points_down) } else { (to + 1, line.points_up) };
    let tip = if from.abs_diff(to) < 2 { to } else { beside };
    buffer[(x, tip)].set_symbol(point).set_style(style);
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use pollscope_tui::{Keymap, ThemeName, glyphs, theme::Theme};

    #[test]
    fn an_arrow_points_at_the_lane_that_polled() {
        let keys = Keymap::default();
        let skin = Skin { theme: Theme::of(ThemeName::Dark), glyphs: &glyphs::UNICODE, keys: &keys };
        let drawn = |from, to| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 7));
            draw(&mut buffer, 0, (from, to), skin);
            (0..7).map(|y| buffer[(0, y)].symbol().to_owned()).collect::<String>()
        };
        assert_eq!(drawn(1, 5), "  ┊┊▾  ");
        assert_eq!(drawn(5, 1), "  ▴┊┊  ");
        assert_eq!(drawn(2, 3), "   ▾   ");
        assert_eq!(drawn(3, 2), "  ▴    ");
    }
}
