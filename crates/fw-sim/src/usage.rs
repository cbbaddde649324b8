//! Token usage, as chat and Responses replies report it.

use crate::chunks::write_number;
use crate::json::{Json, object};

/// Tokens of one request and its reply.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) prompt: u64,
    pub(crate) cached: u64,
    pub(crate) completion: u64,
    /// Reported only when the knob asks for it.
    pub(crate) reasoning: Option<u64>,
}

// === impl Usage ===

impl Usage {
    /// Appends the object of chat replies (Fireworks API documentation).
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut number = |name: &[u8], n: u64| {
            out.extend_from_slice(name);
            write_number(n, out);
        };
        number(b"{\"prompt_tokens\":", self.prompt);
        number(b",\"total_tokens\":", self.prompt + self.completion);
        number(b",\"completion_tokens\":", self.completion);
        number(
            b",\"prompt_tokens_details\":{\"cached_tokens\":",
            self.cached,
        );
        if let Some(reasoning) = self.reasoning {
            number(
                b"},\"completion_tokens_details\":{\"reasoning_tokens\":",
                reasoning,
            );
        }
        out.extend_from_slice(b"}}");
    }

    pub(crate) fn to_json(self) -> Json {
        let mut json = object! {
            "prompt_tokens" => self.prompt,
            "completion_tokens" => self.completion,
            "total_tokens" => self.prompt + self.completion,
            "prompt_tokens_details" => object! { "cached_tokens" => self.cached },
        };
        if let (Json::Object(members), Some(reasoning)) = (&mut json, self.reasoning) {
            let details = object! { "reasoning_tokens" => reasoning };
            members.push(("completion_tokens_details".to_owned(), details));
        }
        json
    }
}
