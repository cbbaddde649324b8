//! The prefixes under which clients expect the API.

use crate::error::ErrorShape;

/// A prefix under which the API is served, as the clients of some vendor spell it.
///
/// The same client appends `/v1` or not depending on how its base URL was given, so behind every
/// prefix it may be left out or doubled: the official Fireworks SDK and what builds on it turn a base
/// URL of `…/inference/v1` into `…/inference/v1/v1`. Only where no prefix is, there must be a `/v1`.
///
/// | surface | paths | whose base URL |
/// |---|---|---|
/// | [`V1`](Surface::V1) | `/v1/…` | any OpenAI client |
/// | [`Inference`](Surface::Inference) | `/inference/…` | Fireworks SDKs |
/// | [`OpenAi`](Surface::OpenAi) | `/openai/…` | OpenAI SDKs |
/// | [`Anthropic`](Surface::Anthropic) | `/anthropic/…`: Messages and models only | Anthropic SDKs |
/// | [`LangChain`](Surface::LangChain) | `/langchain/…` | LangChain's clients of any vendor |
/// | [`LiteLlm`](Surface::LiteLlm) | `/litellm/…` | LiteLLM |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Surface {
    /// `/v1`.
    V1,
    /// Fireworks' `/inference`.
    Inference,
    /// `/openai`.
    OpenAi,
    /// `/anthropic`, where only Messages and models are.
    Anthropic,
    /// `/langchain`.
    LangChain,
    /// `/litellm`.
    LiteLlm,
}

const PREFIXES: [(&str, Surface); 5] = [
    ("/inference", Surface::Inference),
    ("/openai", Surface::OpenAi),
    ("/anthropic", Surface::Anthropic),
    ("/langchain", Surface::LangChain),
    ("/litellm", Surface::LiteLlm),
];

const VERSION: &str = "/v1";

impl Surface {
    /// Splits a path into the surface and the rest, which starts with a slash:
    /// `/openai/v1/chat/completions` is `/chat/completions` on [`Surface::OpenAi`]. A query is cut
    /// off. The canonical path is `/v1` and the rest.
    ///
    /// ```
    /// use fw_wire::Surface;
    ///
    /// let split = Surface::split("/inference/v1/v1/models?limit=1");
    /// assert_eq!(split, Some((Surface::Inference, "/models")));
    /// assert_eq!(Surface::split("/litellm/embeddings"), Some((Surface::LiteLlm, "/embeddings")));
    /// assert_eq!(Surface::split("/v1beta/models"), None);
    /// assert_eq!(Surface::split("/models"), None);
    /// ```
    #[must_use]
    pub fn split(path: &str) -> Option<(Surface, &str)> {
        let (surface, rest) = match Self::named(path) {
            Some(named) => named,
            None => (Surface::V1, below(without_query(path), VERSION)?),
        };
        let rest = below(rest, VERSION).unwrap_or(rest);
        let rest = match surface {
            Surface::V1 => rest,
            _ => below(rest, VERSION).unwrap_or(rest),
        };
        surface.serves(rest).then_some((surface, rest))
    }

    /// The surface that a path names, and what stands below its prefix.
    fn named(path: &str) -> Option<(Surface, &str)> {
        let path = without_query(path);
        let named = |&(prefix, surface)| Some((surface, below(path, prefix)?));
        PREFIXES.iter().find_map(named)
    }

    fn serves(self, rest: &str) -> bool {
        self != Surface::Anthropic || is_anthropic_s(rest) || is_at(rest, "/models")
    }
}

impl ErrorShape {
    /// The shape of an error that answers a request to this path, whether anything is there or not:
    /// Anthropic's for Messages and for all below `/anthropic`, else OpenAI's.
    ///
    /// ```
    /// use fw_wire::ErrorShape;
    ///
    /// assert_eq!(ErrorShape::for_path("/anthropic/v1/nowhere"), ErrorShape::Anthropic);
    /// assert_eq!(ErrorShape::for_path("/v1/messages/batches"), ErrorShape::Anthropic);
    /// assert_eq!(ErrorShape::for_path("/langchain/nowhere"), ErrorShape::OpenAi);
    /// ```
    #[must_use]
    pub fn for_path(path: &str) -> Self {
        if is_at(without_query(path), "/anthropic") {
            return ErrorShape::Anthropic;
        }
        match Surface::split(path) {
            Some((_, rest)) if is_anthropic_s(rest) => ErrorShape::Anthropic,
            Some((_, rest)) if is_at(rest, "/responses") => ErrorShape::Responses,
            _ => ErrorShape::OpenAi,
        }
    }
}

/// Whether only Anthropic's API has this operation.
fn is_anthropic_s(rest: &str) -> bool {
    is_at(rest, "/messages") || is_at(rest, "/complete")
}

/// Whether a path is this one or below it.
fn is_at(path: &str, place: &str) -> bool {
    let tail = path.strip_prefix(place);
    tail.is_some_and(|tail| tail.is_empty() || tail.starts_with('/'))
}

/// What stands below a prefix; it starts with a slash.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix)
        .filter(|rest| rest.starts_with('/'))
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}
