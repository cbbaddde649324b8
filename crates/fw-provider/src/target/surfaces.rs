//! `messages` and `responses`: who speaks the APIs beyond chat completions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::TargetConfig;

/// How a target gets requests to Anthropic's Messages API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessagesMode {
    /// As they are: the provider has `/v1/messages` itself.
    Native,
    /// As chat completions, with replies, streams and errors turned back.
    Convert,
}

/// How a target gets requests to OpenAI's Responses API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponsesMode {
    /// As they are: the provider has `/v1/responses` itself, and keeps what is stored.
    Native,
    /// As chat completions; responses are kept in the gateway's `responses_store`.
    Emulate,
}

impl TargetConfig {
    /// `messages`, or what is known of the provider: Fireworks has the API, others need not.
    ///
    /// ```
    /// use fw_provider::{MessagesMode, TargetConfig};
    ///
    /// let fireworks = TargetConfig::new("a", "fireworks");
    /// assert_eq!(fireworks.messages_mode(), MessagesMode::Native);
    /// assert_eq!(TargetConfig::new("b", "openai").messages_mode(), MessagesMode::Convert);
    /// ```
    #[must_use]
    pub fn messages_mode(&self) -> MessagesMode {
        let known = || match self.known_name().as_str() {
            "fireworks" => MessagesMode::Native,
            _ => MessagesMode::Convert,
        };
        self.messages.unwrap_or_else(known)
    }

    /// `responses`, or what is known of the provider: Fireworks has the API, and OpenAI at its own address.
    ///
    /// ```
    /// use fw_provider::{ResponsesMode, TargetConfig};
    ///
    /// let mut target = TargetConfig::new("a", "openai");
    /// assert_eq!(target.responses_mode(), ResponsesMode::Native);
    /// target.base_url = Some("http://127.0.0.1:8000".to_owned());
    /// assert_eq!(target.responses_mode(), ResponsesMode::Emulate);
    /// ```
    #[must_use]
    pub fn responses_mode(&self) -> ResponsesMode {
        let known = || match self.known_name().as_str() {
            "fireworks" => ResponsesMode::Native,
            _ if self.is_openai() => ResponsesMode::Native,
            _ => ResponsesMode::Emulate,
        };
        self.responses.unwrap_or_else(known)
    }

    /// Whether this is OpenAI itself. Many servers of chat completions are configured as `openai` with an
    /// address of their own; they are not.
    ///
    /// ```
    /// use fw_provider::TargetConfig;
    ///
    /// assert!(TargetConfig::new("a", "openai").is_openai());
    /// assert!(!TargetConfig::new("b", "fireworks").is_openai());
    /// ```
    #[must_use]
    pub fn is_openai(&self) -> bool {
        self.known_name() == "openai" && self.has_openai_s_address()
    }

    fn known_name(&self) -> String {
        self.provider_name().name.trim().to_ascii_lowercase()
    }

    fn has_openai_s_address(&self) -> bool {
        let Some(url) = &self.base_url else {
            return true;
        };
        let uri: Option<http::Uri> = url.parse().ok();
        let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
        let host = host.to_ascii_lowercase();
        host == "api.openai.com" || host.ends_with(".api.openai.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_what_the_provider_is_known_to_have() {
        use {MessagesMode as M, ResponsesMode as R};
        for (provider, base_url, messages, responses) in [
            ("fireworks", None, M::Native, R::Native),
            (
                "Fireworks:chat:m",
                Some("http://proxy"),
                M::Native,
                R::Native,
            ),
            ("openai", None, M::Convert, R::Native),
            (
                "openai",
                Some("https://api.openai.com/v1"),
                M::Convert,
                R::Native,
            ),
            (
                "openai",
                Some("https://eu.api.openai.com/v1"),
                M::Convert,
                R::Native,
            ),
            (
                "openai",
                Some("https://api.openai.com.example"),
                M::Convert,
                R::Emulate,
            ),
            (
                "openai",
                Some("http://127.0.0.1:8000"),
                M::Convert,
                R::Emulate,
            ),
            (
                "vllm",
                Some("http://127.0.0.1:8000"),
                M::Convert,
                R::Emulate,
            ),
        ] {
            let mut target = TargetConfig::new("a", provider);
            target.base_url = base_url.map(str::to_owned);
            let modes = (target.messages_mode(), target.responses_mode());
            assert_eq!(modes, (messages, responses), "{provider} {base_url:?}");
        }
    }

    #[test]
    fn what_is_written_wins() {
        let mut target = TargetConfig::new("a", "fireworks");
        target.messages = Some(MessagesMode::Convert);
        target.responses = Some(ResponsesMode::Emulate);
        assert_eq!(target.messages_mode(), MessagesMode::Convert);
        assert_eq!(target.responses_mode(), ResponsesMode::Emulate);
    }
}
