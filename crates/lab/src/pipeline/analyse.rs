//! What one repository's issues say: near-duplicates, labels, words that stand out, ages.
//!
//! This is the pipeline's CPU work. It is pure: the same issues and the same `now` give the same
//! analysis, wherever it runs. It must not know on which threads it runs ([`Place`] decides), how the
//! issues were fetched, or what shows the result.
//!
//! Four steps, each over many items: `shingles` (a text as a set of phrases), `signatures` (`MinHash`,
//! nearly all of the cost), `compare` (which sets are alike), `words`.

mod minhash;
mod mix;
mod pairs;
mod place;
mod progress;
#[cfg(test)]
mod sample;
mod shingles;
mod text;
mod times;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::{
    minhash::Signature,
    pairs::Texts,
    progress::Progress,
    shingles::Shingles,
    words::{Counts, StopList},
};
pub use self::{
    place::{InOrder, Place},
    times::Spread,
};
use crate::{github::types::Issue, pipeline::NearDuplicate};

/// No more near-duplicates than this are kept, the most alike first: a flood of `n` equal issues has
/// `n (n - 1) / 2` pairs. A list of just this length has been cut.
pub const MOST_NEAR_DUPLICATES: usize = 10_000;

/// What one repository's issues say. Pull requests are not counted, an issue that was listed twice is
/// counted once.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// How many issues there are, open and closed.
    pub issues: u64,
    /// How many of them are open.
    pub open: u64,
    /// The most alike first, equals by their numbers; at most [`MOST_NEAR_DUPLICATES`].
    ///
    /// The similarity is the exact Jaccard index of the two texts' word 3-shingles, from 0.5 to 1. Texts of
    /// fewer than 8 shingles (10 words) are pairs only when they have the same shingles.
    pub near_duplicates: Vec<NearDuplicate>,
    /// Each label and on how many issues it is, most frequent first, equals by name. Names are untrusted
    /// text, as they came.
    pub labels: Vec<(String, u64)>,
    /// Up to 12 words that many issues have and many do not, highest tf-idf first. Letters and digits
    /// only, so safe to show; the score has no unit.
    pub words: Vec<(String, f64)>,
    /// Ages of the open issues, in days; none without any.
    pub age_days: Option<Spread>,
    /// How long the closed issues were open, in days; none without any.
    pub close_days: Option<Spread>,
}

/// Analyses the issues among `issues`; `now` is what ages count to.
///
/// The cost is linear in the length of the texts, about half a millisecond of CPU for an issue of 1,500
/// characters in a release build, and square in the number of issues that are alike.
///
/// `progress` is called with the share done, from 0 at once to exactly 1 at the end, at most once a
/// percent, from the threads that compute. On one thread it never goes back.
pub fn analyse(issues: &[Issue], now: Timestamp, place: &impl Place, progress: &(dyn Fn(f32) + Sync)) -> Analysis {
    let progress = Progress::start(progress);
    let issues = by_number(issues);
    let analysis = Analysis {
        issues: issues.len() as u64,
        open: issues.iter().filter(|issue| issue.closed_at.is_none()).count() as u64,
        near_duplicates: near_duplicates(&issues, place, progress),
        labels: labels(&issues),
        words: words(&issues, place, progress),
        age_days: times::ages(&issues, now),
        close_days: times::times_to_close(&issues),
    };
    progress.finish();
    analysis
}

/// Without pull requests, ascending, each number once: an issue that is opened while pages are read moves
/// the others, and the last of one page comes again on the next.
fn by_number(issues: &[Issue]) -> Vec<&Issue> {
    let mut issues: Vec<_> = issues.iter().filter(|issue| !issue.pull_request).collect();
    issues.sort_by_key(|issue| issue.number);
    issues.dedup_by_key(|issue| issue.number);
    issues
}

fn near_duplicates(issues: &[&Issue], place: &impl Place, progress: Progress<'_>) -> Vec<NearDuplicate> {
    let shingles = progress.map(place, &progress::SHINGLES, issues, |issue| Shingles::of(issue));
    let signatures = progress.map(place, &progress::SIGNATURES, &shingles, Signature::of);
    let texts = Texts::new(&shingles, &signatures);
    let places: Vec<_> = (0..issues.len()).collect();
    let alike = progress.map(place, &progress::COMPARE, &places, |&later| texts.like(later));

    let mut pairs: Vec<_> = std::iter::zip(issues, alike)
        .flat_map(|(later, alike)| {
            alike.into_iter().map(|(earlier, similarity)| NearDuplicate {
                a: issues[earlier].number,
                b: later.number,
                similarity,
            })
        })
        .collect();
    pairs.sort_unstable_by(|x, y| y.similarity.total_cmp(&x.similarity).then((x.a, x.b).cmp(&(y.a, y.b))));
    pairs.truncate(MOST_NEAR_DUPLICATES);
    pairs
}

fn labels(issues: &[&Issue]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for label in issues.iter().flat_map(|issue| &issue.labels) {
        *counts.entry(&label.0).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    // A stable sort: equal counts stay in the map's order, by name.
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts
}

fn words(issues: &[&Issue], place: &impl Place, progress: Progress<'_>) -> Vec<(String, f64)> {
    let stop = StopList::new();
    let counts = progress.map(place, &progress::WORDS, issues, |issue| Counts::of(issue, &stop));
    words::that_stand_out(&counts)
}

#[cfg(test)]
mod tests;
