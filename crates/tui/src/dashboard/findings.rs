//! The findings, on wide screens: what is wrong now, then what was; below, if there is room,
//! a panel of the scenario, such as its strategies.
//!
//! ```text
//! ╭ findings ─────────────────────────────────────╮
//! │ ■ blocked worker          worker 0     2.41 s │
//! │   tokio-rs/tokio sleeps in its poll. Six …    │
//! │ ✓ late pulse                           812 ms │
//! │                                               │
//! │ w wait   ▸ async   tokio::time::sleep().await │
//! ╰───────────────────────────────────────────────╯
//! ```

use pollscope_core::model::picture::{Finding, Picture};
use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    scenario::{DrawContext, Region, ScenarioPanel},
    text, units,
};

/// Draws the region, with a panel of the scenario below what is wrong now, where there is one and it has room.
pub(super) fn render(
    buffer: &mut Buffer,
    area: Rect,
    context: &DrawContext<'_>,
    panel: Option<&'static dyn ScenarioPanel>,
) {
    let DrawContext { picture, skin, .. } = *context;
    let texts = &skin.theme.text;
    let active = picture.findings.iter().filter(|finding| finding.active).count();
    let mut pen = Frame::Box.draw(buffer, area, "findings", PanelLook::Calm, skin);
    if active > 0 {
        pen.put(&format!(" {active} now "), texts.alarm);
    }
    let inner = Frame::Box.inner(area);
    if picture.findings.is_empty() {
        Pen::new(buffer, inner).put(skin.glyphs.mark.done, texts.good).gap(1).put("nothing is wrong", texts.dim);
    }
    let below = panel.map_or(0, ScenarioPanel::height);
    let has_room = below > 0 && needed(inner, picture) + below <= inner.height;
    let above = if has_room { Rect { height: inner.height - below - 1, ..inner } } else { inner };
    let mut row = 0;
    for finding in &picture.findings {
        if row >= above.height {
            break;
        }
        row += draw(buffer, above, row, finding, skin);
    }
    if let Some(panel) = panel.filter(|_| has_room) {
        let area = Rect { y: inner.bottom() - below, height: below, ..inner };
        panel.draw(buffer, Region { frame: Frame::Box, area }, context);
    }
}

/// The lines of what is wrong now. What was wrong before gives way to a scenario's panel.
fn needed(inner: Rect, picture: &Picture) -> u16 {
    let now = picture.findings.iter().filter(|finding| finding.active);
    now.map(|finding| 2 + lines(finding, inner).len() as u16).sum::<u16>().max(2)
}

/// What a finding says, in lines.
fn lines(finding: &Finding, area: Rect) -> Vec<String> {
    text::wrap(&text::clean(&finding.text), area.width.saturating_sub(2).into(), 3)
}

/// Draws one from a line on; says how many lines it took.
fn draw(buffer: &mut Buffer, area: Rect, row: u16, finding: &Finding, skin: Skin) -> u16 {
    let (texts, mark) = (&skin.theme.text, &skin.glyphs.mark);
    let (sign, name, body) = if finding.active {
        ((mark.blocked, texts.alarm), texts.strong, texts.normal)
    } else {
        ((mark.nothing, texts.dim), texts.dim, texts.dim)
    };
    let mut pen = Pen::new(buffer, line(area, row));
    let (lasted, place) = (9, 12);
    pen.put(sign.0, sign.1).gap(1);
    pen.column(finding.rule.title(), pen.room().saturating_sub(lasted + place), name);
    pen.column(finding.thread.as_deref().unwrap_or(""), place, texts.dim);
    pen.right(&units::duration(finding.lasted), lasted, if finding.active { texts.alarm } else { texts.dim });
    if !finding.active {
        return 1;
    }
    let wrapped = lines(finding, area);
    for (below, words) in (row + 1..).zip(&wrapped) {
        Pen::new(buffer, line(area, below)).gap(2).put(words, body);
    }
    2 + wrapped.len() as u16
}
