//! Hashing that depends on nothing but the text: the same on every machine, in every run.
//!
//! `FxHash` is not used here. It is made for tables, where a weak low bit costs a collision; in `MinHash`
//! it would bias the estimate, because signatures compare the order of hashes over their whole width.

/// A bijection of the 64-bit numbers in which each input bit flips each output bit about half the time.
///
/// The finaliser of `SplitMix64` (Steele, Lea, Flood: *Fast Splittable Pseudorandom Number Generators*,
/// OOPSLA 2014), with the constants of Stafford's variant 13.
#[inline]
pub(super) const fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A word's hash: FNV-1a over its bytes, then [`mix`], since FNV's high bits barely move on short words.
pub(super) fn hash_word(word: &str) -> u64 {
    mix(word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// The hash of a sequence: the order of the parts counts.
pub(super) fn hash_sequence(parts: &[u64]) -> u64 {
    parts.iter().fold(parts.len() as u64, |hash, part| mix(hash ^ part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_in_moves_about_half_the_bits_out() {
        let flipped: u32 = (0..64).map(|bit| (mix(0x3039) ^ mix(0x3039 ^ (1 << bit))).count_ones()).sum();
        let mean = f64::from(flipped) / 64.0;
        assert!((28.0..36.0).contains(&mean), "{mean} of 64 bits");
    }

    #[test]
    fn the_order_and_the_number_of_parts_count() {
        assert_ne!(hash_sequence(&[1, 2, 3]), hash_sequence(&[3, 2, 1]));
        assert_ne!(hash_sequence(&[1, 2]), hash_sequence(&[1, 2, 0]));
    }

    #[test]
    fn the_published_values_of_both_hashes_hold() {
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf, "the first of SplitMix64 from seed 0");
        assert_eq!(hash_word("foobar"), mix(0x8594_4171_f739_67e8), "FNV-1a of foobar");
    }
}
