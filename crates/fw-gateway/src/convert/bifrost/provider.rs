//! A provider: its keys become targets.

use super::super::keys::variable_of;
use super::super::output::{
    Amount, MAX_LIST, MAX_TARGETS, Output, SecretKeyRef, Target, TargetKey, seconds,
};
use super::super::provider::{ANTHROPIC, Api, Known, known};
use super::super::section::Section;
use super::Reader;
use super::key::{Key, Serves};

/// Bifrost's own waits between retries.
const FIRST_WAIT_MS: u64 = 500;
const LONGEST_WAIT_MS: u64 = 5_000;

/// Bifrost does not limit how long a stream takes, only its silences.
const LONGEST_STREAM_SECONDS: u64 = 3_600;

/// A provider that was carried over.
pub(super) struct Provider {
    /// As Bifrost's clients call it.
    pub(super) name: String,
    pub(super) parts: Vec<Part>,
    pub(super) retries: Retries,
}

/// A target of it.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) serves: Serves,
    /// Of all its keys.
    pub(super) weight: Amount,
}

/// `network_config.max_retries` and its waits.
pub(super) struct Retries {
    pub(super) most: u64,
    pub(super) first_ms: u64,
    pub(super) longest_ms: u64,
}

/// What all targets of a provider have.
struct Common {
    provider: String,
    known: Known,
    base_url: Option<String>,
    timeout: Option<u64>,
    idle: Option<u64>,
    is_keyless: bool,
}

impl Reader<'_> {
    /// Adds the targets of a provider. `None`, and a note, if it has none.
    pub(super) fn provider(
        &mut self,
        name: &str,
        mut section: Section<'_>,
        output: &mut Output,
    ) -> Option<Provider> {
        let path = section.path().to_owned();
        let mut known = known(name);
        let mut is_keyless = known.api == Api::OwnServer;
        if let Some(mut custom) = section.section("custom_provider_config", self.notes) {
            let base = custom.text("base_provider_type", self.notes);
            known.api = if base == Some("openai") {
                Api::OwnServer
            } else {
                Api::Other
            };
            known.base_url = None;
            is_keyless = custom.flag("is_key_less", self.notes) == Some(true);
            custom.leave(
                &["allowed_requests"],
                "operations are not forbidden one by one",
                self.notes,
            );
            custom.leave_rest("not known here, or without an equivalent", self.notes);
        }
        if known.api == Api::Other || !is_provider(name) {
            let name: String = name.chars().take(60).collect();
            self.notes.left_out(
                path,
                format!(
                    "no OpenAI-compatible API is known for the provider `{name}`; if it has one, add a target with \
                     its `base_url`"
                ),
            );
            return None;
        }
        let mut common = Common {
            provider: known.name.unwrap_or(name).to_owned(),
            known,
            base_url: known.base_url.map(str::to_owned),
            timeout: None,
            idle: None,
            is_keyless,
        };
        let retries = self.network(&mut section, &mut common);
        let parts = self.targets(name, &mut section, &common, output);
        self.rest(section);
        if parts.is_empty() {
            self.notes.left_out(
                path,
                "no key of it can be used, or its address is not known",
            );
            return None;
        }
        self.differences(&path, name, &common, &parts);
        Some(Provider {
            name: name.to_owned(),
            parts,
            retries,
        })
    }

    fn network(&mut self, section: &mut Section<'_>, common: &mut Common) -> Retries {
        let mut retries = Retries {
            most: 0,
            first_ms: FIRST_WAIT_MS,
            longest_ms: LONGEST_WAIT_MS,
        };
        let Some(mut network) = section.section("network_config", self.notes) else {
            return retries;
        };
        let at = network.at("base_url");
        if let Some(value) = network.take("base_url")
            && value.text() != Some("")
        {
            common.base_url = self.base_url(value, at, common.known);
            // OpenAI's parameters, at another place.
            if common.provider == "openai" {
                "openai_compatible".clone_into(&mut common.provider);
            }
        }
        let timeout = network.number("default_request_timeout_in_seconds", self.notes);
        common.timeout = timeout.filter(|timeout| *timeout > 0.0).map(seconds);
        let idle = network.number("stream_idle_timeout_in_seconds", self.notes);
        common.idle = idle.filter(|idle| *idle > 0.0).map(seconds);
        retries.most = network.whole("max_retries", self.notes).unwrap_or(0);
        for (keys, wait) in [
            (
                ["retry_backoff_initial", "retry_backoff_initial_ms"],
                &mut retries.first_ms,
            ),
            (
                ["retry_backoff_max", "retry_backoff_max_ms"],
                &mut retries.longest_ms,
            ),
        ] {
            for key in keys {
                if let Some(given) = network.whole(key, self.notes) {
                    *wait = given.min(3_600_000);
                }
            }
        }
        network.leave(
            &["extra_headers", "beta_header_overrides"],
            "headers are not added to requests; let the client send them",
            self.notes,
        );
        network.leave(
            &["insecure_skip_verify", "ca_cert_pem"],
            "targets are reached over TLS with the system's certificates; there is no setting for it",
            self.notes,
        );
        network.leave(
            &["stream_throughput_guard"],
            "write `first_token_timeout_seconds` and `idle_timeout_seconds`: the next target is tried before the \
             first word",
            self.notes,
        );
        network.leave(
            &["max_conns_per_host", "keep_alive_timeout_in_seconds"],
            "nothing to set: connections are pooled and shared over HTTP/2",
            self.notes,
        );
        network.leave_rest("not known here, or without an equivalent", self.notes);
        retries
    }

    /// A target for each sort of keys.
    fn targets(
        &mut self,
        name: &str,
        section: &mut Section<'_>,
        common: &Common,
        output: &mut Output,
    ) -> Vec<Part> {
        let usual = common
            .known
            .variable
            .map_or_else(|| variable_of(name), str::to_owned);
        let mut sorts: Vec<(Serves, Vec<Key>)> = Vec::new();
        for key in section.sections("keys", self.notes) {
            if sorts.len() > MAX_TARGETS {
                break;
            }
            let Some(key) = self.key(key, &usual, common.known) else {
                continue;
            };
            match sorts.iter_mut().find(|(serves, _)| *serves == key.serves) {
                Some((_, keys)) => keys.push(key),
                None => sorts.push((key.serves.clone(), vec![key])),
            }
        }
        if sorts.is_empty() && common.is_keyless {
            let serves = Serves {
                models: None,
                aliases: Vec::new(),
                base_url: None,
                own_model: None,
            };
            sorts.push((serves, Vec::new()));
        }
        let mut parts = Vec::new();
        for (serves, keys) in sorts {
            let base_url = serves.base_url.clone().or_else(|| common.base_url.clone());
            let has_own = matches!(common.provider.as_str(), "fireworks" | "openai");
            if base_url.is_none() && !has_own {
                continue;
            }
            let label = keys.iter().find_map(|key| key.name.as_deref());
            let id = match label.filter(|_| !parts.is_empty()) {
                Some(label) => self.ids.make(&format!("{name}-{label}")),
                None => self.ids.make(name),
            };
            let mut target = Target {
                id: id.clone(),
                provider: common.provider.clone(),
                base_url,
                timeout_seconds: common.timeout,
                stream_timeout_seconds: common
                    .timeout
                    .map(|timeout| timeout.max(LONGEST_STREAM_SECONDS)),
                idle_timeout_seconds: common.idle,
                ..Target::default()
            };
            target.messages = (common.known.api == Api::Anthropic).then_some("native");
            if common.known.api == Api::Azure {
                target.api_key_header = Some("api-key");
                target.api_key_prefix = Some("");
            }
            let weight = keys
                .iter()
                .map(|key| key.weight)
                .reduce(Amount::plus)
                .unwrap_or(Amount::new(1.0));
            set_keys(&mut target, keys);
            output.targets.push(target);
            parts.push(Part { id, serves, weight });
        }
        parts
    }

    /// What is different for the clients of a provider.
    fn differences(&mut self, path: &str, name: &str, common: &Common, parts: &[Part]) {
        if common.known.api == Api::Anthropic {
            self.notes.changed(path, ANTHROPIC);
        }
        let all = parts.iter().any(|part| part.serves.models.is_none());
        if all && common.provider != name {
            self.notes.todo(
                path,
                format!(
                    "requests for `{name}/...` are told by their provider: let clients write `{}/...`, or list the \
                     models of its keys and convert it again",
                    common.provider
                ),
            );
        }
        if !all {
            self.notes.changed(
                path,
                "models that no key lists are refused by Bifrost; here they go to one of the targets, which then \
                 answers for itself",
            );
        }
    }

    fn rest(&mut self, mut section: Section<'_>) {
        let notes = &mut *self.notes;
        section.leave(
            &["concurrency_and_buffer_size"],
            "nothing to set: there is no queue, and no pool of workers",
            notes,
        );
        section.leave(
            &["proxy_config"],
            "targets are reached directly; there is no setting for a proxy",
            notes,
        );
        section.leave(
            &[
                "send_back_raw_request",
                "send_back_raw_response",
                "store_raw_request_response",
            ],
            "nothing to set: replies pass byte for byte",
            notes,
        );
        section.leave(
            &["prompt_cache"],
            "cache markers are not added; clients send `prompt_cache_key` or `cache_control` themselves",
            notes,
        );
        section.leave_rest("not known here, or without an equivalent", notes);
    }
}

/// One key stands alone, several share the target's requests. A variable is named once. With more than a target
/// may have, what comes out is refused as too large.
fn set_keys(target: &mut Target, keys: Vec<Key>) {
    let mut merged: Vec<(String, Option<String>, Amount)> = Vec::new();
    for key in keys {
        let Some(env) = key.env else { continue };
        if merged.len() > MAX_LIST {
            break;
        }
        match merged.iter_mut().find(|(known, ..)| *known == env) {
            Some((_, _, weight)) => *weight = weight.plus(key.weight),
            None => merged.push((env, key.name, key.weight)),
        }
    }
    if let [(env, ..)] = merged.as_slice() {
        target.secret_key_ref = Some(SecretKeyRef { env: env.clone() });
        return;
    }
    let no_shares = merged.iter().all(|(_, _, weight)| weight.is_zero());
    let mut labels: Vec<String> = merged.iter().map(|(env, ..)| env.clone()).collect();
    for (env, name, weight) in merged {
        let name = name.filter(|name| !labels.contains(name));
        labels.extend(name.clone());
        target.keys.push(TargetKey {
            env,
            name,
            weight: (!no_shares && !weight.is_one()).then_some(weight),
        });
    }
}

/// Whether `name` can stand in `provider`, where colons part it.
fn is_provider(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
