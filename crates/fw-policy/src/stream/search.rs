//! A quick search for what may be in an event beside the text of its channels.

use fw_stream::Event;
use fw_wire::Endpoint;
use memchr::memmem::Finder;

/// Tells the many events that have nothing but the text of their channels from those that have to be read.
/// It may take one for the other only in one way: what is found here need not be there.
#[derive(Debug)]
pub(super) struct Search {
    /// A key that each event of the endpoint has. Quotes within a string have a backslash before them, so
    /// a text that speaks of it is not taken for it.
    key: Finder<'static>,
    /// How its value begins.
    values: &'static [&'static [u8]],
    /// Both of the next two have it, and most events have neither.
    common: Finder<'static>,
    /// With the names around it, such as `completion_logprobs` or `top_logprobs`.
    logprobs: Finder<'static>,
    error: Finder<'static>,
    escape: Finder<'static>,
}

// === impl Search ===

impl Search {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        let (key, values): (&[u8], &'static [&'static [u8]]) = match endpoint {
            Endpoint::Messages => (
                br#""type""#,
                &[br#""content_block_"#, br#""message_"#, br#""ping""#],
            ),
            Endpoint::Responses => (br#""type""#, &[br#""response."#]),
            _ => (br#""choices""#, &[b"["]),
        };
        Self {
            key: Finder::new(key),
            values,
            common: Finder::new(b"ro"),
            logprobs: Finder::new(b"logprobs\""),
            error: Finder::new(b"error"),
            escape: Finder::new(br"\u00"),
        }
    }

    pub(super) fn may_have_any(&self, event: &Event) -> bool {
        let Some(data) = event.data() else {
            return true;
        };
        !self.is_known(data)
            || self.has_name(data)
            || self.has_escaped_letter(data)
            || event.name() == Some("error")
    }

    fn is_known(&self, data: &[u8]) -> bool {
        if !data.trim_ascii_start().starts_with(b"{") {
            return false;
        }
        let value = |found: usize| {
            let after = data.get(found + self.key.needle().len()..)?;
            let value = after.trim_ascii_start().strip_prefix(b":")?;
            Some(value.trim_ascii_start())
        };
        let mut found = self.key.find_iter(data).filter_map(value);
        found.any(|value| self.values.iter().any(|start| value.starts_with(start)))
    }

    /// Whether there is `logprobs` or `error`.
    fn has_name(&self, data: &[u8]) -> bool {
        let Some(found) = self.common.find(data) else {
            return false;
        };
        // No more than that stands before it in either.
        let start = found.saturating_sub("logp".len());
        let rest = data.get(start..).unwrap_or_default();
        self.logprobs.find(rest).is_some() || self.error.find(rest).is_some()
    }

    /// A key may be spelt with escapes. Those of the lower-case letters are `\u0061` to `\u007a`; nobody
    /// writes them, so an event with one is rare.
    fn has_escaped_letter(&self, data: &[u8]) -> bool {
        let Some(rest) = memchr::memchr(b'\\', data).and_then(|first| data.get(first..)) else {
            return false;
        };
        self.escape
            .find_iter(rest)
            .any(|at| matches!(rest.get(at + self.escape.needle().len()), Some(b'6' | b'7')))
    }
}

#[cfg(test)]
mod tests {
    use fw_stream::{Framer, encode_event};

    use super::*;

    fn finds(endpoint: Endpoint, name: Option<&str>, data: &str) -> bool {
        let mut framer = Framer::new();
        framer.push(encode_event(name, data.as_bytes()));
        let event = framer.next_event().unwrap().unwrap();
        Search::new(endpoint).may_have_any(&event)
    }

    #[test]
    fn an_event_with_nothing_but_text_is_not_read() {
        for (endpoint, name, data) in [
            (
                Endpoint::ChatCompletions,
                None,
                r#"{"choices" : [{"delta":{"content":"\u00e9\u003c\u0000 \"message\""}}]}"#,
            ),
            (Endpoint::Completions, None, r#"{"id":"1","choices":[]}"#),
            (
                Endpoint::Messages,
                Some("content_block_delta"),
                r#"{"delta":{"type":"text_delta"},"type": "content_block_delta"}"#,
            ),
            (Endpoint::Responses, None, r#"{"type":"response.created"}"#),
        ] {
            assert!(!finds(endpoint, name, data), "{data}");
        }
    }

    #[test]
    fn when_in_doubt_an_event_is_read() {
        for (endpoint, name, data) in [
            (Endpoint::ChatCompletions, None, r#"{"message":"m"}"#),
            (Endpoint::ChatCompletions, None, r#"{"choices":"m"}"#),
            (Endpoint::ChatCompletions, None, r#"[{"choices":[]}]"#),
            (
                Endpoint::ChatCompletions,
                None,
                r#"{"choices":[],"error":1}"#,
            ),
            (
                Endpoint::ChatCompletions,
                None,
                r#"{"choices":[],"\u0065rror":1}"#,
            ),
            (
                Endpoint::ChatCompletions,
                None,
                r#"{"choices":[{"logprobs" :1}]}"#,
            ),
            (
                Endpoint::ChatCompletions,
                Some("error"),
                r#"{"choices":[]}"#,
            ),
            (Endpoint::Responses, Some("error"), r#"{"type":"x"}"#),
            (Endpoint::Responses, Some("x"), r#"{"message":"m"}"#),
            (
                Endpoint::Responses,
                None,
                r#"{"detail":[{"type":"missing"}]}"#,
            ),
            (Endpoint::Messages, None, r#"{"\u0074ype":"ping"}"#),
        ] {
            assert!(finds(endpoint, name, data), "{data}");
        }
    }
}
