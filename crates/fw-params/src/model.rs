//! Model names: which provider a name asks for, and how the provider spells it.
//!
//! | a client writes | means |
//! |---|---|
//! | `fireworks/glm-5p3` | provider `fireworks`, model `glm-5p3` |
//! | `fireworks/accounts/fireworks/models/glm-5p3` | provider `fireworks`, the full resource name |
//! | `fireworks:chat:glm-5p3` | the same, in the shorthand of configuration files |
//! | `openai/gpt-4o` | provider `openai` |
//! | `glm-5p3`, `accounts/…`, `nomic-ai/nomic-embed-text-v1.5` | no provider named |
//!
//! Only the first slash (or the first two colons) separates: ids hold slashes themselves.

use std::borrow::Cow;

/// The providers a prefix can name unless a layer is told of more.
pub const KNOWN_PROVIDERS: [&str; 2] = ["fireworks", "openai"];

/// A model name, taken apart.
///
/// ```
/// use fw_params::ModelName;
///
/// let name = ModelName::parse("fireworks/accounts/fireworks/models/glm-5p3");
/// assert_eq!(name.provider, Some("fireworks"));
/// assert_eq!(name.name, "accounts/fireworks/models/glm-5p3");
///
/// let name = ModelName::parse("fireworks:chat:glm-5p3");
/// assert_eq!((name.provider, name.kind, name.name), (Some("fireworks"), Some("chat"), "glm-5p3"));
///
/// // The owner in a Hugging Face name is not a provider.
/// let name = ModelName::parse("nomic-ai/nomic-embed-text-v1.5");
/// assert_eq!((name.provider, name.name), (None, "nomic-ai/nomic-embed-text-v1.5"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModelName<'a> {
    /// The provider that the name asks for, if it names one.
    pub provider: Option<&'a str>,
    /// The middle part of the `provider:kind:model` shorthand, for example `chat`.
    pub kind: Option<&'a str>,
    /// What is left for the provider. Empty when only a provider was named.
    pub name: &'a str,
}

// === impl ModelName ===

impl<'a> ModelName<'a> {
    /// Takes a name apart; a prefix counts if it is one of [`KNOWN_PROVIDERS`].
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        Self::parse_with(text, |provider| KNOWN_PROVIDERS.contains(&provider))
    }

    /// Takes a name apart; a prefix counts if `is_provider` says so.
    #[must_use]
    pub fn parse_with(text: &'a str, is_provider: impl Fn(&str) -> bool) -> Self {
        // The separator that comes first decides, so `openai/ft:gpt-4o:org::id` and
        // `fireworks:chat:accounts/fireworks/models/x` both read as meant.
        match text.bytes().position(|byte| matches!(byte, b'/' | b':')) {
            Some(at) if is_provider(&text[..at]) => {
                let (provider, rest) = (&text[..at], &text[at + 1..]);
                if text.as_bytes()[at] == b'/' {
                    return Self {
                        provider: Some(provider),
                        kind: None,
                        name: rest,
                    };
                }
                if let Some((kind, name)) = rest.split_once(':') {
                    return Self {
                        provider: Some(provider),
                        kind: Some(kind),
                        name,
                    };
                }
                Self::plain(text)
            }
            _ => Self::plain(text),
        }
    }

    const fn plain(name: &'a str) -> Self {
        Self {
            provider: None,
            kind: None,
            name,
        }
    }
}

/// Writes a Fireworks model name in full.
///
/// A short id becomes a resource name: `accounts/fireworks/models/<id>`, or
/// `accounts/fireworks/routers/<id>` for the ids that are routers (`…-fast`, `…-spot`, `auto`,
/// `firerouter`). A name that has a slash (a resource name, an embedding model by its Hugging Face
/// name) or a `#` (a deployment) is already what Fireworks wants and is left alone.
///
/// Source: Fireworks API documentation, model and router names.
///
/// ```
/// use fw_params::expand_fireworks_model as expand;
///
/// assert_eq!(expand("glm-5p3"), "accounts/fireworks/models/glm-5p3");
/// assert_eq!(expand("kimi-k3-fast"), "accounts/fireworks/routers/kimi-k3-fast");
/// assert_eq!(expand("thenlper/gte-base"), "thenlper/gte-base");
/// ```
#[must_use]
pub fn expand_fireworks_model(name: &str) -> Cow<'_, str> {
    if name.is_empty() || name.bytes().any(|byte| matches!(byte, b'/' | b'#')) {
        return Cow::Borrowed(name);
    }
    let collection = if is_router(name) { "routers" } else { "models" };
    Cow::Owned(["accounts/fireworks/", collection, "/", name].concat())
}

fn is_router(id: &str) -> bool {
    matches!(id, "auto" | "firerouter") || id.ends_with("-fast") || id.ends_with("-spot")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<&str>, Option<&str>, &str) {
        let name = ModelName::parse(text);
        (name.provider, name.kind, name.name)
    }

    #[test]
    fn a_provider_prefix_ends_at_the_first_slash() {
        assert_eq!(
            parts("fireworks/glm-5p3"),
            (Some("fireworks"), None, "glm-5p3")
        );
        assert_eq!(
            parts("fireworks/accounts/acme/models/x"),
            (Some("fireworks"), None, "accounts/acme/models/x")
        );
        assert_eq!(parts("openai/gpt-4o"), (Some("openai"), None, "gpt-4o"));
        assert_eq!(
            parts("openai/ft:gpt-4o:org::id"),
            (Some("openai"), None, "ft:gpt-4o:org::id")
        );
    }

    #[test]
    fn the_shorthand_ends_at_the_second_colon() {
        assert_eq!(
            parts("fireworks:chat:llama-v3p3-70b-instruct"),
            (Some("fireworks"), Some("chat"), "llama-v3p3-70b-instruct")
        );
        assert_eq!(
            parts("fireworks:chat:accounts/fireworks/models/x:y"),
            (
                Some("fireworks"),
                Some("chat"),
                "accounts/fireworks/models/x:y"
            )
        );
    }

    #[test]
    fn any_other_name_is_plain() {
        for name in [
            "glm-5p3",
            "accounts/fireworks/models/glm-5p3",
            "nomic-ai/nomic-embed-text-v1.5",
            "ft:gpt-4o:org::id",
            "fireworks",
            "fireworks:glm-5p3",
            "Fireworks/glm-5p3",
            "",
            "/",
            ":",
        ] {
            assert_eq!(parts(name), (None, None, name));
        }
    }

    #[test]
    fn a_prefix_alone_leaves_an_empty_name() {
        assert_eq!(parts("fireworks/"), (Some("fireworks"), None, ""));
        assert_eq!(
            parts("fireworks:chat:"),
            (Some("fireworks"), Some("chat"), "")
        );
    }

    #[test]
    fn short_ids_expand_and_full_names_do_not() {
        for (short, full) in [
            ("glm-5p3", "accounts/fireworks/models/glm-5p3"),
            ("kimi-k3-fast", "accounts/fireworks/routers/kimi-k3-fast"),
            ("glm-5p3-spot", "accounts/fireworks/routers/glm-5p3-spot"),
            ("auto", "accounts/fireworks/routers/auto"),
            ("firerouter", "accounts/fireworks/routers/firerouter"),
            ("accounts/acme/deployments/d", "accounts/acme/deployments/d"),
            ("glm-5p3#acme/d", "glm-5p3#acme/d"),
            ("glm#d", "glm#d"),
            (
                "nomic-ai/nomic-embed-text-v1.5",
                "nomic-ai/nomic-embed-text-v1.5",
            ),
            ("", ""),
        ] {
            assert_eq!(expand_fireworks_model(short), full);
            assert_eq!(
                expand_fireworks_model(full),
                full,
                "expansion is idempotent"
            );
        }
    }
}
