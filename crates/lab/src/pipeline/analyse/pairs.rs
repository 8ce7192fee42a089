//! Which pairs of texts are near-duplicates, without looking at every pair.
//!
//! Signatures are cut into bands; two texts are compared only where a whole band is equal (locality-
//! sensitive hashing; Leskovec, Rajaraman, Ullman: *Mining of Massive Datasets*, chapter 3). What the
//! bands propose is looked at again: by the signatures' estimate, then by the exact index. So a pair that
//! is reported is right; a pair can only be missed. This file knows no issue, only places in a list.

use std::iter;

use super::{
    minhash::{STANDARD_ERROR, Signature},
    mix::hash_sequence,
    shingles::Shingles,
};

/// Pairs at least this alike are near-duplicates.
pub(super) const THRESHOLD: f64 = 0.5;

/// Places of a signature that must all be equal: 204 bands of 5. A pair of similarity `s` is proposed with
/// the probability `1 - (1 - s^5)^204`: 39% at 0.3, 99.8% at 0.5, all but one in 10¹⁶ at 0.7.
const ROWS: usize = 5;

/// A pair whose estimate is lower is not compared exactly: an index of 0.5 is estimated so low in one of
/// 30,000 cases, and an estimate costs the same however long the texts are.
const WORTH_A_LOOK: f64 = THRESHOLD - 4.0 * STANDARD_ERROR;

/// Texts by place, and which of them have equal bands.
pub(super) struct Texts<'a> {
    shingles: &'a [Shingles],
    signatures: &'a [Signature],
    /// For each band, the texts in order of what they hold there, equal ones in order of their places.
    bands: Vec<Vec<(u64, usize)>>,
}

impl<'a> Texts<'a> {
    /// The two lists belong together, place by place.
    pub(super) fn new(shingles: &'a [Shingles], signatures: &'a [Signature]) -> Self {
        let mut bands: Vec<Vec<(u64, usize)>> = Vec::new();
        for (place, signature) in signatures.iter().enumerate() {
            for (band, rows) in signature.bands(ROWS).enumerate() {
                if band == bands.len() {
                    bands.push(Vec::with_capacity(signatures.len()));
                }
                bands[band].push((hash_sequence(rows), place));
            }
        }
        for band in &mut bands {
            band.sort_unstable();
        }
        Self { shingles, signatures, bands }
    }

    /// The earlier texts that resemble the one at `place`, ascending, with their exact similarity.
    pub(super) fn like(&self, place: usize) -> Vec<(usize, f64)> {
        self.candidates(place)
            .into_iter()
            .filter(|&other| self.signatures[other].estimate(&self.signatures[place]) >= WORTH_A_LOOK)
            .map(|other| (other, self.shingles[other].similarity(&self.shingles[place])))
            .filter(|&(_, similarity)| similarity >= THRESHOLD)
            .collect()
    }

    /// The earlier texts that share a band with the one at `place`, ascending.
    ///
    /// A flag for each text, not a list of hits: a thousand equal texts meet in every one of the bands.
    fn candidates(&self, place: usize) -> Vec<usize> {
        let mut met = vec![false; place];
        for (band, rows) in self.bands.iter().zip(self.signatures[place].bands(ROWS)) {
            let key = hash_sequence(rows);
            let start = band.partition_point(|&entry| entry < (key, 0));
            let earlier = band[start..].iter().take_while(|&&entry| entry < (key, place));
            for &(_, other) in earlier {
                met[other] = true;
            }
        }
        iter::zip(0.., met).filter_map(|(other, met)| met.then_some(other)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::mix::mix, *};

    fn set(numbers: impl Iterator<Item = u64>) -> Shingles {
        Shingles::from_hashes(numbers.map(|n| mix(n + 1)).collect())
    }

    fn pairs(shingles: &[Shingles]) -> Vec<(usize, usize)> {
        let signatures: Vec<_> = shingles.iter().map(Signature::of).collect();
        let texts = Texts::new(shingles, &signatures);
        (0..shingles.len()).flat_map(|b| texts.like(b).into_iter().map(move |(a, _)| (a, b))).collect()
    }

    #[test]
    fn planted_pairs_are_found_and_unrelated_texts_are_not() {
        // Each second set is the one before it, moved by 15%: an index of 0.74.
        let sets: Vec<_> = (0..40)
            .map(|i| {
                let from = (i / 2) * 1_000 + (i % 2) * 15;
                set(from..from + 100)
            })
            .collect();
        assert_eq!(pairs(&sets), (0..20).map(|i| (2 * i, 2 * i + 1)).collect::<Vec<_>>());
    }

    #[test]
    fn the_threshold_is_exact() {
        let below = [set(0..100), set(34..134)];
        let at = [set(0..99), set(33..132)];
        assert!(below[0].jaccard(&below[1]) < THRESHOLD && pairs(&below).is_empty());
        assert!(at[0].jaccard(&at[1]) >= THRESHOLD && pairs(&at) == [(0, 1)]);
    }

    #[test]
    fn what_is_found_is_what_comparing_every_pair_finds() {
        let sets: Vec<_> = (0..60).map(|i| set(i * 6..i * 6 + 120)).collect();
        let mut every: Vec<_> = (0..60).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
        every.retain(|&(a, b)| sets[a].jaccard(&sets[b]) >= THRESHOLD);
        assert_eq!(pairs(&sets), every);
        assert!(every.len() > 200);
    }

    #[test]
    fn of_equal_texts_each_pair_is_reported_once() {
        let sets: Vec<_> = (0..5).map(|_| set(0..50)).collect();
        assert_eq!(pairs(&sets).len(), 10);
    }

    #[test]
    fn texts_without_words_are_no_pairs() {
        assert!(pairs(&[set(0..0), set(0..0), set(0..50)]).is_empty());
    }
}
