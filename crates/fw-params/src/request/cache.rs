//! Prompt cache keys and session affinity.

use http::HeaderValue;

use crate::config::PromptCacheKey;

use super::{fields::Request, rule::Slot};

/// Longest affinity value that is sent. It only has to tell sessions apart.
const MAX_AFFINITY: usize = 256;

/// `prompt_cache_key` on chat and text completions.
pub(crate) fn convert(request: &mut Request<'_, '_>) {
    let Some(key) = request.slot(Slot::PromptCacheKey) else {
        return;
    };
    if request.config().prompt_cache_key == PromptCacheKey::Native {
        return;
    }
    if let Some(text) = key.value.as_str() {
        request.affinity = affinity(&text);
    }
    if request.slot(Slot::IsolationKey).is_some() {
        request.edits.remove(key.span, Slot::PromptCacheKey.name());
    } else {
        let (from, to) = (Slot::PromptCacheKey.name(), Slot::IsolationKey.name());
        request.edits.rename(key.span, to, from);
    }
}

/// `safety_identifier` stands in for `user`, by which Fireworks routes when there is no cache key.
pub(crate) fn convert_user(request: &mut Request<'_, '_>) {
    let Some(identifier) = request.slot(Slot::SafetyIdentifier) else {
        return;
    };
    let name = Slot::SafetyIdentifier.name();
    if request.slot(Slot::User).is_none() {
        request
            .edits
            .rename(identifier.span, Slot::User.name(), name);
    } else {
        request.edits.remove(identifier.span, name);
    }
}

/// A text as a header value: what a header cannot hold is percent-encoded, so that different keys
/// stay different.
pub(super) fn affinity(text: &str) -> Option<HeaderValue> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut value = String::new();
    for byte in text.bytes().take(MAX_AFFINITY) {
        if byte.is_ascii_graphic() && byte != b'%' {
            value.push(char::from(byte));
        } else {
            value.push('%');
            value.push(char::from(HEX[usize::from(byte >> 4)]));
            value.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    value.truncate(MAX_AFFINITY);
    let mut value = HeaderValue::try_from(value).ok()?;
    // It may be the name of a customer: keep it out of debug output.
    value.set_sensitive(true);
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_key_makes_a_short_clean_header() {
        let text = |key: &str| affinity(key).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            text("tenant-7/session:9").as_deref(),
            Some("tenant-7/session:9")
        );
        assert_eq!(text("a b\r\nc%é").as_deref(), Some("a%20b%0D%0Ac%25%C3%A9"));
        assert_eq!(text(""), None);
        assert_eq!(
            text(&"é".repeat(10_000)).map(|text| text.len()),
            Some(MAX_AFFINITY)
        );
    }
}
