use std::fmt;
use std::sync::Arc;

use crate::LiteralKey;

/// An API key.
///
/// It has no `Display`, and its `Debug` shows nothing of it, not even its
/// length. Nothing outside this crate can read it back.
///
/// ```
/// use fw_provider::Secret;
///
/// assert_eq!(format!("{:?}", Secret::new("fw_123")), "Secret(***)");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a key. White space around it, such as the line end of a file, is
    /// not part of it.
    #[must_use]
    pub fn new(key: impl AsRef<str>) -> Self {
        Self(key.as_ref().trim().into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(key: String) -> Self {
        Self::new(key)
    }
}

impl From<&str> for Secret {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl From<&LiteralKey> for Secret {
    fn from(key: &LiteralKey) -> Self {
        Self::new(key.expose())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_key_is_dropped() {
        assert_eq!(Secret::new(" fw_1\r\n").reveal(), "fw_1");
    }
}
