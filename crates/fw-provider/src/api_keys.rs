//! The keys that a target has in fact.

use crate::known::known;
use crate::{Secret, SecretKeyRef, TargetConfig};

/// A key of a target, found where the configuration says it is.
///
/// `Debug` does not show the key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApiKey {
    /// What it is called in logs and metrics: its `name`, else the variable.
    pub label: String,
    /// The key.
    pub secret: Secret,
    /// Its share of the target's requests.
    pub weight: f64,
}

/// What looking for a target's keys has found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) keys: Vec<ApiKey>,
    /// The variables that are not set, or are empty.
    pub(crate) missing: Vec<String>,
}

impl TargetConfig {
    /// The keys of this target. `lookup` finds environment variables.
    ///
    /// `secret_key_ref` or `api_key` comes first, with weight 1, then `keys`.
    /// Where none of them is given it is the provider's usual variable. A key
    /// whose variable is not set is left out, with a warning in the log. A
    /// target that has keys configured and none in this list cannot be used;
    /// one that needs no key, such as a server of one's own, has none either.
    ///
    /// ```
    /// use fw_provider::{TargetConfig, TargetKey};
    ///
    /// let mut target = TargetConfig::new("main", "fireworks");
    /// target.keys = vec![TargetKey::env("TEAM_KEY"), TargetKey::env("SPARE_KEY")];
    /// let keys = target.api_keys(|name| (name == "TEAM_KEY").then(|| "fw_1".to_owned()));
    /// assert_eq!(keys.len(), 1);
    /// assert_eq!(keys[0].label, "TEAM_KEY");
    /// ```
    #[must_use]
    pub fn api_keys(&self, lookup: impl FnMut(&str) -> Option<String>) -> Vec<ApiKey> {
        let found = find(self, lookup);
        // With no key at all the target is unavailable, which is said elsewhere.
        if !found.keys.is_empty() {
            for variable in &found.missing {
                tracing::warn!(
                    target_id = self.id,
                    "a key is left out: the environment variable {variable} is not set"
                );
            }
        }
        found.keys
    }
}

/// Looks up every key of `target`.
pub(crate) fn find(target: &TargetConfig, mut lookup: impl FnMut(&str) -> Option<String>) -> Found {
    let mut found = Found {
        keys: Vec::new(),
        missing: Vec::new(),
    };
    let mut add =
        |variable: &str, label: &str, weight: f64| match lookup(variable).map(Secret::from) {
            Some(secret) if !secret.reveal().is_empty() => found.keys.push(ApiKey {
                label: label.to_owned(),
                secret,
                weight,
            }),
            _ => found.missing.push(variable.to_owned()),
        };
    let usual = || {
        let name = target.provider_name().name.trim().to_ascii_lowercase();
        known(&name).key_variable
    };
    match (&target.api_key, &target.secret_key_ref) {
        (Some(_), _) => {}
        (
            None,
            Some(SecretKeyRef {
                env: Some(variable),
                ..
            }),
        ) => add(variable, variable, 1.0),
        (None, _) if target.keys.is_empty() => {
            if let Some(variable) = usual() {
                add(variable, variable, 1.0);
            }
        }
        (None, _) => {}
    }
    for key in &target.keys {
        if let Some(variable) = &key.env {
            add(variable, key.label(), key.weight);
        }
    }
    if let Some(key) = &target.api_key {
        let key = ApiKey {
            label: "api_key".to_owned(),
            secret: Secret::from(key),
            weight: 1.0,
        };
        found.keys.insert(0, key);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LiteralKey, TargetKey};

    fn keys(target: &TargetConfig) -> Vec<(String, String, f64)> {
        let keys = target.api_keys(|name| (name != "UNSET").then(|| format!("k-{name}")));
        let parts = |key: ApiKey| (key.label, key.secret.reveal().to_owned(), key.weight);
        keys.into_iter().map(parts).collect()
    }

    fn key(label: &str, secret: &str, weight: f64) -> (String, String, f64) {
        (label.to_owned(), secret.to_owned(), weight)
    }

    #[test]
    fn a_target_without_keys_of_its_own_has_the_usual_one() {
        let usual = key("FIREWORKS_API_KEY", "k-FIREWORKS_API_KEY", 1.0);
        assert_eq!(keys(&TargetConfig::new("a", "Fireworks:chat:x")), [usual]);
        assert_eq!(keys(&TargetConfig::new("a", "vllm")), []);
    }

    #[test]
    fn keys_stand_beside_the_single_one_or_instead_of_it() {
        let mut target = TargetConfig::new("a", "fireworks");
        target.keys = ["B", "UNSET", "C"].map(TargetKey::env).into();
        target.keys[0].weight = 0.25;
        target.keys[2].name = Some("spare".to_owned());
        let listed = [key("B", "k-B", 0.25), key("spare", "k-C", 1.0)];
        assert_eq!(keys(&target), listed);

        target.secret_key_ref = Some(SecretKeyRef::env("A"));
        assert_eq!(keys(&target)[0], key("A", "k-A", 1.0));
        assert_eq!(keys(&target)[1..], listed);

        target.secret_key_ref = None;
        target.api_key = Some(LiteralKey::new("literal"));
        assert_eq!(keys(&target)[0], key("api_key", "literal", 1.0));
        assert_eq!(keys(&target)[1..], listed);
    }

    #[test]
    fn debug_shows_no_key() {
        let mut target = TargetConfig::new("a", "fireworks");
        target.keys = vec![TargetKey::env("A")];
        let keys = target.api_keys(|_| Some("fw_very_secret".to_owned()));
        assert!(!format!("{keys:?}").contains("very_secret"));
    }
}
