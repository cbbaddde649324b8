//! How old files go.

use super::Writer;
use crate::segment::file_name;

/// Files that go when the tombstone with this number is on the disk.
#[derive(Debug)]
pub(super) struct Removal {
    pub(super) after: u64,
    pub(super) segments: Vec<u64>,
}

impl Writer {
    /// Removes the files that a tombstone on the disk speaks for.
    pub(super) fn remove_old(&mut self) {
        let synced = self.synced.head().seq;
        let Some(removal) = self.removal.take_if(|removal| removal.after <= synced) else {
            return;
        };
        for first in removal.segments {
            let name = file_name(first);
            if let Err(error) = self.storage.remove(&name) {
                // The next tombstone speaks for it again.
                tracing::warn!(file = %name, %error, "an old file of the audit log cannot be removed");
                break;
            }
            // What readers keep beside it.
            let _ = self.storage.remove(&format!("{name}.idx"));
            // Each for itself: after a crash the first ones are gone, and none in the middle.
            if let Err(error) = self.storage.sync_directory() {
                tracing::warn!(%error, "old files of the audit log may come back");
                break;
            }
        }
    }
}
