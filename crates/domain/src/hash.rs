//! Hashes that are the same in every build and on every machine: FNV-1a, of which some values are stored, and the mixer of
//! `SplitMix64`.

/// The 32-bit hash.
pub fn fnv1a_32(bytes: impl IntoIterator<Item = u8>) -> u32 {
    bytes
        .into_iter()
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The 64-bit hash.
pub fn fnv1a_64(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Spreads a hash over all 64 bits: the upper ones of FNV-1a hardly depend on the last bytes. Different values stay
/// different.
pub(crate) fn splitmix64(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_fnv_1a() {
        // The test vectors of the algorithm's authors.
        for (text, short, long) in [
            ("", 0x811c_9dc5, 0xcbf2_9ce4_8422_2325),
            ("a", 0xe40c_292c, 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0xbf9c_f968, 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv1a_32(text.bytes()), short, "{text}");
            assert_eq!(fnv1a_64(text.bytes()), long, "{text}");
        }
    }

    #[test]
    fn the_mixer_is_that_of_splitmix64() {
        // Its first numbers from the seed 0.
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let numbers = [1, 2, 3].map(|nth| splitmix64(step.wrapping_mul(nth)));
        assert_eq!(numbers, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }
}
