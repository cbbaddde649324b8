//! The key that signs the log, and its public half.

use std::{fmt, path::PathBuf, str::FromStr};

use ed25519_dalek::{Signature, Signer, VerifyingKey};
use zeroize::Zeroizing;

use crate::{
    chain::{Hash, signed_digest},
    format::Line,
    hex,
};

/// Where the key that signs comes from.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum KeySource {
    /// From `audit.key` beside the log, which is made at the first start. Whoever can rewrite the log can
    /// read that file too: it proves something against those who cannot, and against mistakes.
    #[default]
    Generate,
    /// From a file with the 32 bytes of an Ed25519 seed as 64 hexadecimal digits.
    File(PathBuf),
    /// The 32 bytes themselves.
    Seed(Zeroizing<[u8; 32]>),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate => f.write_str("Generate"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Seed(_) => f.write_str("Seed(..)"),
        }
    }
}

/// The private half. Wiped from memory when dropped.
#[derive(Clone)]
pub(crate) struct SigningKey {
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self {
            key: ed25519_dalek::SigningKey::from_bytes(seed),
        }
    }

    /// From 64 digits, as they stand in a file.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let seed = Zeroizing::new(hex::parse::<32>(text.trim_ascii())?);
        Some(Self::from_seed(&seed))
    }

    /// A new key, and the text to keep it as.
    pub(crate) fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())?;
        let mut text = Zeroizing::new(Vec::with_capacity(65));
        hex::push(&mut text, seed.as_slice());
        text.push(b'\n');
        Ok((Self::from_seed(&seed), text))
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key())
    }

    /// Signs a line that was started after the line with the hash `previous`.
    pub(crate) fn sign(&self, previous: &Hash, unsigned: &[u8]) -> [u8; 64] {
        self.key.sign(&signed_digest(previous, unsigned)).to_bytes()
    }

    /// A key for another purpose, which tells nothing about this one.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, self.key.as_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey")
            .field(&self.public_key())
            .finish()
    }
}

/// The public half of the key: it checks what the other one signed. As text: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Whether `line` ends with a signature by this key, over itself and all that came before it.
    /// `previous` is the hash of the line before.
    #[must_use]
    pub fn verify(&self, previous: &Hash, line: &Line<'_>) -> bool {
        line.signed().is_some_and(|(unsigned, signature)| {
            let signature = Signature::from_bytes(&signature);
            self.0
                .verify_strict(&signed_digest(previous, unsigned), &signature)
                .is_ok()
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, self.0.as_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// What is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError;

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no public key; it is 64 digits of 0-9 and a-f, as in audit.pub")
    }
}

impl std::error::Error for KeyError {}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = hex::parse(text.trim().as_bytes()).ok_or(KeyError)?;
        VerifyingKey::from_bytes(&bytes)
            .map(Self)
            .map_err(|_| KeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Kind, push_end, push_signature, push_start};

    fn signed(key: &SigningKey, previous: &Hash) -> Vec<u8> {
        let mut text = Vec::new();
        push_start(&mut text, 9, Kind::Checkpoint, br#""time":"t""#);
        let signature = key.sign(previous, &text);
        push_signature(&mut text, &signature);
        push_end(&mut text, &Hash::ZERO);
        text.pop();
        text
    }

    #[test]
    fn a_signature_holds_for_its_place_and_key_only() {
        let (key, other) = (
            SigningKey::from_seed(&[1; 32]),
            SigningKey::from_seed(&[2; 32]),
        );
        let previous = Hash::from_bytes([3; 32]);
        let text = signed(&key, &previous);
        let line = Line::parse(&text).unwrap();
        assert!(key.public_key().verify(&previous, &line));
        assert!(!other.public_key().verify(&previous, &line));
        assert!(!key.public_key().verify(&Hash::ZERO, &line));

        let changed = String::from_utf8(text.clone())
            .unwrap()
            .replace("\"t\"", "\"u\"");
        let changed = Line::parse(changed.as_bytes()).unwrap();
        assert!(!key.public_key().verify(&previous, &changed));
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let (key, text) = SigningKey::generate().unwrap();
        let again = SigningKey::parse(&text).unwrap();
        assert_eq!(key.public_key(), again.public_key());
        assert_eq!(key.public_key().to_string().parse(), Ok(key.public_key()));
        assert!(SigningKey::parse(b"abc").is_none());
        assert_eq!("xyz".parse::<PublicKey>(), Err(KeyError));
    }

    #[test]
    fn a_private_key_is_never_shown() {
        let key = SigningKey::from_seed(&[1; 32]);
        assert!(!format!("{key:?}").contains("0101"));
        let source = KeySource::Seed(Zeroizing::new([1; 32]));
        assert_eq!(format!("{source:?}"), "Seed(..)");
    }
}
