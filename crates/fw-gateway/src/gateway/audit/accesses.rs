//! What the log knows of the log of accesses to it, so that that one cannot go unnoticed.

use std::borrow::Cow;

use fw_audit::{AuditLog, Head, RecordKind, Segments, Timestamp};
use serde::{Deserialize, Serialize};

/// The folder of the log of accesses.
pub(crate) const FOLDER: &str = "access";

/// How far the log of accesses is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KnownAccesses {
    time: Timestamp,
    command: Cow<'static, str>,
    pub(crate) accesses: Head,
}

/// Records in the log how far the log of accesses is, if there is one. Whoever takes that away, or begins it anew,
/// is found out by this record: it is in the chain of the log itself.
pub(super) fn record(log: &AuditLog) {
    let folder = log.directory().join(FOLDER);
    if !folder.is_dir() {
        return;
    }
    let head = Segments::list(&folder).and_then(|segments| segments.head());
    let accesses = match head {
        Ok(head) if head.seq > 0 => head,
        Ok(_) => return,
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "the log of accesses cannot be read");
            return;
        }
    };
    let known = KnownAccesses {
        time: Timestamp::now(),
        command: Cow::Borrowed("run"),
        accesses,
    };
    if log.append(RecordKind::Access, &known).is_err() {
        log.note_dropped();
    }
}
