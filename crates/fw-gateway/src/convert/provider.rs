//! What is known of providers by the names that other gateways give them.

use fw_provider::TargetConfig;

/// How a provider is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// OpenAI's API.
    OpenAi,
    /// OpenAI's API on a server of one's own, without a key unless one is given.
    OwnServer,
    /// OpenAI's API as Azure has it.
    Azure,
    /// Anthropic's API, and OpenAI's beside it.
    Anthropic,
    /// An API of its own, or one that is not known.
    Other,
}

/// A provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) api: Api,
    /// The name in our configuration, where it differs.
    pub(super) name: Option<&'static str>,
    /// The address of its OpenAI-compatible API. `fireworks` and `openai` need none.
    pub(super) base_url: Option<&'static str>,
    /// The usual variable of its key.
    pub(super) variable: Option<&'static str>,
}

const OTHER: Known = Known {
    api: Api::Other,
    name: None,
    base_url: None,
    variable: None,
};

const OWN_SERVER: Known = Known {
    api: Api::OwnServer,
    ..OTHER
};

/// Addresses and variables as each provider's API documentation gives them.
pub(super) fn known(name: &str) -> Known {
    let compatible = |base_url, variable| Known {
        api: Api::OpenAi,
        base_url: Some(base_url),
        variable: Some(variable),
        ..OTHER
    };
    match name {
        "fireworks" | "fireworks_ai" => Known {
            api: Api::OpenAi,
            name: Some("fireworks"),
            variable: Some("FIREWORKS_API_KEY"),
            ..OTHER
        },
        "openai" | "text-completion-openai" => Known {
            api: Api::OpenAi,
            name: Some("openai"),
            variable: Some("OPENAI_API_KEY"),
            ..OTHER
        },
        "anthropic" => Known {
            api: Api::Anthropic,
            base_url: Some("https://api.anthropic.com/v1"),
            variable: Some("ANTHROPIC_API_KEY"),
            ..OTHER
        },
        // `run` knows no provider `azure`: that is Azure's older API, with a path for each deployment.
        "azure" => Known {
            api: Api::Azure,
            name: Some("azure_v1"),
            variable: Some("AZURE_API_KEY"),
            ..OTHER
        },
        "cerebras" => compatible("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
        "deepinfra" => compatible("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
        "deepseek" => compatible("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
        "gemini" => compatible(
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "GEMINI_API_KEY",
        ),
        "groq" => compatible("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        "mistral" => compatible("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        "nvidia_nim" => compatible("https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"),
        "openrouter" => compatible("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        "sambanova" => compatible("https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
        "together_ai" => compatible("https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
        "xai" => compatible("https://api.x.ai/v1", "XAI_API_KEY"),
        "ollama" | "ollama_chat" => Known {
            base_url: Some("http://localhost:11434/v1"),
            ..OWN_SERVER
        },
        "custom_openai" | "hosted_vllm" | "litellm_proxy" | "llamafile" | "lm_studio"
        | "openai_like" | "sgl" | "vllm" | "xinference" => OWN_SERVER,
        _ => OTHER,
    }
}

/// What is different for Anthropic's models.
pub(super) const ANTHROPIC: &str = "requests to /v1/messages pass as they are; all others go to Anthropic's \
                                    OpenAI-compatible API, which it means for tests: not all features are there";

/// An address that was read.
pub(super) enum Address {
    /// One that can be used.
    Given(String),
    /// One that a variable holds. The first stands in for it; it leads nowhere.
    Variable(String, String),
    /// One that cannot be used, and why. It is not shown: it may hold a password.
    Unusable(&'static str),
}

impl Address {
    /// `variable` is the one that `text` refers to, if it refers to one.
    pub(super) fn read(text: &str, variable: Option<&str>) -> Self {
        if let Some(variable) = variable {
            let label: String = variable
                .chars()
                .take(50)
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect();
            let label = label.trim_matches('-').to_ascii_lowercase();
            return Self::Variable(format!("https://{label}.invalid"), variable.to_owned());
        }
        let text = text.trim().trim_end_matches('/');
        // Some configurations give the operation's address instead of the API's.
        let text = ["/chat/completions", "/completions", "/embeddings"]
            .iter()
            .find_map(|operation| text.strip_suffix(operation))
            .unwrap_or(text);
        match problem(text) {
            None => Self::Given(text.to_owned()),
            Some(problem) => Self::Unusable(problem),
        }
    }

    /// The same address with another path beneath its host.
    pub(super) fn with_path(self, path: &str) -> Self {
        let join = |address: String| match address.match_indices('/').nth(2) {
            Some((end, _)) => format!("{}{path}", &address[..end]),
            None => format!("{address}{path}"),
        };
        match self {
            Self::Given(address) => Self::Given(join(address)),
            Self::Variable(address, name) => Self::Variable(join(address), name),
            unusable @ Self::Unusable(_) => unusable,
        }
    }
}

fn problem(address: &str) -> Option<&'static str> {
    if address.len() > 1_024 || address.contains(['#', '?']) {
        return Some("it is too long, or has a query or a fragment");
    }
    let mut target = TargetConfig::new("x", "x");
    target.base_url = Some(address.to_owned());
    let problems = target.problems();
    problems
        .iter()
        .any(|problem| problem.field == "base_url")
        .then_some("it does not begin with https:// or http:// and a host, or holds a user name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Option<String> {
        match Address::read(text, None) {
            Address::Given(address) => Some(address),
            _ => None,
        }
    }

    #[test]
    fn addresses_are_those_of_an_api() {
        assert_eq!(given("https://h/v1/").as_deref(), Some("https://h/v1"));
        assert_eq!(
            given("http://localhost:8000/v1/chat/completions").as_deref(),
            Some("http://localhost:8000/v1")
        );
        for bad in [
            "",
            "h/v1",
            "https://u:p@h",
            "https://h?key=k",
            "ftp://h",
            "https://",
        ] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_variable_gets_an_address_that_leads_nowhere() {
        let address = Address::read("env.AZURE_ENDPOINT", Some("AZURE_ENDPOINT"));
        let Address::Variable(address, name) = address.with_path("/openai/v1") else {
            panic!("a variable")
        };
        assert_eq!(address, "https://azure-endpoint.invalid/openai/v1");
        assert_eq!(name, "AZURE_ENDPOINT");
        assert_eq!(problem(&address), None);
    }

    #[test]
    fn every_known_address_can_be_used() {
        for name in [
            "anthropic",
            "cerebras",
            "deepinfra",
            "deepseek",
            "gemini",
            "groq",
            "mistral",
            "nvidia_nim",
            "openrouter",
            "sambanova",
            "together_ai",
            "xai",
            "ollama",
        ] {
            let address = known(name).base_url.unwrap();
            assert_eq!(problem(address), None, "{name}");
        }
    }
}
