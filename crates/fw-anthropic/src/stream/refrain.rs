//! Chunks that say nothing new but their text.
//!
//! Nearly all chunks of a stream are the same JSON around a few words. Once one was read and had nothing
//! in it but text, another with the same bytes before and after its text has nothing else either. To see
//! that costs a tenth of reading it.

use fw_wire::{Span, Value};

use super::blocks::Content;

/// The bytes around the text of such a chunk.
pub(super) struct Refrain {
    /// With the quote that begins the text. Empty: nothing was learnt.
    before: Box<[u8]>,
    /// With the quote that ends it.
    after: Box<[u8]>,
    content: Content,
    /// How many chunks in a row were other ones.
    others: u32,
}

// === impl Refrain ===

impl Refrain {
    pub(super) fn new() -> Self {
        Self {
            before: Box::default(),
            after: Box::default(),
            content: Content::Text,
            others: 0,
        }
    }

    /// The text of a chunk that is like the one learnt, as spelt.
    pub(super) fn text<'a>(&mut self, data: &'a [u8]) -> Option<(Content, &'a str)> {
        if self.before.is_empty() {
            return None;
        }
        let text = data
            .strip_prefix(&*self.before)
            .and_then(|rest| rest.strip_suffix(&*self.after))
            .filter(|text| is_within_a_string(text))
            .and_then(|text| std::str::from_utf8(text).ok());
        match text {
            Some(text) => {
                self.others = 0;
                Some((self.content, text))
            }
            None => None,
        }
    }

    /// Learns a chunk that was read, if it had nothing in it but text.
    ///
    /// Does so less and less often while nothing that was learnt comes again, so that it costs little
    /// where every chunk is different.
    pub(super) fn learn(&mut self, data: &[u8], chunk: Value<'_>) {
        self.others = self.others.saturating_add(1);
        if self.others > 2 && !self.others.is_power_of_two() {
            return;
        }
        let Some((content, text)) = only_text(chunk) else {
            return;
        };
        let (start, end) = (text.start() + 1, text.end().saturating_sub(1));
        if let (Some(before), Some(after)) = (data.get(..start), data.get(end..)) {
            self.before = before.into();
            self.after = after.into();
            self.content = content;
        }
    }
}

/// Where the text is, if the chunk says nothing else.
fn only_text(chunk: Value<'_>) -> Option<(Content, Span)> {
    let [choices, usage] = chunk.get_many(["choices", "usage"]);
    let mut choices = choices?.elements();
    let choice = choices.next()?.value();
    let [index, delta, finish_reason] = choice.get_many(["index", "delta", "finish_reason"]);
    let is_null = |value: Option<Value<'_>>| value.is_none_or(Value::is_null);
    let is_first = index.is_none_or(|index| index.as_u64() == Some(0));
    if choices.next().is_some() || !is_first || !is_null(usage) || !is_null(finish_reason) {
        return None;
    }
    let mut only = None;
    for member in delta?.members() {
        let value = member.value();
        let content = match &*member.key() {
            "role" => continue,
            "content" => Content::Text,
            "reasoning_content" => Content::Thinking,
            _ if value.is_null() => continue,
            _ => return None,
        };
        if !value.is_null() {
            let is_second = only.replace((content, value.span())).is_some();
            if is_second || !value.is_string() {
                return None;
            }
        }
    }
    only
}

/// Whether these are contents of a string that need no closer look.
fn is_within_a_string(text: &[u8]) -> bool {
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let is_good = match byte {
            b'\\' => rest.next().is_some_and(|next| b"\"\\/bfnrt".contains(next)),
            b'"' => false,
            byte => *byte >= 0x20,
        };
        if !is_good {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &str = r#"{"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi","reasoning_content":null},"finish_reason":null}],"usage":null}"#;

    fn learnt(chunk: &str) -> Refrain {
        let mut refrain = Refrain::new();
        refrain.learn(chunk.as_bytes(), Value::parse(chunk.as_bytes()).unwrap());
        refrain
    }

    fn text<'a>(refrain: &mut Refrain, chunk: &'a str) -> Option<&'a str> {
        refrain.text(chunk.as_bytes()).map(|(_, text)| text)
    }

    #[test]
    fn a_chunk_like_the_one_learnt_has_only_text() {
        let mut refrain = learnt(CHUNK);
        for said in ["Hi", "", "é \\\"quoted\\\"\\n"] {
            assert_eq!(text(&mut refrain, &CHUNK.replace("Hi", said)), Some(said));
        }
    }

    #[test]
    fn any_other_is_read() {
        let mut refrain = learnt(CHUNK);
        for (from, to) in [
            ("Hi", "\",\"x\":\""),
            ("Hi", "a\nb"),
            ("Hi", "\\"),
            ("Hi", "\\ud83d"),
            ("\"id\":\"a\"", "\"id\":\"b\""),
            ("\"finish_reason\":null", "\"finish_reason\":\"stop\""),
            ("\"usage\":null", "\"usage\":{}"),
        ] {
            assert_eq!(text(&mut refrain, &CHUNK.replace(from, to)), None, "{to}");
        }
        let mut broken = CHUNK.replace("Hi", "\u{fffd}").into_bytes();
        let at = broken.iter().position(|byte| *byte == 0xef).unwrap();
        broken[at] = 0xff;
        assert!(refrain.text(&broken).is_none());
    }

    #[test]
    fn what_says_more_than_text_is_not_learnt() {
        for (from, to) in [
            ("\"index\":0", "\"index\":1"),
            ("null}]", "\"stop\"}]"),
            ("\"usage\":null", "\"usage\":{\"prompt_tokens\":1}"),
            ("\"reasoning_content\":null", "\"reasoning_content\":\"x\""),
            ("\"reasoning_content\":null", "\"tool_calls\":[{}]"),
            ("\"content\":\"Hi\"", "\"content\":[]"),
            ("\"content\":\"Hi\"", "\"content\":null"),
            ("}],", "},{\"index\":0,\"delta\":{}}],"),
        ] {
            let chunk = CHUNK.replacen(from, to, 1);
            assert_ne!(chunk, CHUNK);
            assert_eq!(text(&mut learnt(&chunk), &chunk), None, "{chunk}");
        }
    }
}
