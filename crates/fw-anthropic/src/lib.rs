//! Anthropic's Messages API over any OpenAI-compatible service, as a tower layer.
