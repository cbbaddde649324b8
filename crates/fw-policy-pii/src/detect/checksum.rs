//! Check digits and checksums that several kinds of numbers share.

/// Whether the last digit is right by the Luhn formula (ISO/IEC 7812-1, annex B). Other bytes than digits do not
/// count.
pub(crate) fn luhn(text: &[u8]) -> bool {
    let digits = text.iter().rev().filter(|byte| byte.is_ascii_digit());
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0');
            match at % 2 {
                0 => digit,
                _ if digit < 5 => 2 * digit,
                _ => 2 * digit - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The remainder by 97 of digits and letters (A is 10, Z is 35), as ISO/IEC 7064 MOD 97-10 has it. A number with
/// right check digits leaves 1. Other bytes do not count.
pub(crate) fn remainder_97(text: impl Iterator<Item = u8>) -> u32 {
    text.fold(0, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        b'A'..=b'Z' => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
        b'a'..=b'z' => (sum * 100 + u32::from(byte - b'a') + 10) % 97,
        _ => sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_sees_one_wrong_digit() {
        assert!(luhn(b"79927398713"));
        assert!(luhn(b"7992 7398 713"));
        for wrong in b"012456789" {
            let text = [b"7992739871".as_slice(), &[*wrong]].concat();
            assert!(!luhn(&text), "{wrong}");
        }
    }

    #[test]
    fn remainder_97_counts_letters_as_two_digits() {
        assert_eq!(remainder_97(b"98".iter().copied()), 1);
        assert_eq!(remainder_97(b"A".iter().copied()), 10);
        assert_eq!(remainder_97(b"z 9".iter().copied()), 359 % 97);
    }
}
