//! Which requests are recorded.

use fw_wire::{Endpoint, ErrorShape, Operation};
use http::{Method, Request};

/// What a request is, as far as its record cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// As the record has it.
    pub(crate) operation: &'static str,
    pub(crate) endpoint: Option<Endpoint>,
    /// The shape of errors that the client's SDK reads.
    pub(crate) error_shape: ErrorShape,
}

// === impl Route ===

impl Route {
    /// An [`Endpoint`] in the request's extensions says what the request is; otherwise its path does, below
    /// any prefix. `None` for what is no operation of an LLM's API.
    pub(crate) fn of<B>(request: &Request<B>) -> Option<Self> {
        let create = |endpoint: Endpoint| Self {
            operation: endpoint.name(),
            endpoint: Some(endpoint),
            error_shape: ErrorShape::for_endpoint(endpoint),
        };
        if let Some(endpoint) = request.extensions().get::<Endpoint>() {
            return Some(create(*endpoint));
        }
        let (method, path) = (request.method(), request.uri().path());
        match Operation::route(method, path) {
            Ok(Operation::Create(endpoint)) => Some(create(endpoint)),
            Ok(operation) => Some(Self {
                operation: operation.name(),
                endpoint: operation.endpoint(),
                error_shape: ErrorShape::for_path(path),
            }),
            Err(_) if *method == Method::POST => Endpoint::from_path(path).map(create),
            Err(_) => None,
        }
    }

    /// The endpoint whose rules the reply follows. Those of chat fit what has no endpoint: a list has neither
    /// usage nor a reason to stop.
    pub(crate) fn reply(self) -> Endpoint {
        self.endpoint.unwrap_or(Endpoint::ChatCompletions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: Method, path: &str) -> Option<&'static str> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(())
            .unwrap();
        Route::of(&request).map(|route| route.operation)
    }

    #[test]
    fn operations_are_recorded_wherever_they_are_mounted() {
        assert_eq!(
            route(Method::POST, "/v1/chat/completions"),
            Some("chat_completions")
        );
        assert_eq!(route(Method::POST, "/a/b/v1/messages"), Some("messages"));
        assert!(route(Method::GET, "/v1/models").is_some());
        assert!(route(Method::GET, "/v1/responses/resp_1").is_some());
        assert_eq!(route(Method::GET, "/healthz"), None);
        assert_eq!(route(Method::GET, "/v1/chat/completions"), None);
        assert_eq!(route(Method::POST, "/metrics"), None);
    }

    #[test]
    fn errors_have_the_shape_of_the_endpoint_or_of_the_path() {
        for (method, path, shape) in [
            (Method::POST, "/v1/chat/completions", ErrorShape::OpenAi),
            (Method::POST, "/a/b/v1/messages", ErrorShape::Anthropic),
            (Method::GET, "/v1/models", ErrorShape::OpenAi),
            (Method::GET, "/anthropic/v1/models", ErrorShape::Anthropic),
            (
                Method::POST,
                "/v1/messages/count_tokens",
                ErrorShape::Anthropic,
            ),
            (Method::GET, "/v1/responses", ErrorShape::Responses),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .body(())
                .unwrap();
            assert_eq!(Route::of(&request).unwrap().error_shape, shape, "{path}");
        }
    }

    #[test]
    fn an_endpoint_in_the_extensions_says_it() {
        let mut request = Request::post("/mine").body(()).unwrap();
        request.extensions_mut().insert(Endpoint::Responses);
        assert_eq!(Route::of(&request).unwrap().operation, "responses");
    }
}
