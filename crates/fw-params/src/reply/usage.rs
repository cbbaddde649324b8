//! Usage that the client did not ask for.

use std::sync::{Arc, OnceLock};

use fw_wire::Usage;

/// The usage of a stream whose usage chunk was taken out, because the client did not ask for it.
///
/// It is in the extensions of such a response, so that a layer above can still account for the
/// tokens: empty at first, and filled when the chunk has passed.
#[derive(Clone, Debug, Default)]
pub struct UpstreamUsage {
    slot: Arc<OnceLock<Usage>>,
}

// === impl UpstreamUsage ===

impl UpstreamUsage {
    /// The usage, once it has been seen.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.slot.get().copied()
    }

    pub(crate) fn set(&self, usage: Usage) {
        // Of several, the first: they say the same.
        let _ = self.slot.set(usage);
    }
}
