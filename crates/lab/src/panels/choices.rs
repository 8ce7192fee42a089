//! The strategies that there are, on wide screens under the findings: what the next key press brings.
//!
//! ```text
//!  w  wait     ▸ async            tokio::time::sleep().await
//!                blocking         std::thread::sleep()
//!  m  compute  ▸ rayon            rayon::spawn + oneshot
//! ```

use pollscope_core::model::picture::Picture;
use pollscope_tui::{
    looks::Skin,
    pen::{Pen, line},
    scenario::{Action, DrawContext, Own, Region, ScenarioPanel, Slot},
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::shown::pipeline;
use crate::{
    command::Command,
    settings::{Compute, Strategy, Wait},
};

/// The strategies that there are.
#[derive(Debug)]
pub(super) struct ChoicesPanel;

impl ScenarioPanel for ChoicesPanel {
    fn slot(&self) -> Slot {
        Slot::Findings
    }

    fn has(&self, picture: &Picture) -> bool {
        pipeline(picture).settings.is_some()
    }

    fn height(&self) -> u16 {
        (Wait::CHOICES.len() + 1 + Compute::CHOICES.len()) as u16
    }

    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        let Some(settings) = &pipeline(context.picture).settings else { return };
        let Region { area, .. } = region;
        let second = Wait::CHOICES.len() as u16 + 1;
        strategies(buffer, area, settings.wait, &Command::NextWait, context.skin);
        let below = Rect { y: area.y + second, height: area.height.saturating_sub(second), ..area };
        strategies(buffer, below, settings.compute, &Command::NextCompute, context.skin);
    }
}

fn strategies<T: Strategy>(buffer: &mut Buffer, area: Rect, now: T, command: &'static Command, skin: Skin) {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    let head = format!("{:<2}{}", skin.keys.cap_of(&Action::Send(Own::of(command))).unwrap_or_default(), T::OPTION);
    Pen::new(buffer, line(area, 0)).put(&head[..2], text.accent).put(&head[2..], text.dim);
    for (row, choice) in (0..).zip(T::CHOICES) {
        let chosen = choice.value == now;
        let style = if chosen { text.strong } else { text.dim };
        let mut pen = Pen::new(buffer, line(area, row));
        pen.gap(11).put(if chosen { mark.selected } else { " " }, text.accent).gap(1);
        pen.column(choice.name, 16, style).put(choice.code, if chosen { text.normal } else { text.dim });
    }
}
