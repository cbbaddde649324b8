//! From a target of the configuration file to a client's settings.

use std::time::Duration;

use crate::api_keys;
use crate::config::Key;
use crate::known::known;
use crate::{ConfigError, ProviderConfig, TargetConfig, Transport, WireFormat};

impl ProviderConfig {
    /// The settings of a target. `lookup` finds environment variables.
    ///
    /// A variable that is not set is not an error: the target is then
    /// [unavailable](ProviderConfig::availability). Where the target names no
    /// key, the provider's usual variable is looked up; a provider that has
    /// none, such as a server of one's own, gets no key. Of several keys the
    /// first that is there is taken; the others are for
    /// [`with_api_key`](crate::Provider::with_api_key), and
    /// [`api_keys`](TargetConfig::api_keys) lists them.
    ///
    /// `first_token_timeout_seconds` becomes the deadline for the first byte,
    /// which is never later than the first token; what an event holds is not
    /// known here.
    ///
    /// ```
    /// use fw_provider::{ProviderConfig, TargetConfig};
    ///
    /// let target = TargetConfig::new("main", "fireworks");
    /// let config = ProviderConfig::from_target(&target, |name| std::env::var(name).ok())?;
    /// # Ok::<(), fw_provider::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the target has [problems](TargetConfig::problems), or asks for what
    /// is not supported: `path_template`, a key in `store`,
    /// `transport: websocket`, Azure OpenAI, `account_id_env`.
    pub fn from_target(
        target: &TargetConfig,
        lookup: impl FnMut(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let refuse = |setting, message: String| ConfigError::new(&target.id, setting, message);
        if let Some(problem) = target.problems().into_iter().next() {
            return Err(refuse(
                problem.field,
                format!("is wrong: {}", problem.message),
            ));
        }
        if let Some(setting) = unsupported(target) {
            return Err(refuse(
                setting,
                "is not supported by this version; remove it".to_owned(),
            ));
        }

        let name = target.provider_name().name.trim().to_ascii_lowercase();
        let seconds = Duration::from_secs;
        let mut config = Self::new(name).id(&target.id);
        config.base_url.clone_from(&target.base_url);
        let found = api_keys::find(target, lookup);
        config.key = match found.keys.into_iter().next() {
            Some(key) => Key::Given(key.secret),
            None if found.missing.is_empty() => Key::None,
            None => Key::Missing {
                variables: found.missing,
            },
        };
        config.key_header.clone_from(&target.api_key_header);
        config.key_prefix.clone_from(&target.api_key_prefix);
        if speaks_anthropic(target) {
            let anthropic = known("anthropic");
            let header = config.key_header.get_or_insert(anthropic.key_header.into());
            if header.eq_ignore_ascii_case(anthropic.key_header) {
                config.key_prefix.get_or_insert(anthropic.key_prefix.into());
            }
        }
        config = config.timeout(seconds(target.timeout_seconds));
        config.timeouts.stream = target.stream_timeout_seconds.map(seconds);
        config.timeouts.first_byte = target.first_token_timeout_seconds.map(seconds);
        config.timeouts.idle = target.idle_timeout_seconds.map(seconds);
        if let Some(connect) = target.connect_timeout_seconds {
            config = config.connect_timeout(seconds(connect));
        }
        Ok(config)
    }
}

fn speaks_anthropic(target: &TargetConfig) -> bool {
    target.provider_type.unwrap_or(target.format) == WireFormat::Anthropic
}

/// The first setting that asks for something this crate does not do.
fn unsupported(target: &TargetConfig) -> Option<&'static str> {
    let name = target.provider_name().name.trim();
    let azure = name.eq_ignore_ascii_case("azure") || name.eq_ignore_ascii_case("azure-openai");
    let store = target
        .secret_key_ref
        .as_ref()
        .is_some_and(|reference| reference.store.is_some());
    [
        (target.path_template.is_some(), "path_template"),
        (store, "secret_key_ref.store"),
        (
            target.keys.iter().any(|key| key.store.is_some()),
            "keys.store",
        ),
        (target.transport == Transport::Websocket, "transport"),
        (target.azure_api_version.is_some(), "azure_api_version"),
        (target.azure_deployment.is_some(), "azure_deployment"),
        (azure, "provider"),
        (target.account_id_env.is_some(), "account_id_env"),
    ]
    .into_iter()
    .find_map(|(asked, setting)| asked.then_some(setting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Availability, LiteralKey, SecretKeyRef, TargetKey};

    fn convert(target: &TargetConfig) -> ProviderConfig {
        ProviderConfig::from_target(target, |_| Some("k".to_owned())).unwrap()
    }

    fn key(config: &ProviderConfig) -> Option<&str> {
        match &config.key {
            Key::Given(secret) => Some(secret.reveal()),
            Key::None | Key::Missing { .. } => None,
        }
    }

    #[test]
    fn a_known_provider_needs_nothing_but_its_name() {
        let mut asked = Vec::new();
        for (provider, variable) in [
            ("fireworks", "FIREWORKS_API_KEY"),
            ("openai", "OPENAI_API_KEY"),
            ("fireworks:chat:x", "FIREWORKS_API_KEY"),
        ] {
            let target = TargetConfig::new("main", provider);
            let config = ProviderConfig::from_target(&target, |name| {
                asked.push(name.to_owned());
                Some("k\n".to_owned())
            })
            .unwrap();
            assert_eq!(asked.pop().as_deref(), Some(variable));
            assert_eq!(key(&config), Some("k"));
            assert_eq!(config.id, "main");
        }
    }

    #[test]
    fn a_missing_variable_makes_the_target_unavailable() {
        for value in [None, Some(String::new()), Some(" \n".to_owned())] {
            let mut target = TargetConfig::new("main", "fireworks");
            target.secret_key_ref = Some(SecretKeyRef::env("MY_KEY"));
            let config = ProviderConfig::from_target(&target, |name| {
                assert_eq!(name, "MY_KEY");
                value.clone()
            })
            .unwrap();
            assert_eq!(
                config.availability(),
                Availability::MissingVariable("MY_KEY".to_owned())
            );
        }
    }

    #[test]
    fn the_first_of_several_keys_that_is_there_is_taken() {
        let mut target = TargetConfig::new("main", "fireworks");
        target.keys = ["A", "B", "C"].map(TargetKey::env).into();
        let config =
            ProviderConfig::from_target(&target, |name| (name != "A").then(|| name.to_owned()));
        assert_eq!(key(&config.unwrap()), Some("B"));

        let config = ProviderConfig::from_target(&target, |_| None).unwrap();
        let availability = config.availability();
        assert!(!availability.is_available());
        assert!(
            availability.to_string().contains("A, B, C"),
            "{availability}"
        );
    }

    #[test]
    fn a_server_of_ones_own_needs_no_key() {
        let mut target = TargetConfig::new("local", "vllm");
        target.base_url = Some("http://127.0.0.1:8000".to_owned());
        let config = ProviderConfig::from_target(&target, |name| panic!("asked for {name}"));
        let config = config.unwrap();
        assert!(config.availability().is_available());
        assert_eq!(key(&config), None);
    }

    #[test]
    fn a_key_in_the_file_is_used_and_not_shown() {
        let mut target = TargetConfig::new("main", "fireworks");
        target.api_key = Some(LiteralKey::new("fw_very_secret"));
        let config = convert(&target);
        assert_eq!(key(&config), Some("fw_very_secret"));
        assert!(!format!("{config:?}").contains("very_secret"));
    }

    #[test]
    fn deadlines_are_taken_over() {
        let mut target = TargetConfig::new("main", "fireworks");
        target.timeout_seconds = 7;
        target.stream_timeout_seconds = Some(8);
        target.connect_timeout_seconds = Some(9);
        target.first_token_timeout_seconds = Some(10);
        target.idle_timeout_seconds = Some(11);
        let timeouts = convert(&target).timeouts;
        assert_eq!(timeouts.reply.as_secs(), 7);
        assert_eq!(timeouts.stream.unwrap().as_secs(), 8);
        assert_eq!(timeouts.connect.as_secs(), 9);
        assert_eq!(timeouts.first_byte.unwrap().as_secs(), 10);
        assert_eq!(timeouts.idle.unwrap().as_secs(), 11);

        let timeouts = convert(&TargetConfig::new("main", "fireworks")).timeouts;
        assert_eq!(timeouts.reply.as_secs(), 60);
        assert_eq!(timeouts.stream, None);
        assert_eq!(timeouts.idle, None);
    }

    #[test]
    fn anthropics_key_has_its_own_header() {
        let mut target = TargetConfig::new("main", "claude-proxy");
        target.base_url = Some("https://host".to_owned());
        target.format = WireFormat::Anthropic;
        let config = convert(&target);
        assert_eq!(config.key_header.as_deref(), Some("x-api-key"));
        assert_eq!(config.key_prefix.as_deref(), Some(""));

        target.api_key_header = Some("Authorization".to_owned());
        let config = convert(&target);
        assert_eq!(config.key_header.as_deref(), Some("Authorization"));
        assert_eq!(config.key_prefix, None);
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        type Change = fn(&mut TargetConfig);
        let cases: [(&str, Change); 9] = [
            ("path_template", |t| {
                t.path_template = Some("/m/{model}".into())
            }),
            ("secret_key_ref.store", |t| {
                t.secret_key_ref = Some(SecretKeyRef {
                    env: None,
                    store: Some("s".into()),
                });
            }),
            ("keys.store", |t| {
                t.keys = vec![TargetKey::env("X")];
                t.keys[0].env = None;
                t.keys[0].store = Some("s".into());
            }),
            ("transport", |t| t.transport = Transport::Websocket),
            ("azure_api_version", |t| {
                t.azure_api_version = Some("x".into())
            }),
            ("azure_deployment", |t| {
                t.azure_deployment = Some("x".into())
            }),
            ("provider", |t| t.provider = "azure-openai".into()),
            ("account_id_env", |t| t.account_id_env = Some("X".into())),
            ("timeout_seconds", |t| t.timeout_seconds = 0),
        ];
        for (setting, change) in cases {
            let mut target = TargetConfig::new("main", "fireworks");
            change(&mut target);
            let error = ProviderConfig::from_target(&target, |_| None).unwrap_err();
            assert_eq!(error.setting(), setting);
            assert!(error.to_string().contains("`main`"), "{error}");
        }
    }
}
