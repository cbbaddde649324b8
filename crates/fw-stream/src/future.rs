//! The future of the layer.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use fw_wire::{ApiError, ErrorShape};
use http::{HeaderMap, HeaderName, Method, Response, Uri, header};
use http_body::Body;
use pin_project_lite::pin_project;

use crate::body::StreamBody;
use crate::error::BoxError;
use crate::reply::{ReplyBody, ReplyHead};
use crate::transform::Transform;

/// What holds for the bytes that came and not for others: their length, digests (RFC 9530 and the older
/// forms), validators and ranges (RFC 9110, sections 8.6, 8.8 and 14).
const OF_THE_BYTES: [HeaderName; 7] = [
    header::CONTENT_LENGTH,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
    header::ETAG,
    header::ACCEPT_RANGES,
];

pin_project! {
    /// The future of [`StreamService`](crate::StreamService).
    pub struct StreamFuture<F, M> {
        #[pin]
        inner: F,
        make: Arc<M>,
        method: Method,
        uri: Uri,
        max_event_bytes: usize,
    }
}

// === impl StreamFuture ===

impl<F, M> StreamFuture<F, M> {
    pub(crate) const fn new(
        inner: F,
        make: Arc<M>,
        method: Method,
        uri: Uri,
        max_event_bytes: usize,
    ) -> Self {
        Self {
            inner,
            make,
            method,
            uri,
            max_event_bytes,
        }
    }
}

impl<F, M, E, T, B> Future for StreamFuture<F, M>
where
    F: Future<Output = Result<Response<B>, E>>,
    M: Fn(&ReplyHead<'_>) -> Option<T>,
    T: Transform,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<ReplyBody<B, T>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut parts, body) = ready!(this.inner.poll(cx))?.into_parts();
        let head = ReplyHead::new(this.method, this.uri, &parts);
        let transform = if head.is_stream() {
            (this.make)(&head)
        } else {
            None
        };
        let Some(transform) = transform else {
            let body = ReplyBody::plain(body);
            return Poll::Ready(Ok(Response::from_parts(parts, body)));
        };
        if head.is_encoded() {
            let endpoint = head.endpoint();
            let shape = endpoint.map_or(ErrorShape::OpenAi, ErrorShape::for_endpoint);
            let refusal = encoded().to_response(shape);
            return Poll::Ready(Ok(refusal.map(ReplyBody::refusal)));
        }
        forget_bytes(&mut parts.headers);
        let body = StreamBody::new(body, transform).max_event_bytes(*this.max_event_bytes);
        let body = ReplyBody::stream(body);
        Poll::Ready(Ok(Response::from_parts(parts, body)))
    }
}

fn encoded() -> ApiError {
    ApiError::upstream(
        "The upstream compressed its stream although it was asked not to, so it could not be read.",
    )
    .code("unsupported_content_encoding")
}

fn forget_bytes(headers: &mut HeaderMap) {
    for name in &OF_THE_BYTES {
        headers.remove(name);
    }
}

impl<F, M> fmt::Debug for StreamFuture<F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamFuture")
            .field("method", &self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}
