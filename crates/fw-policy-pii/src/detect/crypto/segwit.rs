//! Addresses in bech32: SegWit of Bitcoin and Litecoin (BIP 173, BIP 350), Cardano (CIP 19) and chains of Cosmos.

use bech32::Bech32;
use bech32::primitives::decode::{CheckedHrpstring, SegwitHrpstring};

use super::Judged;
use crate::finding::confidence;

/// Beginnings of SegWit addresses, main and test networks.
const SEGWIT: &[(&str, &str)] = &[
    ("bc1", "bitcoin"),
    ("tb1", "bitcoin-test"),
    ("bcrt1", "bitcoin-test"),
    ("ltc1", "litecoin"),
    ("tltc1", "litecoin-test"),
];

/// Beginnings of other addresses with the checksum of BIP 173.
const OTHERS: &[(&str, &str)] = &[
    ("addr1", "cardano"),
    ("stake1", "cardano"),
    ("cosmos1", "cosmos"),
    ("osmo1", "osmosis"),
];

pub(super) fn judge(word: &str) -> Option<Judged> {
    let of = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(head, _)| {
                word.get(..head.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(head))
            })
            .map(|entry| entry.1)
    };
    let segwit = of(SEGWIT).filter(|_| SegwitHrpstring::new(word).is_ok());
    let scheme =
        segwit.or_else(|| of(OTHERS).filter(|_| CheckedHrpstring::new::<Bech32>(word).is_ok()))?;
    Some(Judged {
        scheme,
        confidence: confidence::CERTAIN,
        checked: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(word: &str) -> Option<&'static str> {
        judge(word).map(|judged| judged.scheme)
    }

    #[test]
    fn addresses_of_the_standards() {
        // From the test vectors of BIP 173 and BIP 350.
        assert_eq!(
            scheme("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            Some("bitcoin")
        );
        assert_eq!(
            scheme("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
            Some("bitcoin")
        );
        assert_eq!(
            scheme("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"),
            Some("bitcoin-test")
        );
    }

    #[test]
    fn one_wrong_letter_is_refused() {
        assert_eq!(scheme("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5"), None);
        assert_eq!(scheme("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), None);
        assert_eq!(scheme("bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), None);
        assert_eq!(scheme("xx1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), None);
    }
}
