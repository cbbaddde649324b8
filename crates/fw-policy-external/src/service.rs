//! The way of one request: read, ask, go on or not.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, mem};

use bytes::Bytes;
use fw_policy::{DEFAULT_MAX_BODY_BYTES, Decisions, Denial, Exchange, POLICY_HEADER, Verdict};
use fw_stream::{BoxError, encoded_request_error, is_encoded, request_error};
use fw_wire::{ApiError, Endpoint, ErrorShape, Operation};
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, TRANSFER_ENCODING,
};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Either, Full, Limited};
use tokio::time::Instant;
use tower_service::Service;

use crate::ask::{self, Question};
use crate::config::{ExternalAction, ExternalConfig, ExternalFailMode};
use crate::error::ConfigError;
use crate::future::ExternalFuture;
use crate::{KIND, body};

/// The body of a request that goes on: the client's own, or what was read.
pub type ExternalRequestBody<B> = Either<B, Full<Bytes>>;

/// The body of a reply: the inner service's own, or a refusal.
pub type ExternalResponseBody<B> = Either<B, Full<Bytes>>;

/// The largest answer of the service.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// What a denied client is told, unless the configuration says something else.
const MESSAGE: &str = "The request was refused by an external check of its content.";

/// The finding for a request about which there is no answer.
const UNAVAILABLE: &str = "unavailable";

/// The service that [`ExternalLayer`](crate::ExternalLayer) makes.
pub struct ExternalService<S, C> {
    inner: S,
    // Shared, because clients are large and a service is cloned for each request.
    asked: Option<Arc<Asked<C>>>,
}

/// Who is asked, and how.
pub(crate) struct Asked<C> {
    pub(crate) settings: Arc<Settings>,
    pub(crate) client: C,
}

/// The configuration, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    config: ExternalConfig,
    address: Uri,
    /// Marked as sensitive, so that it is not shown.
    pub(crate) key: Option<HeaderValue>,
    pub(crate) denial_status: StatusCode,
    pub(crate) max_body_bytes: usize,
}

/// Why there is no answer. What the service said is not part of it: it may repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoAnswer {
    Timeout,
    Unreachable,
    Status(StatusCode),
    Unreadable,
    TooMuchText,
}

impl Settings {
    pub(crate) fn new(config: &ExternalConfig) -> Result<Self, ConfigError> {
        let address = config.url.parse();
        Ok(Self {
            config: config.clone(),
            address: address.map_err(|_| crate::error::unusable("url", "is no address"))?,
            key: None,
            denial_status: StatusCode::BAD_REQUEST,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
        })
    }
}

impl<S, C> ExternalService<S, C> {
    pub(crate) const fn new(inner: S, asked: Option<Arc<Asked<C>>>) -> Self {
        Self { inner, asked }
    }
}

impl<S: Clone, C> Clone for ExternalService<S, C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            asked: self.asked.clone(),
        }
    }
}

impl<S, C, B, ResBody, AnswerBody> Service<Request<B>> for ExternalService<S, C>
where
    S: Service<Request<ExternalRequestBody<B>>, Response = Response<ResBody>>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    S::Error: Send,
    C: Service<Request<Full<Bytes>>, Response = Response<AnswerBody>> + Clone + Send + 'static,
    C::Future: Send,
    C::Error: Into<BoxError> + Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    ResBody: 'static,
    AnswerBody: Body<Data = Bytes> + Send,
    AnswerBody::Error: Into<BoxError>,
{
    type Response = Response<ExternalResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ExternalFuture<S::Future, ResBody, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let asked = self.asked.as_ref();
        let looked_at = asked.and_then(|asked| Some((asked, endpoint(&request)?)));
        let Some((asked, endpoint)) = looked_at else {
            return ExternalFuture::pass(self.inner.call(request.map(Either::Left)));
        };
        let (settings, client) = (Arc::clone(&asked.settings), asked.client.clone());
        // The instance that was polled ready makes the call.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        ExternalFuture::ask(Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let decisions = parts
                .extensions
                .get_or_insert_default::<Decisions>()
                .clone();
            let exchange = Exchange::recorded(endpoint, decisions);
            let checked = check(&settings, client, &parts.headers, body, &exchange).await;
            let response = match checked {
                Ok(body) => {
                    // The body is whole now, so there is nothing to wait for.
                    parts.headers.remove(EXPECT);
                    parts.headers.remove(TRANSFER_ENCODING);
                    let length = HeaderValue::from(body.len());
                    parts.headers.insert(CONTENT_LENGTH, length);
                    let body = Either::Right(Full::new(body));
                    let future = inner.call(Request::from_parts(parts, body));
                    future.await?.map(Either::Left)
                }
                Err(error) => {
                    let response = error.to_response(ErrorShape::for_endpoint(endpoint));
                    response.map(|body| Either::Right(Full::new(body)))
                }
            };
            Ok(reported(response, &exchange))
        }))
    }
}

/// The endpoint of a request whose body has text for a model.
fn endpoint<B>(request: &Request<B>) -> Option<Endpoint> {
    if let Some(endpoint) = request.extensions().get::<Endpoint>() {
        return (request.method() == Method::POST).then_some(*endpoint);
    }
    match Operation::route(request.method(), request.uri().path()) {
        Ok(Operation::Create(endpoint)) => Some(endpoint),
        _ => None,
    }
}

/// Reads the body and asks about it. Gives the body back if it may go on.
async fn check<C, B, AnswerBody>(
    settings: &Settings,
    client: C,
    headers: &HeaderMap,
    body: B,
    exchange: &Exchange,
) -> Result<Bytes, Box<ApiError>>
where
    C: Service<Request<Full<Bytes>>, Response = Response<AnswerBody>>,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    AnswerBody: Body<Data = Bytes>,
    AnswerBody::Error: Into<BoxError>,
{
    let limit = settings.max_body_bytes;
    let read = Limited::new(body, limit).collect().await;
    let body = read
        .map_err(|error| Box::new(request_error(&*error, limit)))?
        .to_bytes();
    let texts = if is_encoded(headers) {
        Err(Box::new(encoded_request_error()))
    } else {
        body::texts(&body, exchange.endpoint(), limit)
    };
    let texts = match texts {
        Ok(texts) => texts,
        Err(error) => {
            without_answer(
                settings,
                exchange,
                Duration::ZERO,
                "unreadable request",
                *error,
            )?;
            return Ok(body);
        }
    };
    let start = Instant::now();
    let answer = ask(settings, client, &texts).await;
    let took = start.elapsed();
    match answer {
        Ok(found) => {
            for name in found.iter() {
                exchange.findings().add(name.clone(), 1);
            }
            let verdict = if found.is_empty() {
                Verdict::Allow
            } else {
                verdict(&settings.config)
            };
            exchange
                .conclude(KIND, verdict, took)
                .map_err(|error| Box::new(error.with_status(settings.denial_status)))?;
        }
        Err(reason) => {
            let message = "The content of the request could not be checked now; try again later.";
            let error = ApiError::unavailable(message)
                .code("moderation_unavailable")
                .should_retry(true);
            without_answer(settings, exchange, took, &reason.to_string(), error)?;
        }
    }
    Ok(body)
}

/// What becomes of a request about which there is no answer.
fn without_answer(
    settings: &Settings,
    exchange: &Exchange,
    took: Duration,
    reason: &str,
    error: ApiError,
) -> Result<(), Box<ApiError>> {
    exchange.findings().add(UNAVAILABLE, 1);
    let blocks = settings.config.fail_mode == ExternalFailMode::Block;
    tracing::warn!(
        endpoint = exchange.endpoint().name(),
        reason,
        action = if blocks { "block" } else { "allow" },
        "no answer about a request"
    );
    if !blocks {
        return exchange.conclude(KIND, Verdict::Flag, took);
    }
    let denial = Verdict::Block(Denial::new(error.message().to_owned()));
    // For the record; the client is told what went wrong, and not that its request did.
    let _ = exchange.conclude(KIND, denial, took);
    Err(Box::new(error.policy(KIND)))
}

fn verdict(config: &ExternalConfig) -> Verdict {
    let denial = || match &config.message {
        Some(message) => Denial::new(message.clone()),
        None => Denial::new(MESSAGE),
    };
    match config.action {
        ExternalAction::Block => Verdict::Block(denial()),
        ExternalAction::Escalate => Verdict::Escalate(denial()),
        ExternalAction::Flag => Verdict::Flag,
    }
}

/// What counts in the answers about these texts, by name. Ends with the first answer in which something does.
async fn ask<C, B>(
    settings: &Settings,
    mut client: C,
    texts: &[String],
) -> Result<Vec<String>, NoAnswer>
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>>,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let texts: Vec<&str> = texts
        .into_iter()
        .filter(|it| !it.trim().is_empty())
        .collect();
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    if texts.iter().map(|text| text.len()).sum::<usize>() > settings.config.chosen_max_bytes() {
        return Err(NoAnswer::TooMuchText);
    }
    let questions = ask::questions(&settings.config, &texts);
    let answers = async {
        for question in &questions {
            let found = ask_one(settings, &mut client, question).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    };
    let answered = tokio::time::timeout(settings.config.chosen_timeout(), answers).await;
    answered.unwrap_or(Err(NoAnswer::Timeout))
}

async fn ask_one<C, B>(
    settings: &Settings,
    client: &mut C,
    question: &Question,
) -> Result<Vec<String>, NoAnswer>
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>>,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let json = HeaderValue::from_static("application/json");
    let mut request = Request::new(Full::new(question.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = settings.address.clone();
    request.headers_mut().insert(CONTENT_TYPE, json.clone());
    request.headers_mut().insert(ACCEPT, json);
    if let Some(key) = &settings.key {
        request.headers_mut().insert(AUTHORIZATION, key.clone());
    }
    let ready = poll_fn(|cx| client.poll_ready(cx)).await;
    ready.map_err(unreachable)?;
    let response = client.call(request).await.map_err(unreachable)?;
    if !response.status().is_success() {
        return Err(NoAnswer::Status(response.status()));
    }
    let answer = Limited::new(response.into_body(), MAX_ANSWER_BYTES);
    let answer = answer.collect().await.map_err(unreachable)?.to_bytes();
    ask::findings(&settings.config, question, &answer).map_err(|_| NoAnswer::Unreadable)
}

fn unreachable(error: impl Into<BoxError>) -> NoAnswer {
    let error = error.into();
    tracing::debug!(%error, "the external service failed");
    NoAnswer::Unreachable
}

/// Puts the decisions where the client and the layers above find them.
fn reported<B>(mut response: Response<B>, exchange: &Exchange) -> Response<B> {
    if let Some(value) = exchange.decisions().to_header() {
        response.headers_mut().insert(POLICY_HEADER, value);
    }
    let decisions = exchange.decisions().clone();
    response.extensions_mut().insert(decisions);
    response
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("timeout"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Status(status) => write!(f, "status {}", status.as_u16()),
            Self::Unreadable => f.write_str("unreadable answer"),
            Self::TooMuchText => f.write_str("more text than max_bytes"),
        }
    }
}

impl<S, C> fmt::Debug for ExternalService<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.asked.as_ref().map(|asked| &asked.settings);
        f.debug_struct("ExternalService")
            .field("settings", &settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
