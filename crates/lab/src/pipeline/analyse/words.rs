//! The words that stand out in a repository's issues.
//!
//! They are ranked against the repository's own documents, not against English: a word scores high when
//! many issues have it and many do not. That names the themes that issues group by. What every issue has
//! (the headings of a template) scores nothing, and what a single issue has is left out.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::github::types::Issue;

use super::text::for_each_word;

/// How many words are kept.
const KEPT: usize = 12;

/// In characters. Shorter ones are halves of contractions and loop variables; longer ones are digests
/// and encoded data.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=32;

/// English function words, one a line: written for this project, with what URLs are made of.
const STOP: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/words/stop.txt"));

/// The words that cannot stand out.
pub(super) struct StopList(FxHashSet<&'static str>);

impl StopList {
    pub(super) fn new() -> Self {
        Self(STOP.lines().collect())
    }

    fn lets_pass(&self, word: &str) -> bool {
        !self.0.contains(word) && LENGTH.contains(&word.chars().count()) && !word.chars().all(char::is_numeric)
    }
}

/// How often an issue has each of its words, in the words' order.
pub(super) struct Counts(Vec<(String, u32)>);

impl Counts {
    pub(super) fn of(issue: &Issue, stop: &StopList) -> Self {
        let mut counts: FxHashMap<String, u32> = FxHashMap::default();
        for_each_word(issue, |word| match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => drop(counts.insert(word.to_owned(), 1)),
        });
        let mut counts: Vec<_> = counts.into_iter().filter(|(word, _)| stop.lets_pass(word)).collect();
        counts.sort_unstable();
        Self(counts)
    }
}

/// What a word has gathered over the issues.
#[derive(Default)]
struct Weight {
    issues: u32,
    frequency: f64,
}

/// The twelve words of highest tf-idf, summed over all issues, highest first, equals by name.
///
/// The score is `Σ (1 + ln count) · ln(issues / issues with the word)`, the sum over the issues that have
/// the word; it is more than 0 and has no unit. The logarithm of the count keeps one long log from
/// deciding. It is highest for words that about a third of the issues have.
pub(super) fn that_stand_out(counts: &[Counts]) -> Vec<(String, f64)> {
    let mut weights: FxHashMap<&str, Weight> = FxHashMap::default();
    for (word, count) in counts.iter().flat_map(|counts| &counts.0) {
        let weight = weights.entry(word).or_default();
        weight.issues += 1;
        weight.frequency += 1.0 + f64::from(*count).ln();
    }
    let rarity = |weight: &Weight| (counts.len() as f64 / f64::from(weight.issues)).ln();
    let mut scores: Vec<_> = weights
        .into_iter()
        .filter(|(_, weight)| weight.issues > 1)
        .map(|(word, weight)| (word, weight.frequency * rarity(&weight)))
        .filter(|&(_, score)| score > 0.0)
        .collect();
    scores.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    scores.into_iter().take(KEPT).map(|(word, score)| (word.to_owned(), score)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::issue, *};

    fn ranked(texts: &[&str]) -> Vec<String> {
        let stop = StopList::new();
        let counts: Vec<_> = texts.iter().map(|text| Counts::of(&issue(1, text, ""), &stop)).collect();
        that_stand_out(&counts).into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn words_of_many_issues_stand_out_and_words_of_all_or_of_one_do_not() {
        let texts = ["crash timer drop", "crash timer waker", "crash waker timer", "crash socket", "crash", "crash"];
        assert_eq!(ranked(&texts), ["waker", "timer"]);
    }

    #[test]
    fn a_count_weighs_less_than_another_issue_with_the_word() {
        let log = "panic ".repeat(9);
        assert_eq!(ranked(&[&log, "panic", "leak", "leak", "leak", "other", "more", "else"])[0], "panic");
        assert_eq!(ranked(&["leak leak", "leak", "panic panic panic", "panic", "other"]), ["panic", "leak"]);
    }

    #[test]
    fn stop_words_numbers_and_odd_lengths_are_dropped() {
        let digest = "f".repeat(33);
        let text = format!("the and don't 2024 ١٢٣ x {digest} https poll");
        assert_eq!(ranked(&[&text, &text, "other"]), ["poll"]);
    }

    #[test]
    fn twelve_are_kept_and_equals_go_by_name() {
        let text: String = ('a'..='z').flat_map(|c| [c, c, c, ' ']).collect();
        let words = ranked(&[&text, &text, "other"]);
        assert_eq!((words.len(), words[0].as_str(), words[11].as_str()), (12, "aaa", "lll"));
    }

    #[test]
    fn the_stop_list_is_in_lower_case_in_order_and_without_repeats() {
        let lines: Vec<_> = STOP.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(lines.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())));
    }
}
