//! What is known about providers by name.

/// Defaults of a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) base_url: Option<&'static str>,
    pub(crate) key_variable: Option<&'static str>,
    pub(crate) key_header: &'static str,
    pub(crate) key_prefix: &'static str,
    /// The path that a bare host of this provider means.
    pub(crate) bare_host: Option<(&'static str, &'static str)>,
}

const BEARER: Known = Known {
    base_url: None,
    key_variable: None,
    key_header: "authorization",
    key_prefix: "Bearer ",
    bare_host: None,
};

/// Addresses and variables as each provider's API documentation gives them.
/// A provider that is not known gets a bearer key and needs a `base_url`.
pub(crate) fn known(provider: &str) -> Known {
    match provider {
        "fireworks" => Known {
            base_url: Some("https://api.fireworks.ai/inference/v1"),
            key_variable: Some("FIREWORKS_API_KEY"),
            // Fireworks' own SDK has the bare host as its default address.
            bare_host: Some(("fireworks.ai", "/inference/v1")),
            ..BEARER
        },
        "openai" => Known {
            base_url: Some("https://api.openai.com/v1"),
            key_variable: Some("OPENAI_API_KEY"),
            ..BEARER
        },
        // Anthropic API documentation, "Authentication": the key has a header
        // of its own and no prefix.
        "anthropic" => Known {
            key_variable: Some("ANTHROPIC_API_KEY"),
            key_header: "x-api-key",
            key_prefix: "",
            ..BEARER
        },
        _ => BEARER,
    }
}
