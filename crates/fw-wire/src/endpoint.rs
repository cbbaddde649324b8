//! The inference endpoints and their paths.

use core::fmt;

/// An inference endpoint that takes a JSON body.
///
/// Every endpoint exists under several prefixes, depending on how a client spells its base URL.
/// [`Endpoint::path`] is the canonical one; [`Endpoint::from_path`] accepts any prefix. For exact
/// routing, with models, stored responses and unsupported operations, see
/// [`Operation`](crate::Operation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// `POST /v1/chat/completions`.
    ChatCompletions,
    /// `POST /v1/completions`, the legacy text completion.
    Completions,
    /// `POST /v1/embeddings`.
    Embeddings,
    /// `POST /v1/responses`, OpenAI's Responses API.
    Responses,
    /// `POST /v1/messages`, Anthropic's Messages API.
    Messages,
}

impl Endpoint {
    /// Every endpoint, in a fixed order.
    pub const ALL: [Endpoint; 5] = [
        Endpoint::ChatCompletions,
        Endpoint::Completions,
        Endpoint::Embeddings,
        Endpoint::Responses,
        Endpoint::Messages,
    ];

    /// The canonical path, which starts with `/v1/`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Endpoint::ChatCompletions => "/v1/chat/completions",
            Endpoint::Completions => "/v1/completions",
            Endpoint::Embeddings => "/v1/embeddings",
            Endpoint::Responses => "/v1/responses",
            Endpoint::Messages => "/v1/messages",
        }
    }

    /// A short name for logs, metrics and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Endpoint::ChatCompletions => "chat_completions",
            Endpoint::Completions => "completions",
            Endpoint::Embeddings => "embeddings",
            Endpoint::Responses => "responses",
            Endpoint::Messages => "messages",
        }
    }

    /// Recognises an endpoint by the end of a path, whatever stands before it.
    ///
    /// This is for layers in somebody else's server, where the API may be mounted anywhere. A query
    /// string and one trailing slash are ignored; letter case matters.
    ///
    /// ```
    /// use fw_wire::Endpoint;
    ///
    /// let chat = Some(Endpoint::ChatCompletions);
    /// assert_eq!(Endpoint::from_path("/v1/chat/completions"), chat);
    /// assert_eq!(Endpoint::from_path("/inference/v1/v1/chat/completions/"), chat);
    /// assert_eq!(Endpoint::from_path("/v1/completions?x=1"), Some(Endpoint::Completions));
    /// assert_eq!(Endpoint::from_path("/v1/messages/count_tokens"), None);
    /// ```
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        if let Some(endpoint) = Self::from_usual_path(path) {
            return Some(endpoint);
        }
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let (rest, last) = path.rsplit_once('/')?;
        match last {
            "completions" if rest.ends_with("/chat") => Some(Endpoint::ChatCompletions),
            "completions" => Some(Endpoint::Completions),
            "embeddings" => Some(Endpoint::Embeddings),
            "responses" => Some(Endpoint::Responses),
            "messages" if !is_assistants_thread(rest) => Some(Endpoint::Messages),
            _ => None,
        }
    }

    /// The endpoint at a path as nearly all clients spell it. Several layers ask on every request.
    pub(crate) fn from_usual_path(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/inference").unwrap_or(path);
        Endpoint::ALL
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
    }

    /// Whether the endpoint can answer with server-sent events.
    #[must_use]
    pub const fn can_stream(self) -> bool {
        !matches!(self, Endpoint::Embeddings)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `/threads/{id}/messages` belongs to OpenAI's Assistants API, not to Anthropic's Messages.
fn is_assistants_thread(rest: &str) -> bool {
    rest.rsplit('/').nth(1) == Some("threads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_by_its_own_path_under_any_prefix() {
        for endpoint in Endpoint::ALL {
            for prefix in ["", "/inference", "/inference/v1", "/openai", "/a/b/c"] {
                for tail in ["", "/", "?stream=true", "/?beta=true", "#x"] {
                    let path = format!("{prefix}{}{tail}", endpoint.path());
                    assert_eq!(Endpoint::from_path(&path), Some(endpoint), "{path}");
                }
            }
        }
    }

    #[test]
    fn paths_that_only_look_alike_are_not_endpoints() {
        for path in [
            "",
            "/",
            "completions",
            "/v1/chat",
            "/v1/Completions",
            "/v1/xcompletions",
            "/v1/responses/resp_1",
            "/v1/messages/count_tokens",
            "/v1/threads/t_1/messages",
            "/v1/completions//",
        ] {
            assert_eq!(Endpoint::from_path(path), None, "{path}");
        }
    }

    #[test]
    fn names_are_distinct_and_only_embeddings_cannot_stream() {
        for a in Endpoint::ALL {
            assert_eq!(a.can_stream(), a != Endpoint::Embeddings);
            assert_eq!(a.to_string(), a.name());
            for b in Endpoint::ALL {
                assert_eq!(a == b, a.name() == b.name());
            }
        }
    }
}
