//! The body of every reply.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::faults::FaultKind;
use crate::state::{InFlight, Outcome};
use crate::stream::{Played, Player};

/// What the replies of one connection may ask of it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    reset: AtomicBool,
}

pin_project! {
    /// A reply's body: whole, broken off half-way, or a stream of events.
    pub(crate) struct SimBody {
        #[pin]
        kind: Kind,
        guard: Option<InFlight>,
        connection: Option<Arc<Connection>>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind {
        Full { bytes: Option<Bytes> },
        // The first half of a body, then the end that the fault asks for.
        Broken { half: Option<Bytes>, yields: u8, fault: FaultKind },
        Stream { #[pin] player: Player },
    }
}

// === impl Connection ===

impl Connection {
    /// Makes the coming close a reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }
}

// === impl SimBody ===

impl SimBody {
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::new(Kind::Full {
            bytes: Some(bytes.into()).filter(|b| !b.is_empty()),
        })
    }

    pub(crate) fn broken(half: Option<Bytes>, fault: FaultKind) -> Self {
        Self::new(Kind::Broken {
            half,
            yields: 1,
            fault,
        })
    }

    pub(crate) fn stream(player: Player) -> Self {
        Self::new(Kind::Stream { player })
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            guard: None,
            connection: None,
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.kind, Kind::Stream { .. })
    }

    /// Keeps the request in flight until the body ends or is dropped.
    pub(crate) fn guard(&mut self, mut guard: InFlight, connection: Arc<Connection>) {
        if matches!(self.kind, Kind::Full { bytes: None }) {
            guard.ended(Outcome::Completed);
            return;
        }
        self.guard = Some(guard);
        self.connection = Some(connection);
    }
}

impl Body for SimBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.project();
        let guard = this.guard;
        let fault = match this.kind.project() {
            KindProj::Full { bytes } => {
                end(guard, Outcome::Completed);
                return Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b))));
            }
            KindProj::Broken {
                half,
                yields,
                fault,
            } => {
                if let Some(half) = half.take() {
                    return Poll::Ready(Some(Ok(Frame::data(half))));
                }
                if *fault == FaultKind::HangMidBody {
                    return Poll::Pending;
                }
                if *yields > 0 {
                    // Lets hyper flush the head and the half first.
                    *yields -= 1;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                *fault
            }
            KindProj::Stream { player } => match ready!(player.poll_play(cx)) {
                Played::Event(bytes) => {
                    if let Some(guard) = guard {
                        guard.count_event();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Played::End => {
                    end(guard, Outcome::Completed);
                    return Poll::Ready(None);
                }
                Played::Break(fault) => fault,
            },
        };
        end(guard, Outcome::Broken);
        if matches!(fault, FaultKind::ResetMidBody | FaultKind::ResetAfterHead)
            && let Some(connection) = this.connection
        {
            connection.reset();
        }
        Poll::Ready(Some(Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "broken off by a fault",
        ))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.kind, Kind::Full { bytes: None })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Full { bytes } => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            _ => SizeHint::default(),
        }
    }
}

/// Drops the guard, so that the end counts at once.
fn end(guard: &mut Option<InFlight>, outcome: Outcome) {
    if let Some(mut guard) = guard.take() {
        guard.ended(outcome);
    }
}
