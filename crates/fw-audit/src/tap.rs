//! What the reply's body and the record of its request share.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::digest::TextDigest;
use crate::error::Failed;
use crate::ticket::Ticket;

/// What the reply's body and the record of its request share.
pub(crate) struct Tap {
    /// Something of the request is being polled: who drops it now panics.
    running: AtomicBool,
    /// The record was handed over.
    handed_over: AtomicBool,
    shared: Mutex<Shared>,
}

struct Shared {
    digest: Option<TextDigest>,
    written: Option<Written>,
}

/// A record on its way to the log.
pub(crate) struct Written {
    ticket: Ticket,
    synced: bool,
}

pin_project! {
    /// A body whose bytes go into the digest of the reply, as they come.
    pub(crate) struct Tapped<B> {
        #[pin]
        inner: B,
        tap: Arc<Tap>,
    }
}

// === impl Tap ===

impl Tap {
    pub(crate) fn new(digest: TextDigest) -> Self {
        Self {
            running: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
            shared: Mutex::new(Shared {
                digest: Some(digest),
                written: None,
            }),
        }
    }

    /// Polls something of the request.
    pub(crate) fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.running.store(true, Ordering::Relaxed);
        let polled = poll();
        // Not reached by a panic: that is how it is told.
        self.running.store(false, Ordering::Relaxed);
        polled
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// The digest of the reply so far. Of what comes later there is none.
    pub(crate) fn end_digest(&self) -> Option<String> {
        let digest = self.lock().digest.take();
        digest.map(TextDigest::finish)
    }

    pub(crate) fn set_written(&self, written: Written) {
        self.lock().written = Some(written);
        self.handed_over.store(true, Ordering::Release);
    }

    /// The record, when it has been handed over, once.
    pub(crate) fn take_written(&self) -> Option<Written> {
        // Asked after each frame.
        if !self.handed_over.load(Ordering::Acquire) {
            return None;
        }
        self.lock().written.take()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Written ===

impl Written {
    pub(crate) const fn new(ticket: Ticket, synced: bool) -> Self {
        Self { ticket, synced }
    }

    /// Whether the record is where it has to be: handed to the system, or on the disk.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        if self.synced {
            self.ticket.poll_synced(cx)
        } else {
            self.ticket.poll_written(cx)
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written")
            .field("synced", &self.synced)
            .finish_non_exhaustive()
    }
}

// === impl Tapped ===

impl<B> Tapped<B> {
    pub(crate) const fn new(inner: B, tap: Arc<Tap>) -> Self {
        Self { inner, tap }
    }
}

impl<B: Body<Data = Bytes>> Body for Tapped<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && let Some(digest) = &mut this.tap.lock().digest
        {
            digest.update(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
