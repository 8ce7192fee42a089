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

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    looks::Skin,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    state::UseCases,
    text,
};

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
pub(super) fn lines(area: Rect, cases: usize) -> Rect {
    let inner = Frame::Box.inner(table(area, cases));
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

/// Draws the screen between header and footer.
pub(super) fn render(buffer: &mut Buffer, area: Rect, state: &UseCases, skin: Skin) {
    let text = &skin.theme.text;
    let table = table(area, state.cards.len());
    let below = Rect { y: table.bottom(), height: BELOW.min(area.height - table.height), ..area };
    let mut pen = Frame::Box.draw(buffer, table, "use cases", PanelLook::Calm, skin);
    pen.put(" which tool for what ", text.dim);
    let rows = lines(area, state.cards.len());
    let name = rows.width.saturating_sub(2 + 3 * (CELL + 2)).min(40);
    let mut head = Pen::new(buffer, Rect { y: rows.y.saturating_sub(1), height: 1, ..rows });
    head.gap(2 + name);
    for cell in state.cards.first().into_iter().flat_map(|card| &card.cells) {
        head.gap(2).column(cell.tool, CELL, text.strong);
    }
    for (row, at) in (0..rows.height).zip(state.list.shown()) {
        let area = line(rows, row);
        let chosen = Some(at) == state.list.selected;
        let card = &state.cards[at];
        if chosen {
            buffer.set_style(area, skin.theme.selected);
        }
        let mut pen = Pen::new(buffer, area);
        let mark = if chosen { skin.glyphs.mark.selected } else { " " };
        pen.put(mark, text.accent).gap(1).column(card.name, name, if chosen { text.strong } else { text.normal });
        for (column, cell) in card.cells.iter().enumerate() {
            let here = chosen && column == state.column;
            let mark = if here { skin.glyphs.mark.selected } else { " " };
            pen.put(mark, text.accent).gap(1).column(cell.answer, CELL, style(cell.grade, skin));
        }
    }
    if let Some((card, cell)) = state.chosen() {
        about(buffer, below, (card, cell), skin);
    }
}

fn about(buffer: &mut Buffer, area: Rect, (card, cell): (&UseCaseCard, &CellCard), skin: Skin) {
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
