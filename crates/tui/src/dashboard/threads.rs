//! The threads: one lane each, what it did and what it does now. The heart of the screen.
//!
//! ```text
//! ╭ threads  ▄ poll ╱ asleep in a poll ▒ on the CPU … ─────────────── + 23 more ─╮
//! │ worker 0     99%  ▁▂▄╱╱╱╱╱╱╱╱╱╱╱▂╱╱╱╱╱╱╱╱╱╱╱╱  ■ 312 ms tokio-rs/tokio        │
//! │ rayon 0       3%  ▁▁▁▁▁▁▁▁▁▁▁▁█████▁▁▁▁▁▁▁▁▁▁  parked                        │
//! │                   −10 s        −5 s        now                               │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use pollscope_core::{
    model::picture::{Cell, Lane, Picture},
    trace::{clock::SECOND, event::ThreadKind, record::ThreadId},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use super::{
    super::{
        looks::{self, Look, Skin},
        panel::{Frame, PanelLook},
        pen::{Pen, inset, line},
        units,
    },
    groups::{self, Group},
    lane::Brush,
    pool::{self, Fold},
    regions::cut_off,
    shares::LanePlan,
};

/// The widest lane that still reads as a line of time.
const WIDEST_LANE: u16 = 160;

/// The columns of a lane's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    label: u16,
    busy: u16,
    /// The cells.
    pub lane: u16,
    gap: u16,
}

impl Columns {
    /// The columns in a region of that size.
    pub fn new(area: Rect) -> Self {
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

    /// Where the cells begin.
    pub fn lane_x(self, area: Rect) -> u16 {
        area.x + self.label + self.busy + self.gap - 1
    }
}

/// Where the region is, and what is drawn in it.
#[derive(Clone, Copy, Debug)]
pub struct Threads<'p> {
    /// What surrounds it.
    pub frame: Frame,
    /// With the frame.
    pub area: Rect,
    /// How high the lanes are.
    pub plan: LanePlan,
    /// The lanes.
    pub lanes: &'p [&'p Lane],
    /// The picture that they are of.
    pub picture: &'p Picture,
}

/// Draws the region. Gives the line at whose foot each lane's cells stand.
pub fn render(buffer: &mut Buffer, threads: &Threads<'_>, skin: Skin) -> Vec<(ThreadId, u16)> {
    let Threads { frame, area, plan, lanes, picture } = *threads;
    let columns = Columns::new(area);
    let mut inner = frame.inner(area);
    if plan.axis > 0 && inner.height > 1 {
        inner.height -= 1;
        axis(buffer, Rect { y: inner.bottom(), height: 1, ..inner }, columns, picture, skin);
    }
    let groups = groups::of(lanes, plan, inner.height);
    let pen = frame.draw(buffer, area, "threads", PanelLook::Calm, skin);
    let hidden = groups.iter().map(|group| group.shown.hidden).sum();
    title(pen, hidden, picture.header.is_unmeasured(), skin);
    if lanes.is_empty() {
        Pen::new(buffer, inner).put("no thread has reported yet", skin.theme.text.dim);
        return Vec::new();
    }
    let mut feet = Vec::new();
    let brush = Brush::new(skin);
    for Group { program, plan, shown } in &groups {
        if let Some(program) = program {
            groups::heading(buffer, cut_off(&mut inner, 1), program, skin);
        }
        let (own, fold) = pool::lanes(&shown.pool, plan.pool.into());
        for lane in shown.lanes.iter().chain(own) {
            let area = cut_off(&mut inner, plan.height(lane));
            feet.push((lane.thread, area.y + bar(area).max(1) - 1));
            draw_lane(buffer, area, columns, lane, &brush, skin);
        }
        if let Some(fold) = fold {
            let area = cut_off(&mut inner, plan.low);
            draw_fold(buffer, area, columns, &fold, &brush, skin);
        }
        for lane in &shown.left_over {
            let area = cut_off(&mut inner, plan.low);
            draw_lane(buffer, area, columns, lane, &brush, skin);
        }
    }
    feet
}

/// The lanes that fit, in the order in which they are drawn. The pool is below the others, so that they stay where
/// they are when it grows; what is left over ends soon.
#[derive(Debug, Default)]
pub(super) struct Shown<'p> {
    pub(super) lanes: Vec<&'p Lane>,
    pub(super) pool: Vec<&'p Lane>,
    pub(super) left_over: Vec<&'p Lane>,
    /// How many do not fit.
    pub(super) hidden: usize,
}

/// Leaves out the lanes that do not fit: those that matter least first, and of those what has ended. The pool has
/// the lines that are planned for it.
pub(super) fn choose<'p>(lanes: &[&'p Lane], plan: LanePlan, room: u16) -> Shown<'p> {
    let is_pool = |lane: &&Lane| lane.kind == ThreadKind::Blocking && !lane.left_over;
    let (mut pool, mut others): (Vec<&Lane>, Vec<&Lane>) = lanes.iter().copied().partition(is_pool);
    if plan.pool == 0 {
        pool.clear();
    }
    let mut left = room.saturating_sub(plan.pool.min(pool.len().max(1) as u16) * plan.low);
    let mut fits = |lane: &&Lane| {
        let height = plan.height(lane);
        let fits = height <= left;
        left = left.saturating_sub(height);
        fits
    };
    others.sort_by_key(|lane| (rank(lane), lane.ended));
    let fitting = others.iter().take_while(|lane| fits(lane)).count();
    others.truncate(fitting);
    others.sort_by_key(|lane| rank(lane));
    let hidden = lanes.len() - pool.len() - others.len();
    let (left_over, lanes) = others.into_iter().partition(|lane| lane.left_over);
    Shown { lanes, pool, left_over, hidden }
}

/// How much a lane matters.
fn rank(lane: &Lane) -> u8 {
    match lane.kind {
        _ if lane.left_over => 6,
        ThreadKind::Worker => 0,
        ThreadKind::Rayon => 1,
        ThreadKind::Scenario => 2,
        ThreadKind::Blocking => 3,
        ThreadKind::Server => 4,
        ThreadKind::Observer => 5,
    }
}

fn draw_lane(buffer: &mut Buffer, area: Rect, columns: Columns, lane: &Lane, brush: &Brush, skin: Skin) {
    let text = &skin.theme.text;
    let own = matches!(lane.kind, ThreadKind::Server | ThreadKind::Observer) || lane.ended;
    let label = if own { text.dim } else { text.normal };
    let busy = if own || lane.busy < 0.005 { text.dim } else { text.normal };
    // Of the scenario's threads only waits are known.
    let percent = if lane.kind == ThreadKind::Scenario { String::new() } else { format!("{:.0}%", lane.busy * 100.0) };
    draw_cells(buffer, area, columns, &lane.cells, brush);
    let mut pen = draw_label(buffer, area, columns, (short(&lane.label, lane.kind), label), (&percent, busy));
    if lane.left_over {
        pen.put("left over", text.warning).gap(1);
    }
    match &lane.part {
        Some(part) => drop(pen.put(part, text.dim)),
        None => now(&mut pen, &looks::thread(&lane.now, lane.kind, skin), skin),
    }
}

fn draw_fold(buffer: &mut Buffer, area: Rect, columns: Columns, fold: &Fold, brush: &Brush, skin: Skin) {
    let text = &skin.theme.text;
    let style = if fold.busy.is_none() { text.dim } else { text.normal };
    let percent = fold.busy.map_or_else(String::new, |busy| format!("{:.0}%", busy * 100.0));
    draw_cells(buffer, area, columns, &fold.cells, brush);
    let mut pen = draw_label(buffer, area, columns, (&fold.label(columns.label), style), (&percent, style));
    now(&mut pen, &fold.now(skin), skin);
}

/// Two lines are a bar and air; three are a bar of two lines and air.
fn bar(area: Rect) -> u16 {
    area.height.div_ceil(2).max(1)
}

fn draw_cells(buffer: &mut Buffer, area: Rect, columns: Columns, cells: &[Cell], brush: &Brush) {
    let height = bar(area).min(area.height);
    let bars = Rect { x: columns.lane_x(area), width: columns.lane, height, ..area };
    brush.draw(buffer, bars, cells, area.height > height);
}

/// Writes what stands before the cells, and goes behind them.
fn draw_label<'b>(
    buffer: &'b mut Buffer,
    area: Rect,
    columns: Columns,
    (label, label_style): (&str, Style),
    (busy, busy_style): (&str, Style),
) -> Pen<'b> {
    let mut pen = Pen::new(buffer, line(area, bar(area) - 1));
    pen.column(label, columns.label, label_style).right(busy, columns.busy, busy_style);
    pen.go_to(columns.lane_x(area)).gap(columns.lane + columns.gap);
    pen
}

/// The label without what every observer's begins with: the column is narrow.
fn short(label: &str, kind: ThreadKind) -> &str {
    match kind {
        ThreadKind::Observer => label.strip_prefix("scope-").unwrap_or(label),
        _ => label,
    }
}

/// What a thread does now, at the right.
fn now(pen: &mut Pen<'_>, look: &Look<'_>, skin: Skin) {
    let text = &skin.theme.text;
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
fn title(mut pen: Pen<'_>, hidden: usize, unmeasured: bool, skin: Skin) {
    let more = if hidden > 0 { format!(" + {hidden} more ") } else { String::new() };
    looks::legend(&mut pen, more.len() as u16, unmeasured, skin);
    let gap = usize::from(pen.room()).saturating_sub(more.len());
    pen.gap(gap as u16).put(&more, skin.theme.text.dim);
}

/// The window's beginning, middle and end.
fn axis(buffer: &mut Buffer, area: Rect, columns: Columns, picture: &Picture, skin: Skin) {
    let seconds = picture.window as f64 / SECOND as f64;
    let dim = skin.theme.text.dim;
    let lane = Rect { x: columns.lane_x(area), width: columns.lane, ..area };
    Pen::new(buffer, lane).put(&format!("−{seconds:.0} s"), dim);
    let middle = inset(lane, lane.width / 2 - 2);
    Pen::new(buffer, middle).put(&format!("−{:.0} s", seconds / 2.0), dim);
    let end = if picture.is_past() { units::fine_clock(picture.header.elapsed) } else { "now".to_owned() };
    Pen::new(buffer, lane).right(&end, lane.width, dim);
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            super::{sample, scenario::Scenario},
            regions::Dashboard,
        },
        *,
    };

    fn all_of(picture: &Picture) -> Vec<&Lane> {
        picture.lanes.iter().collect()
    }

    #[test]
    fn what_does_not_fit_is_counted_and_matters_least() {
        let picture = sample::blocked();
        let plan = LanePlan { worker: 1, rayon: 1, low: 1, observer: 1, pool: 1, axis: 0 };
        let labels = |lanes: &[&Lane]| lanes.iter().map(|lane| lane.label.clone()).collect::<Vec<_>>();
        let few = choose(&all_of(&picture), plan, 5);
        assert_eq!(labels(&few.lanes), ["worker 0", "worker 1", "rayon 0", "rayon 1"]);
        assert_eq!((labels(&few.pool), few.hidden), (vec!["blocking 0".to_owned()], picture.lanes.len() - 5));
        let all = choose(&all_of(&picture), plan, 40);
        assert_eq!(
            (all.lanes.len(), all.lanes[4].label.as_str(), all.hidden),
            (picture.lanes.len() - 1, "producer", 0)
        );
        let none = choose(&all_of(&picture), LanePlan { pool: 0, ..plan }, 4);
        assert_eq!((none.pool.len(), none.hidden), (0, picture.lanes.len() - 4));
    }

    #[test]
    fn the_pool_grows_and_nothing_else_moves() {
        let region = |picture: &Picture| {
            let regions = Dashboard::new(Rect::new(0, 0, 120, 38), picture, &Scenario::default());
            (regions.list, regions.threads, regions.lanes, regions.sentence)
        };
        let mut picture = sample::blocked();
        let one = region(&picture);
        picture.lanes.retain(|lane| lane.kind != ThreadKind::Blocking);
        assert_eq!(region(&picture), one);
        let blocking = sample::blocked().lanes[2].clone();
        picture.lanes.extend(vec![blocking; 30]);
        assert_eq!(region(&picture), one);
        let shown = choose(&all_of(&picture), one.2, 40);
        assert_eq!((shown.pool.len(), shown.hidden), (30, 0));
    }

    #[test]
    fn columns_never_exceed_the_region() {
        for width in 0..300 {
            let columns = Columns::new(Rect::new(0, 0, width, 10));
            assert!(columns.lane <= width.min(WIDEST_LANE));
        }
    }
}
