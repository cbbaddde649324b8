//! Where the API keys of a target are kept.

use std::collections::HashSet;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::TargetConfig;

/// A reference to an API key that is kept elsewhere. Exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("writeOnly" = true, "minProperties" = 1, "maxProperties" = 1))]
pub struct SecretKeyRef {
    /// Name of an environment variable.
    #[serde(default)]
    pub env: Option<String>,
    /// Name of a secret in a control plane's store.
    #[serde(default)]
    pub store: Option<String>,
}

impl SecretKeyRef {
    /// A key in an environment variable.
    #[must_use]
    pub fn env(name: impl Into<String>) -> Self {
        Self {
            env: Some(name.into()),
            store: None,
        }
    }

    pub(super) fn problems(&self) -> Vec<String> {
        place_problems(self.env.as_deref(), self.store.as_deref())
    }
}

/// One of several API keys of a target. Exactly one of `env` and `store`.
///
/// ```
/// use fw_provider::{TargetConfig, TargetKey};
///
/// let mut target = TargetConfig::new("main", "fireworks");
/// target.keys = vec![TargetKey::env("TEAM_KEY"), TargetKey::env("SPARE_KEY")];
/// target.keys[1].weight = 0.5;
/// assert!(target.problems().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("writeOnly" = true))]
#[non_exhaustive]
pub struct TargetKey {
    /// Name of an environment variable.
    #[serde(default)]
    pub env: Option<String>,
    /// Name of a secret in a control plane's store.
    #[serde(default)]
    pub store: Option<String>,
    /// What the key is called in logs and metrics. Default: the name of the
    /// variable.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub name: Option<String>,
    /// Share of the target's requests. Zero keeps the key for when no other is
    /// left.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub weight: f64,
}

impl TargetKey {
    /// A key in an environment variable, with weight 1.
    #[must_use]
    pub fn env(name: impl Into<String>) -> Self {
        Self {
            env: Some(name.into()),
            store: None,
            name: None,
            weight: one(),
        }
    }

    /// What the key is called: `name`, else where it is kept.
    #[must_use]
    pub fn label(&self) -> &str {
        [&self.name, &self.env, &self.store]
            .into_iter()
            .find_map(Option::as_deref)
            .unwrap_or_default()
    }
}

/// Everything that is wrong with `keys`.
pub(super) fn problems(target: &TargetConfig) -> Vec<String> {
    let mut found = Vec::new();
    let alone = target
        .secret_key_ref
        .as_ref()
        .and_then(|key| key.env.as_deref());
    let mut variables: HashSet<&str> = alone.into_iter().collect();
    let mut labels = variables.clone();
    for (index, key) in target.keys.iter().enumerate() {
        let place = format!("key {}", index + 1);
        for problem in place_problems(key.env.as_deref(), key.store.as_deref()) {
            found.push(format!("{place}: {problem}"));
        }
        if !(0.0..=1_000_000.0).contains(&key.weight) {
            found.push(format!(
                "{place}: the weight must be a number between 0 and 1000000"
            ));
        }
        let repeated = key
            .env
            .as_deref()
            .is_some_and(|variable| !variables.insert(variable));
        if repeated {
            found.push(format!(
                "{place}: the variable is already used; name each once"
            ));
        } else if !labels.insert(key.label()) {
            found.push(format!(
                "{place}: the name is already used; give each key its own"
            ));
        }
    }
    let is_alone = target.secret_key_ref.is_none() && target.api_key.is_none();
    if is_alone && !target.keys.is_empty() && target.keys.iter().all(|key| key.weight == 0.0) {
        found.push("every key has weight zero; give at least one a weight above zero".to_owned());
    }
    found
}

fn place_problems(env: Option<&str>, store: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    if env.is_some() == store.is_some() {
        found.push("give exactly one of `env` and `store`".to_owned());
    }
    if [env, store]
        .into_iter()
        .flatten()
        .any(|name| !is_variable_name(name))
    {
        found.push(VARIABLE_NAME_RULE.to_owned());
    }
    found
}

const fn one() -> f64 {
    1.0
}

/// An API key written into the configuration. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("writeOnly" = true))]
pub struct LiteralKey(String);

impl LiteralKey {
    /// Wraps a key.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself. Keep it out of logs and messages.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LiteralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiteralKey(***)")
    }
}

pub(super) const VARIABLE_NAME_RULE: &str =
    "names of variables and secrets have only ASCII letters, digits, `_`, `-` and `.`";

/// Names follow the configuration reference: ASCII letters, digits, `_`, `-`
/// and `.`.
pub(super) fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
