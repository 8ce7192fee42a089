//! Screen 5: runs side by side. A table of figures with the best and the worst marked, the lanes of each run on one
//! time scale, and what to take away.
//!
//! ```text
//! ╭ compare ─────────────────────────────────────────────────────╮
//! │                       async   blocking  spawn-blocking        │
//! │ makespan      ms     + 1351     ! 4547            1354        │
//! ╰───────────────────────────────────────────────────────────────╯
//! ╭ threads, on one time scale ───────────────────────────────────╮
//! │ async     worker 0  ▁▁▂▁▁▁                                    │
//! │ blocking  worker 0  ╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱                          │
//! ╰───────────────────────────────────────────────────────────────╯
//! ▌ sentence
//! ```

use std::any::Any;

use pollscope_core::model::picture::{Cell, Sentence};
use pollscope_tui::{
    dashboard::{lane::Brush, sentence},
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    scenario::{DrawContext, List, Move, OwnPlace, Place, ScenarioScreen},
    text,
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The screen's name.
pub const COMPARE: &str = "compare";

/// Where keys go while it is in front.
pub(super) const PLACE: Place = Place::Own(OwnPlace { name: COMPARE, over: false, timed: false, paged: true });

/// Runs side by side: plain data.
#[derive(Clone, Debug, Default)]
pub struct CompareCard {
    /// What tells each run from the others.
    pub labels: Vec<String>,
    /// The figures.
    pub rows: Vec<CompareRow>,
    /// The lanes of each run.
    pub lanes: Vec<CompareLanes>,
    /// What was left out, and why.
    pub refused: Vec<String>,
    /// What to take away.
    pub takeaway: String,
}

/// A figure of every run.
#[derive(Clone, Debug)]
pub struct CompareRow {
    /// What was measured, with its unit.
    pub name: String,
    /// As it is shown; one a run.
    pub values: Vec<String>,
    /// The run that is best.
    pub best: Option<usize>,
    /// The run that is worst.
    pub worst: Option<usize>,
}

/// The lanes of a run.
#[derive(Clone, Debug)]
pub struct CompareLanes {
    /// Their labels, and what they did, cell by cell.
    pub lanes: Vec<(String, Vec<Cell>)>,
    /// How many more there were.
    pub left_out: usize,
    /// How long the run was, as a share of the longest: 0 to 1.
    pub share: f64,
}

/// The table's first column.
const NAME: u16 = 22;
/// A lane's label.
const LANE: u16 = 13;
/// The widest label of a run before its lanes.
const LABEL: usize = 26;

/// How many runs fit beside each other.
fn fitting(card: &CompareCard, width: u16) -> usize {
    let columns = usize::from(width.saturating_sub(NAME)) / (usize::from(column(card)) + 2);
    columns.clamp(1, card.labels.len().max(1))
}

/// The width of a run's column.
fn column(card: &CompareCard) -> u16 {
    let values = card.rows.iter().flat_map(|row| &row.values);
    let widest = card.labels.iter().chain(values).map(|words| text::width(words)).max().unwrap_or(0);
    (widest as u16 + 2).clamp(10, 28)
}

/// The screen of runs side by side: a [`CompareCard`] is what it is told.
#[derive(Debug, Default)]
pub struct CompareScreen {
    card: Option<Box<CompareCard>>,
    /// The runs that are in sight.
    runs: List,
}

impl CompareScreen {
    /// The screen, with the runs to begin with.
    pub fn new(card: Option<CompareCard>) -> Self {
        Self { card: card.map(Box::new), runs: List::default() }
    }
}

impl ScenarioScreen for CompareScreen {
    fn name(&self) -> &'static str {
        COMPARE
    }

    fn place(&self) -> Place {
        PLACE
    }

    fn draw(&self, buffer: &mut Buffer, area: Rect, context: &DrawContext<'_>) {
        match &self.card {
            Some(card) => render(buffer, area, card, &self.runs, context.skin),
            None => nothing(buffer, area, context.skin),
        }
    }

    fn fit(&mut self, area: Rect, _context: &DrawContext<'_>) {
        if let Some(card) = &self.card {
            // One place to move to for each run that does not fit.
            self.runs.fit(card.labels.len(), fitting(card, Frame::Box.inner(area).width), None);
        }
    }

    fn step(&mut self, by: Move) {
        self.runs.scroll(by);
    }

    fn take(&mut self, message: Box<dyn Any + Send>) {
        if let Ok(card) = message.downcast() {
            *self = Self { card: Some(card), runs: List::default() };
        }
    }
}

/// Draws runs side by side.
fn render(buffer: &mut Buffer, area: Rect, card: &CompareCard, list: &List, skin: Skin) {
    let below = if area.height >= 30 { 3 } else { 2 };
    let table = (card.rows.len() as u16 + 1 + Frame::Box.height()).min(area.height.saturating_sub(below));
    let upper = Rect { height: table, ..area };
    let middle = Rect { y: upper.bottom(), height: area.height - table - below, ..area };
    let lower = Rect { y: middle.bottom(), height: below, ..area };
    render_table(buffer, upper, card, list, skin);
    if middle.height > Frame::Box.height() {
        render_lanes(buffer, middle, card, skin);
    }
    let (lead, rest) = card.takeaway.split_once(". ").unwrap_or((&card.takeaway, ""));
    let rest = std::iter::once(rest).chain(card.refused.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    let lead = if lead.ends_with('.') { lead.to_owned() } else { format!("{lead}.") };
    let words = Sentence { lead, rest, ..Sentence::default() };
    sentence::render(buffer, lower, &words, None, skin);
}

/// What to do to have something to compare.
fn nothing(buffer: &mut Buffer, area: Rect, skin: Skin) {
    let text = &skin.theme.text;
    Frame::Box.draw(buffer, area, "compare", PanelLook::Calm, skin);
    let inner = Frame::Box.inner(area);
    let lines = [
        [
            ("c", text.accent),
            (" keeps the present run as 'before'. Then change how it waits or computes:", text.normal),
        ],
        [(" ", text.normal), (" when the first round is over, before and after stand side by side here.", text.normal)],
        [("", text.normal), ("", text.normal)],
        [("pollscope compare pipeline --wait async,blocking", text.good), (" makes the runs for you.", text.normal)],
    ];
    for (row, spans) in (0..inner.height).zip(lines) {
        let mut pen = Pen::new(buffer, line(inner, row));
        for (words, style) in spans {
            pen.put(words, style);
        }
    }
}

fn render_table(buffer: &mut Buffer, area: Rect, card: &CompareCard, list: &List, skin: Skin) {
    let text = &skin.theme.text;
    let mut pen = Frame::Box.draw(buffer, area, "compare", PanelLook::Calm, skin);
    pen.put(" + best  ! worst  less is better ", text.dim);
    let inner = Frame::Box.inner(area);
    let (shown, width) = (fitting(card, inner.width), column(card));
    let first = list.first.min(card.labels.len() - shown.min(card.labels.len()));
    if shown < card.labels.len() {
        pen.put(&format!(" runs {}–{} of {} ", first + 1, first + shown, card.labels.len()), text.accent);
    }
    let mut pen = Pen::new(buffer, line(inner, 0));
    pen.gap(NAME);
    for label in card.labels.iter().skip(first).take(shown) {
        pen.gap(2).right(&text::cut(label, width.into()), width, text.strong);
    }
    for (row, figure) in (1..inner.height).zip(&card.rows) {
        let mut pen = Pen::new(buffer, line(inner, row));
        pen.column(&figure.name, NAME, text.normal);
        for (at, value) in figure.values.iter().enumerate().skip(first).take(shown) {
            let (sign, style) = match (figure.best, figure.worst) {
                (Some(best), _) if best == at => ("+ ", text.good),
                (_, Some(worst)) if worst == at => ("! ", text.alarm),
                _ => ("", text.normal),
            };
            pen.gap(2).right(&format!("{sign}{value}"), width, style);
        }
    }
}

fn render_lanes(buffer: &mut Buffer, area: Rect, card: &CompareCard, skin: Skin) {
    Frame::Box.draw(buffer, area, "threads, on one time scale", PanelLook::Calm, skin);
    let inner = Frame::Box.inner(area);
    let label = card.labels.iter().map(|label| text::width(label)).max().unwrap_or(0).min(LABEL) as u16;
    let runs = card.lanes.len().max(1) as u16;
    // The same for all runs, with air between them where there is room for it.
    let wanted = card.lanes.iter().map(|run| run.lanes.len()).max().unwrap_or(0) as u16;
    let air = u16::from(inner.height >= runs * 3);
    let each = ((inner.height + air) / runs).saturating_sub(air).clamp(1, wanted.max(1));
    let brush = Brush::new(skin);
    let mut y = inner.y;
    for (name, run) in card.labels.iter().zip(&card.lanes) {
        for (at, (lane, cells)) in run.lanes.iter().take(each.into()).enumerate() {
            if y >= inner.bottom() {
                return;
            }
            let row = Rect { y, height: 1, ..inner };
            let mut pen = Pen::new(buffer, row);
            let words = if at == 0 { text::cut(name, label.into()).into_owned() } else { String::new() };
            pen.column(&words, label, skin.theme.text.strong).gap(2).column(lane, LANE, skin.theme.text.dim);
            let left = label + 2 + LANE + 1;
            let width = inner.width.saturating_sub(left);
            let own = ((f64::from(width) * run.share).round() as u16).clamp(1, width.max(1));
            let bars = Rect { x: inner.x + left, width: own.min(width), ..row };
            brush.draw(buffer, bars, &resampled(cells, own), false);
            y += 1;
        }
        y += air;
    }
}

/// As many cells out of these: where several fall into one, the busiest.
fn resampled(cells: &[Cell], count: u16) -> Vec<Cell> {
    let count = usize::from(count);
    let piece = |at: usize| {
        let from = (at * cells.len() / count).min(cells.len().saturating_sub(1));
        let to = ((at + 1) * cells.len()).div_ceil(count).clamp(from + 1, cells.len().max(from + 1));
        cells.get(from..to.min(cells.len())).into_iter().flatten().copied().max_by_key(Cell::busy).unwrap_or_default()
    };
    (0..count).map(piece).collect()
}
