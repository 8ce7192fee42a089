//! Screen 1, the dashboard: the runtime live, and one or two sentences about it.
//!
//! ```text
//! ╭ wait ──────────────╮╭ pulse ─────────────────────────╮
//! ╰────────────────────╯╰────────────────────────────────╯
//! ╭ findings (wide) ───╮╭ tasks ─────────────────────────╮
//! ╰────────────────────╯╰────────────────────────────────╯
//! ╭ threads ─────────────────────────────────────────────╮
//! ╰──────────────────────────────────────────────────────╯
//!   queues
//! ▌ sentence
//! ```

pub mod counts;
pub mod lane;
pub mod sentence;
pub mod shares;
pub mod threads;

pub(super) mod findings;
pub(super) mod groups;
pub(super) mod pulse;
pub(super) mod queues;
pub(super) mod regions;

mod pool;
mod programs;

use ratatui::buffer::Buffer;

use self::{regions::Dashboard, threads::Threads};
use super::{
    panel::Frame,
    scenario::{DrawContext, Region, Scenario, Slot},
    state::List,
    tasks,
};

/// Draws the whole screen between header and footer.
pub(super) fn render(
    buffer: &mut Buffer,
    regions: &Dashboard,
    context: &DrawContext<'_>,
    scenario: &Scenario,
    task_list: &List,
) {
    let DrawContext { picture, skin, .. } = *context;
    render_top(buffer, regions, context, scenario);
    if let Some(area) = regions.pulse {
        pulse::render(buffer, area, &picture.pulse, skin);
    }
    if let Some(area) = regions.findings {
        findings::render(buffer, area, context, scenario.panel(Slot::Findings, picture));
    }
    render_list(buffer, regions, context, task_list);
    let lanes: Vec<_> = picture.lanes.iter().collect();
    let (frame, area, plan) = (regions.frame, regions.threads, regions.lanes);
    threads::render(buffer, &Threads { frame, area, plan, lanes: &lanes, picture }, skin);
    if let Some(area) = regions.queues {
        queues::render(buffer, area, picture, skin);
    }
    let offer = picture.sentence.remedy.and_then(|remedy| scenario.words.remedy(remedy));
    sentence::render(buffer, regions.sentence, &picture.sentence, offer.as_ref(), skin);
}

/// The panel at the top left, or else the programs that are looked at.
fn render_top(buffer: &mut Buffer, regions: &Dashboard, context: &DrawContext<'_>, scenario: &Scenario) {
    let area = regions.top;
    match scenario.panel(Slot::Top, context.picture) {
        Some(panel) => panel.draw(buffer, Region { frame: Frame::Box, area }, context),
        None => programs::render(buffer, area, &context.picture.header, context.skin),
    }
}

/// The panel in the middle, or else the list of tasks.
fn render_list(buffer: &mut Buffer, regions: &Dashboard, context: &DrawContext<'_>, task_list: &List) {
    let Some(area) = regions.list else { return };
    let region = Region { frame: regions.frame, area };
    if let Some(panel) = regions.list_panel {
        return panel.draw(buffer, region, context);
    }
    counts::head(buffer, region, regions::task_rows(context.picture), (0, &[]), context);
    tasks::table(buffer, region, context.picture, task_list, context.skin);
}
