//! JSON that may be printed into a terminal: what a terminal obeys, what turns the writing direction and what is not seen
//! is escaped, and means the same.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde::Serialize;

use crate::text::is_invisible;

/// Writes one value, and ends the line.
///
/// # Errors
///
/// Those of the writer.
pub fn write(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(escaped(&serde_json::to_string_pretty(value)?).as_bytes())?;
    writeln!(out)
}

/// Other than in strings JSON has only plain letters and line ends; `serde_json` escapes what is below a space.
fn escaped(json: &str) -> String {
    let is_plain = |letter: char| letter <= '~' || !(letter.is_control() || is_invisible(letter));
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_plain(letter) {
            text.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing into a string cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_means_the_same() {
        let names = ["\u{1b}[2J", "\u{9b}31m\u{7f}", "a\u{202e}b", "日本語", "\u{e0041}x"];
        let mut out = Vec::new();
        write(&names, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control() || is_invisible(letter)), "{text}");
        assert!(text.contains("日本語") && text.contains(r"\u009b31m\u007f") && text.contains(r"\udb40\udc41x"));
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), names);
    }
}
