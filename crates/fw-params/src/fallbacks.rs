//! `fallbacks`, the models that a request names for a router to fall back to.
//!
//! This crate walks over a body's members anyway, so a router before it need not search each body for one that hardly
//! any has. With [`return_fallbacks`](crate::ParamsLayer::return_fallbacks) a request that has it comes back unsent: a
//! 400 with [`UnreadFallbacks`] among its extensions. The router reads the list, and sends the request again with
//! [`FallbacksRead`] among its own.

use std::fmt;

use http::request;

/// The member. No provider knows it.
pub(crate) const FALLBACKS: &str = "fallbacks";

/// The code of the error that a request comes back with.
pub(crate) const UNREAD: &str = "unread_fallbacks";

/// Among the extensions of a request: whoever sends it has read its `fallbacks`.
#[derive(Clone, Copy, Debug)]
pub struct FallbacksRead;

/// Among the extensions of a reply: nothing was sent, because nobody has read the request's `fallbacks`. It has the
/// head of the request, to be sent again; the body is the caller's.
#[derive(Clone)]
pub struct UnreadFallbacks(Box<request::Parts>);

// === impl UnreadFallbacks ===

impl UnreadFallbacks {
    pub(crate) fn new(parts: request::Parts) -> Self {
        Self(Box::new(parts))
    }

    /// The head of the request.
    #[must_use]
    pub fn into_parts(self) -> request::Parts {
        *self.0
    }
}

/// Headers may hold secrets.
impl fmt::Debug for UnreadFallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadFallbacks").finish_non_exhaustive()
    }
}
