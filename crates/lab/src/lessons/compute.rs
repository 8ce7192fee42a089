//! Something to compute: as much of it as this machine does in a given time.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Rounds of one hash: about a microsecond.
const ROUNDS: u64 = 1_000;
/// Numbers that are hashed to see how fast that goes, and how often: the fastest counts.
const SAMPLE: u64 = 1_000;
const SAMPLES: u32 = 10;

/// A number that takes about a microsecond to find. It has 32 bits, so that sums have room.
pub(super) fn hash(number: u64) -> u64 {
    // Steele and others: SplitMix64.
    let mix = |it: u64, round| {
        let it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(round);
        (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    (0..ROUNDS).fold(number, mix) >> 32
}

/// As many numbers as one thread can hash in about that time, if it has a core.
pub(super) fn numbers_for(time: Duration) -> Vec<u64> {
    let sample = |_| {
        let start = Instant::now();
        black_box((0..black_box(SAMPLE)).map(hash).sum::<u64>());
        start.elapsed()
    };
    let fastest = (0..SAMPLES).map(sample).min().unwrap_or(time).max(Duration::from_micros(1));
    let count = time.as_secs_f64() / fastest.as_secs_f64() * SAMPLE as f64;
    (0..(count as u64).max(SAMPLE)).collect()
}
