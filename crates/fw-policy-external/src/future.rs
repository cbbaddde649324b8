//! The future of a request: it passes, or somebody is asked about it first.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body_util::Either;
use pin_project_lite::pin_project;

use crate::service::ExternalResponseBody;

/// Asking is rare and slow beside a few allocations: it has no type of its own.
type Asking<B, E> =
    Pin<Box<dyn Future<Output = Result<Response<ExternalResponseBody<B>>, E>> + Send>>;

pin_project! {
    /// The future of [`ExternalService`](crate::ExternalService). `F` is that of the inner service.
    pub struct ExternalFuture<F, B, E> {
        #[pin]
        state: State<F, B, E>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B, E> {
        Pass { #[pin] inner: F },
        Ask { asking: Asking<B, E> },
    }
}

impl<F, B, E> ExternalFuture<F, B, E> {
    pub(crate) const fn pass(inner: F) -> Self {
        Self {
            state: State::Pass { inner },
        }
    }

    pub(crate) fn ask(asking: Asking<B, E>) -> Self {
        Self {
            state: State::Ask { asking },
        }
    }
}

impl<F, B, E> Future for ExternalFuture<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ExternalResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Pass { inner } => {
                inner.poll(cx).map_ok(|response| response.map(Either::Left))
            }
            StateProj::Ask { asking } => asking.as_mut().poll(cx),
        }
    }
}

impl<F, B, E> fmt::Debug for ExternalFuture<F, B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalFuture").finish_non_exhaustive()
    }
}
