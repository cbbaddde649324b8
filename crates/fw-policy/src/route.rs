//! Which requests carry text to a model, and which replies carry text back.

use std::borrow::Cow;

use fw_wire::Endpoint;
use http::{Method, Request};

/// What a request is, as far as this layer cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A body with text for a model. Its reply has text as well.
    Create(Endpoint),
    /// Only the reply has text.
    Read(Reply),
    /// Anything else passes untouched.
    Other,
}

/// What a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) endpoint: Endpoint,
    /// The reply is none that the rules of the endpoint know, so every string in it is text.
    pub(crate) unknown: bool,
}

// === impl Route ===

impl Route {
    /// An [`Endpoint`] in the request's extensions says what the request is; otherwise its path does.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let method = request.method();
        if let Some(&endpoint) = request.extensions().get::<Endpoint>() {
            return match *method {
                Method::HEAD | Method::OPTIONS => Self::Other,
                Method::GET | Method::DELETE => Self::Read(Reply::of(endpoint)),
                _ => Self::Create(endpoint),
            };
        }
        Self::find(method, request.uri().path())
    }

    fn find(method: &Method, path: &str) -> Self {
        let path = normal(path);
        let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
        let last = segments.next().unwrap_or_default();
        let parent = segments.next().unwrap_or_default();
        match *method {
            Method::HEAD | Method::OPTIONS => Self::Other,
            Method::GET | Method::DELETE => match (parent, last) {
                (_, "responses") | ("responses", _) => Self::Read(Reply::of(Endpoint::Responses)),
                // OpenAI's list of what a response was asked: items at the top.
                (_, "input_items") => Self::Read(Reply::unknown(Endpoint::Responses)),
                _ => Self::Other,
            },
            _ => match (parent, last) {
                ("chat", "completions") => Self::Create(Endpoint::ChatCompletions),
                (_, "completions") => Self::Create(Endpoint::Completions),
                (_, "embeddings") => Self::Create(Endpoint::Embeddings),
                (_, "responses") => Self::Create(Endpoint::Responses),
                // The same body, to be counted or made shorter.
                ("responses", "input_tokens" | "compact") => Self::Create(Endpoint::Responses),
                ("messages", "count_tokens") => Self::Create(Endpoint::Messages),
                (_, "messages") if !is_thread(segments.next()) => Self::Create(Endpoint::Messages),
                (_, "cancel") => Self::Read(Reply::of(Endpoint::Responses)),
                _ => Self::Other,
            },
        }
    }
}

/// `/threads/{id}/messages` belongs to OpenAI's Assistants API.
fn is_thread(grandparent: Option<&str>) -> bool {
    grandparent == Some("threads")
}

// === impl Reply ===

impl Reply {
    pub(crate) const fn of(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            unknown: false,
        }
    }

    const fn unknown(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            unknown: true,
        }
    }
}

/// The path as the most lenient server would read it, so that no spelling of a path gets around the
/// policies: percent-encoding decoded (RFC 3986 section 2.1), letters in lower case.
fn normal(path: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte != b'%' && !byte.is_ascii_uppercase() && byte != b'\\';
    if path.bytes().all(is_plain) {
        return Cow::Borrowed(path);
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| {
            tail.get(at)
                .and_then(|&digit| char::from(digit).to_digit(16))
        };
        let (byte, read) = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => ((high << 4 | low) as u8, 2),
            _ => (*first, 0),
        };
        bytes.push(if byte == b'\\' {
            b'/'
        } else {
            byte.to_ascii_lowercase()
        });
        rest = tail.get(read..).unwrap_or_default();
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(endpoint: Endpoint) -> Route {
        Route::Read(Reply::of(endpoint))
    }

    #[test]
    fn every_endpoint_is_found_in_every_spelling_of_its_path() {
        for endpoint in Endpoint::ALL {
            let path = endpoint.path();
            for path in [
                path.to_owned(),
                format!("/inference{path}"),
                format!("{path}/"),
                path.replace('/', "//"),
                path.to_uppercase(),
                path.replace('e', "%65"),
                path.replace("/v1/", "/v1%2F"),
            ] {
                assert_eq!(
                    Route::find(&Method::POST, &path),
                    Route::Create(endpoint),
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn requests_with_the_same_body_are_the_same() {
        for (path, endpoint) in [
            ("/v1/messages/count_tokens", Endpoint::Messages),
            ("/v1/responses/input_tokens", Endpoint::Responses),
            ("/v1/responses/compact", Endpoint::Responses),
        ] {
            assert_eq!(Route::find(&Method::POST, path), Route::Create(endpoint));
        }
    }

    #[test]
    fn stored_responses_are_read() {
        for (method, path, route) in [
            (Method::GET, "/v1/responses", reply(Endpoint::Responses)),
            (
                Method::GET,
                "/v1/responses/resp_1",
                reply(Endpoint::Responses),
            ),
            (
                Method::DELETE,
                "/v1/responses/resp_1/",
                reply(Endpoint::Responses),
            ),
            (
                Method::POST,
                "/v1/responses/resp_1/cancel",
                reply(Endpoint::Responses),
            ),
            (
                Method::GET,
                "/v1/responses/resp_1/input_items",
                Route::Read(Reply::unknown(Endpoint::Responses)),
            ),
        ] {
            assert_eq!(Route::find(&method, path), route, "{method} {path}");
        }
    }

    #[test]
    fn the_rest_passes() {
        for (method, path) in [
            (Method::GET, "/v1/models"),
            (Method::GET, "/v1/chat/completions"),
            (Method::HEAD, "/v1/responses/resp_1"),
            (Method::OPTIONS, "/v1/chat/completions"),
            (Method::POST, "/v1/threads/t/messages"),
            (Method::POST, "/v1/images/generations"),
            (Method::POST, "/"),
        ] {
            assert_eq!(Route::find(&method, path), Route::Other, "{method} {path}");
        }
    }

    #[test]
    fn an_endpoint_in_the_extensions_wins() {
        let mut request = Request::post("/llm").body(()).unwrap();
        assert_eq!(Route::of(&request), Route::Other);
        request.extensions_mut().insert(Endpoint::Messages);
        assert_eq!(Route::of(&request), Route::Create(Endpoint::Messages));
        *request.method_mut() = Method::GET;
        assert_eq!(Route::of(&request), reply(Endpoint::Messages));
    }
}
