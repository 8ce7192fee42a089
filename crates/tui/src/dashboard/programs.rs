//! The programs that are looked at, and what is seen of each: at the top left, where no scenario has a panel of its own.
//!
//! ```text
//! ╭ program ─────────────────────────────────────────────╮
//! │ orders  5 without a probe                            │
//! │ 3 in the global queue · 0 in local ones · 12 stolen  │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use pollscope_core::model::picture::{Header, Program};
use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    text, units,
};

/// Draws them: in a box where it has four lines, else bare.
pub(super) fn render(buffer: &mut Buffer, area: Rect, header: &Header, skin: Skin) {
    let is_one = header.programs.len() == 1;
    let inner = if area.height >= 4 {
        Frame::Box.draw(buffer, area, if is_one { "program" } else { "programs" }, PanelLook::Calm, skin);
        Frame::Box.inner(area)
    } else {
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
    };
    match header.programs.len() {
        0 => drop(Pen::new(buffer, inner).put("starting…", skin.theme.text.dim)),
        1 => program(buffer, inner, header, skin),
        _ => programs(buffer, inner, header, skin),
    }
}

/// One program: what is seen of it that has no probe, and what its runtime tells of itself.
fn program(buffer: &mut Buffer, area: Rect, header: &Header, skin: Skin) {
    let texts = &skin.theme.text;
    let mut pen = Pen::new(buffer, line(area, 0));
    header.programs.iter().for_each(|program| named(&mut pen, program, skin));
    let Some(scheduler) = header.scheduler.as_deref().filter(|_| area.height > 1) else { return };
    let local: u32 = scheduler.local_queues.iter().sum();
    let figures = [
        (u64::from(scheduler.global_queue), "in the global queue"),
        (local.into(), "in local ones"),
        (scheduler.steals, "stolen"),
        (scheduler.forced_yields, "forced to yield"),
    ];
    let words: Vec<_> = figures.iter().map(|(number, word)| format!("{} {word}", units::count(*number))).collect();
    Pen::new(buffer, line(area, 1)).put(&words.join(" · "), texts.dim);
}

/// A program's name, and which of its tasks are seen.
fn named(pen: &mut Pen<'_>, program: &Program, skin: Skin) {
    let texts = &skin.theme.text;
    pen.put(&text::clean(&program.name), texts.strong).gap(2);
    match program.not_ours {
        _ if program.every_task => pen.put("every task is seen", texts.good),
        0 => pen.put("tasks with a probe are seen", texts.dim),
        more => pen.put(&format!("{} without a probe", units::count(more.into())), texts.warning),
    };
}

/// Which programs, as many as there are lines for.
fn programs(buffer: &mut Buffer, area: Rect, header: &Header, skin: Skin) {
    let texts = &skin.theme.text;
    let lines = usize::from(area.height);
    let shown = if header.programs.len() > lines { lines.saturating_sub(1) } else { lines };
    for (row, program) in header.programs.iter().take(shown).enumerate() {
        named(&mut Pen::new(buffer, line(area, row as u16)), program, skin);
    }
    if header.programs.len() > shown {
        let more = format!("and {} more", header.programs.len() - shown);
        Pen::new(buffer, line(area, shown as u16)).put(&more, texts.dim);
    }
}
