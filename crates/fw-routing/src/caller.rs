//! What keeps a caller on one target.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::sticky::sticky_key;

/// Fireworks' names for a session, the one that wins first.
const SESSION: [HeaderName; 2] = [
    HeaderName::from_static("x-multi-turn-session-id"),
    HeaderName::from_static("x-session-affinity"),
];

const USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// What tells callers apart, so that each stays on one variant.
///
/// A request that does not have it goes by its session, if it names one: `x-multi-turn-session-id`, else
/// `x-session-affinity`.
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

/// What a request's headers say of its session.
pub(crate) fn session_key(headers: &HeaderMap) -> Option<u64> {
    let sessions = SESSION.map(|name| headers.get(name).map(HeaderValue::as_bytes));
    let mut sessions = sessions.into_iter().flatten();
    sessions.find(|session| !session.is_empty()).map(sticky_key)
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
    fn a_session_is_known_by_either_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(session_key(&headers), None);
        headers.insert("x-multi-turn-session-id", HeaderValue::from_static(""));
        assert_eq!(session_key(&headers), None);
        headers.insert("x-session-affinity", HeaderValue::from_static("s"));
        assert_eq!(session_key(&headers), Some(sticky_key(b"s")));
        headers.insert("x-multi-turn-session-id", HeaderValue::from_static("t"));
        assert_eq!(session_key(&headers), Some(sticky_key(b"t")));
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
