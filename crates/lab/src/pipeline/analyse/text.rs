//! From untrusted text to words.
//!
//! A word is a run of Unicode letters and digits, in lower case; all else only separates. Code blocks
//! are text like any other: a stack trace is often what two reports of one bug share. So nothing of
//! Markdown is known here, nor what the words are for.
//!
//! Limits: a language written without spaces gives long runs, so there only equal sentences count as
//! equal; and text that spells accents as combining marks gives other words than text that does not.

use std::str::Chars;

use crate::github::types::Issue;

/// Calls `f` with each word of the title, then of the body.
pub(super) fn for_each_word(issue: &Issue, mut f: impl FnMut(&str)) {
    let mut word = String::new();
    for text in [Some(&issue.title), issue.body.as_ref()].into_iter().flatten() {
        words_of(text, &mut word, &mut f);
    }
}

/// `word` is room that the calls share; it is empty before and after.
fn words_of(text: &str, word: &mut String, f: &mut impl FnMut(&str)) {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        } else {
            finish(word, f);
            if c == '\u{1b}' {
                skip_escape_sequence(&mut rest);
            }
        }
    }
    finish(word, f);
}

fn finish(word: &mut String, f: &mut impl FnMut(&str)) {
    if !word.is_empty() {
        f(word);
        word.clear();
    }
}

/// Logs are pasted with their colours: without this, `31m` would stand out among the words.
///
/// Skips what follows an escape in ECMA-48: a control sequence up to its final byte, an operating
/// system command up to its end. Neither reaches beyond a line.
fn skip_escape_sequence(rest: &mut Chars<'_>) {
    let ends: fn(char) -> bool = match rest.clone().next() {
        Some('[') => |c| ('@'..='~').contains(&c) || c.is_control(),
        Some(']') => char::is_control,
        _ => return,
    };
    rest.next();
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        if ends(c) {
            // An escape may open the next sequence, so it is left for the caller to see.
            if c != '\u{1b}' {
                *rest = ahead;
            }
            return;
        }
        rest.clone_from(&ahead);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let (mut words, mut room) = (Vec::new(), String::new());
        words_of(text, &mut room, &mut |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn letters_and_digits_of_any_script_in_lower_case() {
        assert_eq!(words("Der GROẞE Läufer: Ωmega №42"), ["der", "große", "läufer", "ωmega", "42"]);
        assert_eq!(words("задача 任务 1.95.0"), ["задача", "任务", "1", "95", "0"]);
    }

    #[test]
    fn a_capital_whose_lower_case_is_two_characters_stays_one_word() {
        assert_eq!(words("İstanbul"), ["istanbul"]);
    }

    #[test]
    fn line_ends_and_emoji_only_separate() {
        assert_eq!(words("one\r\ntwo\rthree🦀four 👩‍💻 five"), ["one", "two", "three", "four", "five"]);
        assert!(words("🦀 --- \r\n\t").is_empty());
    }

    #[test]
    fn code_blocks_are_kept() {
        assert_eq!(words("see\n```rust\nlet x = f();\n```"), ["see", "rust", "let", "x", "f"]);
    }

    #[test]
    fn escape_sequences_leave_no_words() {
        assert_eq!(words("\u{1b}[1;31merror\u{1b}[0m: lost"), ["error", "lost"]);
        assert_eq!(words("\u{1b}]0;title\u{7}after"), ["after"]);
        assert_eq!(words("\u{1b}]8;;url\u{1b}\\link\u{1b}]8;;\u{1b}\\ end"), ["link", "end"]);
    }

    #[test]
    fn a_broken_escape_sequence_ends_with_its_line() {
        assert_eq!(words("\u{1b}]0;never closed\nnext"), ["next"]);
        assert_eq!(words("\u{1b}[12\nnext"), ["next"]);
        assert_eq!(words("\u{1b}[1\u{1b}[0mnext"), ["next"]);
        assert_eq!(words("last\u{1b}["), ["last"]);
        assert_eq!(words("last\u{1b}"), ["last"]);
    }
}
