//! The text of requests after redaction, for audit records that ask for it.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_policy::PolicyRequestBody;
use http::Request;
use tower_service::Service;

/// Longest text that a record keeps, in bytes: a line of the log has an end, and there text may take twice as much.
const MAX_TEXT: usize = 16 << 20;

/// Where the body of a request is put when it has passed the policies. In the request's extensions, if
/// somebody wants it.
#[derive(Clone, Debug, Default)]
pub(crate) struct CapturedBody {
    slot: Arc<OnceLock<Bytes>>,
}

/// Stands between the policies and the router.
#[derive(Clone, Debug)]
pub(crate) struct Capture<S> {
    inner: S,
}

// === impl CapturedBody ===

impl CapturedBody {
    pub(crate) fn put(&self, body: Bytes) {
        // A request passes the policies once.
        let _ = self.slot.set(body);
    }

    /// The body, if it went on and is text, and not too long for a record.
    pub(crate) fn text(&self) -> Option<String> {
        let body = self.slot.get().filter(|body| body.len() <= MAX_TEXT)?;
        std::str::from_utf8(body).ok().map(str::to_owned)
    }
}

// === impl Capture ===

impl<S> Capture<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<PolicyRequestBody<B>>> for Capture<S>
where
    S: Service<Request<PolicyRequestBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<PolicyRequestBody<B>>) -> S::Future {
        if let Some(captured) = request.extensions().get::<CapturedBody>()
            && let Some(body) = request.body().as_bytes()
        {
            captured.put(body.clone());
        }
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_no_record_can_hold_is_not_kept() {
        for (length, kept) in [(MAX_TEXT, true), (MAX_TEXT + 1, false)] {
            let body = CapturedBody::default();
            body.put(vec![b' '; length].into());
            assert_eq!(body.text().is_some(), kept, "{length}");
        }
    }
}
