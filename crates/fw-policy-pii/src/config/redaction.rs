//! What takes the place of what was found.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Action, EntityName, PiiConfig};
use crate::error::Problem;

/// What takes the place of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RedactionConfig {
    /// Form of the marker.
    pub marker_format: MarkerFormat,
    /// Note in the decision what was redacted: types and counts, never text.
    pub include_metadata: bool,
    /// Pad the marker to as many characters as what it replaces. Where there is no room for it, asterisks.
    pub preserve_length: bool,
    /// Markers of your own, by type.
    #[schemars(length(max = 256))]
    pub custom_markers: BTreeMap<String, String>,
    /// With `action: pseudonymize`: put the values back in the reply.
    pub restore: bool,
    /// Where the key of `marker_format: hash` is kept. Without one each process makes up its own, and the
    /// same value has another hash after a restart and in another replica.
    pub hash_key_ref: Option<HashKeyRef>,
    /// The key of `marker_format: hash` itself, for programs.
    #[serde(skip)]
    pub hash_key: Option<HashKey>,
}

/// Form of a redaction marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarkerFormat {
    /// The type's name: `[REDACTED:EMAIL]`.
    #[default]
    Label,
    /// Asterisks: `********`.
    Asterisk,
    /// Asterisks, and the last four characters of cards, phone numbers and accounts, or the first letter and
    /// the domain of an e-mail address.
    Partial,
    /// A keyed hash, the same for the same value: `[EMAIL:1a2b3c4d]`.
    Hash,
}

impl Default for RedactionConfig {
    fn default() -> Self {
        Self {
            marker_format: MarkerFormat::default(),
            include_metadata: true,
            preserve_length: false,
            custom_markers: BTreeMap::new(),
            restore: false,
            hash_key_ref: None,
            hash_key: None,
        }
    }
}

/// Longest marker of one's own, in bytes.
const MAX_MARKER: usize = 256;

impl RedactionConfig {
    /// The type's name as a marker.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Form of the marker.
    #[must_use]
    pub const fn marker_format(mut self, format: MarkerFormat) -> Self {
        self.marker_format = format;
        self
    }

    /// Whether types and counts are noted in the decision.
    #[must_use]
    pub const fn include_metadata(mut self, on: bool) -> Self {
        self.include_metadata = on;
        self
    }

    /// Whether the marker is as long as what it replaces.
    #[must_use]
    pub const fn preserve_length(mut self, on: bool) -> Self {
        self.preserve_length = on;
        self
    }

    /// A marker for one type.
    #[must_use]
    pub fn custom_marker(mut self, name: impl Into<String>, marker: impl Into<String>) -> Self {
        self.custom_markers.insert(name.into(), marker.into());
        self
    }

    /// Whether values are put back in the reply.
    #[must_use]
    pub const fn restore(mut self, on: bool) -> Self {
        self.restore = on;
        self
    }

    /// The environment variable that holds the key of hash markers.
    #[must_use]
    pub fn hash_key_env(mut self, name: impl Into<String>) -> Self {
        self.hash_key_ref = Some(HashKeyRef { env: name.into() });
        self
    }

    /// The key of hash markers.
    #[must_use]
    pub fn hash_key(mut self, key: impl Into<HashKey>) -> Self {
        self.hash_key = Some(key.into());
        self
    }

    pub(super) fn problems(&self, config: &PiiConfig, found: &mut Vec<Problem>) {
        let pseudonyms = config.action == Action::Pseudonymize;
        if self.restore && !pseudonyms {
            let message = "works only with `action: pseudonymize`; remove it or change the action";
            found.push(Problem::new("redaction.restore", message));
        }
        if self.restore && !(config.request && config.response) {
            let message = "needs `request` and `response`: values are taken out of the one and put back in the \
                           other";
            found.push(Problem::new("redaction.restore", message));
        }
        if self.preserve_length && pseudonyms {
            let message = "placeholders of `action: pseudonymize` are never padded; remove it";
            found.push(Problem::new("redaction.preserve_length", message));
        }
        for (name, marker) in &self.custom_markers {
            let field = format!("redaction.custom_markers.{name}");
            let own = config
                .detect_patterns
                .iter()
                .any(|pattern| pattern.name() == name);
            if !own && let Err(message) = EntityName::new(name) {
                found.push(Problem::new(&*field, message));
            }
            if marker.len() > MAX_MARKER {
                let message = format!("a marker has at most {MAX_MARKER} bytes");
                found.push(Problem::new(&*field, message));
            }
        }
        if let Some(reference) = &self.hash_key_ref {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if reference.env.is_empty() || !reference.env.bytes().all(letters) {
                let message = "name an environment variable: letters, digits and `_`";
                found.push(Problem::new("redaction.hash_key_ref.env", message));
            }
        }
    }
}

/// A reference to a key that is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("writeOnly" = true))]
pub struct HashKeyRef {
    /// Name of an environment variable.
    pub env: String,
}

/// A secret key. `Debug` does not show it, and it is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct HashKey(Zeroizing<Vec<u8>>);

impl HashKey {
    /// A key of these bytes. 32 random ones are best.
    pub fn new(key: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(key.into()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<Vec<u8>>> From<T> for HashKey {
    fn from(key: T) -> Self {
        Self::new(key)
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(***)")
    }
}
