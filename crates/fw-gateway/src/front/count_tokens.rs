//! `POST /v1/messages/count_tokens`: an estimate, made here.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_stream::{CollectError, Collected};
use fw_wire::{ApiError, ErrorShape};
use http::header::CONTENT_ENCODING;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::LengthLimitError;

use super::json;

/// Reads a request and counts its tokens. Fireworks has no such operation, nor has any target that speaks chat
/// completions, and clients plan with it before every request; nothing leaves the gateway.
pub(super) struct CountTokens<B> {
    body: Pin<Box<B>>,
    collected: Collected,
    max_body_bytes: usize,
    is_encoded: bool,
}

// === impl CountTokens ===

impl<B> CountTokens<B> {
    pub(super) fn new(request: Request<B>, max_body_bytes: usize) -> Self {
        let is_encoded = request
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
        Self {
            body: Box::pin(request.into_body()),
            collected: Collected::default(),
            max_body_bytes,
            is_encoded,
        }
    }
}

impl<B> Future for CountTokens<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let this = &mut *self;
        if this.is_encoded {
            let message = "The request body has a content-encoding; send it without one.";
            let error = ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
            return Poll::Ready(refusal(&error.code("unsupported_content_encoding")));
        }
        let limit = this.max_body_bytes;
        let read = ready!(this.collected.poll(this.body.as_mut(), limit, cx));
        let counted = match read {
            Ok(body) => fw_anthropic::count_tokens(&body),
            Err(CollectError::TooLarge(_)) => Err(ApiError::payload_too_large(limit)),
            Err(CollectError::Body(error)) => Err(unreadable(&*error.into(), limit)),
        };
        Poll::Ready(match counted {
            Ok(tokens) => json(format!("{{\"input_tokens\":{tokens}}}")),
            Err(error) => refusal(&error),
        })
    }
}

fn unreadable(error: &(dyn Error + 'static), limit: usize) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return ApiError::payload_too_large(limit);
        }
        cause = error.source();
    }
    let message = "The request body broke off before its end.";
    ApiError::invalid_request(message).code("incomplete_body")
}

fn refusal(error: &ApiError) -> Response<Bytes> {
    error.to_response(ErrorShape::Anthropic)
}
