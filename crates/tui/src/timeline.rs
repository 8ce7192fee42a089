//! Screen 2, the timeline: all lanes on one axis, from an hour to a microsecond.
//!
//! ```text
//! ╭ timeline  10 s · 0.1 s a cell  ▄ poll ╱ asleep in a poll … ──────────────────────╮
//! │ ▸ worker 0   ▂▂▁▁╱╱╱╱╱╱╱╱╱▂▂▁▁▁▁▁▁▁│▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  poll     │
//! │   rayon 0    ▁▁▁▁▁▁▁▁▁▁▁▁█████▁▁▁▁▁│▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁           │
//! │   ready           ▂▅▆▇▇▇▂▁         │                                      0        │
//! │              00:31.000             ▴ 00:36.120                00:41.000            │
//! ╰────────────────────────────────────────────────────────────────────────────────────╯
//! ╭ poll of fjord/tokamak ─────────────────────────────────────────────────────────────╮
//! ```

pub(super) mod numbers;
pub(super) mod span;
pub(super) mod stack;

use std::borrow::Cow;

use pollscope_core::{
    model::picture::{Filter, Picture, Timeline, TimelineLane},
    trace::{clock::Nanos, event::ThreadKind, record::ThreadId},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
};

use super::{
    dashboard::lane::foremost,
    looks::{self, Skin},
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    text, units,
};

/// Lines of the panel that tells of the chosen span, with its frame.
const SPAN_LINES: u16 = 6;
/// Lines of a lane at most.
const HIGHEST: usize = 3;
/// Columns of a program's name before a lane's label.
const PROGRAM: usize = 6;
/// Columns of the figures at the right.
const FIGURES: u16 = 11;

/// Where the parts of the screen are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Regions {
    area: Rect,
    span: Rect,
    frame: Frame,
}

impl Regions {
    /// The parts in an area.
    pub(super) fn new(area: Rect) -> Self {
        let frame = if area.height >= 30 { Frame::Box } else { Frame::Rule };
        let below = SPAN_LINES - 2 + frame.height();
        let (area, span) = (
            Rect { height: area.height.saturating_sub(below), ..area },
            Rect { y: area.bottom().saturating_sub(below), height: below.min(area.height), ..area },
        );
        Self { area, span, frame }
    }

    fn inner(&self) -> Rect {
        self.frame.inner(self.area)
    }

    fn label(&self) -> u16 {
        if self.area.width >= 100 { 18 } else { 15 }
    }

    /// Where the cells of all lanes are.
    fn cells_area(&self) -> Rect {
        let inner = self.inner();
        let label = self.label();
        Rect { x: inner.x + label, width: inner.width.saturating_sub(label + FIGURES), ..inner }
    }

    /// Cells of a lane.
    pub(super) fn cells(&self) -> u16 {
        self.cells_area().width
    }

    /// The place of a lane in the list and the thousandths of the axis that are at a place of the screen.
    pub(super) fn at(
        &self,
        position: Position,
        timeline: &Timeline,
        thread: Option<ThreadId>,
    ) -> Option<(Option<usize>, u16)> {
        let cells = self.cells_area();
        if !cells.contains(position) {
            return None;
        }
        let plan = Plan::new(self, timeline, thread);
        let row = plan.row(position.y - cells.y);
        let into = u32::from(position.x - cells.x) * 1000 + 500;
        Some(((row < plan.lanes).then_some(plan.first + row), (into / u32::from(cells.width.max(1))) as u16))
    }
}

/// How the lines are shared.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// Lines of a lane.
    height: u16,
    /// So many of the first have one line more: whole kinds of threads, workers before others.
    taller: usize,
    /// The first lane that is shown: the chosen one is in sight.
    first: usize,
    /// Lanes that are shown.
    lanes: usize,
    /// Rows of numbers that are shown.
    numbers: usize,
}

impl Plan {
    fn new(regions: &Regions, timeline: &Timeline, thread: Option<ThreadId>) -> Self {
        let room = usize::from(regions.inner().height.saturating_sub(1));
        let numbers = numbers::count(timeline).min(room.saturating_sub(2) / 2);
        let left = room - numbers;
        let height = (left / timeline.lanes.len().max(1)).clamp(1, HIGHEST);
        let lanes = timeline.lanes.len().min(left / height);
        let spare = if height < HIGHEST && lanes == timeline.lanes.len() { left - lanes * height } else { 0 };
        let ends_a_kind = |lane: &usize| {
            let kind = |lane: usize| timeline.lanes.get(lane).map(|lane| lane.kind);
            kind(*lane) != kind(*lane + 1)
        };
        let taller = (0..spare.min(lanes)).rev().find(ends_a_kind).map_or(0, |last| last + 1);
        let chosen = timeline.lanes.iter().position(|lane| Some(lane.thread) == thread).unwrap_or(0);
        Self { height: height as u16, taller, first: (chosen + 1).saturating_sub(lanes), lanes, numbers }
    }

    /// Lines of the lane in a row.
    fn height(&self, row: usize) -> u16 {
        self.height + u16::from(row < self.taller)
    }

    /// The row that is so many lines down.
    fn row(&self, line: u16) -> usize {
        let tall = self.taller as u16 * (self.height + 1);
        let row = if line < tall { line / (self.height + 1) } else { self.taller as u16 + (line - tall) / self.height };
        row.into()
    }
}

/// What is drawn.
pub(super) struct Shown<'p> {
    pub(super) picture: &'p Picture,
    pub(super) timeline: &'p Timeline,
    pub(super) thread: Option<ThreadId>,
    pub(super) filter: Option<&'p Filter>,
}

/// Draws the screen.
pub(super) fn render(buffer: &mut Buffer, regions: &Regions, shown: &Shown<'_>, skin: Skin) {
    let Shown { picture, timeline, thread, .. } = shown;
    let plan = Plan::new(regions, timeline, *thread);
    title(buffer, regions, shown, timeline.lanes.len() - plan.lanes, skin);
    let mut area = regions.inner();
    let cells = regions.cells_area();
    let cursor = column(cells, timeline, picture.at);
    let mut feet = Vec::new();
    for (row, lane) in timeline.lanes.iter().skip(plan.first).take(plan.lanes).enumerate() {
        let lines = Rect { height: plan.height(row), ..area };
        draw_lane(buffer, lines, regions, (lane, *thread == Some(lane.thread)), cursor, skin);
        area.y += lines.height;
        feet.push((lane.thread, area.y - 1));
    }
    for (row, words) in numbers::rows(timeline, picture.header.is_unmeasured()).into_iter().take(plan.numbers) {
        let line = Rect { height: 1, ..area };
        let mut pen = Pen::new(buffer, line);
        pen.gap(2).column(&words, regions.label() - 2, skin.theme.text.dim);
        row.draw(buffer, Rect { y: area.y, height: 1, ..cells }, skin);
        let figure = row.figure(cursor.map(|x| usize::from(x - cells.x)));
        Pen::new(buffer, Rect { x: cells.right(), width: FIGURES, ..line }).gap(1).put(&figure, skin.theme.text.normal);
        area.y += 1;
    }
    let axis_line = Rect { y: regions.inner().bottom().saturating_sub(1), height: 1, ..cells };
    if let Some(x) = cursor {
        draw_cursor(buffer, x, (regions.inner().y, axis_line.y), skin);
    }
    axis(buffer, axis_line, shown, cursor, skin);
    if let Some(span) = &timeline.span {
        arrow(buffer, span, &feet, |at| column(cells, timeline, at), skin);
    }
    span::render(buffer, regions.span, regions.frame, shown, skin);
}

/// The column of an instant; none where it is not in sight.
fn column(cells: Rect, timeline: &Timeline, at: Nanos) -> Option<u16> {
    let into = at.checked_sub(timeline.from).filter(|_| at <= timeline.to && cells.width > 0)?;
    let column = into as u128 * u128::from(cells.width) / u128::from((timeline.to - timeline.from).max(1));
    Some(cells.x + (column as u16).min(cells.width - 1))
}

fn title(buffer: &mut Buffer, regions: &Regions, shown: &Shown<'_>, hidden: usize, skin: Skin) {
    let Shown { picture, timeline, filter, .. } = shown;
    let dim = skin.theme.text.dim;
    let length = timeline.to - timeline.from;
    let mut pen = regions.frame.draw(buffer, regions.area, "timeline", PanelLook::Calm, skin);
    let cell = units::duration(length / u64::from(regions.cells().max(1)));
    pen.put(&format!(" {}", units::duration(length)), skin.theme.text.strong).put(&format!(" · {cell} a cell "), dim);
    if let Some(filter) = filter {
        looks::found(&mut pen, filter, &found(timeline), skin);
    }
    let more = if hidden > 0 { format!(" + {hidden} more ") } else { String::new() };
    looks::legend(&mut pen, more.len() as u16, picture.header.is_unmeasured(), skin);
    let gap = usize::from(pen.room()).saturating_sub(more.len());
    pen.gap(gap as u16).put(&more, dim);
}

/// What a filter found of what is in sight.
fn found(timeline: &Timeline) -> String {
    match timeline.matching {
        _ if timeline.unmarked => "too much in sight to mark all, zoom in".to_owned(),
        Some((some @ 1.., all)) => format!("{some} of {all} lanes"),
        _ => "nothing in sight".to_owned(),
    }
}

fn draw_lane(
    buffer: &mut Buffer,
    area: Rect,
    regions: &Regions,
    (lane, chosen): (&TimelineLane, bool),
    cursor: Option<u16>,
    skin: Skin,
) {
    let texts = &skin.theme.text;
    let own = matches!(lane.kind, ThreadKind::Server | ThreadKind::Observer) || lane.ended;
    let style = if chosen {
        texts.strong
    } else if own {
        texts.dim
    } else {
        texts.normal
    };
    let mark = if chosen { skin.glyphs.mark.selected } else { " " };
    let words = line(area, area.height - 1);
    let mut pen = Pen::new(buffer, words);
    pen.put(mark, texts.accent).gap(1).column(&label(lane), regions.label() - 2, style);
    let cells = regions.cells_area();
    let bars = Rect { x: cells.x, width: cells.width, ..area };
    stack::draw(buffer, bars, &lane.cells, skin);
    dim_others(buffer, bars, &lane.marks);
    let at_cursor = cursor.and_then(|x| lane.cells.get(usize::from(x - cells.x))).copied();
    let (word, style) = at_cursor.and_then(foremost).map_or(("", Style::new()), |state| {
        let look = looks::lane(state, skin);
        (short(look.word), look.tint.bar)
    });
    Pen::new(buffer, Rect { x: cells.right(), width: FIGURES, ..words }).gap(1).put(word, style);
}

/// A lane's label, behind its program's name where there are several.
fn label(lane: &TimelineLane) -> Cow<'_, str> {
    match &lane.program {
        Some(program) => format!("{}: {}", text::cut(&text::clean(program), PROGRAM), lane.label).into(),
        None => Cow::Borrowed(&lane.label),
    }
}

/// What the filter does not match stands back.
fn dim_others(buffer: &mut Buffer, area: Rect, marks: &[bool]) {
    for (x, _) in (area.x..area.right()).zip(marks).filter(|(_, mark)| !**mark) {
        for y in area.y..area.bottom() {
            buffer[(x, y)].set_style(Style::new().add_modifier(Modifier::DIM));
        }
    }
}

/// The word of a state in a narrow column.
fn short(word: &'static str) -> &'static str {
    if word == "asleep in a poll" { "blocked" } else { word }
}

fn draw_cursor(buffer: &mut Buffer, x: u16, (top, bottom): (u16, u16), skin: Skin) {
    let lines = &skin.glyphs.line;
    for y in top..bottom {
        let cell = &mut buffer[(x, y)];
        if cell.symbol() == " " || cell.symbol() == lines.ground {
            cell.set_symbol(lines.shaft).set_style(skin.theme.text.accent);
        }
    }
}

fn axis(buffer: &mut Buffer, area: Rect, shown: &Shown<'_>, cursor: Option<u16>, skin: Skin) {
    let Shown { picture, timeline, .. } = shown;
    let (dim, strong) = (skin.theme.text.dim, skin.theme.text.strong);
    let began = picture.at - picture.header.elapsed.min(picture.at);
    let clock = |at: Nanos| instant(at.saturating_sub(began), timeline.to - timeline.from);
    let (mut first, mut last) = (clock(timeline.from), "now".to_owned());
    let cell = (timeline.to - timeline.from) / 100;
    if picture.oldest > timeline.from + cell && picture.oldest < timeline.to {
        // What the log has forgotten is drawn from what is kept of it, which is coarser.
        first = format!("{first}  details from {} on", clock(picture.oldest));
    }
    let mut taken = area.right()..area.right();
    if let Some(x) = cursor.filter(|_| picture.is_past()) {
        last = clock(timeline.to);
        let (start, words) = under_cursor(area, x, &clock(picture.at), skin);
        taken = start..start + words.chars().count() as u16;
        Pen::new(buffer, Rect { x: start, width: area.right().saturating_sub(start), ..area }).put(&words, strong);
    }
    // What has no room beside the cursor's instant is left out.
    if area.x + (first.len() as u16) < taken.start {
        Pen::new(buffer, area).put(&first, dim);
    }
    if taken.is_empty() || taken.end + (last.len() as u16) <= area.right() {
        Pen::new(buffer, area).right(&last, area.width, dim);
    }
}

/// The cursor's instant, and where it is written. The point stays below the cursor: where there is no room at its
/// right, the instant is at its left.
fn under_cursor(area: Rect, x: u16, at: &str, skin: Skin) -> (u16, String) {
    let point = skin.glyphs.line.points_up;
    let width = at.len() as u16 + 2;
    if x + width <= area.right() {
        (x, format!("{point} {at}"))
    } else {
        ((x + 1).saturating_sub(width).max(area.x), format!("{at} {point}"))
    }
}

/// An instant of the lab's life, as fine as the time in sight asks for.
fn instant(at: Nanos, length: Nanos) -> String {
    match length {
        0..1_000_000 => format!("{}_{:03}", units::exact_clock(at), at % 1000),
        1_000_000..1_000_000_000 => units::exact_clock(at),
        _ => units::fine_clock(at),
    }
}

/// From what woke the chosen poll's task to where the poll began.
fn arrow(
    buffer: &mut Buffer,
    span: &pollscope_core::model::picture::Span,
    feet: &[(ThreadId, u16)],
    column: impl Fn(Nanos) -> Option<u16>,
    skin: Skin,
) {
    let foot = |thread| feet.iter().find(|(it, _)| *it == thread).map(|(_, y)| *y);
    let Some(woken) = &span.woken else { return };
    let (Some(from), Some(to), Some(x)) = (foot(woken.thread), foot(span.thread), column(woken.at)) else { return };
    let (lines, style) = (&skin.glyphs.line, skin.theme.text.accent);
    if let Some(cell) = buffer.cell_mut((x, from)) {
        cell.set_symbol(skin.glyphs.mark.selected).set_style(style);
    }
    for y in from.min(to) + 1..from.max(to) {
        buffer[(x, y)].set_symbol(lines.shaft).set_style(style);
    }
    if from != to {
        let point = if from < to { lines.points_down } else { lines.points_up };
        buffer[(x, to)].set_symbol(point).set_style(style);
    }
}
