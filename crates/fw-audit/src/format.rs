//! What a line looks like.
//!
//! A line is one JSON object of one shape: `seq` and `kind` first, `hash` last, nothing between the members.
//! So it can be taken apart without a JSON parser, and there is only one way to write it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{chain::Hash, hex, time::Timestamp};

/// The version of the format, as the first line of each file says.
pub const VERSION: u32 = 1;

const SEQ: &[u8] = b"{\"seq\":";
const KIND: &[u8] = b",\"kind\":\"";
const HASH: &[u8] = b",\"hash\":\"";
const SIG: &[u8] = b",\"sig\":\"";
const END: &[u8] = b"\"}";
/// From `,"hash":"` to the closing brace.
const HASH_LEN: usize = HASH.len() + 64 + END.len();
/// From `,"sig":"` to the closing quote.
const SIG_LEN: usize = SIG.len() + 128 + 1;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// The first line of a file: [`Segment`].
    Segment,
    /// A signature over all before it: [`Checkpoint`].
    Checkpoint,
    /// The last line of a file that is closed, signed: [`Checkpoint`].
    Seal,
    /// Old files were removed, signed: [`Tombstone`].
    Tombstone,
    /// Records could not be taken: [`Dropped`].
    Dropped,
    /// A request has been read.
    Accepted,
    /// A request has ended, whatever its end.
    Finished,
    /// Somebody read the log.
    Access,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Finished,
        Self::Accepted,
        Self::Access,
        Self::Checkpoint,
        Self::Segment,
        Self::Seal,
        Self::Tombstone,
        Self::Dropped,
    ];

    /// As the line has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Checkpoint => "checkpoint",
            Self::Seal => "seal",
            Self::Tombstone => "tombstone",
            Self::Dropped => "dropped",
            Self::Accepted => "accepted",
            Self::Finished => "finished",
            Self::Access => "access",
        }
    }

    /// Whether lines of this kind end with a signature.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Checkpoint | Self::Seal | Self::Tombstone)
    }

    /// Whether it is a record that was appended, and no line of the log's own.
    #[must_use]
    pub const fn is_record(self) -> bool {
        matches!(self, Self::Accepted | Self::Finished | Self::Access)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    bytes: &'a [u8],
    seq: u64,
    kind: Kind,
    hash: Hash,
}

impl<'a> Line<'a> {
    /// Takes a line apart, given without its line feed. Whether its members are JSON is not looked at, nor
    /// whether its hash is right.
    ///
    /// # Errors
    ///
    /// What is not as in a line.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LineError> {
        let rest = bytes.strip_prefix(SEQ).ok_or(LineError::Start)?;
        let (seq, rest) = number(rest).ok_or(LineError::Start)?;
        let rest = rest.strip_prefix(KIND).ok_or(LineError::Start)?;
        let (kind, rest) = Kind::ALL
            .into_iter()
            .find_map(|kind| {
                let rest = rest.strip_prefix(kind.as_str().as_bytes())?;
                Some((kind, rest.strip_prefix(b"\"")?))
            })
            .ok_or(LineError::Kind)?;
        if !rest.starts_with(b",") || rest.len() < HASH_LEN {
            return Err(LineError::End);
        }
        let (_, end) = rest.split_at(rest.len() - HASH_LEN);
        let hash = end
            .strip_prefix(HASH)
            .and_then(|end| end.strip_suffix(END))
            .and_then(hex::parse)
            .map(Hash::from_bytes)
            .ok_or(LineError::End)?;
        Ok(Self {
            bytes,
            seq,
            kind,
            hash,
        })
    }

    /// Its number. In the first line of a file: the number of the line after it.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The hash that it claims to have.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The whole line, a JSON object with `seq`, `kind` and `hash`.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What the hash is over: the line up to, but without, `,"hash":`.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        &self.bytes[..self.bytes.len() - HASH_LEN]
    }

    /// The signature, and what comes before `,"sig":`, if the line ends with one.
    #[must_use]
    pub fn signed(&self) -> Option<(&'a [u8], [u8; 64])> {
        let body = self.body();
        let (unsigned, end) = body.split_at_checked(body.len().checked_sub(SIG_LEN)?)?;
        let signature = end.strip_prefix(SIG)?.strip_suffix(b"\"")?;
        Some((unsigned, hex::parse(signature)?))
    }

    /// Reads the members into `T`, which sees `seq`, `kind` and `hash` too.
    ///
    /// # Errors
    ///
    /// Where the line is no JSON, or not of `T`.
    pub fn read<T: Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.bytes)
    }
}

/// A number without a sign or leading zeros, and what comes after it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let len = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, rest) = bytes.split_at(len);
    if digits.is_empty() || (digits[0] == b'0' && len > 1) {
        return None;
    }
    let value = digits.iter().try_fold(0_u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })?;
    Some((value, rest))
}

/// How bytes are no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// It does not start with a number and a kind.
    Start,
    /// The kind is not known.
    Kind,
    /// It does not end with a hash.
    End,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "it does not start with `seq` and `kind`",
            Self::Kind => "its kind is not known",
            Self::End => "it does not end with `hash`",
        })
    }
}

impl std::error::Error for LineError {}

/// Starts a line: `{"seq":12,"kind":"finished"` and the members, which are the inside of a JSON object.
pub(crate) fn push_start(out: &mut Vec<u8>, seq: u64, kind: Kind, members: &[u8]) {
    out.extend_from_slice(SEQ);
    push_number(out, seq);
    out.extend_from_slice(KIND);
    out.extend_from_slice(kind.as_str().as_bytes());
    out.push(b'"');
    if !members.is_empty() {
        out.push(b',');
        out.extend_from_slice(members);
    }
}

/// Adds the signature to a line that was started.
pub(crate) fn push_signature(out: &mut Vec<u8>, signature: &[u8; 64]) {
    out.extend_from_slice(SIG);
    hex::push(out, signature);
    out.push(b'"');
}

/// Ends a line, with its line feed.
pub(crate) fn push_end(out: &mut Vec<u8>, hash: &Hash) {
    out.extend_from_slice(HASH);
    hex::push(out, hash.as_bytes());
    out.extend_from_slice(END);
    out.push(b'\n');
}

/// A line's length but for its members, nearly: for the sizes of segments.
pub(crate) const OVERHEAD: usize = 110;

/// Appends a number in decimal digits.
pub(crate) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The members of a file's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Segment {
    /// When the file was begun.
    pub time: Timestamp,
    /// The version of the format.
    pub version: u32,
    /// Why it was begun.
    pub cause: Cause,
    /// The error that ended the one before, if that was the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The name of the file before, none for the first one ever.
    pub previous: Option<String>,
    /// The hash of the last line of the file before.
    pub previous_hash: Hash,
    /// The public key that the signatures in this file are checked with.
    pub public_key: String,
    /// The name of the configuration, as given when the log was opened.
    pub name: String,
}

/// Why a new file was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The log was opened, and there was no file to go on with.
    Start,
    /// The one before was sealed, because it was large or old enough.
    Rotation,
    /// Writing the one before failed. What was not known to be on the disk was removed there and stands here.
    Failure,
}

/// The members of checkpoints and seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Checkpoint {
    /// When it was signed.
    pub time: Timestamp,
}

/// The members of a tombstone. It speaks for all removals so far: nothing up to `up_to` need be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tombstone {
    /// When the files were about to be removed.
    pub time: Timestamp,
    /// The last number that was removed.
    pub up_to: u64,
    /// The hash of that line, with which the first line that is left begins its hash.
    pub up_to_hash: Hash,
    /// How many files were removed this time.
    pub segments: u64,
}

/// The members of the line about records that were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dropped {
    /// When there was room again to say so.
    pub time: Timestamp,
    /// How many since the last such line.
    pub count: u64,
    /// Why: `queue full` or what the disk reported.
    pub reason: String,
}

#[cfg(test)]
mod tests;
