//! The lanes of several programs: a group each, headed by the program's name.
//!
//! ```text
//! │ ── api ─────────────────────────────────────────────── │
//! │ worker 0     99%  ▁▂▄╱╱╱╱╱╱╱╱╱╱▂╱╱╱╱╱╱╱╱╱  ■ 312 ms    │
//! │ ── jobs ────────────────────────────────────────────── │
//! │ worker 0      3%  ▁▁▁▁▁▁▁▁▁▁▁▁█████▁▁▁▁▁▁  parked       │
//! ```

use std::sync::Arc;

use pollscope_core::{model::picture::Lane, trace::event::ThreadKind};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{looks::Skin, pen::Pen, text},
    shares::LanePlan,
    threads::{Shown, choose},
};

/// Where there is no room for the lines that one program alone would have.
const LOW: LanePlan = LanePlan { worker: 1, rayon: 1, low: 1, observer: 1, pool: 1, axis: 0 };
/// Letters of a program's name.
const NAME: usize = 40;

/// The lanes of a program that are shown.
#[derive(Debug)]
pub(super) struct Group<'p> {
    /// Its name; none where there is no other.
    pub(super) program: Option<Arc<str>>,
    pub(super) plan: LanePlan,
    pub(super) shown: Shown<'p>,
}

/// The lanes by program, as many as there is room for: each has its share, and what one does not need is the next one's.
pub(super) fn of<'p>(lanes: &[&'p Lane], plan: LanePlan, room: u16) -> Vec<Group<'p>> {
    let mut programs: Vec<(Option<Arc<str>>, Vec<&Lane>)> = Vec::new();
    for lane in lanes {
        match programs.iter_mut().find(|(program, _)| *program == lane.program) {
            Some((_, own)) => own.push(lane),
            None => programs.push((lane.program.clone(), vec![lane])),
        }
    }
    if programs.len() < 2 {
        return vec![Group { program: None, plan, shown: choose(lanes, plan, room) }];
    }
    let needed: u16 = programs.iter().map(|(_, own)| lines(own, plan)).sum();
    let plan = if needed <= room { plan } else { LOW };
    let mut left = room;
    let mut groups = Vec::new();
    for (at, (program, own)) in programs.iter().enumerate() {
        let later = &programs[at + 1..];
        let share = left / (later.len() as u16 + 1);
        let unclaimed = left.saturating_sub(later.iter().map(|(_, own)| lines(own, plan)).sum());
        let own_room = lines(own, plan).min(share.max(unclaimed));
        left -= own_room;
        // Where not all fit, those that matter more than an idle pool do.
        let plan = if own_room < lines(own, plan) { LanePlan { pool: 0, ..plan } } else { plan };
        let shown = choose(own, plan, own_room.saturating_sub(1));
        groups.push(Group { program: program.clone(), plan, shown });
    }
    groups
}

/// The lines of a group with its heading.
fn lines(lanes: &[&Lane], plan: LanePlan) -> u16 {
    let is_pool = |lane: &&&Lane| lane.kind == ThreadKind::Blocking && !lane.left_over;
    let pool = (lanes.iter().filter(is_pool).count().max(1) as u16).min(plan.pool) * plan.low;
    1 + pool + lanes.iter().filter(|lane| !is_pool(lane)).map(|lane| plan.height(lane)).sum::<u16>()
}

/// A program's name over its lanes.
pub(crate) fn heading(buffer: &mut Buffer, area: Rect, program: &str, skin: Skin) {
    let (name, texts) = (text::clean(program), &skin.theme.text);
    let ground = skin.glyphs.line.ground;
    let mut pen = Pen::new(buffer, area);
    pen.put(&text::cut(&name, NAME), texts.strong).gap(1);
    let room = usize::from(pen.room());
    pen.put(&ground.repeat(room), texts.dim);
}
