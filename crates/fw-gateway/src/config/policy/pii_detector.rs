//! `policy.pii-detector`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::text::{EntityType, Pattern};

/// Detection of personal data in requests and replies.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PiiDetectorConfig {
    /// What happens to what was found.
    pub action: PiiAction,
    /// Also medical record numbers, insurance ids and NPI.
    pub healthcare_mode: bool,
    /// Payment cards, card verification values and cardholder names.
    pub pci_mode: bool,
    /// Further identifiers, as regular expressions.
    #[schemars(length(max = 1024))]
    pub detect_patterns: Vec<Pattern>,
    /// Only these types, such as `EMAIL` or `CREDIT_CARD`. Default: all.
    #[schemars(length(min = 1, max = 256))]
    pub entities: Option<Vec<EntityType>>,
    /// Findings below this confidence are ignored.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_confidence: Option<f64>,
    /// What takes the place of what was found.
    pub redaction: Redaction,
}

impl Default for PiiDetectorConfig {
    fn default() -> Self {
        Self {
            action: PiiAction::default(),
            healthcare_mode: false,
            pci_mode: true,
            detect_patterns: Vec::new(),
            entities: None,
            min_confidence: None,
            redaction: Redaction::default(),
        }
    }
}

/// What happens to personal data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PiiAction {
    /// A marker takes its place.
    #[default]
    Redact,
    /// The request is refused.
    Block,
    /// It passes, and the finding is recorded.
    Flag,
    /// A numbered placeholder takes its place, the same for the same value.
    Pseudonymize,
}

/// What takes the place of personal data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Redaction {
    /// Form of the marker.
    pub marker_format: MarkerFormat,
    /// Note in the event what was redacted, never its text.
    pub include_metadata: bool,
    /// Pad the marker to the length of what it replaces.
    pub preserve_length: bool,
    /// Markers of your own, by type.
    #[schemars(length(max = 256))]
    pub custom_markers: BTreeMap<String, String>,
    /// With `action: pseudonymize`: put the values back in the reply.
    pub restore: bool,
}

impl Default for Redaction {
    fn default() -> Self {
        Self {
            marker_format: MarkerFormat::default(),
            include_metadata: true,
            preserve_length: false,
            custom_markers: BTreeMap::new(),
            restore: false,
        }
    }
}

/// Form of a redaction marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkerFormat {
    /// The type's name.
    #[default]
    Label,
    /// Asterisks.
    Asterisk,
    /// Asterisks but for the last characters.
    Partial,
    /// A keyed hash.
    Hash,
}
