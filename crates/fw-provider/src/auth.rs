//! The header that carries a key.

use http::header::{HeaderName, HeaderValue};

use crate::{ConfigError, ProviderConfig, Secret};

/// The name of a target's key header, and what stands in it before the key.
#[derive(Clone, Debug)]
pub(crate) struct KeyHeader {
    name: HeaderName,
    prefix: String,
}

impl KeyHeader {
    pub(crate) fn new(config: &ProviderConfig) -> Result<Self, ConfigError> {
        let known = config.known();
        let name = config.key_header.as_deref().unwrap_or(known.key_header);
        let prefix = config.key_prefix.as_deref().unwrap_or(known.key_prefix);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            config.error(
                "api_key_header",
                "is not a header name; use letters, digits and `-`",
            )
        })?;
        if HeaderValue::from_str(prefix).is_err() {
            return Err(config.error(
                "api_key_prefix",
                "has a character that an HTTP header cannot carry",
            ));
        }
        Ok(Self {
            name,
            prefix: prefix.to_owned(),
        })
    }

    /// The header with `key`, ready to be sent. `target` is named in errors.
    pub(crate) fn with(
        &self,
        key: &Secret,
        target: &str,
    ) -> Result<(HeaderName, HeaderValue), ConfigError> {
        let key = key.reveal();
        if key.is_empty() {
            return Err(ConfigError::new(target, "api_key", "is empty"));
        }
        // Says where, not what: the key must not appear in a message.
        if let Some(at) = key.bytes().position(|byte| !matches!(byte, b' '..=b'~')) {
            let message = format!(
                "has a character that an HTTP header cannot carry, at byte {} of its {}; \
                 look for a line end or a quotation mark from a word processor",
                at + 1,
                key.len()
            );
            return Err(ConfigError::new(target, "api_key", message));
        }
        let mut value = HeaderValue::try_from(format!("{}{key}", self.prefix))
            .map_err(|_| ConfigError::new(target, "api_key", "cannot be sent in an HTTP header"))?;
        // Keeps it out of `Debug` and of HTTP/2's table of repeated headers
        // (RFC 7541 section 7.1.3).
        value.set_sensitive(true);
        Ok((self.name.clone(), value))
    }
}
