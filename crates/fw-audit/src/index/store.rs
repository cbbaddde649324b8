//! An index as a file.
//!
//! A head of fixed length, then each column as little-endian numbers, then the dictionary. The head names the
//! segment by its length and its last line's hash, and holds a hash of all the rest: a file that is torn,
//! or of another segment, does not fit and is made anew.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::process;

use super::{Column, Index, index_path};
use crate::hex;
use crate::reader::SegmentFile;

const MAGIC: &[u8; 16] = b"fw-audit index1\n";

/// Magic, length and last hash of the segment, number of lines, number of entries, hash of what follows.
const HEAD: usize = 16 + 8 + 32 + 8 + 8 + 32;

/// The part of the head that names the segment.
const NAME: usize = 16 + 8 + 32;

/// From the last line's hash to the end of the file: `"}` and a line feed.
const AFTER_HASH: u64 = 3;

impl Index {
    /// The index beside a segment, if there is one and it fits.
    pub(super) fn load(segment: &SegmentFile) -> Option<Self> {
        let bytes = fs::read(index_path(segment)).ok()?;
        decode(&bytes, &name(segment)?)
    }

    /// Writes it beside its segment, whole or not at all.
    pub(super) fn store(&self, segment: &SegmentFile) -> io::Result<()> {
        let Some(name) = name(segment) else {
            return Ok(());
        };
        let path = index_path(segment);
        // Two processes may do this at once.
        let draft = path.with_extension(format!("idx-{}", process::id()));
        let written = self
            .encode(&name)
            .and_then(|bytes| write(&draft, &bytes, segment))
            .and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    fn encode(&self, name: &[u8; NAME]) -> io::Result<Vec<u8>> {
        let texts: usize = self.dictionary.iter().map(|text| text.len() + 4).sum();
        let mut bytes =
            Vec::with_capacity(HEAD + self.len() * (8 * 4 + 4 * Column::COUNT + 1) + texts + 8);
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(&(self.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&(self.dictionary.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&[0; 32]);
        for column in [&self.offsets, &self.times, &self.requests, &self.accepted] {
            column
                .iter()
                .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        for column in &self.texts {
            column
                .iter()
                .for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        bytes.extend_from_slice(&self.kinds);
        for text in &self.dictionary {
            let length = u32::try_from(text.len())
                .map_err(|_| io::Error::other("a text is too long for an index"))?;
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        for text in &self.dictionary {
            bytes.extend_from_slice(text.as_bytes());
        }
        let hash = blake3::hash(&bytes[HEAD..]);
        bytes[HEAD - 32..HEAD].copy_from_slice(hash.as_bytes());
        Ok(bytes)
    }
}

/// Whether the index beside a segment names it.
pub(super) fn fits(segment: &SegmentFile) -> bool {
    let mut head = [0; NAME];
    File::open(index_path(segment))
        .and_then(|mut file| file.read_exact(&mut head))
        .is_ok_and(|()| name(segment) == Some(head))
}

/// What an index begins with that is one of this segment. `None` where the segment does not end with a line.
fn name(segment: &SegmentFile) -> Option<[u8; NAME]> {
    let mut file = File::open(segment.path()).ok()?;
    let hash_at = segment.bytes().checked_sub(64 + AFTER_HASH)?;
    file.seek(SeekFrom::Start(hash_at)).ok()?;
    let mut digits = [0; 64];
    file.read_exact(&mut digits).ok()?;
    let hash: [u8; 32] = hex::parse(&digits)?;
    let mut name = [0; NAME];
    name[..16].copy_from_slice(MAGIC);
    name[16..24].copy_from_slice(&segment.bytes().to_le_bytes());
    name[24..].copy_from_slice(&hash);
    Some(name)
}

/// Writes a file that the same may read as the segment.
fn write(path: &std::path::Path, bytes: &[u8], segment: &SegmentFile) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.set_permissions(fs::metadata(segment.path())?.permissions())?;
    file.write_all(bytes)
}

fn decode(bytes: &[u8], name: &[u8; NAME]) -> Option<Index> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let (found, mut head) = head.split_at_checked(NAME)?;
    let rows = usize::try_from(u64::from_le_bytes(take(&mut head)?)).ok()?;
    let entries = usize::try_from(u64::from_le_bytes(take(&mut head)?)).ok()?;
    if found != name || blake3::hash(body).as_bytes() != head {
        return None;
    }
    let mut rest = body;
    let mut index = Index {
        offsets: column(&mut rest, rows.checked_add(1)?, u64::from_le_bytes)?,
        times: column(&mut rest, rows, u64::from_le_bytes)?,
        requests: column(&mut rest, rows, u64::from_le_bytes)?,
        accepted: column(&mut rest, rows, u64::from_le_bytes)?,
        ..Index::default()
    };
    for texts in &mut index.texts {
        *texts = column(&mut rest, rows, u32::from_le_bytes)?;
    }
    index.kinds = column(&mut rest, rows, |[kind]: [u8; 1]| kind)?;
    let lengths = column(&mut rest, entries, u32::from_le_bytes)?;
    index.dictionary.reserve(entries);
    for length in lengths {
        let (text, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        index
            .dictionary
            .push(String::from_utf8(text.to_vec()).ok()?);
        rest = after;
    }
    let whole = rest.is_empty()
        && index.offsets.is_sorted()
        && index
            .texts
            .iter()
            .all(|texts| texts.iter().all(|text| (*text as usize) < entries));
    whole.then_some(index)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn column<const N: usize, T>(
    bytes: &mut &[u8],
    rows: usize,
    value: impl Fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let (column, rest) = bytes.split_at_checked(rows.checked_mul(N)?)?;
    *bytes = rest;
    Some(
        column
            .as_chunks()
            .0
            .iter()
            .map(|chunk| value(*chunk))
            .collect(),
    )
}
