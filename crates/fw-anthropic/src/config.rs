//! The settings of a layer.

/// Largest request body that is read, unless the layer is told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Largest reply, or event of a stream, that is held in memory, unless the layer is told otherwise:
/// 32 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// Most bytes of a stream that wait for an earlier tool call, unless the stream is told otherwise: 1 MiB.
pub const DEFAULT_MAX_HELD_BYTES: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) max_body_bytes: usize,
    pub(crate) max_response_bytes: usize,
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
        }
    }
}
