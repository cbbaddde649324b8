//! What keeps a caller on one target.

use http::{HeaderMap, HeaderName};

use crate::sticky::sticky_key;

const USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// What tells callers apart, so that each stays on one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StickyBy {
    /// The header `x-user-id`; without it the body's `user`, or `metadata.user_id` on Messages.
    User,
    /// A header.
    Header(HeaderName),
}

impl StickyBy {
    /// The caller's key. `None` for a request that does not say who sends it.
    pub(crate) fn key(
        &self,
        headers: &HeaderMap,
        user: impl FnOnce() -> Option<String>,
    ) -> Option<u64> {
        let header = |name| headers.get(name).filter(|value| !value.is_empty());
        match self {
            Self::User => header(&USER_ID)
                .map(|value| sticky_key(value.as_bytes()))
                .or_else(|| {
                    Some(sticky_key(
                        user().filter(|user| !user.is_empty())?.as_bytes(),
                    ))
                }),
            Self::Header(name) => header(name).map(|value| sticky_key(value.as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_comes_before_the_body() {
        let mut headers = HeaderMap::new();
        let body = || Some("ann".to_owned());
        let by_body = StickyBy::User.key(&headers, body);
        assert_eq!(by_body, Some(sticky_key(b"ann")));
        headers.insert(USER_ID, "bob".parse().unwrap());
        assert_eq!(StickyBy::User.key(&headers, body), Some(sticky_key(b"bob")));
    }

    #[test]
    fn nobody_has_no_key() {
        let headers = HeaderMap::new();
        assert_eq!(StickyBy::User.key(&headers, || None), None);
        assert_eq!(StickyBy::User.key(&headers, || Some(String::new())), None);
        let team = StickyBy::Header(HeaderName::from_static("x-team"));
        assert_eq!(team.key(&headers, || Some("ann".to_owned())), None);
    }
}
