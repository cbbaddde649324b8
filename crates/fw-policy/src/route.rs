//! Which requests carry text to a model, and which replies carry text back.

mod spellings;

use fw_wire::Endpoint;
use http::{Method, Request};

use self::spellings::spellings;

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

    /// What any server may take the request for that has text; other requests are none to any.
    fn find(method: &Method, path: &str) -> Self {
        if matches!(*method, Method::HEAD | Method::OPTIONS) {
            return Self::Other;
        }
        let is_read = matches!(*method, Method::GET | Method::DELETE);
        let route = |path: &str| if is_read { read(path) } else { create(path) };
        let mut other_than_a_create = Self::Other;
        for path in spellings(path) {
            match route(&path) {
                found @ Self::Create(_) => return found,
                found @ Self::Read(_) => other_than_a_create = found,
                Self::Other => {}
            }
        }
        other_than_a_create
    }
}

/// The last four segments of a path, the last one first.
fn ends(path: &str) -> [&str; 4] {
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    [(); 4].map(|()| segments.next().unwrap_or_default())
}

fn create(path: &str) -> Route {
    match ends(path) {
        ["completions", "chat", ..] => Route::Create(Endpoint::ChatCompletions),
        ["completions", ..] => Route::Create(Endpoint::Completions),
        ["embeddings", ..] => Route::Create(Endpoint::Embeddings),
        ["responses", ..] => Route::Create(Endpoint::Responses),
        // The same body, to be counted or made shorter.
        ["input_tokens" | "compact", "responses", ..] => Route::Create(Endpoint::Responses),
        ["count_tokens", "messages", ..] => Route::Create(Endpoint::Messages),
        // `/threads/{id}/messages` belongs to OpenAI's Assistants API.
        ["messages", _, "threads", _] => Route::Other,
        ["messages", ..] => Route::Create(Endpoint::Messages),
        ["cancel", ..] => Route::Read(Reply::of(Endpoint::Responses)),
        [_, "responses", ..] => Route::Read(Reply::of(Endpoint::Responses)),
        // New metadata for a stored completion; the answer is all of it.
        [_, "completions", "chat", _] => Route::Read(Reply::unknown(Endpoint::ChatCompletions)),
        _ => Route::Other,
    }
}

fn read(path: &str) -> Route {
    match ends(path) {
        // OpenAI's list of what a response was asked: items at the top.
        ["input_items", ..] => Route::Read(Reply::unknown(Endpoint::Responses)),
        ["responses", ..] | [_, "responses", ..] => Route::Read(Reply::of(Endpoint::Responses)),
        // Stored completions: a list, one of them, and what it was asked.
        ["completions", "chat", ..]
        | [_, "completions", "chat", _]
        | ["messages", _, "completions", "chat"] => {
            Route::Read(Reply::unknown(Endpoint::ChatCompletions))
        }
        // Conversations of OpenAI, whole or one item.
        ["items", _, "conversations", _] | [_, "items", _, "conversations"] => {
            Route::Read(Reply::unknown(Endpoint::Responses))
        }
        // Anthropic's batches: a reply on each line.
        ["results", _, "batches", "messages"] => Route::Read(Reply::unknown(Endpoint::Messages)),
        _ => Route::Other,
    }
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
                path.replace('e', "%2565"),
                path.replace("/v1/", "/v1/./x/../"),
                format!("{path}/."),
                format!("{path}/x/.."),
                format!("{path}/x/%2e%2E"),
                format!("{path};a=b"),
                format!("{path};/../../x"),
                path.replacen("/v1", "/v1;a=b", 1),
                format!("{path}%20"),
                format!("{path}%00.png"),
                format!("{path}%3Fa=b"),
                format!("{path}%23"),
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
    fn stored_texts_of_other_kinds_are_read() {
        for (method, path, endpoint) in [
            (
                Method::GET,
                "/v1/chat/completions",
                Endpoint::ChatCompletions,
            ),
            (
                Method::GET,
                "/v1/chat/completions/c",
                Endpoint::ChatCompletions,
            ),
            (
                Method::GET,
                "/v1/chat/completions/c/messages",
                Endpoint::ChatCompletions,
            ),
            (
                Method::POST,
                "/v1/chat/completions/c",
                Endpoint::ChatCompletions,
            ),
            (
                Method::GET,
                "/v1/conversations/c/items",
                Endpoint::Responses,
            ),
            (
                Method::GET,
                "/v1/conversations/c/items/i",
                Endpoint::Responses,
            ),
            (
                Method::GET,
                "/v1/messages/batches/b/results",
                Endpoint::Messages,
            ),
        ] {
            let route = Route::Read(Reply::unknown(endpoint));
            assert_eq!(Route::find(&method, path), route, "{method} {path}");
        }
    }

    #[test]
    fn the_rest_passes() {
        for (method, path) in [
            (Method::GET, "/v1/models"),
            (Method::GET, "/v1/messages/batches/b"),
            (Method::GET, "/v1/conversations/c"),
            (Method::POST, "/v1/chat/completions/../models"),
            (Method::HEAD, "/v1/responses/resp_1"),
            (Method::OPTIONS, "/v1/chat/completions"),
            (Method::POST, "/v1/threads/t/messages"),
            (Method::POST, "/v1/images/generations"),
            (Method::PUT, "/v1/models/m"),
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
