//! Sets of ASCII characters that tokens are made of.

/// A set of ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alphabet(u128);

impl Alphabet {
    pub(super) const DIGITS: Self = Self::of(b"0123456789");
    pub(super) const LOWER: Self = Self::of(b"abcdefghijklmnopqrstuvwxyz");
    pub(super) const UPPER: Self = Self::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    pub(super) const LETTERS: Self = Self::LOWER.or(Self::UPPER);
    pub(super) const ALNUM: Self = Self::LETTERS.or(Self::DIGITS);
    pub(super) const LOWER_ALNUM: Self = Self::LOWER.or(Self::DIGITS);
    pub(super) const UPPER_ALNUM: Self = Self::UPPER.or(Self::DIGITS);
    /// RFC 4648, section 8, in lower case.
    pub(super) const HEX: Self = Self::DIGITS.or(Self::of(b"abcdef"));
    pub(super) const HEX_ANY_CASE: Self = Self::HEX.or(Self::of(b"ABCDEF"));
    /// RFC 4648, section 6.
    pub(super) const BASE32: Self = Self::UPPER.or(Self::of(b"234567"));
    /// RFC 4648, section 4, padding included.
    pub(super) const BASE64: Self = Self::ALNUM.or(Self::of(b"+/="));
    /// Without padding.
    pub(super) const BASE64_RAW: Self = Self::ALNUM.or(Self::of(b"+/"));
    /// RFC 4648, section 5.
    pub(super) const URL64: Self = Self::ALNUM.or(Self::of(b"-_"));
    pub(super) const URL64_PADDED: Self = Self::URL64.or(Self::of(b"="));
    pub(super) const WORD: Self = Self::ALNUM.or(Self::of(b"_"));
    pub(super) const UUID: Self = Self::HEX_ANY_CASE.or(Self::of(b"-"));
    /// Both kinds of base64 together, with dots.
    pub(super) const ANY64: Self = Self::URL64.or(Self::of(b"+/=."));
    pub(super) const DOTTED: Self = Self::URL64.or(Self::of(b"."));
    /// The "unreserved" characters of RFC 3986.
    pub(super) const UNRESERVED: Self = Self::DOTTED.or(Self::of(b"~"));
    /// BIP 173, in upper case.
    pub(super) const BECH32: Self = Self::of(b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L");

    const fn of(characters: &[u8]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < characters.len() {
            bits |= 1 << characters[at];
            at += 1;
        }
        Self(bits)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn contains(self, byte: u8) -> bool {
        byte < 128 && self.0 & 1 << byte != 0
    }

    /// How many bytes of the beginning are in the set.
    pub(super) fn run(self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .take_while(|byte| self.contains(**byte))
            .count()
    }

    /// How many bytes of the end are in the set.
    pub(super) fn run_backwards(self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .rev()
            .take_while(|byte| self.contains(**byte))
            .count()
    }

    #[cfg(test)]
    pub(super) fn characters(self) -> Vec<u8> {
        (0..128).filter(|byte| self.contains(*byte)).collect()
    }
}
