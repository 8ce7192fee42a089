//! Text from outside, made fit for an error message: one line, no tricks, bounded.
//!
//! Knows nothing of HTTP beyond the shapes of GitHub's error bodies.

use std::time::Duration;

use pollscope_core::text::clean;
use serde_json::Value;

/// How many characters of a foreign text are shown.
const LONGEST: usize = 120;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Error bodies beyond this many bytes are not read for a message.
const LONGEST_BODY: usize = 64 * 1024;

/// The text without control characters and without what [`clean`] takes out, on one line, at most 120 characters.
pub(super) fn plain(text: &str) -> String {
    let shown: String = text.chars().filter(|char| char.is_whitespace() || !char.is_control()).collect();
    let line = clean(&shown).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// What an error body says: its `message` (or `error`), with what its `errors` add. Empty where the body is
/// HTML, empty, or says nothing.
pub(super) fn message(body: &[u8]) -> String {
    if body.len() > LONGEST_BODY {
        return String::new();
    }
    let Ok(value) = serde_json::from_str::<Value>(&String::from_utf8_lossy(body)) else { return String::new() };
    let main = ["message", "error"].iter().find_map(|key| value[*key].as_str()).unwrap_or_default();
    let details = value["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parts = std::iter::once(main.to_owned()).chain(details.iter().map(detail));
    plain(&parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; "))
}

/// One entry of `errors`: a text, an object with a message, or one that names a field and what is wrong with it.
fn detail(entry: &Value) -> String {
    if let Some(text) = entry.as_str().or(entry["message"].as_str()) {
        return text.to_owned();
    }
    let words = ["resource", "field", "code"].iter().filter_map(|key| entry[*key].as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// `: text`, or nothing where there is no text.
pub(super) fn after_colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// A size in MiB, with one decimal where it is not whole.
pub(super) fn mebibytes(bytes: u64) -> String {
    let tenths = (bytes as f64 * 10.0 / (1024.0 * 1024.0)).round();
    format!("{} MiB", tenths / 10.0)
}

/// A duration in seconds where it is whole, else in milliseconds. Servers were seen to ask for centuries.
pub(super) fn span(duration: Duration) -> String {
    if duration > DAY {
        return "more than a day".to_owned();
    }
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{mebibytes, message, plain, span};

    #[test]
    fn sizes_and_spans_are_short() {
        assert_eq!([64 << 20, (3 << 20) / 2, 1_153_433].map(mebibytes), ["64 MiB", "1.5 MiB", "1.1 MiB"]);
        assert_eq!(
            [90_000, 1500, u64::MAX].map(|ms| span(Duration::from_millis(ms))),
            ["90 s", "1500 ms", "more than a day"]
        );
    }

    #[test]
    fn what_could_trick_a_terminal_is_gone() {
        assert_eq!(plain("a\u{1b}[31mb\r\nc\u{202e}d\u{2066}e\u{200f}\0"), "a[31mb cde");
        assert_eq!(plain("  spaced \t out  "), "spaced out");
        assert_eq!(plain(&"x".repeat(120)), "x".repeat(120));
        assert_eq!(plain(&"ü".repeat(5000)), format!("{}…", "ü".repeat(119)));
    }

    #[test]
    fn error_bodies_of_every_shape_are_read() {
        assert_eq!(message(br#"{"message":"Not Found","documentation_url":"x"}"#), "Not Found");
        assert_eq!(message(br#"{"error":"Server Error"}"#), "Server Error");
        let listed = br#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"state","code":"invalid"},"no",{"message":"m"}]}"#;
        assert_eq!(message(listed), "Validation Failed; Issue state invalid; no; m");
        for silent in ["", "<html>502</html>", "[]", "{}", r#"{"message":7}"#, "null", "\u{fffd}"] {
            assert_eq!(message(silent.as_bytes()), "", "{silent}");
        }
        assert_eq!(message(b"{\"message\":\"bad \xff byte\"}"), "bad \u{fffd} byte");
    }
}
