//! What you are seeing, whose fault it is, and what to press: to be read aloud.
//!
//! ```text
//! ▌ Both workers sleep inside a poll. Six tasks have been woken and nobody is free to poll them:
//! ▌ the network has answered, the answers wait too. The pulse is 412 ms late.    b  stop blocking
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::super::{
    keys,
    looks::{self, Skin},
    pen::{Pen, line},
    text,
};
use crate::model::picture::{Command, Remedy, Sentence};

/// The longest line that the eye follows.
const WIDEST: u16 = 118;

/// Draws the region.
pub(crate) fn render(buffer: &mut Buffer, area: Rect, sentence: &Sentence, skin: Skin) {
    let (stripe, lead) = looks::mood(sentence.mood, skin);
    let words = Rect { x: area.x + 3, width: area.width.saturating_sub(5).min(WIDEST), ..area };
    let reserved = sentence.remedy.map_or(0, remedy_width);
    let normal = skin.theme.text.normal;
    let spoken = spoken(&sentence.lead, lead).chain(spoken(&sentence.rest, normal));
    draw_words(buffer, words, reserved, spoken);
    // Always at the same place, however long the words are: it is looked for in a hurry.
    if let Some(remedy) = sentence.remedy {
        draw_remedy(buffer, line(words, words.height.saturating_sub(1)), remedy, skin);
    }
    for row in 0..area.height {
        Pen::new(buffer, line(area, row)).gap(1).put(skin.glyphs.line.stripe, stripe);
    }
}

fn spoken(text: &str, style: Style) -> impl Iterator<Item = (&str, Style)> {
    text.split_whitespace().map(move |word| (word, style))
}

/// Writes words line by line; the last line leaves room at its end.
fn draw_words<'a>(buffer: &mut Buffer, area: Rect, reserved: u16, words: impl Iterator<Item = (&'a str, Style)>) {
    let room = |row: u16| area.width - if row + 1 == area.height { reserved.min(area.width) } else { 0 };
    let (mut row, mut used) = (0, 0);
    let mut words = words.peekable();
    while let Some((word, style)) = words.next() {
        let clean = text::clean(word);
        let width = text::width(&clean) as u16;
        if used > 0 && used + 1 + width > room(row) && row + 1 < area.height {
            (row, used) = (row + 1, 0);
        }
        let start = if used > 0 { used + 1 } else { 0 };
        // In the last line a word is followed by an ellipsis if the next one finds no room.
        let next = words.peek().map_or(0, |(next, _)| text::width(&text::clean(next)) as u16 + 1);
        let last = row + 1 == area.height && start + width + next > room(row);
        let mut pen = Pen::new(buffer, Rect { width: room(row), ..line(area, row) });
        pen.gap(start).put(&clean, style);
        if last && next > 0 {
            pen.put("…", style);
            return;
        }
        used = start + width;
    }
}

/// The columns of the key that helps and its words, with the gap before them.
fn remedy_width(remedy: Remedy) -> u16 {
    keys::cap_of(command(remedy))
        .map_or(0, |cap| (3 + text::width(&cap) + 2 + 1 + looks::remedy_words(remedy).len()) as u16)
}

/// Draws the key that helps at the end of a line.
fn draw_remedy(buffer: &mut Buffer, area: Rect, remedy: Remedy, skin: Skin) {
    let Some(cap) = keys::cap_of(command(remedy)) else { return };
    let mut pen = Pen::new(buffer, area);
    pen.gap((area.width + 3).saturating_sub(remedy_width(remedy)));
    pen.put(&format!(" {cap} "), looks::remedy(remedy, skin)).gap(1);
    pen.put(looks::remedy_words(remedy), skin.theme.text.strong);
}

/// What a remedy sends.
fn command(remedy: Remedy) -> Command {
    match remedy {
        Remedy::StopBlocking | Remedy::TryBlocking => Command::ToggleBlocking,
        Remedy::MoveCompute => Command::NextCompute,
        Remedy::MoreWorkers => Command::MoreWorkers,
        Remedy::FewerWorkers => Command::FewerWorkers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, reserved: u16) -> Buffer {
        let area = Rect::new(0, 0, 12, 2);
        let mut buffer = Buffer::empty(area);
        draw_words(&mut buffer, area, reserved, spoken(text, Style::new()));
        buffer
    }

    #[test]
    fn lines_break_between_words_and_the_last_leaves_room() {
        assert_eq!(drawn("both workers sleep here", 0), Buffer::with_lines(["both workers", "sleep here  "]));
        assert_eq!(drawn("both workers sleep here", 4), Buffer::with_lines(["both workers", "sleep…      "]));
        assert_eq!(drawn("", 4), Buffer::with_lines(["            ", "            "]));
    }

    #[test]
    fn every_remedy_has_a_key() {
        for remedy in
            [Remedy::StopBlocking, Remedy::MoveCompute, Remedy::MoreWorkers, Remedy::FewerWorkers, Remedy::TryBlocking]
        {
            assert!(keys::cap_of(command(remedy)).is_some());
        }
    }
}
