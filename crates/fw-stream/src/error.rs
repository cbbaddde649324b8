//! What can go wrong with a stream.

use std::error::Error;
use std::fmt;

/// Any error that can cross a thread, as hyper and axum pass body errors around.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// An event outgrew the limit of the [`Framer`](crate::Framer).
///
/// The framer does not go on after it: what follows could not be told apart from the rest of the
/// event that was too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    limit: usize,
}

impl FrameError {
    pub(crate) const fn too_large(limit: usize) -> Self {
        Self { limit }
    }

    /// The largest event the framer was told to accept, in bytes.
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a server-sent event is larger than {} bytes; raise the event limit if the upstream is right to send it",
            self.limit
        )
    }
}

impl Error for FrameError {}

/// The error of a [`StreamBody`](crate::StreamBody): the inner body failed, or an event was too large.
///
/// The text of an error is for people. Use [`is_body`](Self::is_body), [`frame`](Self::frame) and
/// [`source`](Error::source) to tell errors apart.
#[derive(Debug)]
pub struct StreamError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Body(BoxError),
    Frame(FrameError),
}

impl StreamError {
    pub(crate) fn body(error: impl Into<BoxError>) -> Self {
        Self {
            kind: Kind::Body(error.into()),
        }
    }

    /// Whether the inner body failed.
    pub const fn is_body(&self) -> bool {
        matches!(self.kind, Kind::Body(_))
    }

    /// The framing error, if that is what ended the stream.
    pub const fn frame(&self) -> Option<&FrameError> {
        match &self.kind {
            Kind::Frame(error) => Some(error),
            Kind::Body(_) => None,
        }
    }

    /// The inner body's error, if that is what ended the stream.
    pub fn into_body_error(self) -> Result<BoxError, Self> {
        match self.kind {
            Kind::Body(error) => Ok(error),
            kind @ Kind::Frame(_) => Err(Self { kind }),
        }
    }

    pub(crate) fn as_dyn(&self) -> &(dyn Error + 'static) {
        match &self.kind {
            Kind::Body(error) => &**error,
            Kind::Frame(error) => error,
        }
    }
}

impl From<FrameError> for StreamError {
    fn from(error: FrameError) -> Self {
        Self {
            kind: Kind::Frame(error),
        }
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Body(_) => "the upstream body failed before the stream was over",
            Kind::Frame(_) => "the stream holds an event that is too large",
        })
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.as_dyn())
    }
}
