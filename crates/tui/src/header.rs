//! The first line: what runs, on what, for how long, and what watching it costs.
//!
//! ```text
//!  ◉ pollscope  shop · 3 counters · multi-thread ×2 · rayon ×2      round 3  00:41  28 ns/poll · scope 1.2% · lost 0
//! ```

use pollscope_core::model::picture::Header;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{looks::Skin, pen::Pen, scenario::HeaderWords, state::Time, text, units};

/// A word or two of the header.
#[derive(Clone, Debug)]
pub struct HeaderPiece {
    /// The words.
    pub words: String,
    /// Their look.
    pub style: Style,
    /// The higher, the sooner it is left out; with 0 it never is.
    pub rank: u8,
}

/// What the line is made of.
#[derive(Debug)]
pub(super) struct HeaderLine<'a> {
    pub(super) header: &'a Header,
    pub(super) time: &'a Time,
    pub(super) words: HeaderWords,
}

/// Draws the line.
pub(super) fn render(buffer: &mut Buffer, area: Rect, line: HeaderLine<'_>, skin: Skin) {
    let texts = &skin.theme.text;
    let HeaderLine { header, time, words } = line;
    buffer.set_style(area, skin.theme.bar);
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let logo = format!("{} pollscope", skin.glyphs.mark.logo);
    let mut left = vec![HeaderPiece { words: logo, style: texts.accent, rank: 0 }];
    left.extend(behind(time, skin).map(|(words, style)| HeaderPiece { words, style, rank: 0 }));
    left.extend(programs(header, skin));
    left.extend(words.runs);
    let mut right = words.figures;
    right.extend(figures(header, time.is_live(), skin));
    // By the width alone, so that nothing moves when a figure comes or goes.
    let gap = if area.width >= 140 { 3 } else { 2 };
    fit(&mut left, &mut right, area.width, gap);
    put(&mut Pen::new(buffer, area), &left, gap);
    let mut pen = Pen::new(buffer, area);
    pen.gap(area.width.saturating_sub(width(&right, gap)));
    put(&mut pen, &right, gap);
}

/// Leaves out pieces until the others fit.
fn fit(left: &mut Vec<HeaderPiece>, right: &mut Vec<HeaderPiece>, room: u16, gap: u16) {
    while width(left, gap) + width(right, gap) + gap > room && drop_one(left, right) {}
}

/// Leaves out the piece that matters least; none matters less than the name and the losses.
fn drop_one(left: &mut Vec<HeaderPiece>, right: &mut Vec<HeaderPiece>) -> bool {
    let rank = left.iter().chain(right.iter()).map(|piece| piece.rank).max().unwrap_or(0);
    for pieces in [left, right] {
        if let Some(at) = pieces.iter().rposition(|piece| piece.rank == rank && rank > 0) {
            pieces.remove(at);
            return true;
        }
    }
    false
}

fn width(pieces: &[HeaderPiece], gap: u16) -> u16 {
    let words: usize = pieces.iter().map(|piece| text::width(&piece.words)).sum();
    words as u16 + gap * (pieces.len() as u16).saturating_sub(1)
}

fn put(pen: &mut Pen<'_>, pieces: &[HeaderPiece], gap: u16) {
    for (at, piece) in pieces.iter().enumerate() {
        pen.gap(if at > 0 { gap } else { 0 }).put(&piece.words, piece.style);
    }
}

/// The names of the programs that are looked at; none where it is a lab of this one.
fn programs(header: &Header, skin: Skin) -> Option<HeaderPiece> {
    let names: Vec<_> = header.programs.iter().map(|program| text::clean(&program.name)).collect();
    let piece = HeaderPiece { words: names.join(" + "), style: skin.theme.text.strong, rank: 4 };
    header.is_of_programs().then_some(piece)
}

/// That it is not now, and how far it is behind.
pub(super) fn behind(time: &Time, skin: Skin) -> Option<(String, Style)> {
    let end = if time.is_read_on() { "what is read" } else { "its end" };
    let words = match (time.speed(), time.is_recorded()) {
        _ if time.has_looked() > 0 => {
            format!(" LOOKING  {} so far{} ", units::behind(time.has_looked()), skin.keys.stops(", "))
        }
        (None, false) if time.is_live() => return None,
        (None, true) if time.is_live() => format!(" REPLAY  at {end} "),
        (None, false) if time.is_at_the_beginning() => " FROZEN  details begin here ".to_owned(),
        (None, false) => format!(" FROZEN  {} behind ", units::behind(time.behind())),
        (None, true) => format!(" FROZEN  {} to {end} ", units::behind(time.behind())),
        (Some(speed), false) => format!(" SPEED ×{speed}  {} behind ", units::behind(time.behind())),
        (Some(speed), true) => format!(" REPLAY ×{speed}  {} to {end} ", units::behind(time.behind())),
    };
    Some((words, skin.theme.badge.caution))
}

fn figures(header: &Header, is_live: bool, skin: Skin) -> Vec<HeaderPiece> {
    let texts = &skin.theme.text;
    let mut figures = Vec::new();
    // As fine as the steps from one poll to the next.
    let clock = if is_live { units::clock } else { units::exact_clock };
    figures.push(HeaderPiece { words: clock(header.elapsed), style: texts.strong, rank: 1 });
    if let Some(nanos) = header.probe_nanos {
        figures.push(HeaderPiece { words: format!("{nanos:.0} ns/poll"), style: texts.dim, rank: 8 });
    }
    let scope = match header.observer_cores {
        Some(cores) => Some(format!("scope {}", units::percent(cores))),
        None => header.is_unmeasured().then(|| "scope not measured".to_owned()),
    };
    figures.extend(scope.map(|words| HeaderPiece { words, style: texts.dim, rank: 7 }));
    match header.recording {
        Some(Some(bytes)) => {
            figures
                .push(HeaderPiece { words: format!("● REC {}", units::bytes(bytes)), style: texts.alarm, rank: 0 });
        }
        Some(None) => {
            figures.push(HeaderPiece { words: "REC FAILED".to_owned(), style: skin.theme.badge.bad, rank: 0 });
        }
        None => {}
    }
    let lost = if header.lost > 0 { texts.alarm } else { texts.dim };
    figures.push(HeaderPiece { words: format!("lost {}", units::count(header.lost)), style: lost, rank: 0 });
    figures
}
