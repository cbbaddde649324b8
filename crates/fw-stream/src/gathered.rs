//! A body that was read before it goes on.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body that was read whole, or in part, or not at all: what a layer sends on that may have to look at a body
    /// before.
    ///
    /// [`Collected`](crate::Collected) reads one. `Debug` says how much is in memory, and never what.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use fw_stream::GatheredBody;
    /// use http_body::Body;
    ///
    /// let body: GatheredBody<http_body_util::Empty<Bytes>> = GatheredBody::full(Bytes::from_static(b"hello"));
    /// assert_eq!(body.size_hint().exact(), Some(5));
    /// assert_eq!(format!("{body:?}"), "GatheredBody(5 bytes)");
    /// ```
    pub struct GatheredBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Full { data: Option<Bytes> },
        // Boxed: it is rare, and bodies move with every request.
        Rest { data: Option<Bytes>, body: Pin<Box<B>> },
    }
}

// === impl GatheredBody ===

impl<B> GatheredBody<B> {
    /// A body that was not read.
    pub const fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    /// A body of which everything is here: the bytes that were read, or others in their place.
    pub const fn full(data: Bytes) -> Self {
        Self {
            kind: Kind::Full { data: Some(data) },
        }
    }

    /// What was read of a body before it turned out to be too much, and the rest.
    pub const fn rest(data: Bytes, body: Pin<Box<B>>) -> Self {
        Self {
            kind: Kind::Rest {
                data: Some(data),
                body,
            },
        }
    }

    /// The whole body, if it is in memory and was not sent yet.
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Full { data } => data.as_ref(),
            Kind::Inner { .. } | Kind::Rest { .. } => None,
        }
    }

    /// For the `Debug` of a body around this one.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Inner { .. } => write!(f, "{name}(inner)"),
            Kind::Full { data } => write!(f, "{name}({} bytes)", length(data.as_ref())),
            Kind::Rest { data, .. } => {
                write!(f, "{name}({} bytes and the rest)", length(data.as_ref()))
            }
        }
    }
}

impl<B: Body<Data = Bytes>> Body for GatheredBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProj::Inner { body } => body.poll_frame(cx),
            KindProj::Full { data } => Poll::Ready(take_frame(data)),
            KindProj::Rest { data, body } => match take_frame(data) {
                Some(frame) => Poll::Ready(Some(frame)),
                None => body.as_mut().poll_frame(cx),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Full { data } => length(data.as_ref()) == 0,
            Kind::Rest { data, body } => length(data.as_ref()) == 0 && body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Full { data } => SizeHint::with_exact(length(data.as_ref())),
            Kind::Rest { data, body } => {
                let (read, rest) = (length(data.as_ref()), body.size_hint());
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower().saturating_add(read));
                if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
                    hint.set_upper(upper);
                }
                hint
            }
        }
    }
}

impl<B> fmt::Debug for GatheredBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("GatheredBody", f)
    }
}

fn take_frame<E>(data: &mut Option<Bytes>) -> Option<Result<Frame<Bytes>, E>> {
    data.take()
        .filter(|data| !data.is_empty())
        .map(|data| Ok(Frame::data(data)))
}

fn length(data: Option<&Bytes>) -> u64 {
    data.map_or(0, |data| data.len() as u64)
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use tokio_test::block_on;

    use super::*;

    #[test]
    fn what_was_read_comes_before_the_rest() {
        let rest = Box::pin(Full::new(Bytes::from_static(b"world")));
        let body = GatheredBody::rest(Bytes::from_static(b"hello "), rest);
        assert_eq!(body.size_hint().exact(), Some(11));
        assert!(body.as_bytes().is_none());
        assert_eq!(format!("{body:?}"), "GatheredBody(6 bytes and the rest)");
        let whole = block_on(body.collect()).unwrap().to_bytes();
        assert_eq!(whole, "hello world");
    }

    #[test]
    fn nothing_is_no_frame() {
        let mut body: GatheredBody<Full<Bytes>> = GatheredBody::full(Bytes::new());
        assert!(body.is_end_stream());
        assert!(block_on(body.frame()).is_none());
    }
}
