//! One entry of `providers.targets`: where a request can go.
//!
//! The types here are the configuration's own words. They know nothing of
//! clients or sockets and never read the environment: a missing variable is
//! found when a provider is made of a target, not when the file is read.

mod keys;
mod probe;
mod surfaces;

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::keys::{LiteralKey, SecretKeyRef, TargetKey};
use self::keys::{VARIABLE_NAME_RULE, is_variable_name};
pub use self::probe::HealthProbe;
pub use self::surfaces::{MessagesMode, ResponsesMode};

/// The longest time any setting accepts: one day.
pub const MAX_SECONDS: u64 = 86_400;

/// A provider target: one model behind one endpoint.
///
/// ```
/// use fw_provider::TargetConfig;
///
/// let target = TargetConfig::new("main", "fireworks");
/// assert_eq!(target.timeout_seconds, 60);
/// assert!(target.problems().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TargetConfig {
    /// Unique name of this target. Other sections refer to it.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    /// Provider name (`fireworks`, `openai`, ...) or the shorthand
    /// `name:kind:model`, for example
    /// `fireworks:chat:accounts/fireworks/models/llama-v3p1-70b-instruct`.
    #[schemars(length(min = 1, max = 512))]
    pub provider: String,
    /// Model that is sent upstream, unchecked. May be left out where the
    /// shorthand form of `provider` names it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub model: Option<String>,
    /// Base address of the API, with or without a final `/v1`. Known for
    /// `fireworks` and `openai`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Where the API key is kept. Default: the provider's usual environment
    /// variable, such as `FIREWORKS_API_KEY`.
    #[serde(default)]
    pub secret_key_ref: Option<SecretKeyRef>,
    /// The API key itself. Discouraged: prefer `secret_key_ref`, which keeps
    /// keys out of files.
    #[serde(default)]
    pub api_key: Option<LiteralKey>,
    /// Several API keys for the same target, beside the one above or instead of
    /// it. A key that meets its rate limit rests while the others go on.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub keys: Vec<TargetKey>,
    /// Header that carries the key. Default: `Authorization`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    pub api_key_header: Option<String>,
    /// Text before the key in that header. Default: `Bearer ` with a space.
    /// May be empty.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub api_key_prefix: Option<String>,
    /// Longest time for a whole reply that is not streamed.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_seconds: u64,
    /// Longest time for a streamed reply. Default: `timeout_seconds`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub stream_timeout_seconds: Option<u64>,
    /// Longest time to open a connection, TLS included.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub connect_timeout_seconds: Option<u64>,
    /// Longest wait for the first event of a reply that carries content.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub first_token_timeout_seconds: Option<u64>,
    /// Longest silence between two events of a streamed reply.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub idle_timeout_seconds: Option<u64>,
    /// Wire format of the API.
    #[serde(default)]
    pub format: WireFormat,
    /// Adapter to use when it cannot be told from `provider`.
    #[serde(default)]
    pub provider_type: Option<WireFormat>,
    /// Label for people, in dashboards and logs.
    #[serde(default)]
    pub description: Option<String>,
    /// Share of the traffic under `weighted_round_robin`. Zero takes the
    /// target out of rotation.
    #[serde(default = "default_weight")]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub weight: f64,
    /// Order of preference under `ordered`, `fallback` and `single`: lower
    /// comes first. Targets without one come last; equals keep the order of the
    /// file.
    #[serde(default)]
    pub priority: Option<u32>,
    /// Price of tokens.
    #[serde(default)]
    pub pricing: Option<Pricing>,
    /// Active health probe.
    #[serde(default)]
    pub health_probe: Option<HealthProbe>,
    /// What the provider promises about data it receives.
    #[serde(default)]
    pub data_policy: Option<DataPolicy>,
    /// Short for `data_policy.zero_data_retention`.
    #[serde(default)]
    pub zdr: Option<bool>,
    /// Whether the provider may collect what it receives.
    #[serde(default)]
    pub data_collection: Option<DataCollection>,
    /// Who decides on escalated requests to this target.
    #[serde(default)]
    pub escalation_routing: Option<EscalationRouting>,
    /// API version of Azure OpenAI. Default there: `2024-02-01`.
    #[serde(default)]
    pub azure_api_version: Option<String>,
    /// Deployment name of Azure OpenAI. Default there: the model.
    #[serde(default)]
    pub azure_deployment: Option<String>,
    /// Path under `base_url`, with `{model}` as placeholder.
    #[serde(default)]
    pub path_template: Option<String>,
    /// How requests to Anthropic's Messages API go there. Default: `native` for
    /// Fireworks, else `convert`.
    #[serde(default)]
    pub messages: Option<MessagesMode>,
    /// How requests to OpenAI's Responses API go there. Default: `native` for
    /// Fireworks, and for `openai` at its own address; else `emulate`.
    #[serde(default)]
    pub responses: Option<ResponsesMode>,
    /// How the target is reached.
    #[serde(default)]
    pub transport: Transport,
    /// Seconds between WebSocket pings.
    #[serde(default = "default_ping_interval")]
    #[schemars(range(min = 1, max = 86_400))]
    pub ping_interval_secs: u64,
    /// Largest WebSocket message.
    #[serde(default = "default_max_message")]
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub max_message_size_bytes: u64,
    /// Longest silence on a WebSocket.
    #[serde(default = "default_idle_secs")]
    #[schemars(range(min = 1, max = 86_400))]
    pub idle_timeout_secs: u64,
    /// Environment variable that holds the provider's account id, where its
    /// address needs one (Cloudflare, Snowflake).
    #[serde(default, alias = "accountIdEnvar")]
    #[schemars(extend("x-aliases" = ["accountIdEnvar"]))]
    pub account_id_env: Option<String>,
}

impl TargetConfig {
    /// A target with every setting at its default.
    #[must_use]
    pub fn new(id: impl Into<String>, provider: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            provider: provider.into(),
            model: None,
            base_url: None,
            secret_key_ref: None,
            api_key: None,
            keys: Vec::new(),
            api_key_header: None,
            api_key_prefix: None,
            timeout_seconds: default_timeout(),
            stream_timeout_seconds: None,
            connect_timeout_seconds: None,
            first_token_timeout_seconds: None,
            idle_timeout_seconds: None,
            format: WireFormat::default(),
            provider_type: None,
            description: None,
            weight: default_weight(),
            priority: None,
            pricing: None,
            health_probe: None,
            data_policy: None,
            zdr: None,
            data_collection: None,
            escalation_routing: None,
            azure_api_version: None,
            azure_deployment: None,
            path_template: None,
            messages: None,
            responses: None,
            transport: Transport::default(),
            ping_interval_secs: default_ping_interval(),
            max_message_size_bytes: default_max_message(),
            idle_timeout_secs: default_idle_secs(),
            account_id_env: None,
        }
    }

    /// The parts of `provider`: its name, and kind and model where the
    /// shorthand `name:kind:model` is used.
    ///
    /// Only the first two colons separate, because model names contain colons
    /// and slashes themselves.
    ///
    /// ```
    /// use fw_provider::TargetConfig;
    ///
    /// let target = TargetConfig::new("a", "fireworks:chat:accounts/me/models/x:v2");
    /// let name = target.provider_name();
    /// assert_eq!(name.name, "fireworks");
    /// assert_eq!(name.kind, Some("chat"));
    /// assert_eq!(name.model, Some("accounts/me/models/x:v2"));
    /// ```
    #[must_use]
    pub fn provider_name(&self) -> ProviderName<'_> {
        let mut parts = self.provider.splitn(3, ':');
        ProviderName {
            name: parts.next().unwrap_or_default(),
            kind: parts.next(),
            model: parts.next(),
        }
    }

    /// The model that goes upstream: `model`, else the shorthand's.
    #[must_use]
    pub fn upstream_model(&self) -> Option<&str> {
        self.model.as_deref().or_else(|| self.provider_name().model)
    }

    /// Whether an address is given, or known for the provider.
    ///
    /// ```
    /// use fw_provider::TargetConfig;
    ///
    /// assert!(TargetConfig::new("a", "fireworks").has_address());
    /// assert!(!TargetConfig::new("b", "my-own-server").has_address());
    /// ```
    #[must_use]
    pub fn has_address(&self) -> bool {
        let name = self.provider_name().name.trim().to_ascii_lowercase();
        self.base_url.is_some() || crate::known::known(&name).base_url.is_some()
    }

    /// Everything that is wrong with this target on its own. Empty when it can
    /// be used.
    ///
    /// Types and unknown keys are refused earlier, when it is read. Messages
    /// never hold a key.
    #[must_use]
    pub fn problems(&self) -> Vec<TargetProblem> {
        let mut found = Vec::new();
        let mut add =
            |field: &'static str, message: String| found.push(TargetProblem { field, message });

        if self.id.trim().is_empty() {
            add(
                "id",
                "the id is empty; give the target a unique name".to_owned(),
            );
        }
        self.check_provider(&mut add);
        self.check_address(&mut add);
        self.check_key(&mut add);
        self.check_numbers(&mut add);
        self.check_declarations(&mut add);
        found
    }

    fn check_provider(&self, add: &mut impl FnMut(&'static str, String)) {
        let name = self.provider_name();
        if name.name.trim().is_empty() {
            add(
                "provider",
                "the provider is empty; write its name, for example `fireworks`".to_owned(),
            );
        }
        match name.kind {
            None | Some("chat" | "completion" | "embedding") => {}
            Some(kind) => add(
                "provider",
                format!(
                    "`{kind}` is not a kind of model; write name:kind:model with chat, completion or embedding"
                ),
            ),
        }
        if name.kind.is_some() && name.model.is_none_or(str::is_empty) {
            add(
                "provider",
                "the shorthand lacks its model; write name:kind:model".to_owned(),
            );
        }
    }

    fn check_address(&self, add: &mut impl FnMut(&'static str, String)) {
        if let Some(url) = &self.base_url
            && let Some(problem) = url_problem(url)
        {
            add("base_url", problem.to_owned());
        }
        if let Some(template) = &self.path_template
            && !template.starts_with('/')
        {
            add("path_template", "the path must start with `/`".to_owned());
        }
    }

    fn check_key(&self, add: &mut impl FnMut(&'static str, String)) {
        if self.secret_key_ref.is_some() && self.api_key.is_some() {
            add(
                "api_key",
                "give either `api_key` or `secret_key_ref`, not both".to_owned(),
            );
        }
        if let Some(key) = &self.api_key
            && (key.expose().is_empty() || !key.expose().bytes().all(is_header_byte))
        {
            add(
                "api_key",
                "the key is empty or holds characters that an HTTP header cannot carry".to_owned(),
            );
        }
        if let Some(reference) = &self.secret_key_ref {
            for problem in reference.problems() {
                add("secret_key_ref", problem);
            }
        }
        for problem in keys::problems(self) {
            add("keys", problem);
        }
        if let Some(header) = &self.api_key_header
            && http::HeaderName::from_bytes(header.as_bytes()).is_err()
        {
            add(
                "api_key_header",
                "not a header name; use letters, digits and `-`".to_owned(),
            );
        }
        if let Some(prefix) = &self.api_key_prefix
            && !prefix.bytes().all(is_header_byte)
        {
            add(
                "api_key_prefix",
                "holds characters that an HTTP header cannot carry".to_owned(),
            );
        }
        if let Some(variable) = &self.account_id_env
            && !is_variable_name(variable)
        {
            add("account_id_env", VARIABLE_NAME_RULE.to_owned());
        }
    }

    fn check_numbers(&self, add: &mut impl FnMut(&'static str, String)) {
        let seconds = [
            ("timeout_seconds", Some(self.timeout_seconds)),
            ("stream_timeout_seconds", self.stream_timeout_seconds),
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            (
                "first_token_timeout_seconds",
                self.first_token_timeout_seconds,
            ),
            ("idle_timeout_seconds", self.idle_timeout_seconds),
            ("ping_interval_secs", Some(self.ping_interval_secs)),
            ("idle_timeout_secs", Some(self.idle_timeout_secs)),
        ];
        for (field, value) in seconds {
            if value.is_some_and(|value| !(1..=MAX_SECONDS).contains(&value)) {
                add(
                    field,
                    format!("must be between 1 and {MAX_SECONDS} seconds"),
                );
            }
        }
        if !(1..=1_073_741_824).contains(&self.max_message_size_bytes) {
            add(
                "max_message_size_bytes",
                "must be between 1 byte and 1 GiB".to_owned(),
            );
        }
        if !(0.0..=1_000_000.0).contains(&self.weight) {
            add(
                "weight",
                "must be a number between 0 and 1000000".to_owned(),
            );
        }
        if let Some(pricing) = &self.pricing {
            let prices = [
                Some(pricing.prompt),
                Some(pricing.completion),
                pricing.cached_prompt,
            ];
            if prices
                .into_iter()
                .flatten()
                .any(|price| !(0.0..=1_000_000.0).contains(&price))
            {
                add(
                    "pricing",
                    "prices are USD per million tokens, between 0 and 1000000".to_owned(),
                );
            }
        }
        for problem in self.health_probe.iter().flat_map(HealthProbe::problems) {
            add("health_probe", problem);
        }
    }

    fn check_declarations(&self, add: &mut impl FnMut(&'static str, String)) {
        let declared = self
            .data_policy
            .as_ref()
            .and_then(|policy| policy.zero_data_retention);
        if let (Some(short), Some(long)) = (self.zdr, declared)
            && short != long
        {
            add(
                "zdr",
                "contradicts `data_policy.zero_data_retention`; keep one of them".to_owned(),
            );
        }
        if let Some(routing) = &self.escalation_routing
            && routing.team_id.is_some() == routing.user_id.is_some()
        {
            add(
                "escalation_routing",
                "give exactly one of `team_id` and `user_id`".to_owned(),
            );
        }
    }
}

/// The parts of [`TargetConfig::provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderName<'a> {
    /// The provider: `fireworks`, `openai`, ...
    pub name: &'a str,
    /// `chat`, `completion` or `embedding`, in the shorthand form.
    pub kind: Option<&'a str>,
    /// The model, in the shorthand form.
    pub model: Option<&'a str>,
}

/// Something wrong with a [`TargetConfig`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetProblem {
    /// The key of the target that it is about.
    pub field: &'static str,
    /// What is wrong and what to do. Holds no secret.
    pub message: String,
}

impl fmt::Display for TargetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Prices in USD per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// Prompt tokens.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub prompt: f64,
    /// Completion tokens.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub completion: f64,
    /// Prompt tokens served from the provider's cache. Default: `prompt`.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub cached_prompt: Option<f64>,
}

/// What a provider promises about the data it receives. Nothing is assumed:
/// what is not declared counts as not promised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataPolicy {
    /// Nothing is kept after the reply.
    pub zero_data_retention: Option<bool>,
    /// Nothing is used to train models.
    pub training_opt_out: Option<bool>,
    /// Days that data is kept.
    pub retention_days: Option<u32>,
}

/// Who decides on an escalated request. Exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct EscalationRouting {
    /// A team.
    #[serde(default)]
    pub team_id: Option<String>,
    /// A single person.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// Wire format of an API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WireFormat {
    /// OpenAI's, which Fireworks speaks natively.
    #[default]
    Openai,
    /// Anthropic's Messages API.
    Anthropic,
}

/// How a target is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Requests over HTTP.
    #[default]
    Http,
    /// A realtime connection over WebSocket.
    Websocket,
}

/// Whether a provider may collect what it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataCollection {
    /// It may.
    Allow,
    /// It must not.
    Deny,
}

/// Visible ASCII and space: RFC 9110 section 5.5 without obsolete text.
fn is_header_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Why `url` cannot be a base address. The address is not repeated: it may hold
/// credentials.
fn url_problem(url: &str) -> Option<&'static str> {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return Some("not an address; write it like `https://api.fireworks.ai/inference/v1`");
    };
    match uri.scheme_str() {
        Some("http" | "https") => {}
        _ => return Some("the address must start with `https://` or `http://`"),
    }
    let Some(authority) = uri.authority() else {
        return Some("the address has no host");
    };
    if authority.host().is_empty() {
        return Some("the address has no host");
    }
    if authority.as_str().contains('@') {
        return Some("the address must not hold a user name or password; use `secret_key_ref`");
    }
    if uri.query().is_some() {
        return Some("the address must not have a query");
    }
    None
}

const fn default_timeout() -> u64 {
    60
}

const fn default_weight() -> f64 {
    1.0
}

const fn default_ping_interval() -> u64 {
    30
}

const fn default_max_message() -> u64 {
    1_048_576
}

const fn default_idle_secs() -> u64 {
    300
}

#[cfg(test)]
mod tests;
