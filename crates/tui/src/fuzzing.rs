//! What holds of text, whatever comes: for the fuzzer and for tests.

use pollscope_core::text::is_invisible;
use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::Rect,
    style::Style,
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{
    pen::Pen,
    text::{clean, cut, width, wrap},
};

/// Any text: nothing raw is left of it, a second cleaning changes nothing, no cut and no line is wider than asked for,
/// and what is drawn in a column leaves its neighbours where they stand. The first byte says how wide the column is.
pub fn text(bytes: &[u8]) {
    let Some((columns, bytes)) = bytes.split_first() else { return };
    let (raw, columns) = (String::from_utf8_lossy(bytes), usize::from(columns & 63));
    let clean = clean(&raw);
    assert_clean(&clean);
    assert_eq!(super::text::clean(&clean), clean, "cleaned twice");
    assert!(width(&clean) <= 2 * raw.chars().count(), "wider than its characters");
    let cut = cut(&clean, columns);
    assert_clean(&cut);
    assert!(terminal_width(&cut) <= columns && width(&cut) <= columns, "{cut:?} in {columns}");
    let lines = wrap(&clean, columns, 3);
    assert!(lines.len() <= 3 && lines.iter().all(|line| terminal_width(line) <= columns), "{lines:?} in {columns}");
    column(&raw, columns as u16);
}

/// Nothing that a terminal obeys, nothing that turns or hides, no flood of marks.
pub fn assert_clean(text: &str) {
    let raw = |letter: char| letter.is_control() || is_invisible(letter) || matches!(letter, '\u{2028}' | '\u{2029}');
    assert!(!text.contains(raw), "{text:?}");
    let mut marks = 2;
    for letter in text.chars() {
        marks = if letter.width() == Some(0) { marks + 1 } else { 0 };
        assert!(marks <= 2, "marks without end or without a base: {text:?}");
    }
}

/// The columns of a terminal that looks at each character alone, or at each cluster: whichever is more.
fn terminal_width(text: &str) -> usize {
    let alone: usize = text.chars().filter_map(UnicodeWidthChar::width).sum();
    let clusters: usize = text.graphemes(true).map(UnicodeWidthStr::width).sum();
    alone.max(clusters)
}

/// A column between two others: what stands beside it stays.
fn column(raw: &str, columns: u16) {
    let area = Rect::new(0, 0, columns + 2, 1);
    for at_the_right in [false, true] {
        let mut buffer = Buffer::filled(area, ratatui::buffer::Cell::new("#"));
        let mut pen = Pen::new(&mut buffer, area);
        pen.put("|", Style::new());
        if at_the_right {
            pen.right(raw, columns, Style::new())
        } else {
            pen.column(raw, columns, Style::new())
        };
        pen.put("|", Style::new());
        assert_eq!([buffer[(0, 0)].symbol(), buffer[(columns + 1, 0)].symbol()], ["|", "|"]);
        assert_drawn(&buffer);
    }
}

/// Each cell holds what a terminal draws in it: as wide as the buffer thinks, and nothing raw.
pub fn assert_drawn(buffer: &Buffer) {
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut hidden = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            assert_clean(symbol);
            assert_eq!(
                terminal_width(symbol),
                usize::from(symbol.cell_width()),
                "a terminal may draw {symbol:?} in another width"
            );
            hidden = symbol.width().saturating_sub(1);
            assert!(usize::from(buffer.area.right() - x) > hidden, "{symbol:?} reaches beyond the edge");
        }
    }
}

/// Lines that go to a terminal as they are.
pub fn lines(text: &str) {
    text.split('\n').for_each(assert_clean);
}
