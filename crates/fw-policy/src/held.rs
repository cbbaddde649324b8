//! A body while it is read, which may have to go on unread.

use std::pin::Pin;

use pin_project_lite::pin_project;

pin_project! {
    /// A body while it is read.
    ///
    /// A body that is polled cannot be moved, so one that may have to be handed on after all is boxed.
    #[project = HeldProj]
    pub(crate) enum Held<B> {
        Here { #[pin] body: B },
        Boxed { body: Option<Pin<Box<B>>> },
    }
}

// === impl Held ===

impl<B> Held<B> {
    pub(crate) fn new(body: B, may_go_on: bool) -> Self {
        if may_go_on {
            Self::Boxed {
                body: Some(Box::pin(body)),
            }
        } else {
            Self::Here { body }
        }
    }

    /// The body, to be polled. `None` after it was taken.
    pub(crate) fn body(self: Pin<&mut Self>) -> Option<Pin<&mut B>> {
        match self.project() {
            HeldProj::Here { body } => Some(body),
            HeldProj::Boxed { body } => body.as_mut().map(Pin::as_mut),
        }
    }

    /// The body, to be handed on. `None` if that was not planned.
    pub(crate) fn take(self: Pin<&mut Self>) -> Option<Pin<Box<B>>> {
        match self.project() {
            HeldProj::Here { .. } => None,
            HeldProj::Boxed { body } => body.take(),
        }
    }
}
