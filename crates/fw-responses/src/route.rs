//! Which requests the layer answers or converts.

use http::Method;

/// What a request is, as far as this layer cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `POST /v1/responses`.
    Create,
    /// A request about responses that are kept.
    Kept(Kept<'a>),
    /// Anything else passes untouched.
    Other,
}

/// A request about responses that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept<'a> {
    /// `GET /v1/responses`.
    List,
    /// `GET /v1/responses/{id}`.
    Read(&'a str),
    /// `GET /v1/responses/{id}/input_items`.
    InputItems(&'a str),
    /// `POST /v1/responses/{id}/cancel`.
    Cancel(&'a str),
    /// `DELETE /v1/responses/{id}`.
    Delete(&'a str),
}

// === impl Route ===

impl<'a> Route<'a> {
    pub(crate) fn of(method: &Method, path: &'a str) -> Self {
        let mut parts = path.strip_suffix('/').unwrap_or(path).rsplit('/');
        let last = parts.next().unwrap_or_default();
        if last == "responses" {
            return match *method {
                Method::POST => Self::Create,
                Method::GET => Self::Kept(Kept::List),
                _ => Self::Other,
            };
        }
        let parent = parts.next().unwrap_or_default();
        if parent == "responses" && !last.is_empty() {
            return match *method {
                Method::GET => Self::Kept(Kept::Read(last)),
                Method::DELETE => Self::Kept(Kept::Delete(last)),
                _ => Self::Other,
            };
        }
        if parts.next() != Some("responses") || parent.is_empty() {
            return Self::Other;
        }
        match (method, last) {
            (&Method::GET, "input_items") => Self::Kept(Kept::InputItems(parent)),
            (&Method::POST, "cancel") => Self::Kept(Kept::Cancel(parent)),
            _ => Self::Other,
        }
    }
}

// === impl Kept ===

impl<'a> Kept<'a> {
    /// The response that it is about.
    pub(crate) const fn id(self) -> Option<&'a str> {
        match self {
            Self::List => None,
            Self::Read(id) | Self::InputItems(id) | Self::Cancel(id) | Self::Delete(id) => Some(id),
        }
    }
}

/// Where the chat completions are, beside these responses: `/v1/chat/completions` for `/v1/responses`.
pub(crate) fn chat_path(path: &str) -> String {
    let path = path.strip_suffix('/').unwrap_or(path);
    let prefix = path.strip_suffix("responses").unwrap_or("/v1/");
    format!("{prefix}chat/completions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart_under_any_prefix() {
        for (method, path, route) in [
            (Method::POST, "/v1/responses", Route::Create),
            (Method::POST, "/inference/v1/responses/", Route::Create),
            (Method::POST, "/responses", Route::Create),
            (Method::GET, "/v1/responses", Route::Kept(Kept::List)),
            (
                Method::GET,
                "/openai/responses/resp_1",
                Route::Kept(Kept::Read("resp_1")),
            ),
            (
                Method::DELETE,
                "/v1/responses/resp_1/",
                Route::Kept(Kept::Delete("resp_1")),
            ),
            (
                Method::GET,
                "/v1/responses/resp_1/input_items",
                Route::Kept(Kept::InputItems("resp_1")),
            ),
            (
                Method::POST,
                "/v1/responses/resp_1/cancel",
                Route::Kept(Kept::Cancel("resp_1")),
            ),
            (Method::DELETE, "/v1/responses", Route::Other),
            (Method::POST, "/v1/responses/resp_1", Route::Other),
            (Method::GET, "/v1/responses//input_items", Route::Other),
            (Method::GET, "/v1/responses/resp_1/cancel", Route::Other),
            (Method::POST, "/v1/chat/completions", Route::Other),
            (Method::GET, "/v1/models", Route::Other),
            (Method::GET, "/", Route::Other),
            (Method::GET, "", Route::Other),
        ] {
            assert_eq!(Route::of(&method, path), route, "{method} {path}");
        }
    }

    #[test]
    fn chat_completions_stand_beside_responses() {
        for (path, chat) in [
            ("/v1/responses", "/v1/chat/completions"),
            ("/inference/v1/responses/", "/inference/v1/chat/completions"),
            ("/responses", "/chat/completions"),
        ] {
            assert_eq!(chat_path(path), chat);
        }
    }
}
