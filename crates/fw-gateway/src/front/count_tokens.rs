//! `POST /v1/messages/count_tokens`: an estimate, made here.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_stream::{CollectError, Collected, encoded_request_error, is_encoded, request_error};
use fw_wire::{ApiError, ErrorShape};
use http::{Request, Response};
use http_body::Body;

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
        Self {
            is_encoded: is_encoded(request.headers()),
            body: Box::pin(request.into_body()),
            collected: Collected::default(),
            max_body_bytes,
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
            return Poll::Ready(refusal(&encoded_request_error()));
        }
        let limit = this.max_body_bytes;
        let read = ready!(this.collected.poll(this.body.as_mut(), limit, cx));
        let counted = match read {
            Ok(body) => fw_anthropic::count_tokens(&body),
            Err(CollectError::TooLarge(_)) => Err(ApiError::payload_too_large(limit)),
            Err(CollectError::Body(error)) => Err(request_error(&*error.into(), limit)),
        };
        Poll::Ready(match counted {
            Ok(tokens) => json(format!("{{\"input_tokens\":{tokens}}}")),
            Err(error) => refusal(&error),
        })
    }
}

fn refusal(error: &ApiError) -> Response<Bytes> {
    error.to_response(ErrorShape::Anthropic)
}
