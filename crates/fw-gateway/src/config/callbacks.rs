//! `callbacks`: where reports about requests go.

use fw_provider::{LiteralKey, SecretKeyRef};
use schemars::JsonSchema;
use serde::Deserialize;

/// One receiver of reports. Sent after each request, never in its way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Callback {
    /// What receives.
    #[serde(rename = "type")]
    pub sink: CallbackSink,
    /// Whether reports are sent.
    #[serde(default = "super::yes")]
    pub enabled: bool,
    /// Address of the receiver.
    #[serde(default)]
    pub host: Option<String>,
    /// Langfuse: public key.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Langfuse: variable that holds the public key.
    #[serde(default)]
    pub public_key_env: Option<String>,
    /// Langfuse: secret key.
    #[serde(default)]
    pub secret_key: Option<LiteralKey>,
    /// Langfuse: variable that holds the secret key.
    #[serde(default)]
    pub secret_key_env: Option<String>,
    /// Key of the receiver.
    #[serde(default)]
    pub api_key: Option<LiteralKey>,
    /// Variable that holds the key.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// Where the key is kept.
    #[serde(default)]
    pub secret_key_ref: Option<SecretKeyRef>,
    /// Datadog: site.
    #[serde(default)]
    pub site: Option<String>,
    /// Datadog: service name.
    #[serde(default)]
    pub service_name: Option<String>,
    /// Datadog: tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What receives reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallbackSink {
    /// Langfuse.
    Langfuse,
    /// Datadog.
    Datadog,
    /// Prometheus.
    Prometheus,
    /// Helicone.
    Helicone,
}
