//! The settings of a layer.

use http::StatusCode;

use crate::Chain;

/// Largest request body that is read, unless the layer is told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Largest reply that is held in memory, unless the layer is told otherwise: 32 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// What becomes of a body that the policies cannot look at: one that is encoded, too large or not JSON,
/// a prompt of token ids, an event of a stream that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FailMode {
    /// It is refused.
    #[default]
    Closed,
    /// It passes as it is, and a warning is logged.
    Open,
}

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) chain: Chain,
    pub(crate) fail_mode: FailMode,
    pub(crate) denial_status: StatusCode,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_response_bytes: usize,
    pub(crate) header: bool,
    /// Whether replies are looked at: kept, because it is asked for each request.
    pub(crate) has_response: bool,
}

// === impl Config ===

impl Config {
    pub(crate) fn new(chain: Chain) -> Self {
        Self {
            has_response: chain.has_response(),
            chain,
            fail_mode: FailMode::default(),
            denial_status: StatusCode::BAD_REQUEST,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            header: true,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.fail_mode == FailMode::Open
    }
}
