//! Keyed hashes of values.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4) with a key that is never shown.
#[derive(Clone)]
pub(crate) struct Keyed(Hmac<Sha256>);

/// The first half of a hash.
pub(crate) type Digest = [u8; 16];

impl Keyed {
    /// With a key of any length.
    pub(crate) fn new(key: &[u8]) -> Self {
        let block = Self::block(key);
        Self(Hmac::<Sha256>::new(&block.into()))
    }

    /// With a key of this process's own, from the system.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self::new(&key))
    }

    /// The hash of a value of a type.
    pub(crate) fn digest(&self, label: &str, value: &str) -> Digest {
        let mut mac = self.0.clone();
        mac.update(label.as_bytes());
        // No label holds this byte, so no two pairs of label and value run into one.
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let full = mac.finalize().into_bytes();
        let mut half = Digest::default();
        half.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        half
    }

    /// A key as long as a block, as RFC 2104 section 2 makes it: longer keys are hashed first.
    fn block(key: &[u8]) -> [u8; 64] {
        use sha2::Digest as _;
        let mut block = [0; 64];
        if key.len() > block.len() {
            let hash = Sha256::digest(key);
            block.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        } else {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        }
        block
    }
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyed(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_key_label_and_value() {
        let digest = |key: &str, label, value| Keyed::new(key.as_bytes()).digest(label, value);
        let one = digest("key", "EMAIL", "a");
        assert_eq!(one, digest("key", "EMAIL", "a"));
        assert_ne!(one, digest("other", "EMAIL", "a"));
        assert_ne!(one, digest("key", "PHONE", "a"));
        assert_ne!(one, digest("key", "EMAIL", "b"));
        let random = || Keyed::random().unwrap().digest("EMAIL", "a");
        assert_ne!(random(), random());
    }

    /// RFC 4231, test case 6: a key longer than a block.
    #[test]
    fn long_keys_are_hashed_first() {
        let mut mac = Keyed::new(&[0xaa; 131]).0;
        mac.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let full = mac.finalize().into_bytes();
        assert_eq!(full[..4], [0x60, 0xe4, 0x31, 0x59]);
    }
}
