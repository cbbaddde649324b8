//! One request on its way through an endpoint.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::cache::{Prompt, Scope};
use crate::config::Api;
use crate::generate::Choice;
use crate::json::{Json, object};
use crate::knobs::Knobs;
use crate::models::{self, Found};
use crate::refusal::Refusal;
use crate::state::{Shared, lock};
use crate::stream::Events;
use crate::tokens;
use crate::usage::Usage;

/// When every reply was made. A constant, so that the same request has the same reply.
pub(crate) const CREATED: u64 = 1_795_246_800;

/// What a model does with `max_tokens` when the request says nothing (Fireworks API documentation).
pub(crate) const DEFAULT_MAX_TOKENS: u64 = 2048;

/// Seconds, as the timing headers say them.
const FIRST_TOKEN: &str = "0.184";
const PROCESSING: &str = "0.611";

/// A request and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) account: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) knobs: &'a Knobs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
    pub(crate) body: &'a Json,
    pub(crate) raw: &'a [u8],
    /// The model asked for, without knobs.
    pub(crate) model: &'a str,
}

/// A successful reply.
pub(crate) enum Reply {
    Json {
        body: Vec<u8>,
        headers: HeaderMap,
    },
    Stream {
        source: Box<dyn Events>,
        headers: HeaderMap,
    },
}

// === impl Reply ===

impl Reply {
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::Json {
            body,
            headers: HeaderMap::new(),
        }
    }
}

// === impl Call ===

impl Call<'_> {
    /// Whether the reply is streamed.
    pub(crate) fn stream(&self) -> bool {
        self.body.bool("stream").unwrap_or(false)
    }

    /// The model, or the refusal of the gateway layer.
    pub(crate) fn find_model(&self) -> Result<Found, Refusal> {
        models::find(&self.shared.config, self.account, self.model).ok_or_else(|| self.no_model())
    }

    pub(crate) fn no_model(&self) -> Refusal {
        Refusal::gateway(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            Some("model"),
            models::NOT_FOUND,
            self.request_id,
        )
    }

    /// A hash of the request: what ids are made of, so that the same request has the same reply.
    pub(crate) fn identity(&self) -> u64 {
        tokens::hash(self.raw)
    }

    /// A prompt in the cache's scope of this request.
    pub(crate) fn prompt(&self, model: &Found) -> Prompt {
        let header = |name: &str| self.headers.get(name).and_then(|v| v.to_str().ok());
        // Headers win over body fields, trajectories over sessions, and `user` is the last resort
        // (Fireworks SDK documentation).
        let affinity = header("x-multi-turn-session-id")
            .or_else(|| header("x-session-affinity"))
            .or_else(|| self.body.str("prompt_cache_key"))
            .or_else(|| self.body.str("user"));
        let replicas = self.shared.config.replicas;
        let replica = match (self.knobs.replica, affinity) {
            (Some(replica), _) => u64::from(replica),
            (None, Some(key)) => tokens::hash(key.as_bytes()) % replicas,
            (None, None) if replicas == 1 => 0,
            (None, None) => self.shared.next() % replicas,
        };
        let isolation = header("x-prompt-cache-isolation-key")
            .or_else(|| self.body.str("prompt_cache_isolation_key"));
        Prompt::new(Scope {
            account: self.account,
            model: &model.name,
            isolation,
            replica,
        })
    }

    /// The usage of the prompt, which is in the cache from now on.
    pub(crate) fn usage(&self, prompt: &Prompt) -> Usage {
        let cached = lock(&self.shared.cache).read_and_fill(prompt);
        Usage {
            prompt: prompt.tokens(),
            cached,
            ..Usage::default()
        }
    }

    /// Adds the reply's tokens.
    pub(crate) fn count(&self, usage: &mut Usage, choices: &[Choice]) {
        usage.completion = choices.iter().map(|c| c.tokens).sum();
        if self.knobs.reasoning_tokens {
            usage.reasoning = Some(choices.iter().map(|c| c.reasoning_tokens).sum());
        }
    }

    /// How many tokens the reply may have: what the request asks for, shrunk to what the context leaves
    /// unless `context_length_exceeded_behavior` is `error`. The texts are only partly documented.
    pub(crate) fn allowed(
        &self,
        limit: u64,
        prompt: &Prompt,
        model: &Found,
    ) -> Result<u64, Refusal> {
        let (tokens, context) = (prompt.tokens(), model.context);
        if tokens >= context {
            return Err(Refusal::invalid(&format!(
                "The prompt is too long: {tokens}, model maximum context length: {context}"
            )));
        }
        let strict = self.body.str("context_length_exceeded_behavior") == Some("error");
        if strict && tokens.saturating_add(limit) > context {
            return Err(Refusal::invalid(&format!(
                "The prompt is too long: {tokens} with max_tokens {limit}, model maximum context length: {context}"
            )));
        }
        Ok(limit.min(context - tokens))
    }

    /// Headers of a reply (Fireworks API documentation). Streams have only those known early.
    pub(crate) fn headers(&self, usage: Usage, stream: bool) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(16);
        if self.shared.config.api == Api::OpenAi {
            return headers;
        }
        let mut fixed = |name: &'static str, value: &'static str| {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        };
        fixed("x-ratelimit-limit-tokens-prompt", "60000");
        fixed("x-ratelimit-limit-tokens-cache-adjusted-prompt", "15000");
        fixed("x-ratelimit-limit-tokens-generated", "600");
        if !stream {
            fixed("x-envoy-upstream-service-time", "611");
            fixed("fireworks-server-time-to-first-token", FIRST_TOKEN);
            fixed("fireworks-server-processing-time", PROCESSING);
        }
        headers.insert(
            HeaderName::from_static("fireworks-prompt-tokens"),
            HeaderValue::from(usage.prompt),
        );
        headers.insert(
            HeaderName::from_static("fireworks-cached-prompt-tokens"),
            HeaderValue::from(usage.cached),
        );
        if !stream {
            let options = object! {
                "temperature" => self.body.f64("temperature").unwrap_or(1.0),
                "top_k" => self.body.u64("top_k").unwrap_or(50),
                "top_p" => self.body.f64("top_p").unwrap_or(1.0),
            };
            if let Ok(value) =
                HeaderValue::from_maybe_shared(bytes::Bytes::from(options.to_bytes()))
            {
                headers.insert(HeaderName::from_static("fireworks-sampling-options"), value);
            }
        }
        headers
    }

    /// `,"perf_metrics":{…}` when the request asks for it.
    pub(crate) fn perf_metrics(&self, usage: Usage) -> Vec<u8> {
        if !self.body.bool("perf_metrics_in_response").unwrap_or(false) {
            return Vec::new();
        }
        let mut out = b",\"perf_metrics\":".to_vec();
        // Some values are numbers and some are numeric strings on the real wire too.
        object! {
            "prompt-tokens" => usage.prompt,
            "cached-prompt-tokens" => usage.cached,
            "server-time-to-first-token" => FIRST_TOKEN,
            "server-processing-time" => PROCESSING,
        }
        .write(&mut out);
        out
    }
}

/// A UUID made of a hash (the form of RFC 9562, version 8).
pub(crate) fn uuid(hash: u64) -> String {
    let other = tokens::hash(&hash.to_be_bytes());
    format!(
        "{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}",
        hash >> 32,
        hash >> 16 & 0xffff,
        hash & 0xfff,
        other >> 48 & 0xfff,
        other & 0xffff_ffff_ffff
    )
}
