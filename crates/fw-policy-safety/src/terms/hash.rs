//! A quick hash for tables that are made of a configuration.
//!
//! Who writes a configuration does not attack it, and a text is only looked up in such a table, never added to it: it
//! takes no key.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes the tables' hashers.
pub(super) type Quick = BuildHasherDefault<Multiply>;

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Multiplies eight bytes at a time, and folds the halves of the product.
#[derive(Debug, Default)]
pub(super) struct Multiply(u64);

impl Hasher for Multiply {
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        for chunk in whole {
            self.write_u64(u64::from_le_bytes(*chunk));
        }
        let rest = rest.iter().rev();
        self.write_u64(rest.fold(0, |all, byte| all << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0.rotate_left(5) ^ value) * u128::from(MULTIPLIER);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    /// The lowest bits choose where in a table, the highest are compared before the words.
    #[test]
    fn words_that_differ_little_spread_well() {
        const COUNT: u32 = 4096;
        let kinds: [fn(u32) -> String; 4] = [
            |number| number.to_string(),
            |number| format!("term{number}"),
            |number| format!("{number:016}"),
            |number| char::from_u32(0x4E00 + number).unwrap().to_string(),
        ];
        for word in kinds {
            let hashes =
                || (0..COUNT).map(|number| Quick::default().hash_one(word(number).as_str()));
            assert_eq!(hashes().collect::<HashSet<_>>().len(), COUNT as usize);
            for place in [|hash: u64| hash % u64::from(COUNT), |hash: u64| hash >> 52] {
                // Of as many places as words, chance takes 63 %.
                let taken = hashes().map(place).collect::<HashSet<_>>().len();
                assert!(taken > 2300, "{} {taken}", word(1));
            }
        }
    }
}
