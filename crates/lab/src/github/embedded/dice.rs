//! Where all invention starts: random numbers that depend on nothing but the seed and on what they are
//! for, so that any item can be made without the ones before it.
//!
//! Knows nothing of how the numbers are used.

use fastrand::Rng;

/// What a generator is for. Two listings that show the same pull request ask for the same purposes, and so
/// agree on its author and its labels.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    History,
    Repository,
    Person,
    Text,
    Repeat,
    Author,
    Association,
    Assignee,
    Labels,
    Milestone,
    Updated,
    Draft,
    Rest,
    Latency,
}

/// A generator of its own for each purpose and `path`, such as `[repository, number]`.
pub(super) fn rng(seed: u64, purpose: Purpose, path: &[u64]) -> Rng {
    Rng::with_seed(path.iter().fold(mix(seed ^ mix(purpose as u64)), |sum, part| mix(sum ^ mix(*part))))
}

/// FNV-1a, 64 bits: tells contents apart, and is the same on every machine and in every release.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// The finaliser of `SplitMix64`: neighbouring seeds give unrelated streams.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A normally distributed number, by Box and Muller: mean 0, variance 1.
pub(super) fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}
