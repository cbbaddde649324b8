//! Which requests the layer converts.

use fw_wire::Endpoint;
use http::Method;

/// What a request is, as far as this layer cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// A request with a body to convert.
    Create(Endpoint),
    /// `GET /v1/responses`, or `GET /v1/responses/{id}`: only the reply is converted.
    ReadResponse,
    /// `DELETE /v1/responses/{id}`.
    DeleteResponse(&'a str),
    /// Anything else passes untouched.
    Other,
}

// === impl Route ===

impl<'a> Route<'a> {
    pub(crate) fn of(method: &Method, path: &'a str) -> Self {
        if *method == Method::POST {
            return Endpoint::from_path(path).map_or(Self::Other, Self::Create);
        }
        if *method != Method::GET && *method != Method::DELETE {
            return Self::Other;
        }
        let path = path.trim_end_matches('/');
        let (parent, last) = path.rsplit_once('/').unwrap_or(("", path));
        let is_list = last == "responses";
        let is_item = !is_list && parent.ends_with("/responses");
        if *method == Method::GET && (is_list || is_item) {
            Self::ReadResponse
        } else if *method == Method::DELETE && is_item {
            Self::DeleteResponse(last)
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart_under_any_prefix() {
        let of = Route::of;
        for (method, path, route) in [
            (
                Method::POST,
                "/v1/chat/completions",
                Route::Create(Endpoint::ChatCompletions),
            ),
            (
                Method::POST,
                "/inference/v1/completions",
                Route::Create(Endpoint::Completions),
            ),
            (
                Method::POST,
                "/openai/embeddings",
                Route::Create(Endpoint::Embeddings),
            ),
            (
                Method::POST,
                "/v1/responses",
                Route::Create(Endpoint::Responses),
            ),
            (
                Method::POST,
                "/v1/messages",
                Route::Create(Endpoint::Messages),
            ),
            (Method::GET, "/v1/responses", Route::ReadResponse),
            (
                Method::GET,
                "/inference/v1/responses/resp_1",
                Route::ReadResponse,
            ),
            (
                Method::DELETE,
                "/v1/responses/resp_1/",
                Route::DeleteResponse("resp_1"),
            ),
            (Method::DELETE, "/v1/responses", Route::Other),
            (
                Method::GET,
                "/v1/responses/resp_1/input_items",
                Route::Other,
            ),
            (Method::POST, "/v1/responses/resp_1/cancel", Route::Other),
            (Method::GET, "/v1/models", Route::Other),
            (Method::GET, "/v1/chat/completions", Route::Other),
            (Method::GET, "/", Route::Other),
        ] {
            assert_eq!(of(&method, path), route, "{method} {path}");
        }
    }
}
