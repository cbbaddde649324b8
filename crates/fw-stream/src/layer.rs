//! A layer that puts a transform of your own on streamed replies.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use crate::framer::DEFAULT_MAX_EVENT_BYTES;
use crate::reply::ReplyHead;
use crate::service::StreamService;

/// Runs the streamed replies of a service through a [`Transform`](crate::Transform) of your own.
///
/// The layer takes a function that is asked about each reply that is a stream of events. `Some` transform
/// gets the stream's events; `None` leaves the stream alone. It goes around anything that answers HTTP, an
/// axum router as well as a hyper service:
///
/// ```
/// use axum::{Router, body::Body, http::header, routing::post};
/// use fw_stream::{Event, Flow, Output, ReplyHead, StreamEnd, StreamLayer, Transform};
///
/// /// Leaves out keep-alive comments.
/// struct NoComments;
///
/// impl Transform for NoComments {
///     fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
///         if !event.is_comment() {
///             out.pass();
///         }
///         Flow::Continue
///     }
///
///     fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
/// }
///
/// async fn chat() -> ([(header::HeaderName, &'static str); 1], &'static str) {
///     // Your proxy, or whatever answers now.
///     let kind = [(header::CONTENT_TYPE, "text/event-stream")];
///     (kind, ": keep-alive\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n")
/// }
///
/// let app: Router = Router::new()
///     .route("/v1/chat/completions", post(chat))
///     .layer(StreamLayer::new(|_: &ReplyHead<'_>| Some(NoComments)));
/// # use tower::ServiceExt;
/// # tokio_test::block_on(async {
/// # let request = http::Request::post("/v1/chat/completions").body(Body::empty()).unwrap();
/// # let reply = app.oneshot(request).await.unwrap();
/// # let bytes = http_body_util::BodyExt::collect(reply.into_body()).await.unwrap().to_bytes();
/// # assert_eq!(bytes, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n");
/// # });
/// ```
///
/// # Filtering text
///
/// [`FilterText`](crate::FilterText) is such a transform. With it the layer changes the text that a model
/// writes, in every endpoint and wherever a stream carries text. Here around a plain hyper service:
///
/// ```
/// use fw_stream::{Channel, Edits, FilterText, ReplyHead, Scan, StreamLayer, TextFilter, Window};
/// use hyper_util::service::TowerToHyperService;
/// use tower::Layer;
/// # use bytes::Bytes;
/// # use http::{Request, Response, header};
/// # use http_body_util::{BodyExt, Full};
///
/// /// Writes `#` for each digit.
/// struct HideDigits;
///
/// impl TextFilter for HideDigits {
///     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
///         for (at, _) in window.text().match_indices(|c: char| c.is_ascii_digit()) {
///             edits.replace(at..at + 1, "#");
///         }
///         Scan::Settled(window.text().len())
///     }
/// }
///
/// # let service = tower::service_fn(|_: Request<Full<Bytes>>| async {
/// #     let events = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"room 12\"}}]}\n\n";
/// #     Response::builder()
/// #         .header(header::CONTENT_TYPE, "text/event-stream")
/// #         .body(Full::new(Bytes::from_static(events.as_bytes())))
/// # });
/// // `service` is the tower service that you have; `hyper` is what `serve_connection` takes.
/// let layer = StreamLayer::new(|reply: &ReplyHead<'_>| {
///     Some(FilterText::new(reply.endpoint()?, |_: &Channel| Some(HideDigits)))
/// });
/// let hyper = TowerToHyperService::new(layer.layer(service));
/// # tokio_test::block_on(async {
/// # let request = Request::post("/v1/chat/completions").body(Full::default()).unwrap();
/// # let reply = hyper::service::Service::call(&hyper, request).await.unwrap();
/// # let bytes = reply.into_body().collect().await.unwrap().to_bytes();
/// # let hidden = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"room ##\"}}]}\n\n";
/// # assert_eq!(bytes, hidden);
/// # });
/// ```
///
/// # What it does
///
/// - A reply whose `content-type` is `text/event-stream` and for which the function gives a transform goes
///   through a [`StreamBody`](crate::StreamBody). Headers that only hold for the bytes as they were go:
///   `content-length`, digests, `etag` and `accept-ranges`.
/// - Every other reply passes as it is, the same frames included.
/// - Requests ask for `accept-encoding: identity`, because events in compressed bytes cannot be read.
/// - A stream that comes with a `content-encoding` all the same, and for which the function gives a
///   transform, is answered with a 502 in the endpoint's shape instead: a transform that hides something
///   must not be passed by. Whoever wants such streams to pass gives `None` for them, see
///   [`ReplyHead::is_encoded`].
///
/// The body of the reply is [`ReplyBody`](crate::ReplyBody). The layer adds no error of its own: the
/// service's error is that of the inner service. A stream that breaks off is an error of the body, unless
/// the transform says it in the stream, as [`ReportErrors`](crate::ReportErrors) does.
///
/// Cloning is cheap.
pub struct StreamLayer<M> {
    make: Arc<M>,
    max_event_bytes: usize,
}

// === impl StreamLayer ===

impl<M> StreamLayer<M> {
    /// Asks `make` for the transform of each reply that is a stream.
    // The bound is here, against the custom, because closures that take references need it to be understood.
    pub fn new<T>(make: M) -> Self
    where
        M: Fn(&ReplyHead<'_>) -> Option<T>,
    {
        Self {
            make: Arc::new(make),
            max_event_bytes: DEFAULT_MAX_EVENT_BYTES,
        }
    }

    /// Sets the largest event to accept, as
    /// [`StreamBody::max_event_bytes`](crate::StreamBody::max_event_bytes) does.
    #[must_use]
    pub const fn max_event_bytes(mut self, limit: usize) -> Self {
        self.max_event_bytes = limit;
        self
    }
}

impl<S, M> Layer<S> for StreamLayer<M> {
    type Service = StreamService<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        StreamService::from_parts(inner, Arc::clone(&self.make), self.max_event_bytes)
    }
}

impl<M> Clone for StreamLayer<M> {
    fn clone(&self) -> Self {
        Self {
            make: Arc::clone(&self.make),
            max_event_bytes: self.max_event_bytes,
        }
    }
}

impl<M> fmt::Debug for StreamLayer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamLayer")
            .field("max_event_bytes", &self.max_event_bytes)
            .finish_non_exhaustive()
    }
}
