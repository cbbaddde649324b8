//! The bodies that go in and come back.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_stream::{BoxError, GatheredBody, Observation, Observe, ObserveBody, StreamBody};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::exchange::Open;
use crate::refusal::AuditError;
use crate::route::Route;
use crate::settings::Config;
use crate::tap::{Tap, Tapped, Written};

/// The body of a request that goes on: one that was read, or the client's own for a request that is not
/// recorded.
pub type AuditRequestBody<B> = GatheredBody<B>;

type Report = Box<dyn FnOnce(Observation) + Send>;

pin_project! {
    /// The body of a reply. It passes every byte as it came, and keeps the last ones back until the record
    /// of the request is written: a reply that its client has whole has its record.
    pub struct AuditBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Own { data: Option<Bytes> },
        // Large: in a place of its own, so that responses stay cheap to move.
        Recorded { body: Pin<Box<Recorded<B>>> },
    }
}

pin_project! {
    struct Recorded<B> {
        #[pin]
        reply: Reply<B>,
        ending: Ending,
    }
}

pin_project! {
    #[project = ReplyProj]
    enum Reply<B> {
        Plain { #[pin] body: ObserveBody<Tapped<B>, Report> },
        Stream { #[pin] body: StreamBody<Tapped<B>, Observe<Report>> },
    }
}

type Polled = Option<Result<Frame<Bytes>, BoxError>>;

/// The end of a reply that is recorded.
struct Ending {
    tap: Arc<Tap>,
    /// A reply without a record is broken off; none: it is not.
    block: Option<Arc<Config>>,
    waiting: Option<(Written, Polled)>,
    over: bool,
}

// === impl AuditBody ===

impl<B> AuditBody<B> {
    /// A reply that is not recorded, or whose record is written already.
    pub(crate) const fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    /// A reply of this layer's own, whose record is written already.
    pub(crate) const fn own(data: Bytes) -> Self {
        Self {
            kind: Kind::Own { data: Some(data) },
        }
    }

    /// A reply that is recorded when it is over.
    pub(crate) fn recorded(
        body: B,
        headers: &HeaderMap,
        stream: Option<Stream>,
        route: Route,
        open: Box<Open>,
    ) -> Self
    where
        B: Body,
    {
        let tap = Arc::clone(&open.tap);
        let ending = Ending {
            tap: Arc::clone(&tap),
            block: open.config.blocking(),
            waiting: None,
            over: false,
        };
        let limit = open.config.max_response_bytes;
        let clock = open.config.clock.instant;
        let report: Report = Box::new(move |seen| open.observed(seen));
        let observe = Observe::new(route.reply(), report)
            .keep_model(true)
            .clock(clock);
        let body = Tapped::new(body, tap);
        let reply = match stream {
            Some(Stream { choices }) => {
                let observe = observe.choices(choices).report_at_end_marker(true);
                Reply::Stream {
                    body: StreamBody::new(body, observe).max_event_bytes(limit),
                }
            }
            None => {
                let body = ObserveBody::new(body, observe).max_held_bytes(limit);
                let body = match content_length(headers) {
                    Some(length) => body.expected_bytes(length),
                    None => body,
                };
                Reply::Plain { body }
            }
        };
        Self {
            kind: Kind::Recorded {
                body: Box::pin(Recorded { reply, ending }),
            },
        }
    }
}

/// A reply whose events can be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) choices: usize,
}

/// The error is the inner body's own, boxed; a [`FrameError`](fw_stream::FrameError) for a stream with an
/// event that is too large; or an [`AuditError`].
impl<B> Body for AuditBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Polled> {
        match self.project().kind.project() {
            KindProj::Inner { body } => body.poll_frame(cx).map_err(Into::into),
            KindProj::Own { data } => Poll::Ready(take_frame(data)),
            KindProj::Recorded { body } => {
                let this = body.as_mut().project();
                this.ending.poll(cx, |cx| this.reply.poll_frame(cx))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Own { data } => length(data) == 0,
            Kind::Recorded { body } => {
                let ending = &body.ending;
                ending.over || (ending.waiting.is_none() && body.reply.is_end_stream())
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Own { data } => SizeHint::with_exact(length(data)),
            Kind::Recorded { body } => body.ending.size_hint(body.reply.size_hint()),
        }
    }
}

/// Never any text.
impl<B> fmt::Debug for AuditBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Inner { .. } => "AuditBody(inner)",
            Kind::Own { .. } => "AuditBody(own)",
            Kind::Recorded { .. } => "AuditBody(recorded)",
        })
    }
}

// === impl Reply ===

impl<B> Body for Reply<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Polled> {
        match self.project() {
            ReplyProj::Plain { body } => body.poll_frame(cx).map_err(Into::into),
            ReplyProj::Stream { body } => body.poll_frame(cx).map_err(|error| {
                // Not wrapped once more: who looks for the inner error finds it.
                error.into_body_error().unwrap_or_else(Into::into)
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Plain { body } => body.is_end_stream(),
            Self::Stream { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Plain { body } => body.size_hint(),
            Self::Stream { body } => body.size_hint(),
        }
    }
}

// === impl Ending ===

impl Ending {
    /// Gives what the reply gives. What came when the record was handed over has to wait until it is written.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reply: impl FnOnce(&mut Context<'_>) -> Poll<Polled>,
    ) -> Poll<Polled> {
        if self.over {
            return Poll::Ready(None);
        }
        if self.waiting.is_none() {
            let polled = ready!(self.tap.run(|| reply(cx)));
            match self.tap.take_written() {
                Some(written) => self.waiting = Some((written, polled)),
                None => return Poll::Ready(polled),
            }
        }
        let written = match &self.waiting {
            Some((written, _)) => ready!(written.poll(cx)),
            None => Ok(()),
        };
        let polled = self.waiting.take().and_then(|(_, polled)| polled);
        if written.is_err()
            && let Some(config) = &self.block
        {
            config.note_refused();
            self.over = true;
            return Poll::Ready(Some(Err(AuditError::new().into())));
        }
        Poll::Ready(polled)
    }

    /// What is kept back counts too.
    fn size_hint(&self, rest: SizeHint) -> SizeHint {
        let held = match &self.waiting {
            Some((_, Some(Ok(frame)))) => frame.data_ref().map_or(0, Bytes::len) as u64,
            _ => return rest,
        };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(held));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(held)) {
            hint.set_upper(upper);
        }
        hint
    }
}

/// Whether the events of a reply cannot be read.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn take_frame<E>(data: &mut Option<Bytes>) -> Option<Result<Frame<Bytes>, E>> {
    data.take()
        .filter(|data| !data.is_empty())
        .map(|data| Ok(Frame::data(data)))
}

fn length(data: &Option<Bytes>) -> u64 {
    data.as_ref().map_or(0, |data| data.len() as u64)
}
