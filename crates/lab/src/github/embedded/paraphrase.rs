//! A second report of the same problem: a few other words and numbers, everything else as it was.
//!
//! Replacing one word of `n` replaces at most 3 of its `n - 2` runs of three words, so the share of words
//! that are replaced bounds how alike the two texts stay. Knows no detector.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use fastrand::Rng;

use super::{grammar::Writer, typed::Text};

static SYNONYMS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../../assets/embedded/synonyms.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// Keeps the similarity (Jaccard, of runs of three words in title and body) between 0.6 and 0.95.
pub(super) fn paraphrase(rng: &mut Rng, crate_name: &str, original: Text) -> Text {
    let Text { mut title, body } = original;
    let mut body = body.unwrap_or_default();
    let words = word_spans(&title).len() + word_spans(&body).len();
    let edits = ((words as f64) * (0.02 + 0.022 * rng.f64())) as usize;
    replace_words(rng, &mut body, edits.max(1));
    title.push_str(&Writer::new(rng, crate_name).write("title_tail"));
    Text { title, body: Some(body) }
}

/// From the back, so that the spans before it stay right.
fn replace_words(rng: &mut Rng, text: &mut String, edits: usize) {
    let spans: Vec<Range<usize>> =
        word_spans(text).into_iter().filter(|span| is_replaceable(text, span.clone())).collect();
    let mut chosen = rng.choose_multiple(spans, edits);
    chosen.sort_unstable_by_key(|span| std::cmp::Reverse(span.start));
    for span in chosen {
        let other = other_word(rng, &text[span.clone()]);
        text.replace_range(span, &other);
    }
}

fn is_replaceable(text: &str, span: Range<usize>) -> bool {
    // Names in code stay: another name would be another problem.
    let stands_alone =
        !text[..span.start].ends_with(['_', ':', '.', '`']) && !text[span.end..].starts_with(['_', ':', '`', '(']);
    let word = &text[span];
    let is_number = (2..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    stands_alone && (is_number || SYNONYMS.contains_key(word))
}

fn other_word(rng: &mut Rng, word: &str) -> String {
    if let Some(other) = SYNONYMS.get(word) {
        return (*other).to_owned();
    }
    let number: u32 = word.parse().unwrap_or_default();
    (number + rng.u32(1..=9)).to_string()
}

fn word_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            spans.push(start..at);
        }
    }
    spans
}
