//! The chain: each line's hash covers its bytes and the hash of the line before.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    format::{Kind, Line},
    hex,
};

/// What a line's hash is over, first.
const LINE: &[u8; 17] = b"fw-audit v1 line\n";
/// What a signature is over, first.
const SIGNED: &[u8; 22] = b"fw-audit v1 signature\n";

/// The BLAKE3 hash of a line.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What stands before the first line ever.
    pub const ZERO: Self = Self([0; 32]);

    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, &self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// What is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashError;

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash is 64 digits of 0-9 and a-f")
    }
}

impl std::error::Error for HashError {}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        hex::parse(text.as_bytes()).map(Self).ok_or(HashError)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The hash of a line: of a tag, the hash of the line before, the length of `body` and `body`, which is the
/// line up to, but without, `,"hash":`.
#[must_use]
pub fn line_hash(previous: &Hash, body: &[u8]) -> Hash {
    Hash(tagged(LINE, previous, body))
}

/// What a signature signs: like [`line_hash`], under a tag of its own, of the line up to, but without,
/// `,"sig":`. Thus it vouches for all that was before, and for the line that holds it.
#[must_use]
pub fn signed_digest(previous: &Hash, unsigned: &[u8]) -> [u8; 32] {
    tagged(SIGNED, previous, unsigned)
}

fn tagged<const N: usize>(tag: &[u8; N], previous: &Hash, body: &[u8]) -> [u8; 32] {
    // In one piece: a hasher takes several pieces more slowly.
    let mut head = [0; 22 + 32 + 8];
    let (tagged, rest) = head.split_at_mut(N);
    tagged.copy_from_slice(tag);
    rest[..32].copy_from_slice(&previous.0);
    rest[32..40].copy_from_slice(&(body.len() as u64).to_le_bytes());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head[..N + 40]);
    hasher.update(body);
    *hasher.finalize().as_bytes()
}

/// A place in the log: the last record and its hash, which stands for everything up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The sequence number; 0 if there is nothing yet.
    pub seq: u64,
    /// The hash of that line.
    pub hash: Hash,
}

/// Walks along the chain, whether to write it or to check it.
///
/// The first line of a file, of kind [`Kind::Segment`], has no number of its own: it tells the number that
/// the next line has. All others count up by one.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    head: Head,
    last: Hash,
}

impl Chain {
    /// A chain that goes on after `head`. `last` is the hash of the line that comes before the next one: that
    /// of the head, unless the first line of a file has been written since.
    #[must_use]
    pub const fn new(head: Head, last: Hash) -> Self {
        Self { head, last }
    }

    /// The last numbered line.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The hash of the last line, numbered or not: what the next line's hash begins with.
    #[must_use]
    pub const fn last(&self) -> &Hash {
        &self.last
    }

    /// The number that the next line must have.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.head.seq + 1
    }

    /// Goes on by one line, whose hash is known.
    pub fn advance(&mut self, kind: Kind, hash: Hash) {
        self.last = hash;
        if kind != Kind::Segment {
            self.head = Head {
                seq: self.next_seq(),
                hash,
            };
        }
    }

    /// Goes on by one line if it fits: its number is the next, and its hash is right.
    ///
    /// # Errors
    ///
    /// What is wrong; the chain stays where it was.
    pub fn check(&mut self, line: &Line<'_>) -> Result<(), Broken> {
        if line.seq() != self.next_seq() {
            return Err(Broken::Sequence {
                found: line.seq(),
                expected: self.next_seq(),
            });
        }
        if line_hash(&self.last, line.body()) != line.hash() {
            return Err(Broken::Hash);
        }
        self.advance(line.kind(), line.hash());
        Ok(())
    }
}

/// How a line does not fit to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// Not the next number.
    Sequence {
        /// The number it has.
        found: u64,
        /// The number it must have.
        expected: u64,
    },
    /// Its hash is not that of its bytes and the line before.
    Hash,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence { found, expected } => {
                write!(f, "sequence number {found} where {expected} must be")
            }
            Self::Hash => f.write_str("the hash is not that of the line and the one before"),
        }
    }
}

impl std::error::Error for Broken {}
