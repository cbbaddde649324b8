//! Token counts in all their layouts.

use crate::document::{Kind, Value};
use crate::endpoint::Endpoint;

/// What a request used, whatever names the provider gave the counts.
///
/// | field | chat, completions, embeddings | Responses | Messages |
/// |---|---|---|---|
/// | `prompt_tokens` | `prompt_tokens` | `input_tokens` | `input_tokens` + `cache_read_input_tokens` + `cache_creation_input_tokens` |
/// | `completion_tokens` | `completion_tokens` | `output_tokens` | `output_tokens` |
/// | `total_tokens` | `total_tokens`, else the sum | the same | the sum |
/// | `cached_tokens` | `prompt_tokens_details.cached_tokens` | `input_tokens_details.cached_tokens` | `cache_read_input_tokens` |
/// | `cache_creation_tokens` | – | – | `cache_creation_input_tokens` |
/// | `reasoning_tokens` | `completion_tokens_details.reasoning_tokens` | `output_tokens_details.reasoning_tokens` | – |
///
/// Prompt tokens always include the cached ones. Anthropic counts them apart ("Prompt caching" in
/// its documentation), so they are added there. Completion tokens include reasoning. Fireworks'
/// Responses API uses the chat names; both families are read on every endpoint, chat names first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens that were generated, reasoning included.
    pub completion_tokens: u64,
    /// As the provider says, else the sum.
    pub total_tokens: u64,
    /// Prompt tokens that came from the provider's cache.
    pub cached_tokens: Option<u64>,
    /// Prompt tokens that were written to the provider's cache.
    pub cache_creation_tokens: Option<u64>,
    /// Generated tokens that were reasoning.
    pub reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Counts made up by hand; the total is the sum.
    #[must_use]
    pub const fn new(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            cached_tokens: None,
            cache_creation_tokens: None,
            reasoning_tokens: None,
        }
    }

    /// Reads a usage object. `None` if it is no object or holds no counts.
    ///
    /// ```
    /// use fw_wire::{Usage, Value};
    ///
    /// let chat = Value::parse(br#"{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,
    ///     "prompt_tokens_details":{"cached_tokens":4}}"#)?;
    /// let anthropic = Value::parse(br#"{"input_tokens":5,"cache_read_input_tokens":4,"output_tokens":3}"#)?;
    /// assert_eq!(Usage::from_value(chat), Usage::from_value(anthropic));
    /// # Ok::<(), fw_wire::DocumentError>(())
    /// ```
    #[must_use]
    pub fn from_value(usage: Value<'_>) -> Option<Self> {
        Counts::read(usage)?.resolve()
    }

    /// Reads the usage of a whole reply.
    #[must_use]
    pub fn from_reply(endpoint: Endpoint, reply: Value<'_>) -> Option<Self> {
        // The same on all endpoints today; the parameter keeps callers right if one differs.
        let _ = endpoint;
        Self::from_value(reply.get("usage")?)
    }

    /// Prompt tokens that did not come from the cache.
    #[must_use]
    pub const fn uncached_prompt_tokens(&self) -> u64 {
        match self.cached_tokens {
            Some(cached) => self.prompt_tokens.saturating_sub(cached),
            None => self.prompt_tokens,
        }
    }
}

/// Follows the usage through a streamed reply and never counts anything twice.
///
/// Show it the data of every event. It knows where usage is said:
///
/// - chat and completions, layout A: `"usage":null` on each chunk and an object on the one with
///   `finish_reason`; layout B: an extra chunk with empty `choices`; or both; layout C: never;
/// - Messages: `message_start` has the prompt's counts, `message_delta` those so far;
/// - Responses: the `response` object in `response.completed` and its like.
///
/// All counts are cumulative, so what comes later overwrites what came before. Only a zero never
/// overwrites a count: some servers repeat the fields with nothing in them.
///
/// ```
/// use fw_wire::{Usage, UsageMeter, Value};
///
/// let mut meter = UsageMeter::new();
/// for data in [
///     r#"{"type":"message_start","message":{"usage":{"input_tokens":10,"output_tokens":1}}}"#,
///     r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":5}}"#,
///     r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":7}}"#,
/// ] {
///     meter.observe(Value::parse(data.as_bytes())?);
/// }
/// assert_eq!(meter.usage(), Some(Usage::new(10, 7)));
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct UsageMeter {
    counts: Counts,
}

impl UsageMeter {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the data of one event, or at a whole reply. Returns whether it said any usage.
    pub fn observe(&mut self, event: Value<'_>) -> bool {
        let mut seen = false;
        for member in event.members() {
            let value = member.value();
            if value.kind() != Kind::Object {
                continue;
            }
            let usage = if member.key_is("usage") {
                Some(value)
            } else if member.key_is("response") || member.key_is("message") {
                value.get("usage")
            } else {
                None
            };
            seen |= usage.is_some_and(|usage| self.observe_usage(usage));
        }
        seen
    }

    /// Looks at a `usage` object itself, for callers who have it at hand. Returns whether it said any.
    pub fn observe_usage(&mut self, usage: Value<'_>) -> bool {
        let counts = Counts::read(usage);
        if let Some(counts) = &counts {
            self.counts.overwrite(counts);
        }
        counts.is_some()
    }

    /// The usage so far; `None` if no event said any.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.counts.resolve()
    }
}

/// The counts as they are said, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    prompt: Option<u64>,
    input: Option<u64>,
    output: Option<u64>,
    total: Option<u64>,
    cached: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    reasoning: Option<u64>,
}

impl Counts {
    fn read(usage: Value<'_>) -> Option<Self> {
        let mut counts = Self::default();
        let mut output_by_other_name = None;
        for member in usage.members() {
            let value = member.value();
            match member.key().as_ref() {
                "prompt_tokens" => update(&mut counts.prompt, count(value)),
                "completion_tokens" => update(&mut counts.output, count(value)),
                "input_tokens" => update(&mut counts.input, count(value)),
                "output_tokens" => update(&mut output_by_other_name, count(value)),
                "total_tokens" => update(&mut counts.total, count(value)),
                "cache_read_input_tokens" => update(&mut counts.cache_read, count(value)),
                "cache_creation_input_tokens" => update(&mut counts.cache_creation, count(value)),
                "prompt_tokens_details" | "input_tokens_details" => {
                    update(
                        &mut counts.cached,
                        value.get("cached_tokens").and_then(count),
                    );
                }
                "completion_tokens_details" | "output_tokens_details" => {
                    update(
                        &mut counts.reasoning,
                        value.get("reasoning_tokens").and_then(count),
                    );
                }
                _ => {}
            }
        }
        counts.output = counts.output.or(output_by_other_name);
        (counts != Self::default()).then_some(counts)
    }

    fn overwrite(&mut self, later: &Counts) {
        let changes = |old: Option<u64>, new: Option<u64>| new.is_some_and(|new| Some(new) != old);
        if later.total.is_none()
            && (changes(self.prompt, later.prompt) || changes(self.output, later.output))
        {
            // An old total does not fit new parts.
            self.total = None;
        }
        update(&mut self.prompt, later.prompt);
        update(&mut self.input, later.input);
        update(&mut self.output, later.output);
        update(&mut self.total, later.total);
        update(&mut self.cached, later.cached);
        update(&mut self.cache_read, later.cache_read);
        update(&mut self.cache_creation, later.cache_creation);
        update(&mut self.reasoning, later.reasoning);
    }

    fn resolve(&self) -> Option<Usage> {
        if *self == Self::default() {
            return None;
        }
        let prompt = self.prompt.unwrap_or_else(|| {
            self.input
                .unwrap_or(0)
                .saturating_add(self.cache_read.unwrap_or(0))
                .saturating_add(self.cache_creation.unwrap_or(0))
        });
        let completion = self.output.unwrap_or(0);
        Some(Usage {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: self
                .total
                .unwrap_or_else(|| prompt.saturating_add(completion)),
            cached_tokens: self.cached.or(self.cache_read),
            cache_creation_tokens: self.cache_creation,
            reasoning_tokens: self.reasoning,
        })
    }
}

/// A later count overwrites an earlier one, but nothing and zero do not overwrite a count.
fn update(count: &mut Option<u64>, later: Option<u64>) {
    match (*count, later) {
        (_, None) | (Some(1..), Some(0)) => {}
        (_, later) => *count = later,
    }
}

/// A count: an integer, however it is spelt, or a string of digits.
fn count(value: Value<'_>) -> Option<u64> {
    match value.kind() {
        Kind::Number => value.as_u64().or_else(|| {
            let number = value.as_f64()?;
            // Exact below 2^53; a fraction or anything negative is no count.
            (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
        }),
        Kind::String => value.as_str()?.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
