//! Large type, for the back row: letters of 8 by 8 dots, four of which share a character of the screen.
//!
//! The letters are those of the old IBM machines, from the crate font8x8.

use font8x8::legacy;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{glyphs::Glyphs, pen::Pen, text};

/// Dots of a letter, across and down.
const DOTS: u16 = 8;

/// How large a letter is, in columns and in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// A character of the screen.
    Plain,
    /// 4 by 4.
    Large,
    /// 8 by 8.
    Huge,
}

impl Size {
    /// Lines of a line of that size; of the largest it is the same in columns.
    pub(super) fn lines(self) -> u16 {
        match self {
            Self::Plain => 1,
            Self::Large => DOTS / 2,
            Self::Huge => DOTS,
        }
    }

    /// The columns of a text.
    pub(super) fn width(self, text: &str) -> u16 {
        text::width(text) as u16 * self.lines()
    }

    /// Whether there is each letter of a text in that size.
    pub(super) fn has(self, text: &str) -> bool {
        self == Self::Plain || text.chars().all(|letter| dots_of(letter).is_some())
    }

    /// The largest of these in which a text fits into a width and a height.
    pub(super) fn fitting(sizes: &[Self], text: &str, (width, height): (u16, u16)) -> Self {
        let fits = |size: &&Self| size.has(text) && size.width(text) <= width && size.lines() <= height;
        sizes.iter().find(fits).copied().unwrap_or(Self::Plain)
    }
}

/// Writes a line of text from the left of an area; what has no room is cut.
pub(super) fn put(buffer: &mut Buffer, area: Rect, words: &str, size: Size, style: Style, glyphs: &Glyphs) {
    let Some(dots) = glyphs.dots.filter(|_| size != Size::Plain) else {
        Pen::new(buffer, Rect { height: area.height.min(1), ..area }).put(words, style);
        return;
    };
    let area = area.intersection(buffer.area);
    for (letter, x) in text::clean(words).chars().zip((area.x..area.right()).step_by(size.lines().into())) {
        let rows = dots_of(letter).unwrap_or_default();
        let is_set = |x: u16, y: u16| rows.get(usize::from(y)).is_some_and(|row| row >> x & 1 == 1);
        let cell = |column: u16, line: u16| match size {
            Size::Huge => usize::from(is_set(column, line)) * 15,
            _ => (0..4)
                .fold(0, |all, part| all | usize::from(is_set(column * 2 + part % 2, line * 2 + part / 2)) << part),
        };
        for (line, y) in (0..size.lines()).zip(area.y..area.bottom()) {
            for (column, x) in (0..size.lines()).zip(x..area.right()) {
                let set = cell(column, line);
                if set > 0 {
                    buffer[(x, y)].set_symbol(dots[set]).set_style(style);
                }
            }
        }
    }
}

/// A letter's rows, the left dot the lowest bit; none of a letter that the old machines had not.
fn dots_of(letter: char) -> Option<[u8; 8]> {
    let plain = match letter {
        '−' | '–' => '-',
        '…' => '.',
        '’' => '\'',
        letter => letter,
    };
    let sets: [(u32, &[[u8; 8]]); 3] =
        [(0, &legacy::BASIC_LEGACY), (0xa0, &legacy::LATIN_LEGACY), (0x390, &legacy::GREEK_LEGACY)];
    sets.iter().find_map(|(first, letters)| letters.get((plain as u32).checked_sub(*first)? as usize)).copied()
}

/// Words in lines of at most so many letters; a longer word is a line of its own.
pub(super) fn wrap(words: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text::width(line) + 1 + text::width(word) <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{super::glyphs, *};

    fn drawn(words: &str, size: Size, (width, height): (u16, u16), glyphs: &Glyphs) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        put(&mut buffer, area, words, size, Style::new(), glyphs);
        (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn letters_are_four_or_eight_times_as_large() {
        assert_eq!(drawn("L", Size::Large, (4, 4), &glyphs::UNICODE), ["▜▛  ", "▐▌  ", "▐▌▗▌", "▀▀▀▘"]);
        assert_eq!(drawn("-", Size::Huge, (8, 4), &glyphs::UNICODE)[3], "██████  ");
    }

    #[test]
    fn what_has_no_room_is_cut_and_what_has_no_dots_is_plain() {
        assert_eq!(drawn("LL", Size::Large, (5, 2), &glyphs::UNICODE), ["▜▛  ▜", "▐▌  ▐"]);
        assert_eq!(drawn("LL", Size::Large, (5, 2), &glyphs::ASCII), ["LL   ", "     "]);
        for (word, size) in [("übe", Size::Large), ("µΩλ", Size::Large), ("日本", Size::Plain), ("a→b", Size::Plain)]
        {
            assert_eq!(Size::fitting(&[Size::Large], word, (40, 4)), size, "{word}");
        }
    }

    #[test]
    fn the_largest_that_fits_is_taken() {
        let sizes = [Size::Huge, Size::Large];
        assert_eq!(Size::fitting(&sizes, "async", (40, 8)), Size::Huge);
        assert_eq!(Size::fitting(&sizes, "async", (39, 8)), Size::Large);
        assert_eq!(Size::fitting(&sizes, "async", (40, 3)), Size::Plain);
        assert_eq!(wrap("both workers sleep", 12), ["both workers", "sleep"]);
    }
}
