//! Who woke a task, where it was polled, and its longest polls.

use pollscope_core::model::picture::{Life, LongestPoll, Picture};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        looks::{LONG_POLL, LONG_READY, Skin},
        pen::{Pen, line},
        units,
    },
    clock,
};

/// Between the two tables.
const GAP: u16 = 3;

/// Wakers at the left, lanes at the right.
pub(super) fn counts(buffer: &mut Buffer, area: Rect, life: &Life, skin: Skin) {
    let half = (area.width - GAP) / 2;
    let left = Rect { width: half, ..area };
    let right = Rect { x: area.x + half + GAP, width: area.width - half - GAP, ..area };
    table(buffer, left, ("woken by", ""), &life.woken_by, skin);
    let moves = match life.migrations {
        0 => String::new(),
        1 => " · moved once".to_owned(),
        moves => format!(" · moved {} times", units::count(moves)),
    };
    table(buffer, right, ("polled on", &moves), &life.lanes, skin);
}

fn table(buffer: &mut Buffer, area: Rect, (title, more): (&str, &str), rows: &[(String, u64)], skin: Skin) {
    let text = &skin.theme.text;
    Pen::new(buffer, line(area, 0)).put(title, text.accent).put(more, text.dim);
    if rows.is_empty() {
        Pen::new(buffer, line(area, 1)).put("nobody yet", text.dim);
    }
    for (row, (name, count)) in (1..area.height).zip(folded(rows, usize::from(area.height) - 1)) {
        let mut pen = Pen::new(buffer, line(area, row));
        pen.column(&name, area.width.saturating_sub(8), text.normal).right(&units::count(count), 8, text.strong);
    }
}

/// At most so many rows; where there are more, the last is of all the rest.
fn folded(rows: &[(String, u64)], most: usize) -> Vec<(String, u64)> {
    if rows.len() <= most || most == 0 {
        return rows.to_vec();
    }
    let (shown, rest) = rows.split_at(most - 1);
    let others = (format!("and {} more", rest.len()), rest.iter().map(|(_, count)| count).sum());
    shown.iter().cloned().chain([others]).collect()
}

/// The longest polls, one of them chosen.
pub(super) fn polls(buffer: &mut Buffer, area: Rect, (picture, life): (&Picture, &Life), chosen: usize, skin: Skin) {
    let text = &skin.theme.text;
    Pen::new(buffer, line(area, 0)).put("longest polls", text.accent);
    if life.longest.is_empty() {
        Pen::new(buffer, line(area, 1)).put("none yet", text.dim);
    }
    for (row, (at, poll)) in (1..area.height).zip(life.longest.iter().enumerate()) {
        draw_poll(buffer, line(area, row), (picture, poll), chosen == at, skin);
    }
}

/// `▸  401 ms  worker 0      00:31.412  ready for 0.3 ms before`.
fn draw_poll(buffer: &mut Buffer, area: Rect, (picture, poll): (&Picture, &LongestPoll), chosen: bool, skin: Skin) {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    if chosen {
        buffer.set_style(area, skin.theme.selected);
    }
    let took = poll.end - poll.start;
    let long = if took >= LONG_POLL { skin.theme.tint.blocked.bar } else { text.normal };
    let mut pen = Pen::new(buffer, area);
    pen.put(if chosen { mark.selected } else { " " }, text.accent).gap(1);
    pen.right(&units::duration(took), 8, long).gap(3);
    pen.column(poll.lane.as_deref().unwrap_or("a thread that is gone"), 14, text.normal).gap(1);
    pen.put(&clock(picture, poll.start), text.dim).gap(3);
    if let Some(ready) = poll.ready {
        let style = if ready >= LONG_READY { text.warning } else { text.dim };
        pen.put(&format!("ready for {} before", units::duration(ready)), style);
    }
}
