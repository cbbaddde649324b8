//! What a conversation says, whatever form it has. Written from the documentation of the conversion,
//! not from its code.

use serde_json::Value;

/// Turn by turn.
#[derive(Debug, PartialEq)]
pub(crate) struct Story(Vec<Turn>);

#[derive(Debug, PartialEq, Default)]
struct Turn {
    role: String,
    /// Line breaks aside: they stand where two texts were put together.
    thoughts: String,
    text: String,
    images: Vec<Value>,
    /// Ids, names and inputs.
    calls: Vec<[Value; 3]>,
    /// Ids, and what came back.
    results: Vec<(Value, String)>,
}

impl Story {
    pub(crate) fn of(request: &Value) -> Self {
        let mut turns: Vec<Turn> = Vec::new();
        for message in request["messages"].as_array().unwrap() {
            let role = message["role"].as_str().unwrap();
            if turns.last().is_none_or(|turn| turn.role != role) {
                turns.push(Turn {
                    role: role.to_owned(),
                    ..Turn::default()
                });
            }
            let turn = turns.last_mut().unwrap();
            match &message["content"] {
                Value::String(text) => turn.say(text),
                content => turn.hear(content.as_array().unwrap()),
            }
        }
        Self(turns)
    }
}

impl Turn {
    fn say(&mut self, text: &str) {
        self.text.push_str(&text.replace('\n', ""));
    }

    fn hear(&mut self, blocks: &[Value]) {
        let at = self.images.len();
        let mut of_results = Vec::new();
        for block in blocks {
            match block["type"].as_str().unwrap() {
                "thinking" => {
                    let thoughts = block["thinking"].as_str().unwrap();
                    self.thoughts.push_str(&thoughts.replace('\n', ""));
                }
                "redacted_thinking" => {}
                "tool_use" => {
                    let call = ["id", "name", "input"].map(|field| block[field].clone());
                    self.calls.push(call);
                }
                "tool_result" => {
                    let mut inner = Turn::default();
                    match &block["content"] {
                        Value::Null => {}
                        Value::String(text) => inner.say(text),
                        content => inner.hear(content.as_array().unwrap()),
                    }
                    let mut text = inner.text;
                    if text.is_empty() && !inner.images.is_empty() {
                        text.push_str("The result is the image in the next message.");
                    }
                    if block["is_error"] == true {
                        text.insert_str(0, "Error: ");
                    }
                    of_results.append(&mut inner.images);
                    self.results.push((block["tool_use_id"].clone(), text));
                }
                "image" => self.images.push(block["source"].clone()),
                "text" => self.say(block["text"].as_str().unwrap()),
                "document" => {
                    for text in [&block["title"], &block["context"], &block["source"]["data"]] {
                        self.say(text.as_str().unwrap_or_default());
                    }
                }
                "search_result" => {
                    for text in [&block["title"], &block["source"]] {
                        self.say(text.as_str().unwrap());
                    }
                    self.hear(block["content"].as_array().unwrap());
                }
                other => panic!("{other}"),
            }
        }
        // Images of results come before those that the user adds.
        self.images.splice(at..at, of_results);
    }
}
