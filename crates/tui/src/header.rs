//! The first line: what runs, on what, for how long, and what watching it costs.
//!
//! ```text
//!  ◉ pollscope  pipeline · embedded github · multi-thread ×2 · rayon ×2      round 3  00:41  28 ns/poll · scope 1.2% · lost 0
//! ```

use pollscope_core::{
    model::picture::Header,
    trace::settings::{Settings, Source, Strategy},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{looks::Skin, pen::Pen, state::Time, text, units};

/// A word or two of the header.
struct Piece {
    words: String,
    style: Style,
    /// The higher, the sooner it is left out.
    rank: u8,
}

/// What the lab has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Runs<'a> {
    /// A scenario that asks for repositories.
    Scenario(&'a str),
    /// A lesson.
    Lesson(&'a str),
}

/// Draws the line.
pub(super) fn render(buffer: &mut Buffer, area: Rect, header: &Header, (runs, time): (Runs<'_>, &Time), skin: Skin) {
    let texts = &skin.theme.text;
    buffer.set_style(area, skin.theme.bar);
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut left = vec![Piece { words: format!("{} pollscope", skin.glyphs.mark.logo), style: texts.accent, rank: 0 }];
    left.extend(behind(time, skin).map(|(words, style)| Piece { words, style, rank: 0 }));
    left.extend(what_runs(header, runs, skin));
    let mut right = figures(header, time.is_live(), skin);
    // By the width alone, so that nothing moves when a figure comes or goes.
    let gap = if area.width >= 140 { 3 } else { 2 };
    fit(&mut left, &mut right, area.width, gap);
    put(&mut Pen::new(buffer, area), &left, gap);
    let mut pen = Pen::new(buffer, area);
    pen.gap(area.width.saturating_sub(width(&right, gap)));
    put(&mut pen, &right, gap);
}

/// Leaves out pieces until the others fit.
fn fit(left: &mut Vec<Piece>, right: &mut Vec<Piece>, room: u16, gap: u16) {
    while width(left, gap) + width(right, gap) + gap > room && drop_one(left, right) {}
}

/// Leaves out the piece that matters least; none matters less than the name and the losses.
fn drop_one(left: &mut Vec<Piece>, right: &mut Vec<Piece>) -> bool {
    let rank = left.iter().chain(right.iter()).map(|piece| piece.rank).max().unwrap_or(0);
    for pieces in [left, right] {
        if let Some(at) = pieces.iter().rposition(|piece| piece.rank == rank && rank > 0) {
            pieces.remove(at);
            return true;
        }
    }
    false
}

fn width(pieces: &[Piece], gap: u16) -> u16 {
    let words: usize = pieces.iter().map(|piece| text::width(&piece.words)).sum();
    words as u16 + gap * (pieces.len() as u16).saturating_sub(1)
}

fn put(pen: &mut Pen<'_>, pieces: &[Piece], gap: u16) {
    for (at, piece) in pieces.iter().enumerate() {
        pen.gap(if at > 0 { gap } else { 0 }).put(&piece.words, piece.style);
    }
}

fn what_runs(header: &Header, runs: Runs<'_>, skin: Skin) -> Vec<Piece> {
    let texts = &skin.theme.text;
    let (name, is_lesson) = match runs {
        Runs::Scenario(name) => (name, false),
        Runs::Lesson(name) => (name, true),
    };
    if header.is_of_programs() {
        return attached(header, skin);
    }
    let name = Piece { words: text::clean(name).into_owned(), style: texts.strong, rank: 4 };
    let Some(settings) = &header.settings else {
        return vec![name, Piece { words: "starting…".to_owned(), style: texts.dim, rank: 3 }];
    };
    let workers = format!("{} ×{}", settings.flavor.name(), settings.workers);
    let rayon = format!("rayon ×{}", settings.rayon_threads);
    let source = if is_lesson { "lesson".to_owned() } else { source(settings) };
    vec![
        name,
        Piece { words: source, style: texts.dim, rank: 5 },
        Piece { words: workers, style: texts.normal, rank: 2 },
        Piece { words: rayon, style: texts.normal, rank: 6 },
    ]
}

/// The programs that are looked at; of one alone what it runs on, where it says so.
fn attached(header: &Header, skin: Skin) -> Vec<Piece> {
    let texts = &skin.theme.text;
    let names: Vec<_> = header.programs.iter().map(|program| text::clean(&program.name)).collect();
    let mut pieces = vec![Piece { words: names.join(" + "), style: texts.strong, rank: 4 }];
    if let Some(settings) = &header.settings {
        let workers = format!("{} ×{}", settings.flavor.name(), settings.workers);
        pieces.push(Piece { words: workers, style: texts.normal, rank: 5 });
    }
    pieces
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

/// Where the repositories come from.
fn source(settings: &Settings) -> String {
    match (&settings.api_url, settings.source) {
        (Some(url), Source::Github) => text::cut(&text::clean(url), 32).into_owned(),
        (_, Source::Github) => Source::Github.choice().code.to_owned(),
        (_, Source::Embedded) => "embedded github".to_owned(),
    }
}

fn figures(header: &Header, is_live: bool, skin: Skin) -> Vec<Piece> {
    let texts = &skin.theme.text;
    let mut figures = Vec::new();
    if header.round > 0 {
        let done = if header.round_done { " done" } else { "" };
        figures.push(Piece { words: format!("round {}{done}", header.round), style: texts.normal, rank: 3 });
    }
    // As fine as the steps from one poll to the next.
    let clock = if is_live { units::clock } else { units::exact_clock };
    figures.push(Piece { words: clock(header.elapsed), style: texts.strong, rank: 1 });
    if let Some(nanos) = header.probe_nanos {
        figures.push(Piece { words: format!("{nanos:.0} ns/poll"), style: texts.dim, rank: 8 });
    }
    let scope = match header.observer_cores {
        Some(cores) => Some(format!("scope {}", units::percent(cores))),
        None => header.is_unmeasured().then(|| "scope not measured".to_owned()),
    };
    figures.extend(scope.map(|words| Piece { words, style: texts.dim, rank: 7 }));
    match header.recording {
        Some(Some(bytes)) => {
            figures.push(Piece { words: format!("● REC {}", units::bytes(bytes)), style: texts.alarm, rank: 0 });
        }
        Some(None) => figures.push(Piece { words: "REC FAILED".to_owned(), style: skin.theme.badge.bad, rank: 0 }),
        None => {}
    }
    let lost = if header.lost > 0 { texts.alarm } else { texts.dim };
    figures.push(Piece { words: format!("lost {}", units::count(header.lost)), style: lost, rank: 0 });
    figures
}
