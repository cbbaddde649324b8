//! What a client got, in whichever dialect it asked.

use fw_tests::{MODEL, Reply};
use serde_json::{Value, json};

/// How a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Chat,
    Completions,
    Responses,
    Messages,
}

/// What it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of the text.
    Whole(String),
    /// The start of the text, and then an error that says so.
    BrokenOff(String),
    /// An error in place of an answer.
    Refused(u16),
}

impl Dialect {
    pub(crate) const ALL: [Self; 4] = [
        Self::Chat,
        Self::Completions,
        Self::Responses,
        Self::Messages,
    ];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Completions => "/v1/completions",
            Self::Responses => "/v1/responses",
            Self::Messages => "/v1/messages",
        }
    }

    pub(crate) fn ask(self, text: &str, stream: bool) -> Value {
        let messages = json!([{ "role": "user", "content": text }]);
        match self {
            Self::Chat => json!({ "model": MODEL, "messages": messages, "stream": stream }),
            Self::Completions => json!({ "model": MODEL, "prompt": text, "stream": stream }),
            Self::Responses => json!({ "model": MODEL, "input": text, "stream": stream }),
            Self::Messages => {
                json!({ "model": MODEL, "max_tokens": 512, "messages": messages, "stream": stream })
            }
        }
    }

    /// Reads a reply.
    ///
    /// # Panics
    ///
    /// When it is neither whole nor a clear error.
    pub(crate) fn read(self, reply: &Reply) -> Answer {
        if reply.status != 200 {
            let error = reply.json();
            let message = error["error"]["message"].as_str();
            assert!(message.is_some_and(|text| !text.is_empty()), "{error}");
            return Answer::Refused(reply.status.as_u16());
        }
        let content_type = reply.header("content-type").expect("a content type");
        if content_type.starts_with("text/event-stream") {
            self.read_stream(reply)
        } else {
            Answer::Whole(self.plain_text(&reply.json()))
        }
    }

    fn plain_text(self, reply: &Value) -> String {
        let pointer = match self {
            Self::Chat => "/choices/0/message/content",
            Self::Completions => "/choices/0/text",
            Self::Responses => "/output/0/content/0/text",
            Self::Messages => "/content/0/text",
        };
        let text = reply.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text in {reply}"))
            .to_owned()
    }

    fn read_stream(self, reply: &Reply) -> Answer {
        assert!(reply.text().ends_with("\n\n"), "the last event is whole");
        let events = reply.chunks();
        let text = events
            .iter()
            .filter_map(|event| self.delta(event))
            .collect();
        let errors = events.iter().filter(|event| is_error(event)).count();
        let ends = events.iter().filter(|event| self.is_end(event)).count();
        let done = reply.text().matches("data: [DONE]").count();
        let expected = matches!(self, Self::Chat | Self::Completions);
        match (errors, ends, done) {
            (0, 1, done) if done == usize::from(expected) => Answer::Whole(text),
            (1, 0, 0) => {
                assert!(
                    is_error(events.last().unwrap()),
                    "the error comes last: {}",
                    reply.text()
                );
                Answer::BrokenOff(text)
            }
            _ => panic!("neither whole nor broken off: {}", reply.text()),
        }
    }

    fn delta(self, event: &Value) -> Option<&str> {
        let pointer = match self {
            Self::Chat => "/choices/0/delta/content",
            Self::Completions => "/choices/0/text",
            Self::Responses if event["type"] == "response.output_text.delta" => "/delta",
            Self::Messages if event["type"] == "content_block_delta" => "/delta/text",
            Self::Responses | Self::Messages => return None,
        };
        event.pointer(pointer)?.as_str()
    }

    fn is_end(self, event: &Value) -> bool {
        match self {
            Self::Chat | Self::Completions => event["choices"][0]["finish_reason"].is_string(),
            Self::Responses => event["type"] == "response.completed",
            Self::Messages => event["type"] == "message_stop",
        }
    }
}

fn is_error(event: &Value) -> bool {
    event["error"]["message"].is_string()
        || event["type"] == "error"
        || event["type"] == "response.failed"
}
