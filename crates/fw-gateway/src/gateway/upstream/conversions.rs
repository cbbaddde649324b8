//! The APIs that are converted for a target.

use std::fmt;

use bytes::Bytes;
use fw_anthropic::MessagesLayer;
use fw_provider::{MessagesMode, ProviderError, ResponsesMode, TargetConfig};
use fw_responses::{ResponseStore, ResponsesLayer};
use fw_stream::BoxError;
use fw_wire::{Endpoint, Operation};
use http::{Request, Response};
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use tower::util::{BoxCloneSyncService, ServiceExt as _};
use tower_layer::Layer;
use tower_service::Service;

use super::Direct;
use super::whole::Whole;
use crate::config::SizeLimits;
use crate::gateway::bytes;

/// A converted reply. Boxed: only who asks for a conversion pays for it.
pub(super) type ConvertedBody = UnsyncBoxBody<Bytes, BoxError>;

/// A conversion and the way behind it.
pub(super) type Converted =
    BoxCloneSyncService<Request<Full<Bytes>>, Response<ConvertedBody>, ProviderError>;

/// What has to be converted for a target.
#[derive(Clone, Debug)]
pub(in crate::gateway) struct Conversions {
    messages: Option<MessagesLayer>,
    responses: Option<ResponsesLayer>,
}

/// The ways of requests that are converted, each on its own: no request takes both.
pub(super) struct ConvertedWays {
    messages: Option<Converted>,
    responses: Option<Converted>,
}

// === impl Conversions ===

impl Conversions {
    /// `store` is there if some target needs it.
    pub(in crate::gateway) fn new(
        target: &TargetConfig,
        store: Option<&ResponseStore>,
        limits: SizeLimits,
    ) -> Self {
        let (body, response) = (
            bytes(limits.max_body_bytes),
            bytes(limits.max_response_bytes),
        );
        let messages = match target.messages_mode() {
            MessagesMode::Native => None,
            MessagesMode::Convert => Some(
                MessagesLayer::new()
                    .max_body_bytes(body)
                    .max_response_bytes(response),
            ),
        };
        let mode = match target.responses_mode() {
            ResponsesMode::Emulate => fw_responses::ResponsesMode::Emulate,
            // A conversation that began at another target may go on here.
            ResponsesMode::Native => fw_responses::ResponsesMode::Expand,
        };
        let responses = store.map(|store| {
            ResponsesLayer::new(store.clone())
                .mode(mode)
                .max_body_bytes(body)
                .max_response_bytes(response)
        });
        Self {
            messages,
            responses,
        }
    }

    /// `None` if the target gets everything as it is.
    pub(super) fn before(&self, direct: &Direct) -> Option<ConvertedWays> {
        if self.messages.is_none() && self.responses.is_none() {
            return None;
        }
        let whole = || Whole::new(direct.clone());
        Some(ConvertedWays {
            messages: self
                .messages
                .as_ref()
                .map(|layer| boxed(layer.layer(whole()))),
            responses: self
                .responses
                .as_ref()
                .map(|layer| boxed(layer.layer(whole()))),
        })
    }
}

// === impl ConvertedWays ===

impl ConvertedWays {
    /// The way of a request that is converted.
    pub(super) fn of<B>(&self, request: &Request<B>) -> Option<&Converted> {
        let operation = Operation::route(request.method(), request.uri().path()).ok()?;
        match operation.endpoint()? {
            Endpoint::Messages => self.messages.as_ref(),
            Endpoint::Responses => self.responses.as_ref(),
            _ => None,
        }
    }
}

impl fmt::Debug for ConvertedWays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConvertedWays")
            .field("messages", &self.messages.is_some())
            .field("responses", &self.responses.is_some())
            .finish()
    }
}

fn boxed<S, B>(service: S) -> Converted
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = ProviderError>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let boxed =
        |response: Response<B>| response.map(|body| body.map_err(Into::into).boxed_unsync());
    BoxCloneSyncService::new(service.map_response(boxed))
}
