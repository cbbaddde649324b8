//! Keys that keep a user on one variant, without shared state.
//!
//! A user's text becomes a number with [`sticky_key`]. Each variant then scores that number against its own
//! name, and the highest score wins (rendezvous hashing). Nothing depends on the order of the variants or on
//! how many there are, so every replica decides alike, and a variant that goes away moves only its own users.

/// The key of a user: the 64-bit FNV-1a hash of a text, such as a user id or the value of a header.
///
/// The same text has the same key in every build, on every machine and in every replica, and other programs
/// can compute it too: start with `0xcbf29ce484222325`; for each byte, exclusive-or it in, then multiply by
/// `0x100000001b3`, modulo 2⁶⁴.
///
/// It is no secret and no checksum: whoever chooses the text can choose the variant.
///
/// ```
/// assert_eq!(fw_routing::sticky_key(b"foobar"), 0x85944171f73967e8);
/// ```
#[must_use]
pub fn sticky_key(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Spreads every bit over all bits, one to one: the last steps of SplitMix64.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number between 0 and 1, neither of them, from 52 of the bits.
pub(crate) const fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// What a variant's name puts into its scores.
pub(crate) fn salt(id: &str) -> u64 {
    mix(sticky_key(id.as_bytes()))
}

/// How much a variant wants a key: the highest score gets it.
///
/// Over many keys each variant wins in proportion to its weight. One of weight 0 wins only against others of
/// weight 0.
pub(crate) fn score(key: u64, salt: u64, weight: f64) -> f64 {
    let unit = unit(mix(key ^ salt));
    if weight > 0.0 {
        -weight / unit.ln()
    } else {
        unit - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_published_algorithms() {
        assert_eq!(sticky_key(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(sticky_key(b"a"), 0xaf63_dc4c_8601_ec8c);
        // The first output of SplitMix64 for the seed 1234567.
        assert_eq!(
            mix(1_234_567_u64.wrapping_add(0x9e37_79b9_7f4a_7c15)),
            6_457_827_717_110_365_317
        );
    }

    #[test]
    fn units_are_never_0_or_1() {
        assert!(unit(0) > 0.0);
        assert!(unit(u64::MAX) < 1.0);
        assert!(unit(u64::MAX).ln() < 0.0);
    }

    #[test]
    fn whoever_has_no_weight_scores_below_all_others() {
        for key in 0..1000 {
            let with_least_weight = score(key, salt("a"), f64::MIN_POSITIVE);
            assert!(with_least_weight >= 0.0);
            assert!(score(key, salt("b"), 0.0) < 0.0);
        }
    }
}
