//! Whether a log is as it was written.

mod bad;
mod options;
mod piece;
mod whole;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

pub use self::bad::{Bad, VerifyError};
pub use self::options::VerifyOptions;
use self::piece::{Piece, Range};
pub use self::whole::Verified;
use self::whole::Whole;
use crate::reader::Segments;

/// Bytes of a piece: enough to make the seam cheap, small enough to keep all threads busy to the end.
const PIECE: u64 = 8 << 20;

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have been checked.
    pub bytes: u64,
    /// Bytes in all.
    pub of: u64,
}

/// Checks every line of the log in `directory`: form, number, hash, signature, and how files follow each
/// other. `progress` is called by several threads, now and then.
///
/// A log that is being written can be verified; what is added meanwhile is left out.
///
/// # What this proves
///
/// With a public key that was kept elsewhere: nobody without the private key has changed, added, removed or
/// moved a line up to the last signature, which comes every second or so. What comes after it hangs on
/// the chain alone: it could be written anew, or cut off. A log that was cut off right after any of its
/// signatures looks like a log that ended there. Only a later head that was kept elsewhere shows that:
/// [`VerifyOptions::expect_head`].
///
/// ```no_run
/// use fw_audit::{VerifyOptions, verify};
///
/// let options = VerifyOptions::new().public_key(std::fs::read_to_string("kept/audit.pub")?.parse()?);
/// let verified = verify("audit/".as_ref(), &options, |_| ())?;
/// println!("{} records, head {:?}", verified.records(), verified.head());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first thing that is wrong, in the order of the log; or what keeps it from being read.
pub fn verify(
    directory: &Path,
    options: &VerifyOptions,
    progress: impl Fn(Progress) + Sync,
) -> Result<Verified, VerifyError> {
    verify_in_pieces(directory, options, PIECE, progress)
}

fn verify_in_pieces(
    directory: &Path,
    options: &VerifyOptions,
    piece: u64,
    progress: impl Fn(Progress) + Sync,
) -> Result<Verified, VerifyError> {
    let segments =
        Segments::list(directory).map_err(|error| VerifyError::unreadable(directory, error))?;
    let (keys, key_beside_log) = options.keys(directory)?;
    let ranges = ranges(&segments, piece);
    let threads = options.threads_for(ranges.len());

    let pieces: Vec<Mutex<Option<std::io::Result<Piece>>>> =
        ranges.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    // The first piece that is known to be bad: what comes after it need not be read.
    let bad = AtomicUsize::new(usize::MAX);
    let (done, of) = (AtomicU64::new(0), segments.bytes());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= ranges.len() || at > bad.load(Ordering::Relaxed) {
                return;
            }
            let range = ranges[at];
            let piece = Piece::check(range, &keys, options.head());
            if !matches!(&piece, Ok(piece) if piece.flaw.is_none()) {
                bad.fetch_min(at, Ordering::Relaxed);
            }
            if let Ok(mut place) = pieces[at].lock() {
                *place = Some(piece);
            }
            let bytes = range.end - range.start;
            let bytes = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
            progress(Progress { bytes, of });
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });

    let mut whole = Whole::new(&segments, &keys);
    for (range, piece) in ranges.iter().zip(pieces) {
        // Those that nobody looked at come after one that is bad.
        let Some(piece) = piece.into_inner().ok().flatten() else {
            break;
        };
        let piece = piece.map_err(|error| VerifyError::unreadable(range.file.path(), error))?;
        whole.add(*range, piece)?;
    }
    Ok(whole.finish(options, key_beside_log)?)
}

/// Cuts files into pieces, in order. An empty file is one, too.
fn ranges(segments: &Segments, piece: u64) -> Vec<Range<'_>> {
    let mut ranges = Vec::new();
    for file in segments {
        let mut start: u64 = 0;
        loop {
            let end = file.bytes().min(start.saturating_add(piece));
            ranges.push(Range { file, start, end });
            if end == file.bytes() {
                break;
            }
            start = end;
        }
    }
    ranges
}

#[cfg(test)]
mod tests;
