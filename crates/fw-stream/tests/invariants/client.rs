//! What a client makes of a stream: its own reading, with another JSON parser and no part of the crate.

use fw_wire::Endpoint;
use serde_json::Value;

use super::story::{Kind, Line, Story, response_type};

/// Puts the texts of a stream together, and checks each piece as it comes.
pub(crate) struct Client<'a> {
    story: &'a Story,
    /// How much of each line has come.
    came: Vec<usize>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(story: &'a Story) -> Self {
        Self {
            story,
            came: vec![0; story.lines.len()],
        }
    }

    /// Takes whole events.
    pub(crate) fn take(&mut self, events: &str) {
        assert!(events.ends_with("\n\n"), "only whole events leave");
        for block in events.split_terminator("\n\n") {
            let data = block.lines().find_map(|line| line.strip_prefix("data: "));
            match data {
                None => assert!(block.starts_with(':')),
                Some("[DONE]") => self.all_came(|_| true),
                Some(data) => {
                    let event: Value = serde_json::from_str(data).expect("every event is JSON");
                    match self.story.endpoint {
                        Endpoint::Messages => self.take_message_event(&event),
                        Endpoint::Responses => self.take_response_event(&event),
                        _ => self.take_chunk(&event),
                    }
                }
            }
        }
    }

    /// The end of the stream.
    pub(crate) fn end(&self) {
        self.all_came(|_| true);
        for line in &self.story.lines {
            if line.kind == Kind::Arguments {
                let arguments = serde_json::from_str::<Value>(&line.expected);
                assert!(arguments.is_ok(), "arguments stay JSON: {}", line.expected);
            }
        }
    }

    /// What has come of a line is the beginning of what it should be.
    fn piece(&mut self, kind: Kind, choice: usize, slot: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let is_it = |line: &Line| (line.kind, line.choice, line.slot) == (kind, choice, slot);
        let at = self
            .story
            .lines
            .iter()
            .position(is_it)
            .expect("there is such a text");
        let rest = &self.story.lines[at].expected[self.came[at]..];
        assert!(
            rest.starts_with(text),
            "{kind:?} {choice} {slot}: {text:?} came where {rest:?} is to come of {:?}",
            self.story.lines[at].text
        );
        self.came[at] += text.len();
    }

    /// Nothing is missing of these lines.
    fn all_came(&self, which: impl Fn(&Line) -> bool) {
        for (line, came) in self.story.lines.iter().zip(&self.came) {
            if which(line) {
                assert_eq!(&line.expected[..*came], line.expected, "of {:?}", line.text);
            }
        }
    }

    fn take_chunk(&mut self, event: &Value) {
        for choice in event["choices"].as_array().into_iter().flatten() {
            let index = choice["index"].as_u64().unwrap_or(0) as usize;
            let delta = &choice["delta"];
            let content = delta["content"].as_str().or(choice["text"].as_str());
            self.piece(Kind::Content, index, 0, content.unwrap_or_default());
            let texts = [
                (Kind::Reasoning, "reasoning_content"),
                (Kind::Refusal, "refusal"),
            ];
            for (kind, name) in texts {
                self.piece(kind, index, 0, delta[name].as_str().unwrap_or_default());
            }
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let slot = call["index"].as_u64().unwrap_or(0) as usize;
                let arguments = call["function"]["arguments"].as_str();
                self.piece(Kind::Arguments, index, slot, arguments.unwrap_or_default());
            }
            for token in choice["logprobs"]["content"]
                .as_array()
                .into_iter()
                .flatten()
            {
                // Log probabilities are for the text beside them, or they are gone.
                assert_eq!(token["token"].as_str(), content);
            }
            if choice["finish_reason"].is_string() && !self.story.finishes_always {
                self.all_came(|line| line.choice == index);
            }
        }
    }

    fn take_message_event(&mut self, event: &Value) {
        let slot = event["index"].as_u64().unwrap_or(0) as usize;
        let delta = &event["delta"];
        let texts = [
            (Kind::Content, "text"),
            (Kind::Reasoning, "thinking"),
            (Kind::Arguments, "partial_json"),
        ];
        for (kind, name) in texts {
            self.piece(kind, 0, slot, delta[name].as_str().unwrap_or_default());
        }
        match event["type"].as_str() {
            Some("content_block_stop") => self.all_came(|line| line.slot == slot),
            Some("message_delta" | "message_stop") => self.all_came(|_| true),
            _ => {}
        }
    }

    fn take_response_event(&mut self, event: &Value) {
        let item = event["output_index"].as_u64().unwrap_or(0) as usize;
        let ty = event["type"].as_str().unwrap_or_default();
        if let Some(delta) = event["delta"].as_str() {
            let kinds = [
                Kind::Content,
                Kind::Reasoning,
                Kind::Refusal,
                Kind::Arguments,
            ];
            let is_it = |kind: &Kind| ty == format!("response.{}.delta", response_type(*kind));
            let kind = kinds.into_iter().find(is_it).expect("a type that was sent");
            self.piece(kind, item, 0, delta);
        } else if ty.ends_with(".done") {
            self.all_came(|line| line.choice == item);
            let line = self.story.lines.iter().find(|line| line.choice == item);
            let expected = &line.expect("there is such an item").expected;
            let found = event.get("item").unwrap_or(event);
            assert_eq!(whole(found), Some(&**expected));
        } else if ty == "response.completed" {
            self.all_came(|_| true);
            let items = event["response"]["output"].as_array().expect("all items");
            for (item, line) in items.iter().zip(&self.story.lines) {
                assert_eq!(whole(item), Some(&*line.expected));
            }
        }
    }
}

/// The text of an item, or of an event that repeats one.
fn whole(value: &Value) -> Option<&str> {
    let value = match &value["content"][0] {
        Value::Null => value,
        part => part,
    };
    ["text", "refusal", "arguments"]
        .iter()
        .find_map(|name| value[name].as_str())
}
