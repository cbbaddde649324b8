use std::sync::Arc;

use bytes::Bytes;
use fw_wire::{ApiError, Endpoint};
use tower_layer::Layer;

use crate::{
    config::{Config, PromptCacheKey, UnknownFields, UnknownModels},
    dialect::Dialect,
    request::{self, ConvertedRequest},
    service::ParamsService,
};

/// Converts requests and replies between OpenAI clients and one provider target.
///
/// See the [crate documentation](crate) for what is converted. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct ParamsLayer {
    config: Arc<Config>,
}

// === impl ParamsLayer ===

impl ParamsLayer {
    /// A layer for a provider of this dialect, with defaults that work alone.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            config: Arc::new(Config::new(dialect)),
        }
    }

    /// The provider's name in `provider/model` prefixes. The default is the dialect's.
    #[must_use]
    pub fn provider(self, name: impl Into<String>) -> Self {
        self.edit(|config| config.provider = name.into())
    }

    /// More names that count as provider prefixes, beside `fireworks` and `openai`. A model with
    /// the prefix of *another* provider is answered with a 404, so that a router can go on to a
    /// target that serves it.
    #[must_use]
    pub fn known_providers<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.edit(|config| config.providers.extend(names.into_iter().map(Into::into)))
    }

    /// The target's own model. It is sent when a request names none, or names one of
    /// [`known_models`](Self::known_models).
    #[must_use]
    pub fn model(self, name: impl Into<String>) -> Self {
        self.edit(|config| config.model = Some(name.into()))
    }

    /// Names that mean "the target's own model": target ids, aliases, groups, the models of other
    /// targets.
    #[must_use]
    pub fn known_models<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.edit(|config| {
            Arc::make_mut(&mut config.known_models).extend(names.into_iter().map(Into::into));
        })
    }

    /// What becomes of any other name. The default passes it on.
    #[must_use]
    pub fn unknown_models(self, rule: UnknownModels) -> Self {
        self.edit(|config| config.unknown_models = rule)
    }

    /// What becomes of request fields that the provider's table does not list. The default removes
    /// them and says so.
    #[must_use]
    pub fn unknown_fields(self, rule: UnknownFields) -> Self {
        self.edit(|config| config.unknown_fields = rule)
    }

    /// What becomes of `prompt_cache_key` on chat and text completions at Fireworks.
    #[must_use]
    pub fn prompt_cache_key(self, rule: PromptCacheKey) -> Self {
        self.edit(|config| config.prompt_cache_key = rule)
    }

    /// Most `max_tokens` that the provider takes without a stream; a request for more is sent as a
    /// stream and its reply put together again. The default is
    /// [4096](crate::DEFAULT_MAX_TOKENS_WITHOUT_STREAM) for Fireworks; other dialects have no
    /// such limit and ignore this.
    #[must_use]
    pub fn max_tokens_without_stream(self, tokens: u64) -> Self {
        self.edit(|config| config.max_tokens_without_stream = tokens)
    }

    /// Whether `max_tokens` of chat completions is sent under its newer name, `max_completion_tokens`, in OpenAI's
    /// dialect. OpenAI's reasoning models refuse the older name; many other servers know nothing else. The
    /// default is false.
    #[must_use]
    pub fn newer_token_limit(self, newer: bool) -> Self {
        self.edit(|config| config.newer_token_limit = newer)
    }

    /// Whether a request with `fallbacks` comes back unsent unless [`FallbacksRead`](crate::FallbacksRead) is among its
    /// extensions: see [`UnreadFallbacks`](crate::UnreadFallbacks). For routers that do not want to search each body
    /// for them. The default is false: they are removed.
    #[must_use]
    pub fn return_fallbacks(self, returns: bool) -> Self {
        self.edit(|config| config.return_fallbacks = returns)
    }

    /// Largest request body that is read; more is answered with a 413. The default is
    /// [10 MiB](crate::DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub fn max_body_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_body_bytes = bytes)
    }

    /// Largest reply that is held in memory to be converted; more is answered with a 502. Streams
    /// are never held. The default is [32 MiB](crate::DEFAULT_MAX_RESPONSE_BYTES).
    #[must_use]
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_response_bytes = bytes)
    }

    /// Converts the body of a request, without a service around it: for a proxy of your own.
    ///
    /// Nothing is read or sent. The headers are up to you: what the layer would send is in
    /// [`ConvertedRequest::session_affinity`] and [`ConvertedRequest::is_stream`].
    ///
    /// ```
    /// use fw_params::{Fireworks, ParamsLayer};
    /// use fw_wire::Endpoint;
    ///
    /// let layer = ParamsLayer::new(Fireworks);
    /// let body = r#"{"model":"glm-5p3","messages":[],"store":true, "top_k": 40}"#;
    /// let request = layer.convert_request(Endpoint::ChatCompletions, body)?;
    /// assert_eq!(
    ///     request.body(),
    ///     r#"{"model":"accounts/fireworks/models/glm-5p3","messages":[],"top_k": 40}"#,
    /// );
    /// assert_eq!(request.changes().to_string(), "removed store; set model");
    /// # Ok::<(), fw_wire::ApiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the client has to be answered with, if the request cannot be sent.
    pub fn convert_request(
        &self,
        endpoint: Endpoint,
        body: impl Into<Bytes>,
    ) -> Result<ConvertedRequest, ApiError> {
        request::convert(endpoint, body.into(), &self.config, false)
    }

    fn edit(mut self, change: impl FnOnce(&mut Config)) -> Self {
        let config = Arc::make_mut(&mut self.config);
        change(config);
        config.settle();
        self
    }
}

/// The Fireworks dialect.
impl Default for ParamsLayer {
    fn default() -> Self {
        Self::new(Dialect::default())
    }
}

impl<S> Layer<S> for ParamsLayer {
    type Service = ParamsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ParamsService::from_config(inner, Arc::clone(&self.config))
    }
}
