//! The threads: one lane each, what it did and what it does now. The heart of the screen.
//!
//! ```text
//! ╭ threads  ▄ poll ╱ asleep in a poll ▒ on the CPU … ─────────────── + 23 more ─╮
//! │ worker 0     99%  ▁▂▄╱╱╱╱╱╱╱╱╱╱╱▂╱╱╱╱╱╱╱╱╱╱╱╱  ■ 312 ms tokio-rs/tokio        │
//! │ rayon 0       3%  ▁▁▁▁▁▁▁▁▁▁▁▁█████▁▁▁▁▁▁▁▁▁▁  parked                        │
//! │                   −10 s        −5 s        now                               │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::{
    super::{
        looks::{self, CellFill, Skin},
        panel::PanelLook,
        pen::{Pen, inset, line},
        units,
    },
    lane::Brush,
    regions::{Dashboard, LanePlan},
};
use crate::{
    model::picture::{Lane, LaneState, Picture},
    trace::{
        clock::{Nanos, SECOND},
        event::ThreadKind,
    },
};

/// The widest lane that still reads as a line of time.
const WIDEST_LANE: u16 = 160;

/// What the legend explains, the most important first.
const LEGEND: [LaneState; 9] = [
    LaneState::Polling,
    LaneState::Blocked,
    LaneState::Hogged,
    LaneState::NoCore,
    LaneState::Job,
    LaneState::Runtime,
    LaneState::WaitsForRoom,
    LaneState::OnCpu,
    LaneState::Unknown,
];

/// The columns of a lane's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    label: u16,
    busy: u16,
    /// The cells.
    pub(crate) lane: u16,
    gap: u16,
}

impl Columns {
    /// The columns in a region of that size.
    pub(crate) fn new(area: Rect) -> Self {
        let inner = area.width.saturating_sub(4);
        let label = match inner {
            0..90 => 11,
            90..150 => 13,
            150.. => 16,
        };
        let (busy, gap) = (5, 2);
        let now = (inner * 3 / 10).clamp(16, 44);
        let lane = inner.saturating_sub(label + busy + 2 * gap - 1 + now).min(WIDEST_LANE);
        Self { label, busy, lane, gap }
    }

    fn lane_x(self, area: Rect) -> u16 {
        area.x + self.label + self.busy + self.gap - 1
    }
}

/// Draws the region.
pub(crate) fn render(buffer: &mut Buffer, regions: &Dashboard, picture: &Picture, skin: Skin) {
    let columns = Columns::new(regions.threads);
    let mut inner = regions.frame.inner(regions.threads);
    if regions.lanes.axis > 0 && inner.height > 1 {
        inner.height -= 1;
        axis(buffer, Rect { y: inner.bottom(), height: 1, ..inner }, columns, picture.window, skin);
    }
    let (shown, hidden) = choose(&picture.lanes, regions.lanes, inner.height);
    let pen = regions.frame.draw(buffer, regions.threads, "threads", PanelLook::Calm, skin);
    title(pen, hidden, skin);
    if picture.lanes.is_empty() {
        Pen::new(buffer, inner).put("no thread has reported yet", skin.theme.text.dim);
        return;
    }
    let brush = Brush::new(skin);
    for lane in shown {
        let height = regions.lanes.height(lane).min(inner.height);
        draw_lane(buffer, Rect { height, ..inner }, columns, lane, &brush, skin);
        inner.y += height;
        inner.height -= height;
    }
}

/// The lanes that fit, in the order in which they are drawn, and how many do not. Those that matter least
/// go first, and of those what has ended.
fn choose(lanes: &[Lane], plan: LanePlan, room: u16) -> (Vec<&Lane>, usize) {
    let mut shown: Vec<usize> = (0..lanes.len()).collect();
    let mut left = room;
    shown.sort_by_key(|at| (rank(&lanes[*at]), lanes[*at].ended, *at));
    let mut fits = |at: &usize| {
        let height = plan.height(&lanes[*at]);
        let fits = height <= left;
        left = left.saturating_sub(height);
        fits
    };
    let fitting = shown.iter().take_while(|at| fits(at)).count();
    shown.truncate(fitting);
    shown.sort_by_key(|at| (rank(&lanes[*at]), *at));
    (shown.iter().map(|at| &lanes[*at]).collect(), lanes.len() - shown.len())
}

/// How much a lane matters.
fn rank(lane: &Lane) -> u8 {
    match lane.kind {
        _ if lane.left_over => 4,
        ThreadKind::Worker => 0,
        ThreadKind::Rayon => 1,
        ThreadKind::Blocking => 2,
        ThreadKind::Scenario => 3,
        ThreadKind::Server => 5,
        ThreadKind::Observer => 6,
    }
}

fn draw_lane(buffer: &mut Buffer, area: Rect, columns: Columns, lane: &Lane, brush: &Brush, skin: Skin) {
    let text = &skin.theme.text;
    // Two lines are a bar and air; three are a bar of two lines and air.
    let bar = area.height.div_ceil(2).max(1);
    let own = matches!(lane.kind, ThreadKind::Server | ThreadKind::Observer) || lane.ended;
    let label = if own { text.dim } else { text.normal };
    let busy = if own || lane.busy < 0.005 { text.dim } else { text.normal };
    let mut pen = Pen::new(buffer, line(area, bar - 1));
    pen.column(short(&lane.label, lane.kind), columns.label, label);
    pen.right(&format!("{:.0}%", lane.busy * 100.0), columns.busy, busy);
    pen.go_to(columns.lane_x(area)).gap(columns.lane + columns.gap);
    now(&mut pen, lane, skin);
    let cells = Rect { x: columns.lane_x(area), width: columns.lane, height: bar, ..area };
    brush.draw(buffer, cells, &lane.cells, area.height > bar);
}

/// The label without what every observer's begins with: the column is narrow.
fn short(label: &str, kind: ThreadKind) -> &str {
    match kind {
        ThreadKind::Observer => label.strip_prefix("scope-").unwrap_or(label),
        _ => label,
    }
}

/// What the thread does now, at the right.
fn now(pen: &mut Pen<'_>, lane: &Lane, skin: Skin) {
    let text = &skin.theme.text;
    if lane.left_over {
        pen.put("left over", text.warning).gap(1);
    }
    let look = looks::thread(&lane.now, lane.kind, skin);
    if look.mark == " " {
        pen.put(&look.word, look.style);
    } else {
        pen.put(look.mark, look.style).gap(1).put(&look.word, look.style);
        pen.gap(u16::from(!look.word.is_empty()));
    }
    if let Some(since) = look.since {
        pen.put(&units::counting(since), look.style.add_modifier(Modifier::BOLD)).gap(1);
    }
    if let Some(of) = look.of {
        let gap = u16::from(look.mark == " ");
        pen.gap(gap).put(of, if gap > 0 { text.dim } else { text.normal });
    }
}

/// The signs of the lanes, as many as fit, and at the right how many lanes do not.
fn title(mut pen: Pen<'_>, hidden: usize, skin: Skin) {
    let more = if hidden > 0 { format!(" + {hidden} more ") } else { String::new() };
    for state in LEGEND {
        let look = looks::lane(state, skin);
        if usize::from(pen.room()) < look.word.len() + 4 + more.len() {
            break;
        }
        let (sign, style) = match look.fill {
            CellFill::Bar(ladder) => (ladder[4], look.tint.bar),
            CellFill::Texture(sign) => (sign, look.tint.fill),
            CellFill::Line(sign) => (sign, look.tint.bar),
        };
        pen.put(" ", skin.theme.text.dim).put(sign, style).put(" ", skin.theme.text.dim);
        pen.put(look.word, look.tint.bar).put(" ", skin.theme.text.dim);
    }
    let gap = usize::from(pen.room()).saturating_sub(more.len());
    pen.gap(gap as u16).put(&more, skin.theme.text.dim);
}

/// The window's beginning, middle and end.
fn axis(buffer: &mut Buffer, area: Rect, columns: Columns, window: Nanos, skin: Skin) {
    let seconds = window as f64 / SECOND as f64;
    let dim = skin.theme.text.dim;
    let lane = Rect { x: columns.lane_x(area), width: columns.lane, ..area };
    Pen::new(buffer, lane).put(&format!("−{seconds:.0} s"), dim);
    let middle = inset(lane, lane.width / 2 - 2);
    Pen::new(buffer, middle).put(&format!("−{:.0} s", seconds / 2.0), dim);
    Pen::new(buffer, lane).right("now", lane.width, dim);
}

#[cfg(test)]
mod tests {
    use super::{super::super::sample, *};

    #[test]
    fn what_does_not_fit_is_counted_and_matters_least() {
        let picture = sample::blocked();
        let plan = LanePlan { tall: 1, low: 1, observer: 1, axis: 0 };
        let (shown, hidden) = choose(&picture.lanes, plan, 4);
        let labels: Vec<_> = shown.iter().map(|lane| lane.label.as_str()).collect();
        assert_eq!(labels, ["worker 0", "worker 1", "rayon 0", "rayon 1"]);
        assert_eq!(hidden, picture.lanes.len() - 4);
        let (all, hidden) = choose(&picture.lanes, plan, 40);
        assert_eq!((all.len(), all[4].label.as_str(), hidden), (picture.lanes.len(), "blocking 0", 0));
    }

    #[test]
    fn columns_never_exceed_the_region() {
        for width in 0..300 {
            let columns = Columns::new(Rect::new(0, 0, width, 10));
            assert!(columns.lane <= width.min(WIDEST_LANE));
        }
    }
}
