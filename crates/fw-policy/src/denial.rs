//! Why something must not pass, in words for the client.

use std::borrow::Cow;

/// Why something must not pass, in words for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    message: Cow<'static, str>,
}

impl Denial {
    /// A denial with this message. It never holds any of the text that was refused.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }
}
