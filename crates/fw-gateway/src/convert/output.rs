//! The configuration that is written.

use serde::{Serialize, Serializer};

use super::{ConvertError, Source};

/// Most members of groups together. A configuration has at most 50,000 values.
pub(super) const MAX_MEMBERS: usize = 8_000;
/// Most keys of a target, members of a group and aliases of a group, as the schema has it.
pub(super) const MAX_LIST: usize = 1_000;
/// Most targets. Nothing is gained by reading further.
pub(super) const MAX_TARGETS: usize = 2_000;

/// A configuration that is put together.
#[derive(Default)]
pub(super) struct Output {
    pub(super) chain: Vec<&'static str>,
    pub(super) policy: Policy,
    pub(super) routing: Option<&'static str>,
    pub(super) targets: Vec<Target>,
    pub(super) fallback: Option<Fallback>,
    pub(super) breaker: Option<Breaker>,
    pub(super) retry: Option<Retry>,
    pub(super) groups: Vec<Group>,
    pub(super) size_limits: SizeLimits,
}

impl Output {
    fn is_too_large(&self) -> bool {
        let members: usize = self.groups.iter().map(|group| group.targets.len()).sum();
        let is_long = |group: &Group| group.targets.len().max(group.aliases.len()) > MAX_LIST;
        members > MAX_MEMBERS
            || self.targets.len() > MAX_TARGETS
            || self.groups.iter().any(is_long)
            || self
                .targets
                .iter()
                .any(|target| target.keys.len() > MAX_LIST)
    }

    /// The YAML text.
    pub(super) fn to_yaml(&self, source: Source) -> Result<String, ConvertError> {
        if self.is_too_large() {
            return Err(ConvertError::too_large());
        }
        let document = Document {
            pack: Pack {
                name: match source {
                    Source::Bifrost => "from-bifrost",
                    Source::Litellm => "from-litellm",
                },
                version: "1.0.0",
                enabled: true,
            },
            policies: Policies { chain: &self.chain },
            policy: (!self.policy.is_empty()).then_some(&self.policy),
            providers: (!self.targets.is_empty()).then_some(Providers {
                routing: self.routing.map(|strategy| Routing { strategy }),
                targets: &self.targets,
                fallback: self.fallback.as_ref(),
                circuit_breaker: self.breaker.as_ref(),
                retry: self.retry.as_ref(),
            }),
            model_groups: &self.groups,
            size_limits: (!self.size_limits.is_empty()).then_some(&self.size_limits),
        };
        let options = serde_saphyr::ser_options! {
            compact_list_indent: false,
            prefer_block_scalars: false,
        };
        let mut yaml = String::new();
        serde_saphyr::to_fmt_writer_with_options(&mut yaml, &document, options)
            .map_err(|error| ConvertError::new(format!("cannot be written as YAML: {error}")))?;
        Ok(yaml)
    }
}

#[derive(Serialize)]
struct Document<'o> {
    pack: Pack,
    policies: Policies<'o>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'o Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    providers: Option<Providers<'o>>,
    #[serde(skip_serializing_if = "<[Group]>::is_empty")]
    model_groups: &'o [Group],
    #[serde(skip_serializing_if = "Option::is_none")]
    size_limits: Option<&'o SizeLimits>,
}

#[derive(Serialize)]
struct Pack {
    name: &'static str,
    version: &'static str,
    enabled: bool,
}

#[derive(Serialize)]
struct Policies<'o> {
    chain: &'o [&'static str],
}

/// The settings of policies in the chain.
#[derive(Default, Serialize)]
pub(super) struct Policy {
    #[serde(rename = "pii-detector", skip_serializing_if = "Option::is_none")]
    pub(super) pii: Option<Pii>,
    #[serde(
        rename = "external-moderation",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) moderation: Option<Moderation>,
}

impl Policy {
    fn is_empty(&self) -> bool {
        self.pii.is_none() && self.moderation.is_none()
    }
}

#[derive(Serialize)]
pub(super) struct Pii {
    pub(super) action: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entities: Vec<String>,
    pub(super) request: bool,
    pub(super) response: bool,
}

#[derive(Serialize)]
pub(super) struct Moderation {
    pub(super) url: &'static str,
    pub(super) format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    pub(super) secret_key_ref: SecretKeyRef,
}

#[derive(Serialize)]
struct Providers<'o> {
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<Routing>,
    targets: &'o [Target],
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<&'o Fallback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    circuit_breaker: Option<&'o Breaker>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<&'o Retry>,
}

#[derive(Serialize)]
struct Routing {
    strategy: &'static str,
}

/// A target.
#[derive(Default, Serialize)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret_key_ref: Option<SecretKeyRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) keys: Vec<TargetKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_key_header: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_key_prefix: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) idle_timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) messages: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pricing: Option<Pricing>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct SecretKeyRef {
    pub(super) env: String,
}

#[derive(Serialize)]
pub(super) struct TargetKey {
    pub(super) env: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<Amount>,
}

/// USD per million tokens.
#[derive(Serialize)]
pub(super) struct Pricing {
    pub(super) prompt: Amount,
    pub(super) completion: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cached_prompt: Option<Amount>,
}

#[derive(Default, Serialize)]
pub(super) struct Fallback {
    pub(super) enabled: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) triggers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_fallback_attempts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_window: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Breaker {
    pub(super) enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure_threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cooldown_seconds: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Retry {
    pub(super) max_attempts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) initial_backoff_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_backoff_ms: Option<u64>,
}

/// A model group.
#[derive(Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strategy: Option<&'static str>,
    pub(super) targets: Vec<Member>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fallback_group: Option<String>,
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Member {
    /// The id of a target.
    Id(String),
    /// A target with another model than its own.
    Model {
        provider: String,
        model: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<Amount>,
    },
}

#[derive(Default, Serialize)]
pub(super) struct SizeLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_body_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_response_bytes: Option<u64>,
}

impl SizeLimits {
    fn is_empty(&self) -> bool {
        self.max_body_bytes.is_none() && self.max_response_bytes.is_none()
    }
}

/// A weight or a price: a whole number is written as one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount(f64);

impl Amount {
    /// The nearest amount that a configuration may have, to six places.
    pub(super) fn new(amount: f64) -> Self {
        Self((amount.clamp(0.0, 1e6) * 1e6).round() / 1e6)
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0.0
    }

    pub(super) fn is_one(self) -> bool {
        self.0 == 1.0
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl Serialize for Amount {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number up to a million"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            serializer.serialize_u64(self.0 as u64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// Seconds as a setting may have them.
pub(super) fn seconds(seconds: f64) -> u64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and a day"
    )]
    let whole = seconds.ceil().clamp(1.0, 86_400.0) as u64;
    whole
}

/// Mebibytes as a size limit may have them.
pub(super) fn mebibytes(mebibytes: u64) -> u64 {
    mebibytes.saturating_mul(1 << 20).clamp(1, 1 << 30)
}
