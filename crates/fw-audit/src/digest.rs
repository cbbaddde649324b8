//! Keyed digests: equal texts can be told, and nothing else.

use std::fmt;

use blake3::{Hash, Hasher};

use crate::hex;

/// Makes digests of prompts, replies and clients, with keys that are derived from a secret.
///
/// A plain hash of a prompt can be guessed: hash what it may have been, and compare. Without the secret a
/// keyed one cannot. Whoever has the secret can check that a text is the one that was logged.
///
/// ```
/// use fw_audit::Digester;
///
/// let digester = Digester::new(b"a secret of at least 32 bytes, say");
/// let digest = digester.text(b"Hello");
/// assert_eq!(digest, digester.text(b"Hello"));
/// assert_ne!(digest, digester.client(b"Hello"));
/// assert_eq!(digest.len(), 64);
/// ```
#[derive(Clone)]
pub struct Digester {
    text: [u8; 32],
    client: [u8; 32],
}

/// How much of a text is gathered before it is hashed. Of several KiB the hash is made side by side, which is
/// several times faster than event by event.
const GATHERED: usize = 8 * 1024;

/// A digest of text that comes in parts.
pub(crate) struct TextDigest {
    key: [u8; 32],
    gathered: Vec<u8>,
    /// Only for text that is longer. It is large, so it has a place of its own.
    hasher: Option<Box<Hasher>>,
}

// === impl Digester ===

impl Digester {
    /// Derives keys from a secret. It has to be as hard to guess as a key is.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            text: blake3::derive_key("fw-audit v1 digest of text", secret),
            client: blake3::derive_key("fw-audit v1 digest of a client", secret),
        }
    }

    /// The digest of a request's or a reply's bytes: 64 hexadecimal digits.
    #[must_use]
    pub fn text(&self, text: &[u8]) -> String {
        digits(blake3::keyed_hash(&self.text, text))
    }

    /// The digest of what identifies a client.
    #[must_use]
    pub fn client(&self, client: &[u8]) -> String {
        self.client_after("", client)
    }

    /// As [`client`](Self::client), after `prefix`.
    pub(crate) fn client_after(&self, prefix: &str, client: &[u8]) -> String {
        hex::text(prefix, blake3::keyed_hash(&self.client, client).as_bytes())
    }

    /// As [`text`](Self::text), for text that comes in parts.
    pub(crate) fn begin(&self) -> TextDigest {
        TextDigest {
            key: self.text,
            gathered: Vec::new(),
            hasher: None,
        }
    }
}

/// No keys in logs.
impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester")
    }
}

// === impl TextDigest ===

impl TextDigest {
    pub(crate) fn update(&mut self, part: &[u8]) {
        if self.gathered.len() + part.len() <= GATHERED {
            self.gathered.extend_from_slice(part);
            return;
        }
        let hasher = self
            .hasher
            .get_or_insert_with(|| Box::new(Hasher::new_keyed(&self.key)));
        hasher.update(&self.gathered);
        self.gathered.clear();
        if part.len() < GATHERED {
            self.gathered.extend_from_slice(part);
        } else {
            hasher.update(part);
        }
    }

    /// The digest of all parts.
    pub(crate) fn finish(mut self) -> String {
        match &mut self.hasher {
            Some(hasher) => digits(hasher.update(&self.gathered).finalize()),
            None => digits(blake3::keyed_hash(&self.key, &self.gathered)),
        }
    }
}

fn digits(hash: Hash) -> String {
    hex::text("", hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_secret_decides() {
        let [one, other] = [&b"one"[..], b"other"].map(Digester::new);
        assert_ne!(one.text(b"x"), other.text(b"x"));
        assert_ne!(one.client(b"x"), other.client(b"x"));
        assert_ne!(one.text(b"x"), blake3::hash(b"x").to_hex().to_string());
        assert_eq!(format!("{one:?}"), "Digester");
    }

    proptest! {
        #[test]
        fn how_text_is_cut_makes_no_difference(
            parts in prop::collection::vec(
                prop_oneof![
                    4 => prop::collection::vec(any::<u8>(), 0..200),
                    1 => (7_000..20_000_usize).prop_map(|length| vec![7; length]),
                ],
                0..20,
            )
        ) {
            let digester = Digester::new(b"secret");
            let mut digest = digester.begin();
            parts.iter().for_each(|part| digest.update(part));
            prop_assert_eq!(digest.finish(), digester.text(&parts.concat()));
        }
    }
}
