//! `size_limits`: how large bodies may be.

use schemars::JsonSchema;
use serde::Deserialize;

/// Largest bodies. Always in force, with these defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SizeLimits {
    /// Largest request body. Default: 10 MiB.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub max_body_bytes: u64,
    /// Largest reply that is not a stream, and largest event of one that is. Default: 32 MiB.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub max_response_bytes: u64,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: 10 << 20,
            max_response_bytes: 32 << 20,
        }
    }
}
