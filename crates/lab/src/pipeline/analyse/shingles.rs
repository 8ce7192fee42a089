//! A text as the set of its word 3-shingles: each three words that follow one another.
//!
//! Three words in order keep phrases apart that merely share a vocabulary, and still survive a changed
//! word nearby: one edit costs three shingles. This file knows the sets, not how pairs are found.

use std::cmp::Ordering;

use crate::github::types::Issue;

use super::{
    mix::{hash_sequence, hash_word},
    text::for_each_word,
};

/// How many words a shingle has.
const WORDS: usize = 3;

/// With fewer shingles than this, one chance phrase would be an eighth of the text or more: such a text
/// resembles only one that has the very same shingles.
const ENOUGH: usize = 8;

/// The hashes of a text's shingles, ascending, each once.
#[derive(Debug)]
pub(super) struct Shingles(Vec<u64>);

impl Shingles {
    /// Of title and body as one text. One or two words are a single, shorter shingle; no words are none.
    pub(super) fn of(issue: &Issue) -> Self {
        let mut words = Vec::new();
        for_each_word(issue, |word| words.push(hash_word(word)));
        if (1..WORDS).contains(&words.len()) {
            return Self(vec![hash_sequence(&words)]);
        }
        Self::from_hashes(words.windows(WORDS).map(hash_sequence).collect())
    }

    pub(super) fn from_hashes(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    pub(super) fn hashes(&self) -> &[u64] {
        &self.0
    }

    /// How alike two texts are, from 0 to 1: the exact Jaccard index of their sets, where both are long
    /// enough to tell. A text without words is like no other.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        if self.0.len().min(other.0.len()) < ENOUGH {
            return if self.0 == other.0 && !self.0.is_empty() { 1.0 } else { 0.0 };
        }
        self.jaccard(other)
    }

    /// The size of the intersection over the size of the union; at least one set is not empty.
    pub(super) fn jaccard(&self, other: &Self) -> f64 {
        let shared = shared(&self.0, &other.0);
        shared as f64 / (self.0.len() + other.0.len() - shared) as f64
    }
}

/// How many numbers two ascending lists have in common.
fn shared(mut a: &[u64], mut b: &[u64]) -> usize {
    let mut shared = 0;
    while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
        match first_a.cmp(first_b) {
            Ordering::Less => a = rest_a,
            Ordering::Greater => b = rest_b,
            Ordering::Equal => (shared, a, b) = (shared + 1, rest_a, rest_b),
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::{super::sample::issue, *};

    fn shingles(text: &str) -> Shingles {
        Shingles::of(&issue(1, text, ""))
    }

    #[test]
    fn each_three_words_in_a_row_are_one_shingle() {
        assert_eq!(shingles("a b c d e").hashes().len(), 3);
        assert_eq!(shingles("a b c a b c a b c").hashes().len(), 3);
        assert_ne!(shingles("a b c").hashes(), shingles("c b a").hashes());
    }

    #[test]
    fn a_text_of_one_or_two_words_is_one_shingle_and_no_words_are_none() {
        assert_eq!(shingles("crash").hashes().len(), 1);
        assert_eq!(shingles("it crashes").hashes().len(), 1);
        assert!(shingles("🦀 …").hashes().is_empty());
    }

    #[test]
    fn title_and_body_are_one_text() {
        let parted = Shingles::of(&issue(1, "the worker sleeps", "inside a poll"));
        assert_eq!(parted.hashes(), shingles("the worker sleeps inside a poll").hashes());
    }

    #[test]
    fn case_line_ends_emoji_and_colours_make_no_difference() {
        let plain = shingles("the worker sleeps inside a poll, größer");
        let dressed = shingles("The\r\nWORKER 🦀 sleeps\r\n\r\n\u{1b}[31minside\u{1b}[0m **a** poll GRÖẞER");
        assert_eq!(plain.hashes(), dressed.hashes());
        assert_ne!(plain.hashes(), shingles("the worker sleeps inside a poll, grosser").hashes());
    }

    #[test]
    fn similarity_is_the_shared_part_of_all_shingles() {
        let a = Shingles::from_hashes((0..30).collect());
        let b = Shingles::from_hashes((10..40).collect());
        assert!((a.similarity(&b) - 0.5).abs() < 1e-12);
        assert!((a.similarity(&a) - 1.0).abs() < 1e-12);
        assert!(a.similarity(&Shingles::from_hashes((50..90).collect())).abs() < 1e-12);
    }

    #[test]
    fn short_texts_resemble_only_their_equals() {
        let (a, b) = (Shingles::from_hashes((0..7).collect()), Shingles::from_hashes((0..8).collect()));
        assert!(a.similarity(&b).abs() < 1e-12);
        assert!((a.similarity(&a) - 1.0).abs() < 1e-12);
        let none = Shingles::from_hashes(Vec::new());
        assert!(none.similarity(&none).abs() < 1e-12, "two empty texts say nothing about each other");
    }
}
