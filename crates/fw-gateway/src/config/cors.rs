//! `cors`: use from web pages, in all three published spellings.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{HeaderName, Method};

/// Cross-origin requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Cors {
    /// Whether cross-origin requests are answered. Off without this key.
    pub enabled: bool,
    /// Origins that may call, or `*`.
    #[serde(alias = "allowed_origins")]
    #[schemars(extend("x-aliases" = ["allowed_origins"]), length(max = 10_000))]
    pub allow_origins: Vec<String>,
    /// Methods they may use.
    #[serde(alias = "allowed_methods")]
    #[schemars(extend("x-aliases" = ["allowed_methods"]))]
    pub allow_methods: Vec<Method>,
    /// Headers they may send.
    #[serde(alias = "allowed_headers")]
    #[schemars(extend("x-aliases" = ["allowed_headers"]))]
    pub allow_headers: Vec<HeaderName>,
    /// Reply headers they may read.
    #[serde(alias = "exposed_headers")]
    #[schemars(extend("x-aliases" = ["exposed_headers"]))]
    pub expose_headers: Vec<HeaderName>,
    /// Whether they may send credentials. Not with the origin `*`.
    #[serde(alias = "allow_credentials")]
    #[schemars(extend("x-aliases" = ["allow_credentials"]))]
    pub credentials: bool,
    /// How long a browser may remember the answer, in seconds.
    #[serde(alias = "max_age_seconds")]
    #[schemars(extend("x-aliases" = ["max_age_seconds"]), range(min = 0, max = 31_536_000))]
    pub max_age: u64,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            enabled: false,
            allow_origins: Vec::new(),
            allow_methods: Method::all(&["GET", "POST", "OPTIONS"]),
            allow_headers: HeaderName::all(&["Content-Type", "Authorization"]),
            expose_headers: Vec::new(),
            credentials: false,
            max_age: 86_400,
        }
    }
}
