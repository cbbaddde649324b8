//! What is old enough to go.

use std::{io, time::Duration};

use crate::{
    chain::Hash, keys::PublicKey, recover::signed_header, storage, storage::Storage,
    time::Timestamp,
};

/// Files to remove.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expired {
    /// The numbers of their first records, in order.
    pub(crate) segments: Vec<u64>,
    /// The last number in them, and its hash.
    pub(crate) up_to: u64,
    pub(crate) up_to_hash: Hash,
}

/// The files, from the oldest on, whose next file was begun before all that is kept. The last file stays
/// whatever its age. A clock that went back only keeps more.
///
/// What a file says of its age counts only if it is signed: what is removed for it is signed away, and who can
/// write to files could have the log do that.
pub(crate) fn expired(
    storage: &dyn Storage,
    key: &PublicKey,
    retention: Duration,
    now: Timestamp,
) -> io::Result<Option<Expired>> {
    let segments = storage::segments(storage)?;
    let mut expired = None;
    for (count, next) in segments.iter().enumerate().skip(1) {
        // Without a signature in it, a later file speaks for it.
        let Some(header) = signed_header(storage, *next, key)? else {
            continue;
        };
        if age(header.time, now) <= retention {
            break;
        }
        expired = Some(Expired {
            segments: segments[..count].to_vec(),
            up_to: next - 1,
            up_to_hash: header.previous_hash,
        });
    }
    Ok(expired)
}

/// How long before `now` that was; nothing if the clock has gone back since.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(now.as_micros().saturating_sub(then.as_micros()))
}
