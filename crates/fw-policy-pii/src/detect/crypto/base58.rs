//! Addresses in base 58: Base58Check of Bitcoin and its relatives (version bytes as each chain's parameters have
//! them), XRP (its own alphabet, xrpl.org "base58 Encodings"), Tron, Monero (blocks of eight bytes, Keccak), and
//! Solana, which has no checksum and counts only after a word for it.

use bs58::Alphabet;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::Judged;
use crate::detect::context::mentions;
use crate::finding::confidence;

/// One version byte, 20 bytes of hash, four of checksum.
const CHECKED: usize = 25;

/// First letters, version byte, scheme.
const VERSIONS: &[(&[u8], u8, &str)] = &[
    (b"1", 0x00, "bitcoin"),
    (b"3", 0x05, "bitcoin"),
    (b"mn", 0x6F, "bitcoin-test"),
    (b"2", 0xC4, "bitcoin-test"),
    (b"L", 0x30, "litecoin"),
    (b"M", 0x32, "litecoin"),
    (b"D", 0x1E, "dogecoin"),
    (b"9A", 0x16, "dogecoin"),
    (b"X", 0x4C, "dash"),
    (b"7", 0x10, "dash"),
    (b"T", 0x41, "tron"),
];

const SOLANA: &[&str] = &["solana", "sol", "phantom", "spl", "solscan"];

pub(super) fn judge(word: &str, before: &str) -> Option<Judged> {
    let bytes = word.as_bytes();
    let first = *bytes.first()?;
    let checked = |scheme| Judged {
        scheme,
        confidence: confidence::CERTAIN,
        checked: true,
    };
    match word.len() {
        25..=36 => check(bytes, first)
            .map(checked)
            .or_else(|| solana(bytes, before)),
        37..=44 => solana(bytes, before),
        95 | 106 if matches!(first, b'4' | b'8') => monero(bytes).then(|| checked("monero")),
        _ => None,
    }
}

fn check(word: &[u8], first: u8) -> Option<&'static str> {
    let mut room = [0; CHECKED + 11];
    if first == b'r' {
        let len = bs58::decode(word)
            .with_alphabet(Alphabet::RIPPLE)
            .onto(&mut room)
            .ok()?;
        return (sum_is_right(room.get(..len)?) && room[0] == 0).then_some("xrp");
    }
    // Zcash has two version bytes; its addresses begin with `t1` or `t3`.
    if word.starts_with(b"t1") || word.starts_with(b"t3") {
        let len = bs58::decode(word).onto(&mut room).ok()?;
        let fits = len == CHECKED + 1 && room[0] == 0x1C && matches!(room[1], 0xB8 | 0xBD);
        return (fits && tail_is_right(room.get(..len)?)).then_some("zcash");
    }
    let mut candidates = VERSIONS
        .iter()
        .filter(|entry| entry.0.contains(&first))
        .peekable();
    candidates.peek()?;
    let len = bs58::decode(word).onto(&mut room).ok()?;
    let scheme = candidates.find(|entry| entry.1 == room[0])?.2;
    sum_is_right(room.get(..len)?).then_some(scheme)
}

fn sum_is_right(bytes: &[u8]) -> bool {
    bytes.len() == CHECKED && tail_is_right(bytes)
}

/// The last four bytes are the first of the double SHA-256 of the rest.
fn tail_is_right(bytes: &[u8]) -> bool {
    bytes
        .split_last_chunk::<4>()
        .is_some_and(|(rest, sum)| Sha256::digest(Sha256::digest(rest)).starts_with(sum))
}

/// Eleven letters stand for eight bytes, a shorter last block for fewer; the last four bytes are the first of the
/// Keccak-256 of the rest (Monero, "Standard address").
fn monero(word: &[u8]) -> bool {
    /// How many bytes a block of so many letters stands for.
    const SIZES: [Option<usize>; 12] = [
        Some(0),
        None,
        Some(1),
        Some(2),
        None,
        Some(3),
        Some(4),
        Some(5),
        None,
        Some(6),
        Some(7),
        Some(8),
    ];
    let mut bytes = [0; 80];
    let mut len = 0;
    for block in word.chunks(11) {
        let Some(size) = SIZES.get(block.len()).copied().flatten() else {
            return false;
        };
        let mut value: u128 = 0;
        for letter in block {
            let Some(digit) = ALPHABET.iter().position(|other| other == letter) else {
                return false;
            };
            value = value * 58 + digit as u128;
        }
        if value >> (8 * size) != 0 {
            return false;
        }
        let big = value.to_be_bytes();
        let (Some(room), Some(tail)) =
            (bytes.get_mut(len..len + size), big.get(big.len() - size..))
        else {
            return false;
        };
        room.copy_from_slice(tail);
        len += size;
    }
    bytes
        .get(..len)
        .and_then(|bytes| bytes.split_last_chunk::<4>())
        .is_some_and(|(rest, sum)| {
            matches!(rest.first(), Some(18 | 19 | 42)) && Keccak256::digest(rest).starts_with(sum)
        })
}

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// 32 bytes, after a word that says so.
fn solana(word: &[u8], before: &str) -> Option<Judged> {
    let mut room = [0; 40];
    let is_key = (32..=44).contains(&word.len())
        && mentions(before, SOLANA)
        && bs58::decode(word).onto(&mut room) == Ok(32);
    is_key.then_some(Judged {
        scheme: "solana",
        confidence: confidence::CONTEXT,
        checked: false,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scheme(word: &str) -> Option<&'static str> {
        judge(word, "").map(|judged| judged.scheme)
    }

    /// The address of 20 bytes of hash.
    fn address(version: u8, hash: [u8; 20], alphabet: &Alphabet) -> String {
        let mut bytes = vec![version];
        bytes.extend(hash);
        let sum = Sha256::digest(Sha256::digest(&bytes));
        bytes.extend(&sum[..4]);
        bs58::encode(bytes).with_alphabet(alphabet).into_string()
    }

    #[test]
    fn every_chain_has_its_version() {
        for (_, version, name) in VERSIONS {
            let text = address(*version, [0x5A; 20], Alphabet::BITCOIN);
            assert_eq!(scheme(&text), Some(*name), "{text}");
        }
        let text = address(0, [0x5A; 20], Alphabet::RIPPLE);
        assert_eq!(scheme(&text), Some("xrp"));
        let unknown = address(0x99, [0x5A; 20], Alphabet::BITCOIN);
        assert_eq!(scheme(&unknown), None);
    }

    #[test]
    fn monero_blocks_are_read() {
        let mut bytes = vec![18];
        bytes.extend([0xA5; 64]);
        let sum = Keccak256::digest(&bytes);
        bytes.extend(&sum[..4]);
        let text: String = bytes
            .chunks(8)
            .map(|block| {
                let len = [0, 2, 3, 5, 6, 7, 9, 10, 11][block.len()];
                let mut value = block
                    .iter()
                    .fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
                let mut letters = vec![b'1'; len];
                for letter in letters.iter_mut().rev() {
                    *letter = ALPHABET[(value % 58) as usize];
                    value /= 58;
                }
                String::from_utf8_lossy(&letters).into_owned()
            })
            .collect();
        assert_eq!(scheme(&text), Some("monero"));
        let wrong = text.replace(&text[90..], "11111");
        assert_eq!(scheme(&wrong), None);
    }

    #[test]
    fn a_solana_key_needs_a_word() {
        let key = bs58::encode([0x5A; 32]).into_string();
        assert_eq!(scheme(&key), None);
        assert_eq!(
            judge(&key, "Solana wallet ").map(|judged| judged.scheme),
            Some("solana")
        );
    }

    proptest! {
        #[test]
        fn any_address_is_found_and_one_wrong_letter_is_refused(hash: [u8; 20], at in 1_usize..25) {
            let text = address(0, hash, Alphabet::BITCOIN);
            prop_assert_eq!(scheme(&text), Some("bitcoin"));
            let mut wrong = text.into_bytes();
            wrong[at] = if wrong[at] == b'z' { b'y' } else { b'z' };
            let wrong = String::from_utf8_lossy(&wrong).into_owned();
            prop_assert_eq!(scheme(&wrong), None);
        }
    }
}
