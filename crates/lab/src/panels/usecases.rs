//! Screen 6: use cases, and how far crossbeam, Tokio and Rayon serve each. A cell says why, and opens the lesson that
//! shows it.
//!
//! ```text
//! ╭ use cases ──────────────────────────────────────────╮
//! │ borrowed data across threads      yes  ▸ no      yes │
//! ╰──────────────────────────────────────────────────────╯
//! ╭ Tokio: borrowed data across threads ────────────────╮
//! ╰──────────────────────────────────────────────────────╯
//! ```

use std::sync::{Arc, LazyLock};

use pollscope_tui::{
    layout::line_of,
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    scenario::{DrawContext, List, Move, Outcome, Own, OwnPlace, Place, ScenarioScreen},
    text,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

use crate::panels::lessons::{LESSONS, LessonKey};

/// The screen's name.
pub const USE_CASES: &str = "use-cases";

/// Where keys go while it is in front.
pub(super) const PLACE: Place = Place::Own(OwnPlace { name: USE_CASES, over: false, timed: false, paged: true });

/// What keys ask of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UseCaseKey {
    /// Opens the lesson of the chosen cell.
    OpenCell,
}

/// A use case: plain data.
#[derive(Clone, Debug)]
pub struct UseCaseCard {
    /// What is to be done.
    pub name: &'static str,
    /// A cell for each tool, in the same order in every row.
    pub cells: Vec<CellCard>,
}

/// Whether a tool serves a use case.
#[derive(Clone, Debug)]
pub struct CellCard {
    /// Who is asked.
    pub tool: &'static str,
    /// In a word.
    pub answer: &'static str,
    /// How good that is.
    pub grade: Grade,
    /// Why.
    pub why: &'static str,
    /// The place of the lesson that shows it, in the list of lessons.
    pub lesson: Option<usize>,
    /// What shows it, in words: found out when it is first looked at.
    pub shown_by: Words,
}

/// Words that may have to be found out. Copies find them out once.
pub type Words = Arc<LazyLock<String, Box<dyn FnOnce() -> String + Send>>>;

/// How good an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Made for it.
    Good,
    /// It can.
    Fair,
    /// Not made for it.
    Poor,
}

/// A column of answers.
const CELL: u16 = 12;
/// Lines below the table: the frame, the answer, why, and what shows it.
const BELOW: u16 = 6;

/// Where the table is: as high as it has to be, as far as what is below it has room.
fn table(area: Rect, cases: usize) -> Rect {
    let height = (cases as u16 + 1 + Frame::Box.height()).min(area.height.saturating_sub(BELOW));
    Rect { height, ..area }
}

/// The lines of the table.
fn lines(area: Rect, cases: usize) -> Rect {
    let inner = Frame::Box.inner(table(area, cases));
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

/// The table of use cases, and which cell is chosen.
#[derive(Debug)]
pub struct UseCasesScreen {
    cards: Arc<[UseCaseCard]>,
    list: List,
    column: usize,
}

impl UseCasesScreen {
    /// The screen, with its first cell chosen.
    pub fn new(cards: Arc<[UseCaseCard]>) -> Self {
        Self { cards, list: List::with(Some(0)), column: 0 }
    }

    /// The chosen cell and its row.
    fn chosen(&self) -> Option<(&UseCaseCard, &CellCard)> {
        let card = self.cards.get(self.list.selected?)?;
        Some((card, card.cells.get(self.column)?))
    }

    /// Draws the names of the tools, each above its column.
    fn draw_head(&self, buffer: &mut Buffer, rows: Rect, name: u16, skin: Skin) {
        let mut head = Pen::new(buffer, Rect { y: rows.y.saturating_sub(1), height: 1, ..rows });
        head.gap(2 + name);
        for cell in self.cards.first().into_iter().flat_map(|card| &card.cells) {
            head.gap(2).column(cell.tool, CELL, skin.theme.text.strong);
        }
    }

    /// Draws a row of the table.
    fn draw_row(&self, buffer: &mut Buffer, area: Rect, at: usize, name: u16, skin: Skin) {
        let text = &skin.theme.text;
        let chosen = Some(at) == self.list.selected;
        let card = &self.cards[at];
        if chosen {
            buffer.set_style(area, skin.theme.selected);
        }
        let mut pen = Pen::new(buffer, area);
        let mark = if chosen { skin.glyphs.mark.selected } else { " " };
        pen.put(mark, text.accent).gap(1).column(card.name, name, if chosen { text.strong } else { text.normal });
        for (column, cell) in card.cells.iter().enumerate() {
            let here = chosen && column == self.column;
            let mark = if here { skin.glyphs.mark.selected } else { " " };
            pen.put(mark, text.accent).gap(1).column(cell.answer, CELL, style(cell.grade, skin));
        }
    }
}

impl ScenarioScreen for UseCasesScreen {
    fn name(&self) -> &'static str {
        USE_CASES
    }

    fn place(&self) -> Place {
        PLACE
    }

    fn draw(&self, buffer: &mut Buffer, area: Rect, context: &DrawContext<'_>) {
        let skin = context.skin;
        let table = table(area, self.cards.len());
        let below = Rect { y: table.bottom(), height: BELOW.min(area.height - table.height), ..area };
        let mut pen = Frame::Box.draw(buffer, table, "use cases", PanelLook::Calm, skin);
        pen.put(" which tool for what ", skin.theme.text.dim);
        let rows = lines(area, self.cards.len());
        let name = rows.width.saturating_sub(2 + 3 * (CELL + 2)).min(40);
        self.draw_head(buffer, rows, name, skin);
        for (row, at) in (0..rows.height).zip(self.list.shown()) {
            self.draw_row(buffer, line(rows, row), at, name, skin);
        }
        if let Some((card, cell)) = self.chosen() {
            about(buffer, below, card, cell, skin);
        }
    }

    fn fit(&mut self, area: Rect, _context: &DrawContext<'_>) {
        let len = self.cards.len();
        self.list.fit(len, lines(area, len).height.into(), None);
    }

    fn update(&mut self, action: &Own) -> Option<Outcome> {
        let UseCaseKey::OpenCell = action.get()?;
        let lesson = self.chosen().and_then(|(_, cell)| cell.lesson)?;
        Some(Outcome::Show(LESSONS, Own::new(LessonKey::Open(lesson))))
    }

    fn step(&mut self, by: Move) {
        let last = self.cards.first().map_or(0, |card| card.cells.len().saturating_sub(1));
        match by {
            Move::Left => self.column = self.column.saturating_sub(1),
            Move::Right => self.column = (self.column + 1).min(last),
            by => self.list.select(by),
        }
    }

    fn line_at(&self, area: Rect, position: Position) -> Option<usize> {
        let lines = lines(area, self.cards.len());
        lines.contains(position).then(|| line_of(self.list.shown(), position.y - lines.y))?
    }

    fn choose(&mut self, line: usize) {
        self.list.selected = Some(line);
    }
}

fn about(buffer: &mut Buffer, area: Rect, card: &UseCaseCard, cell: &CellCard, skin: Skin) {
    let words = &skin.theme.text;
    Frame::Box.draw(buffer, area, cell.tool, PanelLook::Calm, skin).put(&format!(" {} ", card.name), words.dim);
    let inner = Frame::Box.inner(area);
    let mut lines = vec![(cell.answer.to_owned(), style(cell.grade, skin))];
    let wrapped = |words: &str, style| {
        text::wrap(words, inner.width.into(), 2).into_iter().map(move |line| (line, style)).collect::<Vec<_>>()
    };
    lines.extend(wrapped(cell.why, words.strong));
    lines.extend(wrapped(cell.shown_by.as_str(), words.dim));
    for (row, (words, style)) in (0..inner.height).zip(&lines) {
        Pen::new(buffer, line(inner, row)).put(words, *style);
    }
}

fn style(grade: Grade, skin: Skin) -> Style {
    let text = &skin.theme.text;
    match grade {
        Grade::Good => text.good,
        Grade::Fair => text.warning,
        Grade::Poor => text.alarm,
    }
}
