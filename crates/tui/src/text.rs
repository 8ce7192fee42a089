//! Text in columns: how wide it is, cut and wrapped. Everything that a [`Pen`](super::pen::Pen) writes goes through here.

use std::borrow::Cow;

pub(super) use pollscope_core::text::clean;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Stands for what was cut off.
const ELLIPSIS: &str = "…";

/// The columns that a text takes where each cluster is drawn by itself, as in a buffer: letters that a font would join
/// (lam and alef) stand side by side.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// At most so many columns of a clean text, with an ellipsis where something was cut off.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
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
pub fn wrap(text: &str, columns: usize, lines: usize) -> Vec<String> {
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
        if width(line) > columns {
            *line = cut(line, columns).into_owned();
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_columns_and_keeps_characters_whole() {
        assert_eq!(cut("tokio-rs/tokio", 14), "tokio-rs/tokio");
        assert_eq!(cut("tokio-rs/tokio", 8), "tokio-r…");
        assert_eq!(cut("日本語のリポジトリ", 6), "日本…");
        assert_eq!(cut("日本語", 1), "…");
        assert_eq!(cut("日本語", 0), "");
        assert_eq!(cut("cafe\u{301} au lait", 5), "cafe\u{301}…");
        assert_eq!(cut("\u{644}\u{627}\u{644}\u{627}", 3), "\u{644}\u{627}…");
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
        assert_eq!(wrap("no room", 0, 2), ["", ""]);
    }
}
