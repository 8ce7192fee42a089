//! What you are seeing, whose fault it is, and what to press: to be read aloud.
//!
//! ```text
//! ▌ Both workers sleep inside a poll.                                             b  stop blocking
//! ▌ Six tasks were woken and nobody is free to poll them; the pulse is 412 ms late for every task.
//! ```

use std::borrow::Cow;

use pollscope_core::model::picture::Sentence;
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::super::{
    looks::{self, Skin},
    pen::{Pen, line},
    scenario::Offer,
    text,
};

/// The longest line that the eye follows.
const WIDEST: u16 = 118;

/// Draws the region, with the key that helps, where there is one.
pub fn render(buffer: &mut Buffer, area: Rect, sentence: &Sentence, offer: Option<&Offer>, skin: Skin) {
    let (stripe, lead) = looks::mood(sentence.mood, skin);
    let inner = Rect { x: area.x + 3, width: area.width.saturating_sub(5).min(WIDEST), ..area };
    let reserved = offer.map_or(0, |offer| offer_width(offer, skin));
    let (lead, rest) = (words(&sentence.lead, lead), words(&sentence.rest, skin.theme.text.normal));
    draw_words(buffer, inner, reserved, &lead, &rest);
    // Always at the same place, however long the words are: it is looked for in a hurry.
    if let Some(offer) = offer {
        draw_offer(buffer, line(inner, 0), offer, skin);
    }
    for row in 0..area.height {
        Pen::new(buffer, line(area, row)).gap(1).put(skin.glyphs.line.stripe, stripe);
    }
}

/// A word without anything that is not plainly to be shown, and its look.
type Word<'a> = (Cow<'a, str>, Style);

fn words(text: &str, style: Style) -> Vec<Word<'_>> {
    text.split_whitespace().map(|word| (text::clean(word), style)).collect()
}

/// Writes what is seen and what that means, each from a line of its own on where the lines suffice for that.
/// The first line leaves room at its end.
fn draw_words(buffer: &mut Buffer, area: Rect, reserved: u16, lead: &[Word<'_>], rest: &[Word<'_>]) {
    let first = area.width.saturating_sub(reserved);
    let widths: Vec<u16> = (0..area.height).map(|row| if row == 0 { first } else { area.width }).collect();
    let all = lead.len() + rest.len();
    let mut lines = wrap(lead, &widths);
    lines.extend(wrap(rest, &widths[lines.len()..]));
    let together = [lead, rest].concat();
    if count(&lines) < all {
        lines = wrap(&together, &widths);
    }
    let missing = count(&lines) < all;
    for (row, (words, width)) in (0..).zip(lines.iter().zip(&widths)) {
        let mut pen = Pen::new(buffer, Rect { width: *width, ..line(area, row) });
        let is_cut = missing && row + 1 == area.height;
        let shown = if is_cut { fitting(words, width.saturating_sub(1)) } else { words.len() };
        for (at, (word, style)) in words[..shown].iter().enumerate() {
            pen.gap(u16::from(at > 0)).put(word, *style);
        }
        if is_cut {
            pen.put("…", words[0].1);
        }
    }
}

fn count(lines: &[&[Word<'_>]]) -> usize {
    lines.iter().map(|line| line.len()).sum()
}

/// Words in lines of these widths; what is left after the last is left out.
fn wrap<'w, 'a>(mut words: &'w [Word<'a>], widths: &[u16]) -> Vec<&'w [Word<'a>]> {
    let mut lines = Vec::new();
    for width in widths {
        if words.is_empty() {
            break;
        }
        let (line, left) = words.split_at(fitting(words, *width));
        lines.push(line);
        words = left;
    }
    lines
}

/// How many words fit in a line: one at least, which is cut if need be.
fn fitting(words: &[Word<'_>], width: u16) -> usize {
    let mut used = 0;
    let fits = |(word, _): &&Word<'_>| {
        used += text::width(word) + usize::from(used > 0);
        used <= usize::from(width)
    };
    words.iter().take_while(fits).count().max(1).min(words.len())
}

/// The columns of the key that helps and its words, with the gap before them.
fn offer_width(offer: &Offer, skin: Skin) -> u16 {
    let width = |cap: String| (3 + text::width(&cap) + 2 + 1 + offer.words.len()) as u16;
    skin.keys.cap_of(&offer.action).map_or(0, width)
}

/// Draws the key that helps at the end of a line.
fn draw_offer(buffer: &mut Buffer, area: Rect, offer: &Offer, skin: Skin) {
    let Some(cap) = skin.keys.cap_of(&offer.action) else { return };
    let badge = &skin.theme.badge;
    let mut pen = Pen::new(buffer, area);
    pen.gap((area.width + 3).saturating_sub(offer_width(offer, skin)));
    pen.put(&format!(" {cap} "), if offer.helps { badge.good } else { badge.bad }).gap(1);
    pen.put(offer.words, skin.theme.text.strong);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lead: &str, rest: &str, reserved: u16) -> Buffer {
        let area = Rect::new(0, 0, 12, 2);
        let mut buffer = Buffer::empty(area);
        draw_words(&mut buffer, area, reserved, &words(lead, Style::new()), &words(rest, Style::new()));
        buffer
    }

    #[test]
    fn what_it_means_begins_a_line_where_the_lines_suffice() {
        assert_eq!(drawn("both sleep", "a b", 0), Buffer::with_lines(["both sleep  ", "a b         "]));
        assert_eq!(drawn("both", "workers sleep", 0), Buffer::with_lines(["both workers", "sleep       "]));
    }

    #[test]
    fn lines_break_between_words_and_the_first_leaves_room() {
        assert_eq!(drawn("both workers sleep", "", 0), Buffer::with_lines(["both workers", "sleep       "]));
        assert_eq!(drawn("both sleep", "long", 4), Buffer::with_lines(["both        ", "sleep long  "]));
        assert_eq!(drawn("", "", 4), Buffer::with_lines(["            ", "            "]));
    }

    #[test]
    fn words_that_are_left_out_are_marked() {
        assert_eq!(drawn("both", "workers sleep here", 6), Buffer::with_lines(["both        ", "workers…    "]));
        assert_eq!(drawn("a", "bcdefghijklmnop q", 0), Buffer::with_lines(["a           ", "bcdefghijkl…"]));
    }
}
