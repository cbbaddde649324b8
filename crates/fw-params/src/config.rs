//! The settings of a layer.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    dialect::Dialect,
    model::{KNOWN_PROVIDERS, ModelName},
};

/// Largest request body that is read, unless the layer is told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Largest reply that is held in memory, unless the layer is told otherwise: 32 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

/// Most `max_tokens` that Fireworks takes without `stream: true` (observed: "Requests with
/// max_tokens > 4096 must have stream=true").
pub const DEFAULT_MAX_TOKENS_WITHOUT_STREAM: u64 = 4096;

/// What becomes of OpenAI's `prompt_cache_key` on chat and text completions at Fireworks.
///
/// The two Fireworks fields differ: `prompt_cache_key` routes requests with the same key to the
/// same replica (affinity), `prompt_cache_isolation_key` gives each key a cache of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PromptCacheKey {
    /// It becomes `prompt_cache_isolation_key`, unless the client sent that itself. The value also
    /// goes out as the header `x-session-affinity`, unless the client set one, so that the
    /// affinity is not lost with the rename.
    #[default]
    Isolation,
    /// It stays `prompt_cache_key`.
    Native,
}

/// What becomes of request fields that the provider's table does not list.
///
/// Fields that the provider is *known* to refuse (`store` on chat, for instance) are removed
/// whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownFields {
    /// They are removed, and each removal is reported.
    #[default]
    Remove,
    /// They are passed on; the provider may answer with an error.
    Forward,
    /// The request is refused with a 400 that names the field.
    Reject,
}

/// What becomes of a model name that has no provider prefix and is not a known one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownModels {
    /// It is passed on, unchecked.
    #[default]
    PassThrough,
    /// It means the target's own model: for a target of another provider than the one the name was
    /// written for. Without an own model the name is passed on.
    TargetModel,
}

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) dialect: Dialect,
    pub(crate) provider: String,
    pub(crate) providers: BTreeSet<String>,
    pub(crate) model: Option<String>,
    /// `model` as the provider wants it; kept up to date by [`Config::settle`].
    pub(crate) own_model: Option<String>,
    /// Shared by the layers that are made of one: a gateway has a layer for each target, and all targets'
    /// names in each.
    pub(crate) known_models: Arc<BTreeSet<String>>,
    pub(crate) unknown_models: UnknownModels,
    pub(crate) unknown_fields: UnknownFields,
    pub(crate) prompt_cache_key: PromptCacheKey,
    pub(crate) max_tokens_without_stream: u64,
    pub(crate) newer_token_limit: bool,
    pub(crate) return_fallbacks: bool,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_response_bytes: usize,
}

// === impl Config ===

impl Config {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            provider: dialect.provider().to_owned(),
            providers: KNOWN_PROVIDERS.into_iter().map(str::to_owned).collect(),
            model: None,
            own_model: None,
            known_models: Arc::default(),
            unknown_models: UnknownModels::default(),
            unknown_fields: UnknownFields::default(),
            prompt_cache_key: PromptCacheKey::default(),
            max_tokens_without_stream: DEFAULT_MAX_TOKENS_WITHOUT_STREAM,
            newer_token_limit: false,
            return_fallbacks: false,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
        }
    }

    /// Takes a model name apart with the providers this layer knows.
    pub(crate) fn parse_model<'a>(&self, name: &'a str) -> ModelName<'a> {
        ModelName::parse_with(name, |provider| {
            provider == self.provider || self.providers.contains(provider)
        })
    }

    /// Brings what follows from other settings up to date.
    pub(crate) fn settle(&mut self) {
        self.own_model = self.resolve_own_model();
    }

    /// The target's own model as the provider wants it: without this provider's prefix, in full.
    fn resolve_own_model(&self) -> Option<String> {
        let model = self.model.as_deref()?;
        let parsed = self.parse_model(model);
        let name = match parsed.provider {
            Some(provider) if provider == self.provider => parsed.name,
            _ => model,
        };
        (!name.is_empty()).then(|| self.dialect.model_name(name).into_owned())
    }
}
