//! Text from outside, made fit to be shown: names of tasks and threads, titles, reasons.
//!
//! What a terminal could take for a command, what turns the writing direction round and what has no width
//! does not pass. It knows nothing of who shows the text.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Stands for a character that must not reach the terminal.
const REPLACEMENT: char = '·';

/// Marks that may sit on one base character; a flood of them would climb over the neighbouring lines.
const MARKS: usize = 2;

/// Without anything that is not plainly to be shown. Plain text is not copied.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(raw);
    }
    let mut clean = String::with_capacity(raw.len());
    let mut marks = None;
    for character in raw.chars() {
        push_clean(&mut clean, character, &mut marks);
    }
    Cow::Owned(taken_apart(clean))
}

/// Where terminals disagree on the width of a cluster, as of a Khmer letter below another, its letters stand side by side.
fn taken_apart(mut text: String) -> String {
    // What is left may form clusters anew; each turn leaves out some marks.
    while !text.graphemes(true).all(is_agreed) {
        let letters = |cluster: &str| -> String {
            let agreed = is_agreed(cluster);
            cluster.chars().filter(|letter| agreed || letter.width() != Some(0)).collect()
        };
        let left: String = text.graphemes(true).map(letters).collect();
        if left.len() == text.len() {
            break;
        }
        text = left;
    }
    text
}

/// Whether a cluster begins with a letter and is as wide as its letters one by one.
fn is_agreed(cluster: &str) -> bool {
    let mut widths = cluster.chars().map(|letter| letter.width().unwrap_or(0));
    let first = widths.next().unwrap_or(1);
    first > 0 && first + widths.sum::<usize>() == cluster.width()
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
        // Half-width sound marks: some count them as a column, some as a part of the letter before.
        '\u{ff9e}' => clean.push('\u{309b}'),
        '\u{ff9f}' => clean.push('\u{309c}'),
        _ if character.width() == Some(0) => {
            if let Some(count) = marks.as_mut().filter(|count| **count < MARKS) {
                *count += 1;
                clean.push(character);
            }
            return;
        }
        _ => clean.push(character),
    }
    // A space is no base: where spaces are taken away, the mark would sit on a letter, or on nothing.
    *marks = (!character.is_whitespace()).then_some(0);
}

/// Formatting characters: direction, joining, tags, variation, tones, and letters that look like nothing.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{110bd}'
        | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
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
    fn letters_stand_side_by_side_where_terminals_disagree() {
        assert_eq!(clean("\u{ff76}\u{ff9e}"), "\u{ff76}\u{309b}");
        assert_eq!(clean("\u{1780}\u{17d2}\u{1780}"), "\u{1780}\u{1780}");
        assert_eq!(clean("\u{915}\u{94d}\u{937} cafe\u{301}"), "\u{915}\u{94d}\u{937} cafe\u{301}");
    }

    #[test]
    fn a_flood_of_marks_is_stemmed_and_needs_a_base() {
        let flood = format!("\u{301}e{}x", "\u{301}".repeat(500));
        assert_eq!(clean(&flood), "e\u{301}\u{301}x");
    }
}
