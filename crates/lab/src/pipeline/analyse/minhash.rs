//! `MinHash`: a set of any size as a signature of fixed size, from which similarity is estimated.
//!
//! For a random order of all shingles, two sets have the same first element with the probability of
//! their Jaccard index. So the share of equal places in two signatures estimates that index (Broder: *On
//! the resemblance and containment of documents*, 1997). This file knows sets of hashes and no text.

use super::{mix::mix, shingles::Shingles};

/// How many orders a signature looks at. The standard error of an estimate is `sqrt(j (1 - j) / 1020)`
/// for a Jaccard index of `j`: 0.016 at worst, where 256 orders would give 0.031.
pub(super) const PERMUTATIONS: usize = 1020;

/// The standard error where it is largest, at an index of one half: `0.5 / sqrt(PERMUTATIONS)`.
pub(super) const STANDARD_ERROR: f64 = 0.015_66;

/// The Weyl sequence of `SplitMix64`, mixed. `x -> mix(x ^ seed)` is a permutation of the 64-bit numbers
/// for each of them.
static SEEDS: [u64; PERMUTATIONS] = {
    let mut seeds = [0; PERMUTATIONS];
    let mut i = 0;
    while i < PERMUTATIONS {
        seeds[i] = mix((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        i += 1;
    }
    seeds
};

/// For each permutation the smallest image of the set's elements.
#[derive(Debug)]
pub(super) struct Signature(Vec<u64>);

impl Signature {
    /// Nearly all the time of an analysis is spent here: 1,020 hashes a shingle.
    pub(super) fn of(shingles: &Shingles) -> Self {
        let smallest = |seed: &u64| shingles.hashes().iter().fold(u64::MAX, |least, x| least.min(mix(x ^ seed)));
        Self(SEEDS.iter().map(smallest).collect())
    }

    /// The Jaccard index of the two sets, from 0 to 1, within [`STANDARD_ERROR`] in two of three cases.
    pub(super) fn estimate(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        equal as f64 / PERMUTATIONS as f64
    }

    /// The places in groups of `size`.
    pub(super) fn bands(&self, size: usize) -> impl Iterator<Item = &[u64]> {
        self.0.chunks_exact(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements as they come from the shingles: spread over all 64 bits.
    fn set(numbers: std::ops::Range<u64>) -> Shingles {
        Shingles::from_hashes(numbers.map(|n| mix(n + 1)).collect())
    }

    #[test]
    fn an_estimate_lies_within_four_standard_errors_of_the_exact_index() {
        for size in [8, 50, 250, 4_000] {
            for step in 0..=10 {
                let (a, b) = (set(0..size), set(size * step / 10..size + size * step / 10));
                let exact = a.jaccard(&b);
                let estimate = Signature::of(&a).estimate(&Signature::of(&b));
                let bound = 4.0 * (exact * (1.0 - exact) / PERMUTATIONS as f64).sqrt();
                assert!((estimate - exact).abs() <= bound, "{size} elements, {exact}: estimated {estimate}");
            }
        }
    }

    #[test]
    fn the_mean_of_many_estimates_has_no_bias() {
        let pairs = 40;
        let sum: f64 = (0..pairs)
            .map(|i| {
                let from = i * 1_000;
                Signature::of(&set(from..from + 150)).estimate(&Signature::of(&set(from + 50..from + 200)))
            })
            .sum();
        let mean = sum / pairs as f64;
        let bound = 4.0 * STANDARD_ERROR / (pairs as f64).sqrt();
        assert!((mean - 0.5).abs() < bound, "{mean}");
    }

    #[test]
    fn the_stated_error_belongs_to_the_number_of_permutations() {
        assert!((STANDARD_ERROR - 0.5 / (PERMUTATIONS as f64).sqrt()).abs() < 1e-5);
    }
}
