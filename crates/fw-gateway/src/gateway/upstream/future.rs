//! The future of a target.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_provider::ProviderError;
use http::{Request, Response};
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower::util::{Oneshot, ServiceExt as _};
use tower_service::Service;

use super::Direct;
use super::body::UpstreamBody;
use super::conversions::Converted;

type DirectFuture = <Direct as Service<Request<Full<Bytes>>>>::Future;

pin_project! {
    /// Resolves to a target's reply.
    pub(crate) struct UpstreamFuture {
        #[pin]
        way: Way,
    }
}

pin_project! {
    #[project = WayProjection]
    enum Way {
        Direct { #[pin] future: DirectFuture },
        Converted { #[pin] future: Oneshot<Converted, Request<Full<Bytes>>> },
    }
}

// === impl UpstreamFuture ===

impl UpstreamFuture {
    pub(super) const fn direct(future: DirectFuture) -> Self {
        Self {
            way: Way::Direct { future },
        }
    }

    pub(super) fn converted(way: Converted, request: Request<Full<Bytes>>) -> Self {
        let future = way.oneshot(request);
        Self {
            way: Way::Converted { future },
        }
    }
}

impl Future for UpstreamFuture {
    type Output = Result<Response<UpstreamBody>, ProviderError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().way.project() {
            WayProjection::Direct { future } => {
                ready!(future.poll(cx)).map(|response| response.map(UpstreamBody::direct))
            }
            WayProjection::Converted { future } => {
                ready!(future.poll(cx)).map(|response| response.map(UpstreamBody::converted))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use fw_params::ParamsBody;
    use fw_provider::ProviderBody;

    use super::*;

    #[test]
    fn the_direct_way_is_no_larger_for_the_other() {
        let word = size_of::<usize>();
        assert!(size_of::<UpstreamFuture>() <= size_of::<DirectFuture>() + word);
        assert!(size_of::<UpstreamBody>() <= size_of::<ParamsBody<ProviderBody>>() + word);
    }
}
