//! The findings, on wide screens: what is wrong now, then what was; below, if there is room,
//! the strategies.
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

use pollscope_core::{
    model::picture::{Finding, Picture},
    trace::settings::Settings,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        looks::Skin,
        panel::{Frame, PanelLook},
        pen::{Pen, line},
        text, units,
    },
    choices,
};

/// Draws the region.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, picture: &Picture, skin: Skin) {
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
    let (above, settings) = share(inner, picture);
    let mut row = 0;
    for finding in &picture.findings {
        if row >= above.height {
            break;
        }
        row += draw(buffer, above, row, finding, skin);
    }
    if let Some(settings) = settings {
        let height = choices::height();
        choices::render(buffer, Rect { y: inner.bottom() - height, height, ..inner }, settings, skin);
    }
}

/// The lines of the findings, and the settings if there is room for the strategies below what is wrong now. What
/// was wrong before gives way to them.
fn share(inner: Rect, picture: &Picture) -> (Rect, Option<&Settings>) {
    let now = picture.findings.iter().filter(|finding| finding.active);
    let lines = now.map(|finding| 2 + lines(finding, inner).len() as u16).sum::<u16>().max(2);
    let choices = choices::height();
    match &picture.header.settings {
        Some(settings) if lines + choices <= inner.height => {
            (Rect { height: inner.height - choices - 1, ..inner }, Some(settings))
        }
        _ => (inner, None),
    }
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
