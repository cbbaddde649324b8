//! The settings of a store, and of a layer.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::store::ResponseStore;

/// Largest request body that is read, unless the layer is told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Largest reply that is held in memory, unless the layer is told otherwise: 32 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// How responses are kept. What is left out has its default.
///
/// ```
/// use fw_responses::ResponsesConfig;
///
/// let config: ResponsesConfig = serde_json::from_str(r#"{"retention_days": 7}"#)?;
/// assert_eq!(config.retention_days, 7);
/// assert_eq!(config.max_bytes, 64 * 1024 * 1024);
/// assert_eq!(config.path, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ResponsesConfig {
    /// The file that responses are kept in. It is made if it is missing; its directory has to be there.
    /// Without a file they are kept in memory, and a restart forgets them.
    pub path: Option<PathBuf>,
    /// Most bytes of responses that are kept; beyond, the oldest go first. The file is larger: up to
    /// about four times that.
    #[schemars(range(min = 1))]
    pub max_bytes: u64,
    /// How many days a response is kept.
    #[schemars(range(min = 1, max = 3650))]
    pub retention_days: u32,
}

// === impl ResponsesConfig ===

impl Default for ResponsesConfig {
    /// In memory, 64 MiB, 30 days.
    fn default() -> Self {
        Self {
            path: None,
            max_bytes: 64 * 1024 * 1024,
            retention_days: 30,
        }
    }
}

impl ResponsesConfig {
    /// How long a response is kept, in seconds.
    pub(crate) fn retention(&self) -> u64 {
        u64::from(self.retention_days) * 86_400
    }
}

/// Who answers a request for a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponsesMode {
    /// The provider speaks chat completions only: responses are made of those, and kept here.
    #[default]
    Emulate,
    /// The provider has a Responses API of its own. Only responses that are kept *here* are looked up here:
    /// a `previous_response_id` that names one is replaced by its items.
    Expand,
}

/// In the extensions of a request: its response is not kept, whatever the request says. For copies of requests whose
/// answers nobody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs)]
pub struct NotKept;

/// The settings of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) store: ResponseStore,
    pub(crate) mode: ResponsesMode,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_response_bytes: usize,
}

// === impl Config ===

impl Config {
    pub(crate) const fn new(store: ResponseStore) -> Self {
        Self {
            store,
            mode: ResponsesMode::Emulate,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
        }
    }
}
