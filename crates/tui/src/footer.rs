//! The last line: the keys that work now, or for some seconds what was refused.
//!
//! ```text
//!  b block   w wait   m compute   + − workers   f flavor   r restart   tab screens   ? help   q quit
//! ```

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    keys::{Looks, Place},
    looks::Skin,
    pen::Pen,
    state::ScreenName,
    text,
};

/// Draws the keys. Where not all fit, those before the last two (help and quit) give way.
pub(super) fn render(buffer: &mut Buffer, area: Rect, place: Place, looks: Looks, skin: Skin) {
    buffer.set_style(area, skin.theme.bar);
    let mut shown = skin.keys.footer(place, looks);
    let room = usize::from(area.width.saturating_sub(2));
    let gap = if width(&shown, 3) <= room { 3 } else { 2 };
    while width(&shown, gap) > room && shown.len() > 1 {
        shown.remove(shown.len().saturating_sub(3));
    }
    let mut pen = Pen::new(buffer, area);
    pen.gap(1);
    for (cap, label) in shown {
        pen.put(&cap, skin.theme.text.accent).gap(1).put(label, skin.theme.text.dim).gap(gap as u16);
    }
}

fn width(keys: &[(String, &str)], gap: usize) -> usize {
    keys.iter().map(|(cap, label)| text::width(cap) + 1 + label.len() + gap).sum::<usize>().saturating_sub(gap)
}

/// Draws the line that a filter is written into, and what can be written for a screen.
pub(super) fn render_filter(buffer: &mut Buffer, area: Rect, draft: &str, screen: ScreenName, skin: Skin) {
    let text = &skin.theme.text;
    buffer.set_style(area, skin.theme.bar);
    let mut pen = Pen::new(buffer, area);
    pen.gap(1).put("find ", text.accent).put(draft, text.strong).put(skin.glyphs.line.gauge_half, text.accent).gap(2);
    let kinds = if screen == ScreenName::Timeline { "poll  job  wait  " } else { "" };
    pen.put(&format!(">10ms  {kinds}@worker0  name   enter finds   esc leaves"), text.dim);
}

/// Draws how far something is that takes long, and the key that stops it.
pub(super) fn render_underway(buffer: &mut Buffer, area: Rect, line: &str, skin: Skin) {
    render_notice(buffer, area, &format!("{line}{}", skin.keys.stops("   ")), skin);
}

/// Draws a line that is to be read now.
pub(super) fn render_notice(buffer: &mut Buffer, area: Rect, notice: &str, skin: Skin) {
    buffer.set_style(area, skin.theme.badge.caution);
    Pen::new(buffer, area).gap(1).put(notice, skin.theme.badge.caution);
}
