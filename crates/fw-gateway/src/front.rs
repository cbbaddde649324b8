//! The front: finds out what a request asks for, and answers it or hands it to the target.

mod count_tokens;
mod future;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use fw_audit::AuditLog;
use fw_provider::ModelList;
use fw_wire::{ApiError, Endpoint, ErrorShape, Operation};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use tower_service::Service;
use tracing::Span;
use tracing::instrument::{Instrument, Instrumented};

use self::count_tokens::CountTokens;
pub(crate) use self::future::FrontFuture;
use self::future::Way;
use crate::access::Access;
use crate::body::ReplyBody;
use crate::gateway::routing::Router;
use crate::health::Health;
use crate::{hints, metrics, prometheus};

/// What every connection's service needs to know.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) health: Health,
    pub(crate) models: ModelList,
    /// The configured providers, to be named in errors.
    pub(crate) provider: String,
    /// Knows how the targets are.
    pub(crate) router: Router,
    /// Whether some target can list the input of a response and cancel it. Fireworks' own API cannot.
    pub(crate) has_response_details: bool,
    /// The largest reply, and so the largest event of a stream.
    pub(crate) max_response_bytes: usize,
    /// The largest request of those that are answered here.
    pub(crate) max_body_bytes: usize,
    /// How many policies the chain has.
    pub(crate) policies: usize,
    /// The audit log, if there is one.
    pub(crate) audit: Option<AuditLog>,
}

/// Answers what needs no upstream, and gives the rest to `inner`.
#[derive(Clone, Debug)]
pub(crate) struct Front<S> {
    shared: Arc<Shared>,
    inner: S,
}

impl<S> Front<S> {
    pub(crate) fn new(shared: Arc<Shared>, inner: S) -> Self {
        Self { shared, inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Front<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>, Error = Infallible> + Clone,
    ReqBody: Body<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body<Data = Bytes>,
    ResBody::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<ReplyBody<ResBody>>;
    type Error = Infallible;
    type Future = Instrumented<FrontFuture<S, Request<ReqBody>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The target's readiness is awaited by the future: what the front answers itself must not
        // wait for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        self.shared.health.count_request();
        hints::understand(&mut request);
        let span = request_span(&request);
        let future = match self.shared.answer(&request) {
            Answer::Own(response) => FrontFuture::own(response),
            Answer::CountTokens => {
                FrontFuture::counted(CountTokens::new(request, self.shared.max_body_bytes))
            }
            Answer::Upstream(operation, endpoint) => {
                let way = Way {
                    endpoint,
                    access: Access::new(operation, Instant::now()),
                    max_response_bytes: self.shared.max_response_bytes,
                };
                FrontFuture::upstream(self.inner.clone(), request, way)
            }
        };
        future.instrument(span)
    }
}

/// The span of a request. The query is left out: some clients put keys there.
fn request_span<B>(request: &Request<B>) -> Span {
    tracing::debug_span!(
        "request",
        // Looked up only if the span is enabled.
        id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()),
        method = %request.method(),
        path = request.uri().path(),
        // Filled in by the conversion: `fw_params::CHANGES_SPAN_FIELD`.
        fw.params = tracing::field::Empty,
        // Filled in by the router: which targets were tried, and how they fared.
        fw.route = tracing::field::Empty,
        // Filled in by the policies: types and counts of what they found in the request.
        fw.policy = tracing::field::Empty,
    )
}

/// Who answers a request.
enum Answer {
    Own(Response<Bytes>),
    /// The front, when it has read the body.
    CountTokens,
    /// The target, for this operation of this endpoint.
    Upstream(&'static str, Endpoint),
}

impl Shared {
    /// Answers what asks for the gateway's own state.
    fn status(&self, path: &str) -> Option<Response<Bytes>> {
        if path == metrics::PATH {
            return Some(metrics::reply(
                &self.router.status(),
                self.router.mirror_status(),
            ));
        }
        if path == prometheus::PATH {
            let log = self.audit.as_ref().map(AuditLog::metrics);
            return Some(prometheus::reply(log.as_ref()));
        }
        self.health
            .answer(path, self.policies, || self.router.status())
    }

    fn answer<B>(&self, request: &Request<B>) -> Answer {
        let (method, path) = (request.method(), request.uri().path());
        if let Some(response) = self.status(path) {
            return Answer::Own(if matches!(*method, Method::GET | Method::HEAD) {
                response
            } else {
                let error = ApiError::method_not_allowed(method, &[Method::GET]);
                error.to_response(ErrorShape::OpenAi)
            });
        }
        let operation = match Operation::route(method, path) {
            Ok(operation) => operation,
            Err(error) => return Answer::Own(refusal(&error.to_api_error(method, path), path)),
        };
        let unsupported =
            |what| refusal(&ApiError::unsupported_operation(what, &self.provider), path);
        match operation {
            Operation::Create(endpoint) => Answer::Upstream(operation.name(), endpoint),
            Operation::ListResponses | Operation::Response(_) => {
                Answer::Upstream(operation.name(), Endpoint::Responses)
            }
            Operation::ResponseInput(_) | Operation::CancelResponse(_)
                if self.has_response_details =>
            {
                Answer::Upstream(operation.name(), Endpoint::Responses)
            }
            Operation::ResponseInput(_) => {
                Answer::Own(unsupported("listing the input of responses"))
            }
            Operation::CancelResponse(_) => Answer::Own(unsupported("cancelling responses")),
            Operation::CountTokens => Answer::CountTokens,
            Operation::ListModels if is_anthropic_s(request) => {
                Answer::Own(json(self.models.anthropic_page(request.uri().query())))
            }
            Operation::ListModels => Answer::Own(json(self.models.to_json())),
            Operation::Model(id) if is_anthropic_s(request) => {
                Answer::Own(match self.models.anthropic_model(&id) {
                    Some(model) => json(model),
                    None => ApiError::model_not_found(&id).to_response(ErrorShape::Anthropic),
                })
            }
            Operation::Model(id) => Answer::Own(match self.models.model_json(&id) {
                Some(model) => json(model),
                None => refusal(&ApiError::model_not_found(&id), path),
            }),
            Operation::Unsupported(what) => Answer::Own(unsupported(what)),
            // Whatever `fw-wire` learns later.
            _ => Answer::Own(unsupported(operation.name())),
        }
    }
}

/// Whether a list of models is asked for by an SDK of Anthropic's: by the prefix of its path, or by the header that
/// all of them send.
fn is_anthropic_s<B>(request: &Request<B>) -> bool {
    request.headers().contains_key("anthropic-version")
        || ErrorShape::for_path(request.uri().path()) == ErrorShape::Anthropic
}

/// An error as a response, in the shape that the SDKs of the path's surface read.
fn refusal(error: &ApiError, path: &str) -> Response<Bytes> {
    error.to_response(ErrorShape::for_path(path))
}

fn json(body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests;
