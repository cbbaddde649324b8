//! A target's stack: APIs that it does not speak are converted, then parameters, then the request is sent.

mod body;
mod conversions;
mod future;
mod whole;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_params::{ParamsRequestBody, ParamsService};
use fw_provider::{Provider, ProviderError};
use fw_responses::NotKept;
use fw_routing::MirrorCopy;
use http::{Request, Response};
use http_body_util::Full;
use tower_service::Service;

use self::body::UpstreamBody;
pub(super) use self::conversions::Conversions;
use self::conversions::ConvertedWays;
use self::future::UpstreamFuture;

/// A provider's client; a router keeps requests whole, so that it can send them again.
pub(super) type Client = Provider<ParamsRequestBody<Full<Bytes>>>;

/// Parameters converted for the provider, then sent to it.
pub(super) type Direct = ParamsService<Client>;

/// One target.
///
/// Requests that need no other conversion, all of chat completions among them, take the direct way whatever
/// else the target has: there is no box on it.
#[derive(Clone)]
pub(crate) struct Upstream {
    direct: Direct,
    // Shared: every attempt clones the service.
    converted: Option<Arc<ConvertedWays>>,
}

// === impl Upstream ===

impl Upstream {
    pub(super) fn new(direct: Direct, conversions: &Conversions) -> Self {
        Self {
            converted: conversions.before(&direct).map(Arc::new),
            direct,
        }
    }
}

impl Service<Request<Full<Bytes>>> for Upstream {
    type Response = Response<UpstreamBody>;
    type Error = ProviderError;
    type Future = UpstreamFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ProviderError>> {
        // The future of a converted request waits for its own way.
        self.direct.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Full<Bytes>>) -> UpstreamFuture {
        let way = self.converted.as_ref().and_then(|ways| ways.of(&request));
        match way {
            Some(way) => {
                if request.extensions().get::<MirrorCopy>().is_some() {
                    request.extensions_mut().insert(NotKept);
                }
                UpstreamFuture::converted(way.clone(), request)
            }
            None => UpstreamFuture::direct(self.direct.call(request)),
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("converted", &self.converted)
            .finish_non_exhaustive()
    }
}
