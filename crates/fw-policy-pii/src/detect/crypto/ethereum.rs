//! Ethereum addresses: `0x` and 20 bytes in hexadecimal. The case of the letters is a checksum (EIP-55); all in one
//! case has none.

use sha3::{Digest, Keccak256};

use super::Judged;
use crate::finding::confidence;

pub(super) fn judge(word: &str) -> Option<Judged> {
    let digits = word
        .strip_prefix("0x")
        .or_else(|| word.strip_prefix("0X"))?
        .as_bytes();
    if digits.len() != 40 || !digits.iter().all(u8::is_ascii_hexdigit) || is_reserved(digits) {
        return None;
    }
    let lower = digits.iter().any(u8::is_ascii_lowercase);
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    let judged = |confidence, checked| Judged {
        scheme: "ethereum",
        confidence,
        checked,
    };
    Some(if !(lower && upper) {
        judged(confidence::LIKELY, false)
    } else if is_checked(digits) {
        judged(confidence::CERTAIN, true)
    } else {
        judged(confidence::WEAK, false)
    })
}

/// Contracts that are part of the system (0x0...1 to 0x0...ffff), and the addresses that burn: nobody's.
fn is_reserved(digits: &[u8]) -> bool {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    zeros >= 34
        || digits
            .iter()
            .all(|digit| digit.eq_ignore_ascii_case(&digits[0]))
}

/// A letter is in upper case where the digit of the hash of the lower-case address is 8 or more.
fn is_checked(digits: &[u8]) -> bool {
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .iter()
        .zip(halves)
        .all(|(digit, half)| digit.is_ascii_digit() || digit.is_ascii_uppercase() == (half >= 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence_of(word: &str) -> Option<u8> {
        judge(word).map(|judged| judged.confidence)
    }

    #[test]
    fn the_case_is_checked_where_it_is_mixed() {
        // From the test cases of EIP-55.
        let address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(confidence_of(address), Some(confidence::CERTAIN));
        assert_eq!(
            confidence_of(&address.to_lowercase()),
            Some(confidence::LIKELY)
        );
        assert_eq!(
            confidence_of(&address.replace("Ef1B", "ef1B")),
            Some(confidence::WEAK)
        );
    }

    #[test]
    fn other_lengths_and_reserved_addresses_are_none() {
        for word in [
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedd",
            "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        ] {
            assert!(judge(word).is_none(), "{word}");
        }
        assert!(judge(&format!("0x{}", "0".repeat(40))).is_none());
        assert!(judge(&format!("0x{}1", "0".repeat(39))).is_none());
        assert!(judge(&format!("0x{}", "f".repeat(40))).is_none());
    }
}
