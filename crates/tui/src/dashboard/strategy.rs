//! How tasks wait and where they compute: what `b`, `w` and `m` change.
//!
//! ```text
//! ╭ wait ─────────────────────────── from the next pause ╮
//! │  BLOCKING   std::thread::sleep(400 ms)               │
//! │ compute ◆ rayon  rayon::spawn + oneshot              │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use pollscope_core::{
    model::picture::{Header, Picture, Program},
    trace::{
        clock,
        settings::{Compute, Settings, Strategy, Wait},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    text, units,
};

/// Draws it: in a box where it has four lines, else bare.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, picture: &Picture, skin: Skin) {
    let header = &picture.header;
    let settings = header.settings.as_ref();
    let inner = if area.height >= 4 {
        let blocks = settings.is_some_and(|settings| settings.wait == Wait::Blocking);
        let title = match header.programs.len() {
            _ if !is_attached(header) => "wait",
            1 => "program",
            _ => "programs",
        };
        let pen = Frame::Box.draw(buffer, area, title, PanelLook::alarm_if(blocks), skin);
        pending(pen, header.wait_pending, skin);
        Frame::Box.inner(area)
    } else {
        Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
    };
    match settings {
        Some(settings) => lines(buffer, inner, header, settings, skin),
        None if header.programs.len() == 1 => program(buffer, inner, header, skin),
        None if is_attached(header) => programs(buffer, inner, header, skin),
        None => drop(Pen::new(buffer, inner).put("starting…", skin.theme.text.dim)),
    }
}

/// Other programs are looked at, of which nothing is known that a key could change.
fn is_attached(header: &Header) -> bool {
    header.settings.is_none() && header.is_of_programs()
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

/// Says at the right of the border that a change is on its way.
fn pending(mut pen: Pen<'_>, pending: bool, skin: Skin) {
    const WORDS: &str = " from the next pause ";
    if pending && usize::from(pen.room()) > WORDS.len() {
        let gap = pen.room() - WORDS.len() as u16;
        pen.gap(gap).put(WORDS, skin.theme.text.warning);
    }
}

fn lines(buffer: &mut Buffer, area: Rect, header: &Header, settings: &Settings, skin: Skin) {
    let text = &skin.theme.text;
    let badge = format!(" {} ", settings.wait.name().to_uppercase());
    let mut pen = Pen::new(buffer, line(area, 0));
    pen.put(&badge, wait_style(settings.wait, skin)).gap(2);
    let code = code(settings, pen.room());
    pen.put(&code, text.normal);
    if header.wait_pending && area.height < 2 {
        pen.gap(1).put("…", text.warning);
    }
    let mut pen = Pen::new(buffer, line(area, 1));
    pen.put("compute ", text.dim);
    let (mark, style) = compute_style(settings.compute, skin);
    pen.put(mark, style).put(" ", style).put(settings.compute.name(), style).gap(2);
    if header.compute_pending {
        pen.put("from the next job", text.warning);
    } else {
        pen.put(settings.compute.choice().code, text.dim);
    }
    Pen::new(buffer, line(area, 2)).put(settings.wait.choice().what, text.dim);
}

/// The code of the pause, with its duration where the sleep has it. Where that does not fit, first the path
/// goes, then the duration: a name cut in two tells nobody anything.
fn code(settings: &Settings, room: u16) -> String {
    let pause = units::duration(clock::nanos(settings.pause));
    let code = settings.wait.choice().code;
    let whole = if code.contains("sleep()") {
        code.replacen("sleep()", &format!("sleep({pause})"), 1)
    } else {
        format!("{code}  {pause}")
    };
    let fits = |code: &String| text::width(code) <= usize::from(room);
    let short = code.replacen("thread::", "", 1);
    [whole, code.to_owned()].into_iter().find(fits).unwrap_or(short)
}

/// A way to wait, where it is written without a badge.
pub(crate) fn wait_colour(wait: Wait, skin: Skin) -> Style {
    let Skin { theme, .. } = skin;
    match wait {
        Wait::Async => theme.text.good,
        Wait::Blocking => theme.text.alarm,
        Wait::SpawnBlocking | Wait::BlockInPlace => theme.text.warning,
    }
}

fn wait_style(wait: Wait, skin: Skin) -> Style {
    let badge = &skin.theme.badge;
    match wait {
        Wait::Async => badge.good,
        Wait::Blocking => badge.bad,
        Wait::SpawnBlocking | Wait::BlockInPlace => badge.caution,
    }
}

fn compute_style(compute: Compute, skin: Skin) -> (&'static str, Style) {
    let (tint, mark) = (&skin.theme.tint, &skin.glyphs.mark);
    match compute {
        Compute::Inline => (mark.hogged, tint.hogged.bar),
        Compute::Rayon | Compute::SpawnBlocking | Compute::BlockInPlace | Compute::Thread => (mark.job, tint.job.bar),
    }
}
