use std::time::Duration;

use crate::known::{Known, known};
use crate::{ConfigError, Secret};

/// How to reach one target. The default for everything but the provider's name
/// is what most deployments want.
///
/// Nothing is checked and nothing is opened here; [`Provider::new`] does that.
///
/// ```
/// use std::time::Duration;
///
/// use fw_provider::{ProviderConfig, Secret};
///
/// let config = ProviderConfig::new("fireworks")
///     .id("fireworks-main")
///     .api_key(Secret::new("fw_123"))
///     .timeout(Duration::from_secs(120));
/// assert!(!format!("{config:?}").contains("fw_123"));
/// ```
///
/// [`Provider::new`]: crate::Provider::new
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) base_url: Option<String>,
    pub(crate) key: Key,
    pub(crate) key_header: Option<String>,
    pub(crate) key_prefix: Option<String>,
    pub(crate) timeouts: Timeouts,
    pub(crate) expose_headers: bool,
    pub(crate) versions: HttpVersions,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) pool_max_idle: usize,
    pub(crate) streams_per_connection: usize,
    pub(crate) ping_interval: Duration,
}

#[derive(Clone, Debug)]
pub(crate) enum Key {
    None,
    Given(Secret),
    /// Keys were asked for and none is there.
    Missing {
        variables: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) reply: Duration,
    pub(crate) stream: Option<Duration>,
    pub(crate) connect: Duration,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) idle: Option<Duration>,
}

/// Which versions of HTTP to speak with the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpVersions {
    /// Over TLS what the provider prefers of HTTP/2 and HTTP/1.1 (RFC 7301),
    /// without TLS HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only; without TLS with prior knowledge (RFC 9113 section 3.3).
    Http2,
}

/// Whether a target can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Availability {
    /// It can.
    Available,
    /// The environment variable that should hold its key is not set or is
    /// empty. Every request to it fails with
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable).
    MissingVariable(String),
    /// The same where the target may have any of several keys: none of these
    /// variables is set.
    MissingVariables(Vec<String>),
}

impl Availability {
    /// Whether the target can be used.
    #[must_use]
    pub fn is_available(&self) -> bool {
        matches!(self, Self::Available)
    }
}

impl std::fmt::Display for Availability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Available => f.write_str("available"),
            Self::MissingVariable(name) => {
                write!(
                    f,
                    "the environment variable {name}, which should hold its API key, is not set"
                )
            }
            Self::MissingVariables(names) => {
                write!(
                    f,
                    "none of the environment variables {}, which should hold its API keys, is set",
                    names.join(", ")
                )
            }
        }
    }
}

impl ProviderConfig {
    /// Settings for a provider: `fireworks`, `openai`, or any other name
    /// together with a [`base_url`](Self::base_url).
    ///
    /// No key is sent until [`api_key`](Self::api_key) or
    /// [`api_key_from`](Self::api_key_from) gives one.
    #[must_use]
    pub fn new(provider: impl Into<String>) -> Self {
        let provider = provider.into();
        Self {
            id: provider.clone(),
            provider,
            base_url: None,
            key: Key::None,
            key_header: None,
            key_prefix: None,
            timeouts: Timeouts {
                reply: Duration::from_secs(60),
                stream: None,
                connect: Duration::from_secs(10),
                first_byte: None,
                idle: None,
            },
            expose_headers: false,
            versions: HttpVersions::Auto,
            roots: Vec::new(),
            // Not longer than the usual deadline of a request: the pool's own
            // timer is then always the next one due, and arming a deadline
            // does not wake the runtime's timer.
            pool_idle_timeout: Duration::from_secs(60),
            pool_max_idle: 256,
            streams_per_connection: 100,
            ping_interval: Duration::from_secs(20),
        }
    }

    /// Name of the target in errors and logs. Default: the provider's name.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Base address of the API, with or without its final `/v1`. Default for
    /// `fireworks`: `https://api.fireworks.ai/inference/v1`, for `openai`:
    /// `https://api.openai.com/v1`.
    ///
    /// A path without any version segment (`v1`, `v4`, `v1beta`, ...) gets
    /// `/v1`. It may not hold credentials, a query or a fragment.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The API key.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.key = Key::Given(key.into());
        self
    }

    /// Takes the key from a variable. If `lookup` does not find it, or finds
    /// nothing but white space, the target is not available.
    ///
    /// ```
    /// use fw_provider::{Availability, ProviderConfig};
    ///
    /// let config = ProviderConfig::new("fireworks").api_key_from("FIREWORKS_API_KEY", |_| None);
    /// assert_eq!(
    ///     config.availability(),
    ///     Availability::MissingVariable("FIREWORKS_API_KEY".to_owned())
    /// );
    /// ```
    #[must_use]
    pub fn api_key_from(
        mut self,
        variable: &str,
        lookup: impl FnOnce(&str) -> Option<String>,
    ) -> Self {
        self.key = match lookup(variable).map(Secret::from) {
            Some(key) if !key.reveal().is_empty() => Key::Given(key),
            _ => Key::Missing {
                variables: vec![variable.to_owned()],
            },
        };
        self
    }

    /// Header that carries the key. Default: `Authorization`, for `anthropic`
    /// `x-api-key`.
    #[must_use]
    pub fn api_key_header(mut self, name: impl Into<String>) -> Self {
        self.key_header = Some(name.into());
        self
    }

    /// Text before the key in that header. Default: `Bearer ` with a space,
    /// for `anthropic` nothing.
    #[must_use]
    pub fn api_key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(prefix.into());
        self
    }

    /// Longest time for a whole reply that is not streamed, from the call to
    /// the last byte. Default: 60 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.reply = timeout;
        self
    }

    /// Longest time for a whole streamed reply. Default: that of
    /// [`timeout`](Self::timeout).
    #[must_use]
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.stream = Some(timeout);
        self
    }

    /// Longest time to open a connection: name resolution, TCP and TLS
    /// together. Default: 10 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.connect = timeout;
        self
    }

    /// Longest time from the call to the first byte of a streamed reply's
    /// body. Default: none.
    #[must_use]
    pub fn first_byte_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.first_byte = Some(timeout);
        self
    }

    /// Longest silence within the body of a reply, streamed or not. Only time
    /// spent waiting for the provider counts, not time in which the client does
    /// not read. Default: none.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.idle = Some(timeout);
        self
    }

    /// Whether clients see the provider's own reply headers, such as
    /// `fireworks-*`, `x-envoy-*`, `server` and `set-cookie`. Default: no.
    #[must_use]
    pub fn expose_headers(mut self, expose: bool) -> Self {
        self.expose_headers = expose;
        self
    }

    /// Which versions of HTTP to speak.
    #[must_use]
    pub fn http_versions(mut self, versions: HttpVersions) -> Self {
        self.versions = versions;
        self
    }

    /// Trusts the certificates in this PEM text too, beside the system's. For
    /// providers behind a company's own authority. May be called repeatedly.
    #[must_use]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// How long an unused connection is kept. Default: 60 s.
    #[must_use]
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool_idle_timeout = timeout;
        self
    }

    /// How many unused HTTP/1.1 connections are kept. Default: 256.
    #[must_use]
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.pool_max_idle = connections;
        self
    }

    /// How many requests share an HTTP/2 connection before another one is
    /// opened. Default: 100, a usual limit of servers, beyond which requests
    /// would wait for each other. At least 1.
    #[must_use]
    pub fn streams_per_connection(mut self, streams: usize) -> Self {
        self.streams_per_connection = streams;
        self
    }

    /// Time between HTTP/2 pings, also on unused connections, which find out
    /// that a peer is gone. Default: 20 s; an answer is awaited for 10 s.
    #[must_use]
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// Whether the target can be used.
    #[must_use]
    pub fn availability(&self) -> Availability {
        match &self.key {
            Key::Missing { variables } => match variables.as_slice() {
                [variable] => Availability::MissingVariable(variable.clone()),
                _ => Availability::MissingVariables(variables.clone()),
            },
            Key::None | Key::Given(_) => Availability::Available,
        }
    }

    pub(crate) fn known(&self) -> Known {
        known(&self.provider)
    }

    pub(crate) fn error(
        &self,
        setting: &'static str,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) -> ConfigError {
        ConfigError::new(&self.id, setting, message)
    }
}
