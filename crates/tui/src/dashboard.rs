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

pub(super) mod findings;
pub(super) mod lane;
pub(super) mod pulse;
pub(super) mod queues;
pub(super) mod regions;
pub(super) mod repositories;
pub(super) mod sentence;
pub(super) mod shares;
pub(super) mod strategy;
pub(super) mod threads;

mod choices;
pub(super) mod groups;
mod pool;

use pollscope_core::model::picture::{Filter, Picture};
use ratatui::buffer::Buffer;

use self::{regions::Dashboard, threads::Threads};
use super::{looks::Skin, state::List, tasks};

/// Draws the whole screen between header and footer.
pub(super) fn render(
    buffer: &mut Buffer,
    regions: &Dashboard,
    picture: &Picture,
    (rows, tasks, filter): (&List, &List, Option<&Filter>),
    skin: Skin,
) {
    strategy::render(buffer, regions.strategy, picture, skin);
    if let Some(area) = regions.pulse {
        pulse::render(buffer, area, &picture.pulse, skin);
    }
    if let Some(area) = regions.findings {
        findings::render(buffer, area, picture, skin);
    }
    match regions.repositories {
        Some(area) if regions.lists_tasks => {
            repositories::head(buffer, (regions.frame, area), 0, (picture, filter), skin);
            tasks::table(buffer, (regions.frame, area), (picture, tasks), skin);
        }
        Some(area) => repositories::render(buffer, (regions.frame, area), picture, (rows, filter), skin),
        None => {}
    }
    let lanes: Vec<_> = picture.lanes.iter().collect();
    let (frame, area, plan) = (regions.frame, regions.threads, regions.lanes);
    threads::render(buffer, &Threads { frame, area, plan, lanes: &lanes, picture }, skin);
    if let Some(area) = regions.queues {
        queues::render(buffer, area, picture, skin);
    }
    sentence::render(buffer, regions.sentence, &picture.sentence, skin);
}
