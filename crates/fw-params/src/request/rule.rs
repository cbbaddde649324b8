//! The vocabulary of the field tables.

/// What becomes of one field of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    /// Passes as it is, whatever it is.
    Pass,
    /// Passes; a `null` is removed, because Fireworks types some fields without it.
    Keep,
    /// The provider is known to refuse it: removed.
    Drop,
    /// Not in the provider's table: the layer's `unknown_fields` setting decides.
    Unknown,
    /// Not in the provider's table, and without it the reply would be another one: a request that asks for
    /// it is refused, with this advice. `null` and `false` do not ask.
    Refuse(&'static str),
    /// Passes; a larger number becomes this one.
    AtMost(f64),
    /// Passes; an integer outside the range becomes the nearest end of it.
    Within(i64, i64),
    /// Passes if it is one of these strings, is removed otherwise.
    OneOf(&'static [&'static str]),
    /// Passes if it is an object of strings, is removed otherwise.
    Strings,
    /// Takes part in a rule over several fields.
    Read(Slot),
}

/// The fields that rules over several fields read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Model,
    Messages,
    Input,
    Stream,
    StreamOptions,
    MaxTokens,
    MaxCompletionTokens,
    PromptCacheKey,
    IsolationKey,
    User,
    SafetyIdentifier,
    ReasoningEffort,
    Reasoning,
    Thinking,
    Tools,
    ToolChoice,
    Functions,
    FunctionCall,
    Logprobs,
    TopLogprobs,
    EncodingFormat,
    System,
    Metadata,
    OutputConfig,
}

// === impl Slot ===

impl Slot {
    pub(crate) const COUNT: usize = Self::OutputConfig as usize + 1;

    /// The field's name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Messages => "messages",
            Self::Input => "input",
            Self::Stream => "stream",
            Self::StreamOptions => "stream_options",
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::PromptCacheKey => "prompt_cache_key",
            Self::IsolationKey => "prompt_cache_isolation_key",
            Self::User => "user",
            Self::SafetyIdentifier => "safety_identifier",
            Self::ReasoningEffort => "reasoning_effort",
            Self::Reasoning => "reasoning",
            Self::Thinking => "thinking",
            Self::Tools => "tools",
            Self::ToolChoice => "tool_choice",
            Self::Functions => "functions",
            Self::FunctionCall => "function_call",
            Self::Logprobs => "logprobs",
            Self::TopLogprobs => "top_logprobs",
            Self::EncodingFormat => "encoding_format",
            Self::System => "system",
            Self::Metadata => "metadata",
            Self::OutputConfig => "output_config",
        }
    }
}
