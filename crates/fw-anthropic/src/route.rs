//! Which requests the layer converts.

use fw_wire::Endpoint;
use http::{Method, Uri, uri::PathAndQuery};

/// What a request is, as far as this layer cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST …/messages`: a message to create.
    Messages,
    /// `POST …/messages/count_tokens`: answered here.
    CountTokens,
    /// Anything else passes untouched.
    Other,
}

// === impl Route ===

impl Route {
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        if *method != Method::POST {
            return Self::Other;
        }
        let is_messages = |path| Endpoint::from_path(path) == Some(Endpoint::Messages);
        if is_messages(path) {
            return Self::Messages;
        }
        match without_slash(path).strip_suffix("/count_tokens") {
            Some(parent) if !parent.ends_with('/') && is_messages(parent) => Self::CountTokens,
            _ => Self::Other,
        }
    }
}

/// Where a chat request goes: the same prefix, without the query, which only Anthropic's clients
/// send (`?beta=true`).
pub(crate) fn chat_uri(uri: &Uri) -> Option<Uri> {
    let prefix = without_slash(uri.path()).strip_suffix("/messages")?;
    let path = format!("{prefix}/chat/completions");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_known_under_any_prefix() {
        for (method, path, route) in [
            (Method::POST, "/v1/messages", Route::Messages),
            (Method::POST, "/anthropic/v1/messages/", Route::Messages),
            (Method::POST, "/messages", Route::Messages),
            (
                Method::POST,
                "/v1/messages/count_tokens",
                Route::CountTokens,
            ),
            (
                Method::POST,
                "/a/messages/count_tokens/",
                Route::CountTokens,
            ),
            (Method::GET, "/v1/messages", Route::Other),
            (Method::GET, "/v1/messages/count_tokens", Route::Other),
            (Method::POST, "/v1/messages//count_tokens", Route::Other),
            (Method::POST, "/v1/messages/batches", Route::Other),
            (Method::POST, "/v1/threads/t_1/messages", Route::Other),
            (
                Method::POST,
                "/v1/threads/t_1/messages/count_tokens",
                Route::Other,
            ),
            (Method::POST, "/v1/chat/completions", Route::Other),
            (Method::POST, "/", Route::Other),
        ] {
            assert_eq!(Route::of(&method, path), route, "{method} {path}");
        }
    }

    #[test]
    fn a_chat_goes_to_the_same_prefix() {
        for (from, to) in [
            ("/v1/messages", "/v1/chat/completions"),
            (
                "/anthropic/v1/messages/?beta=true",
                "/anthropic/v1/chat/completions",
            ),
            ("/messages", "/chat/completions"),
            (
                "https://up.example:8443/v1/messages?a=b",
                "https://up.example:8443/v1/chat/completions",
            ),
        ] {
            let uri = chat_uri(&from.parse().unwrap()).unwrap();
            assert_eq!(uri.to_string(), to);
        }
    }
}
