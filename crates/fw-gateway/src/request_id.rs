//! Request ids: requests without one get one, and replies carry it back.
//!
//! tower-http has layers for this. They keep the id in the extensions of the request and of the reply as well,
//! which nobody here reads: two allocations and some 1,500 instructions, a fiftieth of a request.

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use http::{HeaderName, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// The header with the id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where Anthropic's SDKs look for the id.
const ANTHROPIC_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Gives each request an id.
#[derive(Clone, Debug)]
pub(crate) struct RequestIdLayer {
    ids: RequestIds,
}

/// Makes ids that are unique over processes and restarts: a random part drawn once at the start,
/// then a counter. They identify requests and protect nothing, so they need not be unguessable.
#[derive(Clone, Debug)]
struct RequestIds {
    process: u64,
    count: Arc<AtomicU64>,
}

/// The service of [`RequestIdLayer`].
#[derive(Clone, Debug)]
pub(crate) struct RequestIdService<S> {
    inner: S,
    ids: RequestIds,
}

pin_project! {
    /// The future of [`RequestIdService`].
    pub(crate) struct RequestIdFuture<F> {
        #[pin]
        inner: F,
        id: Option<HeaderValue>,
        is_message: bool,
    }
}

impl RequestIdLayer {
    pub(crate) fn new() -> Self {
        Self {
            ids: RequestIds::new(),
        }
    }
}

impl<S> Layer<S> for RequestIdLayer {
    type Service = RequestIdService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestIdService {
            inner,
            ids: self.ids.clone(),
        }
    }
}

impl RequestIds {
    fn new() -> Self {
        // The standard library's only source of randomness: a hasher seeded by the system.
        let process = RandomState::new().build_hasher().finish();
        Self {
            process,
            count: Arc::new(AtomicU64::new(0)),
        }
    }

    fn next(&self) -> Option<HeaderValue> {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut id = *b"req_0000000000000000000000000000";
        write_hex(&mut id[4..20], self.process);
        write_hex(&mut id[20..], count);
        HeaderValue::from_bytes(&id).ok()
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestIdService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RequestIdFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let mut id = request.headers().get(&REQUEST_ID).cloned();
        if id.is_none() {
            id = self.ids.next();
            if let Some(id) = &id {
                request.headers_mut().insert(REQUEST_ID, id.clone());
            }
        }
        let is_message = request.uri().path().ends_with("/messages");
        RequestIdFuture {
            inner: self.inner.call(request),
            id,
            is_message,
        }
    }
}

impl<F, B, E> Future for RequestIdFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(id) = this.id.take() {
            // The provider's own id is the one to ask it about.
            response.headers_mut().entry(REQUEST_ID).or_insert(id);
        }
        if *this.is_message
            && let Some(id) = response.headers().get(&REQUEST_ID).cloned()
        {
            response
                .headers_mut()
                .entry(ANTHROPIC_REQUEST_ID)
                .or_insert(id);
        }
        Poll::Ready(Ok(response))
    }
}

/// Writes `number` in hexadecimal, as many of its last digits as there is room for. Every request
/// without an id comes through here, and the formatting machinery takes eight times as long.
fn write_hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 0xf) as usize];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_would() {
        for number in [0, 1, 0xdead_beef, u64::MAX] {
            let mut digits = [0; 16];
            write_hex(&mut digits, number);
            assert_eq!(std::str::from_utf8(&digits), Ok(&*format!("{number:016x}")));
        }
    }

    #[test]
    fn ids_differ_within_a_process_and_between_processes() {
        let (one, other) = (RequestIds::new(), RequestIds::new());
        let mut ids: Vec<_> = (0..100)
            .flat_map(|_| [one.next().unwrap(), other.next().unwrap()])
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 200);
    }

    /// What the service under the layer is asked, and what its client is answered.
    async fn ids(asked: Option<&'static str>, answered: Option<&'static str>) -> (String, String) {
        let text = |headers: &http::HeaderMap| headers["x-request-id"].to_str().unwrap().to_owned();
        let with = |id: Option<&'static str>, headers: &mut http::HeaderMap| {
            if let Some(id) = id {
                headers.insert("x-request-id", HeaderValue::from_static(id));
            }
        };
        let service = tower::service_fn(move |request: Request<()>| {
            let seen = text(request.headers());
            let mut response = Response::new(seen);
            with(answered, response.headers_mut());
            std::future::ready(Ok::<_, std::convert::Infallible>(response))
        });
        let mut request = Request::new(());
        with(asked, request.headers_mut());
        let service = RequestIdLayer::new().layer(service);
        let response = tower::ServiceExt::oneshot(service, request).await.unwrap();
        let id = text(response.headers());
        (response.into_body(), id)
    }

    #[tokio::test]
    async fn a_request_without_an_id_gets_one_and_it_comes_back() {
        let (seen, returned) = ids(None, None).await;
        assert!(seen.starts_with("req_"));
        assert_eq!(seen, returned);
    }

    #[tokio::test]
    async fn an_id_that_is_there_stays() {
        let same = ("mine".to_owned(), "mine".to_owned());
        assert_eq!(ids(Some("mine"), None).await, same);
        let theirs = ("mine".to_owned(), "theirs".to_owned());
        assert_eq!(ids(Some("mine"), Some("theirs")).await, theirs);
    }
}
