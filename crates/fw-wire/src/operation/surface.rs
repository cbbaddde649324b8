//! The prefixes under which clients expect the API.

/// A prefix under which the API is served, as the clients of some vendor spell it.
///
/// The same client appends `/v1` or not depending on how its base URL was given, so every spelling
/// that occurs is accepted: the official Fireworks SDK and what builds on it turn a base URL of
/// `…/inference/v1` into `…/inference/v1/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Surface {
    /// `/v1`, also doubled.
    V1,
    /// Fireworks' `/inference/v1`, also doubled.
    Inference,
    /// `/openai` and `/openai/v1`.
    OpenAi,
    /// `/anthropic/v1`, where only Messages and models are.
    Anthropic,
}

/// Longer spellings come before their prefixes.
const PREFIXES: [(&str, Surface); 7] = [
    ("/inference/v1/v1", Surface::Inference),
    ("/inference/v1", Surface::Inference),
    ("/openai/v1", Surface::OpenAi),
    ("/openai", Surface::OpenAi),
    ("/anthropic/v1", Surface::Anthropic),
    ("/v1/v1", Surface::V1),
    ("/v1", Surface::V1),
];

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
    /// assert_eq!(Surface::split("/v1beta/models"), None);
    /// ```
    #[must_use]
    pub fn split(path: &str) -> Option<(Surface, &str)> {
        let path = path.split(['?', '#']).next().unwrap_or(path);
        PREFIXES.iter().find_map(|&(prefix, surface)| {
            let rest = path.strip_prefix(prefix)?;
            let fits = rest.starts_with('/') && surface.serves(rest);
            fits.then_some((surface, rest))
        })
    }

    fn serves(self, rest: &str) -> bool {
        let is = |name: &str| {
            rest.strip_prefix(name)
                .is_some_and(|tail| tail.is_empty() || tail.starts_with('/'))
        };
        self != Surface::Anthropic || is("/messages") || is("/models") || is("/complete")
    }
}
