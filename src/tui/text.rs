//! Text from outside, made fit to be shown: names of repositories, titles, reasons, names of threads.
//!
//! What a terminal could take for a command, what turns the writing direction round and what has no width
//! does not pass. Everything that a [`Pen`](super::pen::Pen) writes goes through here.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Stands for a character that must not reach the terminal.
const REPLACEMENT: char = '·';

/// Stands for what was cut off.
const ELLIPSIS: &str = "…";

/// Marks that may sit on one base character; a flood of them would climb over the neighbouring lines.
const MARKS: usize = 2;

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Without anything that is not plainly to be shown. Plain text is not copied.
pub(super) fn clean(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(raw);
    }
    let mut clean = String::with_capacity(raw.len());
    let mut marks = None;
    for character in raw.chars() {
        push_clean(&mut clean, character, &mut marks);
    }
    Cow::Owned(clean)
}

/// Adds what is left of one character. `marks` counts those on the base before it; none before a base.
fn push_clean(clean: &mut String, character: char, marks: &mut Option<usize>) {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => clean.push(' '),
        _ if character.is_control() => clean.push(REPLACEMENT),
        _ if is_invisible(character) => return,
        // Flags: terminals disagree on their width, so they become the letters that they are made of.
        '\u{1f1e6}'..='\u{1f1ff}' => {
            clean.push(char::from(b'A' + (character as u32 - 0x1f1e6) as u8));
        }
        _ if unicode_width::UnicodeWidthChar::width(character) == Some(0) => {
            if let Some(count) = marks.as_mut().filter(|count| **count < MARKS) {
                *count += 1;
                clean.push(character);
            }
            return;
        }
        _ => clean.push(character),
    }
    *marks = Some(0);
}

/// Formatting characters: direction, joining, tags, variation, tones, and letters that look like nothing.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// At most so many columns of a clean text, with an ellipsis where something was cut off.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut short = String::with_capacity(columns + ELLIPSIS.len());
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > room {
            break;
        }
        short.push_str(grapheme);
    }
    short.push_str(ELLIPSIS);
    Cow::Owned(short)
}

/// A clean text in lines of at most so many columns, broken at spaces where there are some. What does not
/// fit in the last line is cut off.
pub(super) fn wrap(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let full = wrapped.len() >= lines;
        let Some(line) = wrapped.last_mut() else { break };
        let gap = usize::from(!line.is_empty());
        if line.is_empty() || full || width(line) + gap + width(word) <= columns {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            wrapped.push(word.to_owned());
        }
    }
    for line in &mut wrapped {
        if let Cow::Owned(short) = cut(line, columns) {
            *line = short;
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(clean("tokio-rs/tokio"), Cow::Borrowed("tokio-rs/tokio")));
    }

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(clean("a\x1b[31mred\x07\u{9b}2J"), "a·[31mred··2J");
        assert_eq!(clean("two\r\nlines\tand a tab"), "two  lines and a tab");
        assert!(!clean("\x1b]0;title\x07").contains(char::is_control));
    }

    #[test]
    fn nothing_turns_the_direction_or_hides() {
        assert_eq!(clean("gpj.\u{202e}exe"), "gpj.exe");
        assert_eq!(clean("pass\u{200b}word\u{feff}\u{2066}\u{e0041}"), "password");
    }

    #[test]
    fn emoji_are_taken_apart_where_terminals_disagree() {
        assert_eq!(clean("👍🏽 👩‍👧 🇩🇪"), "👍 👩👧 DE");
    }

    #[test]
    fn a_flood_of_marks_is_stemmed_and_needs_a_base() {
        let flood = format!("\u{301}e{}x", "\u{301}".repeat(500));
        assert_eq!(clean(&flood), "e\u{301}\u{301}x");
    }

    #[test]
    fn cutting_counts_columns_and_keeps_characters_whole() {
        assert_eq!(cut("tokio-rs/tokio", 14), "tokio-rs/tokio");
        assert_eq!(cut("tokio-rs/tokio", 8), "tokio-r…");
        assert_eq!(cut("日本語のリポジトリ", 6), "日本…");
        assert_eq!(cut("日本語", 1), "…");
        assert_eq!(cut("日本語", 0), "");
        assert_eq!(cut("cafe\u{301} au lait", 5), "cafe\u{301}…");
    }

    #[test]
    fn no_cut_is_wider_than_asked_for() {
        let hostile = "a👩‍👩‍👧b日\u{202e}c\u{301}\u{301}\u{301}\x1b[2J🇩🇪é";
        for columns in 0..20 {
            assert!(width(&cut(&clean(hostile), columns)) <= columns);
        }
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("both workers sleep inside a poll", 12, 3), ["both workers", "sleep inside", "a poll"]);
        assert_eq!(wrap("both workers sleep inside a poll", 12, 2), ["both workers", "sleep insid…"]);
        assert_eq!(wrap("", 12, 2), [""]);
    }
}
