//! The body of a target's reply.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_params::ParamsBody;
use fw_provider::ProviderBody;
use fw_stream::BoxError;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::conversions::ConvertedBody;

pin_project! {
    /// A reply as the provider's parameters have it, or a converted one.
    pub(crate) struct UpstreamBody {
        #[pin]
        way: Way,
    }
}

pin_project! {
    #[project = WayProjection]
    enum Way {
        Direct { #[pin] body: ParamsBody<ProviderBody> },
        Converted { #[pin] body: ConvertedBody },
    }
}

// === impl UpstreamBody ===

impl UpstreamBody {
    pub(super) const fn direct(body: ParamsBody<ProviderBody>) -> Self {
        Self {
            way: Way::Direct { body },
        }
    }

    pub(super) const fn converted(body: ConvertedBody) -> Self {
        Self {
            way: Way::Converted { body },
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().way.project() {
            WayProjection::Direct { body } => body.poll_frame(cx),
            WayProjection::Converted { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.way {
            Way::Direct { body } => body.is_end_stream(),
            Way::Converted { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.way {
            Way::Direct { body } => body.size_hint(),
            Way::Converted { body } => body.size_hint(),
        }
    }
}
