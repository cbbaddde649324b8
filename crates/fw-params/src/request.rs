//! Requests on their way to the provider.
//!
//! One file per endpoint holds the table of what becomes of each field; [`rule`] is the vocabulary
//! of those tables and [`fields`] carries them out. What several endpoints share (the model, token
//! limits, reasoning, streaming) has a file of its own.

pub(crate) mod cache;
pub(crate) mod chat;
pub(crate) mod choices;
pub(crate) mod completions;
pub(crate) mod embeddings;
pub(crate) mod fields;
pub(crate) mod functions;
pub(crate) mod history;
pub(crate) mod messages;
pub(crate) mod model;
pub(crate) mod openai;
pub(crate) mod parts;
pub(crate) mod reasoning;
pub(crate) mod responses;
pub(crate) mod rule;
pub(crate) mod streaming;
pub(crate) mod tools;

use bytes::Bytes;
use fw_wire::{ApiError, Document, Endpoint, ErrorShape, Limits};
use http::HeaderValue;

use crate::{
    changes::ParamsChanges, config::Config, dialect::Dialect, error, reply::plan::ReplyPlan,
};

use self::{
    fields::{Edits, Request},
    rule::Slot,
};

/// A request as it goes to the provider, and what was done to it.
///
/// See [`ParamsLayer::convert_request`](crate::ParamsLayer::convert_request).
#[derive(Clone, Debug)]
pub struct ConvertedRequest {
    pub(crate) body: Bytes,
    pub(crate) changes: ParamsChanges,
    pub(crate) affinity: Option<HeaderValue>,
    pub(crate) plan: ReplyPlan,
}

// === impl ConvertedRequest ===

impl ConvertedRequest {
    /// The body to send. When nothing was changed it is the very same `Bytes`.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// What was changed.
    #[must_use]
    pub const fn changes(&self) -> &ParamsChanges {
        &self.changes
    }

    /// The value for an `x-session-affinity` header, to be sent unless the client set one.
    #[must_use]
    pub const fn session_affinity(&self) -> Option<&HeaderValue> {
        self.affinity.as_ref()
    }

    /// Whether the provider is asked for a stream, be it for the client or to be aggregated.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.plan.streams() || self.plan.aggregates()
    }

    /// Whether the provider's stream is put together into the one reply that the client asked for.
    #[must_use]
    pub const fn is_aggregated(&self) -> bool {
        self.plan.aggregates()
    }
}

/// Converts the body of a request, or says why it cannot be. One with `fallbacks` cannot be if they are to be returned.
pub(crate) fn convert(
    endpoint: Endpoint,
    body: Bytes,
    config: &Config,
    returns_fallbacks: bool,
) -> Result<ConvertedRequest, ApiError> {
    let limits = Limits {
        max_bytes: config.max_body_bytes,
        ..Limits::default()
    };
    let source = Document::parse_with(body, limits)
        .map_err(|error| error::bad_json(&error, config.max_body_bytes))?;
    let root = source.root();
    if !root.is_object() {
        return Err(ApiError::invalid_request(
            "The request body must be a JSON object.",
        ));
    }
    let edits = Edits::new(&source, config);
    let plan = ReplyPlan::new(endpoint, ErrorShape::for_endpoint(endpoint), config.dialect);
    let mut request = Request::new(root, edits, plan);
    request.returns_fallbacks = returns_fallbacks;
    match (config.dialect, endpoint) {
        (Dialect::Fireworks, Endpoint::ChatCompletions) => chat::convert(&mut request)?,
        (Dialect::Fireworks, Endpoint::Completions) => completions::convert(&mut request)?,
        (Dialect::Fireworks, Endpoint::Embeddings) => embeddings::convert(&mut request)?,
        (Dialect::Fireworks, Endpoint::Responses) => responses::convert(&mut request)?,
        (Dialect::Fireworks, Endpoint::Messages) => messages::convert(&mut request)?,
        (Dialect::OpenAi, _) => openai::convert(endpoint, &mut request)?,
        // An endpoint this version has no table for: only the model is looked at.
        _ => {
            request.walk(|field| match field {
                b"model" => rule::Rule::Read(Slot::Model),
                _ => rule::Rule::Pass,
            })?;
            model::convert(&mut request)?;
        }
    }
    if request.plan.stream && matches!(endpoint, Endpoint::ChatCompletions | Endpoint::Completions)
    {
        request.plan.choices = choices::expected(root);
    }
    Ok(request.finish())
}
