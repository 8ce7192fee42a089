//! How tasks wait and where they compute: what `b`, `w` and `m` change.
//!
//! ```text
//! ╭ wait ─────────────────────────── from the next pause ╮
//! │  BLOCKING   std::thread::sleep(400 ms)               │
//! │ compute ◆ rayon  rayon::spawn + oneshot              │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use pollscope_core::{model::picture::Picture, trace::clock};
use pollscope_tui::{
    looks::Skin,
    panel::PanelLook,
    pen::{Pen, line},
    scenario::{DrawContext, Region, ScenarioPanel, Slot},
    text, units,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::shown::pipeline;
use crate::{
    pipeline::PipelinePicture,
    settings::{Compute, Settings, Strategy, Wait},
};

/// How tasks wait and where they compute.
#[derive(Debug)]
pub(super) struct StrategyPanel;

impl ScenarioPanel for StrategyPanel {
    fn slot(&self) -> Slot {
        Slot::Top
    }

    /// Of other programs, unless they are this one, nothing is known that a key could change.
    fn has(&self, picture: &Picture) -> bool {
        pipeline(picture).settings.is_some() || !picture.header.is_of_programs()
    }

    /// Draws it: in a box where it has four lines, else bare.
    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        let Region { frame, area } = region;
        let (pipeline, skin) = (pipeline(context.picture), context.skin);
        let settings = pipeline.settings.as_ref();
        let inner = if area.height >= 4 {
            let blocks = settings.is_some_and(|settings| settings.wait == Wait::Blocking);
            let pen = frame.draw(buffer, area, "wait", PanelLook::alarm_if(blocks), skin);
            pending(pen, pipeline.wait_pending, skin);
            frame.inner(area)
        } else {
            Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
        };
        match settings {
            Some(settings) => lines(buffer, inner, pipeline, settings, skin),
            None => drop(Pen::new(buffer, inner).put("starting…", skin.theme.text.dim)),
        }
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

fn lines(buffer: &mut Buffer, area: Rect, pipeline: &PipelinePicture, settings: &Settings, skin: Skin) {
    let text = &skin.theme.text;
    let badge = format!(" {} ", settings.wait.name().to_uppercase());
    let mut pen = Pen::new(buffer, line(area, 0));
    pen.put(&badge, wait_style(settings.wait, skin)).gap(2);
    let code = code(settings, pen.room());
    pen.put(&code, text.normal);
    if pipeline.wait_pending && area.height < 2 {
        pen.gap(1).put("…", text.warning);
    }
    let mut pen = Pen::new(buffer, line(area, 1));
    pen.put("compute ", text.dim);
    let (mark, style) = compute_style(settings.compute, skin);
    pen.put(mark, style).put(" ", style).put(settings.compute.name(), style).gap(2);
    if pipeline.compute_pending {
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
pub(super) fn wait_colour(wait: Wait, skin: Skin) -> Style {
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
