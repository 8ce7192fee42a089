//! The pulse: how late a timer runs that has nothing to do with anybody's work. What blocking costs the others.
//!
//! ```text
//! ╭ pulse  due every 50 ms ──────────────────────────────╮
//! │ ▁▁▁▁▁▁▁██▇▅▃▁██▇▅▃▁██▇▅▃▁▁▁▁▁▁▁▁▁▁▁   ■ 412 ms late   │
//! │ median 0.1 ms   worst 812 ms   24 beats missed       │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use pollscope_core::{
    model::picture::Pulse,
    trace::clock::{MILLI, Nanos},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    units,
};

/// What stands beside the bars.
const WORDS: u16 = 15;

/// A full bar, unless something was later still.
const FULL: Nanos = 200 * MILLI;

/// Below that, a beat is on time.
const SLIGHTLY_LATE: Nanos = 10 * MILLI;

/// The columns of the bars in a region.
pub(crate) fn cells(area: Rect) -> u16 {
    inner(area).width.saturating_sub(WORDS + 3)
}

fn inner(area: Rect) -> Rect {
    if area.height >= 4 {
        Frame::Box.inner(area)
    } else {
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
    }
}

/// Draws it: in a box where it has four lines, else bare.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, pulse: &Pulse, skin: Skin) {
    let text = &skin.theme.text;
    if area.height >= 4 {
        let look = PanelLook::alarm_if(is_stopped(pulse));
        let mut pen = Frame::Box.draw(buffer, area, "pulse", look, skin);
        if pulse.period > 0 {
            pen.put(&format!(" due every {} ", units::duration(pulse.period)), text.dim);
        }
    }
    let inner = inner(area);
    let figures = inner.height.saturating_sub(1).max(1);
    let bars = Rect { height: figures, width: cells(area), ..inner };
    draw_bars(buffer, bars, pulse, skin);
    let mut pen = Pen::new(buffer, line(inner, figures - 1));
    pen.go_to(if bars.width > 0 { bars.right() + 3 } else { inner.x });
    draw_now(&mut pen, pulse, skin);
    if inner.height > 1 && pulse.period > 0 {
        draw_figures(Pen::new(buffer, line(inner, figures)), pulse, skin);
    }
}

/// A beat was missed in the last tenth of the window: a border that flickered with every beat would be
/// worse than none.
fn is_stopped(pulse: &Pulse) -> bool {
    let recent = pulse.cells.len() - pulse.cells.len() / 10;
    let missed = |late: &Option<Nanos>| late.is_some_and(|late| late >= pulse.period);
    pulse.period > 0 && (pulse.late_now >= pulse.period || pulse.cells.iter().skip(recent).any(missed))
}

fn draw_now(pen: &mut Pen<'_>, pulse: &Pulse, skin: Skin) {
    let (mark, words, style) = now(pulse, skin);
    if let Some(mark) = mark {
        pen.put(mark, style).gap(1);
    }
    pen.put(&words, style);
}

/// How late it is now: a sign, words, and their look.
pub(crate) fn now(pulse: &Pulse, skin: Skin) -> (Option<&'static str>, String, Style) {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    let late = || format!("{} late", units::counting(pulse.late_now));
    match pulse.late_now {
        _ if pulse.period == 0 => (None, "no pulse yet".to_owned(), text.dim),
        ..SLIGHTLY_LATE => (Some(mark.done), "on time".to_owned(), text.good),
        now if now < pulse.period => (Some(mark.ready), late(), text.warning),
        _ => (Some(mark.blocked), late(), text.alarm),
    }
}

fn draw_figures(mut pen: Pen<'_>, pulse: &Pulse, skin: Skin) {
    let text = &skin.theme.text;
    let missed = match pulse.missed {
        0 => "none missed".to_owned(),
        1 => "1 beat missed".to_owned(),
        many => format!("{} beats missed", units::count(many.into())),
    };
    let style = |late: Nanos| if late >= pulse.period.max(1) { skin.theme.tint.blocked.bar } else { text.normal };
    pen.put("median ", text.dim).put(&units::duration(pulse.median), style(pulse.median)).gap(3);
    pen.put("worst ", text.dim).put(&units::duration(pulse.worst), style(pulse.worst)).gap(3);
    if usize::from(pen.room()) >= missed.len() {
        pen.put(&missed, if pulse.missed > 0 { text.normal } else { text.dim });
    }
}

/// One bar a cell, the root of the lateness, so that 5 ms and 500 ms can both be seen.
fn draw_bars(buffer: &mut Buffer, area: Rect, pulse: &Pulse, skin: Skin) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let full = pulse.worst.max(FULL) as f64;
    let steps = f64::from(area.height) * 8.0;
    let skipped = pulse.cells.len().saturating_sub(area.width.into());
    let shown = &pulse.cells[skipped..];
    let start = area.right() - shown.len() as u16;
    for x in area.x..start {
        buffer[(x, area.bottom() - 1)].set_symbol(skin.glyphs.line.ground).set_style(skin.theme.line.track);
    }
    for (x, cell) in (start..).zip(shown) {
        let Some(late) = *cell else {
            buffer[(x, area.bottom() - 1)].set_symbol(skin.glyphs.line.ground).set_style(skin.theme.line.track);
            continue;
        };
        let height = ((late as f64 / full).sqrt() * steps).round().clamp(1.0, steps) as u16;
        let style = bar_style(late, pulse.period, skin);
        for row in 0..height.div_ceil(8) {
            let step = (height - row * 8).min(8);
            let symbol = skin.glyphs.bar[usize::from(step) - 1];
            buffer[(x, area.bottom() - 1 - row)].set_symbol(symbol).set_style(style);
        }
    }
}

/// Red from a whole period on: a beat was missed.
fn bar_style(late: Nanos, period: Nanos, skin: Skin) -> Style {
    if late >= period {
        skin.theme.tint.blocked.bar
    } else if late >= SLIGHTLY_LATE {
        skin.theme.text.warning
    } else {
        skin.theme.text.accent
    }
}
