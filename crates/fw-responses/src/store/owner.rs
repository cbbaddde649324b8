//! Whose a response is.

use std::fmt;

use http::{HeaderMap, HeaderName, header::AUTHORIZATION, request::Parts};

/// Where SDKs put a key: OpenAI's and Anthropic's, OpenAI's for Azure, Google's.
const API_KEYS: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// What the hash is for, so that it is none that something else makes of the same key.
const CONTEXT: &str = "fw-responses 2026 owner of a stored response";

/// Whose a response is: no owner lists, reads, goes on from or deletes a response of another.
///
/// It is a BLAKE3 hash, so that no credential is kept.
///
/// ```
/// use fw_responses::Owner;
///
/// assert_eq!(Owner::new("fw_key"), Owner::new("fw_key"));
/// assert_ne!(Owner::new("fw_key"), Owner::new("fw_other"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner([u8; 32]);

// === impl Owner ===

impl Owner {
    /// An owner by something that only it has, or by its name.
    #[must_use]
    pub fn new(secret: impl AsRef<[u8]>) -> Self {
        Self(blake3::derive_key(CONTEXT, secret.as_ref()))
    }

    /// The owner of a request: the one in its extensions, else the key in `authorization`, else that in
    /// `x-api-key`, `api-key` or `x-goog-api-key`. The same key is the same owner in any header. Requests without
    /// any share one owner.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        if let Some(owner) = parts.extensions.get() {
            return *owner;
        }
        Self::new(credential(&parts.headers).unwrap_or_default())
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A hash of a weak key can be guessed back: it is not shown.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner")
    }
}

fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        let key = API_KEYS.iter().find_map(|name| headers.get(name));
        return key.map(|key| key.as_bytes().trim_ascii());
    };
    let value = value.as_bytes().trim_ascii();
    let bearer = value
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    Some(bearer.map_or(value, |scheme| value[scheme.len()..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn owner(headers: &[(&str, &str)]) -> Owner {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Owner::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_same_key_is_the_same_owner_in_either_header() {
        let key = Owner::new("k1");
        assert_eq!(owner(&[("authorization", "Bearer k1")]), key);
        assert_eq!(owner(&[("authorization", "bearer  k1 ")]), key);
        assert_eq!(owner(&[("x-api-key", "k1")]), key);
        let both = [("authorization", "Bearer k1"), ("x-api-key", "k2")];
        assert_eq!(owner(&both), key);
        assert_ne!(owner(&[("authorization", "Bearer k2")]), key);
        assert_ne!(owner(&[("authorization", "Basic k1")]), key);
    }

    #[test]
    fn keys_of_other_vendors_sdks_are_keys() {
        for name in ["api-key", "x-goog-api-key"] {
            assert_eq!(owner(&[(name, "k1")]), Owner::new("k1"), "{name}");
            let both = [("x-api-key", "k2"), (name, "k1")];
            assert_eq!(owner(&both), Owner::new("k2"), "{name}");
        }
    }

    #[test]
    fn who_sends_no_key_is_one_owner() {
        assert_eq!(owner(&[]), owner(&[("x-user-id", "u")]));
        assert_ne!(owner(&[]), owner(&[("x-api-key", "k")]));
    }

    #[test]
    fn an_owner_that_was_set_goes_before_the_key() {
        let request = Request::builder().header("x-api-key", "k1");
        let request = request.extension(Owner::new("team")).body(()).unwrap();
        assert_eq!(Owner::of(&request.into_parts().0), Owner::new("team"));
    }

    #[test]
    fn an_owner_shows_nothing() {
        assert_eq!(format!("{:?}", Owner::new("k")), "Owner");
    }
}
