//! A client that puts a Messages stream together as Anthropic's SDKs do, and is strict about it.

use serde_json::{Map, Value, json};

/// What a stream came to.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The message; as far as it got, if there is an error.
    pub(crate) message: Value,
    pub(crate) error: Option<Value>,
    pub(crate) is_complete: bool,
    pub(crate) pings: usize,
    /// The text of each delta, with the index of its block.
    pub(crate) deltas: Vec<(usize, String)>,
}

/// The events of a stream: name and data. Comments are left out.
pub(crate) fn events(stream: &str) -> Vec<(String, Value)> {
    let blocks = stream.split("\n\n").filter(|block| !block.is_empty());
    let blocks = blocks.filter(|block| !block.starts_with(':'));
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').expect("two lines");
            let name = name.strip_prefix("event: ").expect("a name");
            let data = data.strip_prefix("data: ").expect("data");
            (name.to_owned(), serde_json::from_str(data).expect("JSON"))
        })
        .collect()
}

/// Puts a stream together. Panics where an SDK would be surprised.
pub(crate) fn receive(stream: &str) -> Received {
    assert!(stream.is_empty() || stream.ends_with("\n\n"), "{stream}");
    let mut received = Received::default();
    let mut open = None;
    let mut inputs: Vec<String> = Vec::new();
    for (name, data) in events(stream) {
        assert_eq!(name, data["type"].as_str().unwrap());
        assert!(!received.is_complete && received.error.is_none(), "{name}");
        let is_started = received.message.is_object();
        match name.as_str() {
            "error" => received.error = Some(data.clone()),
            "ping" => received.pings += 1,
            "message_start" => {
                assert!(!is_started);
                received.message = data["message"].clone();
            }
            _ => assert!(is_started, "{name}"),
        }
        let message = &mut received.message;
        match name.as_str() {
            "content_block_start" => {
                let content = message["content"].as_array_mut().unwrap();
                assert_eq!(open, None, "one block at a time");
                assert_eq!(data["index"], content.len());
                open = Some(content.len());
                content.push(data["content_block"].clone());
                inputs.push(String::new());
            }
            "content_block_delta" => {
                let at = open.expect("an open block");
                assert_eq!(data["index"], at);
                let block = &mut message["content"][at];
                let delta = &data["delta"];
                let (kind, field) = match delta["type"].as_str().unwrap() {
                    "text_delta" => ("text", "text"),
                    "thinking_delta" => ("thinking", "thinking"),
                    "signature_delta" => ("thinking", "signature"),
                    "input_json_delta" => ("tool_use", "partial_json"),
                    other => panic!("{other}"),
                };
                assert_eq!(block["type"], kind);
                let text = delta[field].as_str().unwrap();
                received.deltas.push((at, text.to_owned()));
                if kind == "tool_use" {
                    inputs[at].push_str(text);
                } else {
                    let all = block[field].as_str().unwrap().to_owned() + text;
                    block[field] = all.into();
                }
            }
            "content_block_stop" => {
                let at = open.take().expect("an open block");
                assert_eq!(data["index"], at);
                let block = &mut message["content"][at];
                if block["type"] == "tool_use" && !inputs[at].is_empty() {
                    let input = serde_json::from_str(&inputs[at]);
                    block["input"] = input.unwrap_or_else(|_| json!({ "partial": inputs[at] }));
                }
            }
            "message_delta" => {
                assert_eq!(open, None, "all blocks are closed");
                for (key, value) in data["delta"].as_object().unwrap() {
                    message[key] = value.clone();
                }
                let usage: &mut Map<_, _> = message["usage"].as_object_mut().unwrap();
                usage.extend(data["usage"].as_object().unwrap().clone());
            }
            "message_stop" => {
                assert!(message["stop_reason"].is_string());
                received.is_complete = true;
            }
            _ => {}
        }
    }
    received
}
