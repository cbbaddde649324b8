//! Puts a streamed response together as OpenAI's SDKs do, and is as strict as the strictest of them: an event for
//! an item or a part that was not announced, a second item with an id, a text that differs from its deltas, all
//! are failures.

use std::collections::BTreeSet;

use serde_json::Value;

/// How a stream ended, and the response it ended with.
#[derive(Debug)]
pub(crate) struct Streamed {
    pub(crate) last_event: String,
    pub(crate) response: Value,
    pub(crate) events: Vec<String>,
}

/// Reads the whole text of a stream.
pub(crate) fn accumulate(text: &str) -> Streamed {
    let mut snapshot = Snapshot::default();
    let mut events = Vec::new();
    let mut last = None;
    for block in text.split("\n\n").filter(|block| !block.is_empty()) {
        if block.starts_with(':') {
            continue;
        }
        assert!(last.is_none(), "nothing may follow the last event: {block}");
        let (name, data) = block.split_once('\n').unwrap();
        let name = name.strip_prefix("event: ").unwrap();
        let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(event["type"], name);
        assert_eq!(event["sequence_number"], events.len());
        if events.is_empty() {
            assert_eq!(name, "response.created");
        }
        events.push(name.to_owned());
        if let "response.completed" | "response.incomplete" | "response.failed" = name {
            last = Some((name.to_owned(), event["response"].clone()));
        } else {
            snapshot.event(name, &event);
        }
    }
    let (last_event, response) = last.expect("a stream has a last event");
    assert_eq!(response["id"], snapshot.response["id"]);
    assert_eq!(
        last_event,
        format!("response.{}", response["status"].as_str().unwrap())
    );
    if last_event != "response.failed" {
        assert_eq!(response["output"], Value::Array(snapshot.output));
        assert!(snapshot.open.is_empty(), "every item is closed");
    }
    Streamed {
        last_event,
        response,
        events,
    }
}

#[derive(Default)]
struct Snapshot {
    response: Value,
    output: Vec<Value>,
    open: BTreeSet<usize>,
    ids: BTreeSet<String>,
}

impl Snapshot {
    fn event(&mut self, name: &str, event: &Value) {
        match name {
            "response.created" | "response.in_progress" => {
                assert_eq!(event["response"]["status"], "in_progress");
                assert_eq!(event["response"]["output"], serde_json::json!([]));
                self.response = event["response"].clone();
            }
            "response.output_item.added" => {
                let item = &event["item"];
                assert_eq!(event["output_index"], self.output.len());
                self.new_id(&item["id"]);
                if item["type"] == "function_call" {
                    self.new_id(&item["call_id"]);
                }
                self.open.insert(self.output.len());
                self.output.push(item.clone());
            }
            "response.output_item.done" => {
                let at = index(event, "output_index");
                assert!(self.open.remove(&at), "an item is closed once");
                let (begun, done) = (&mut self.output[at], &event["item"]);
                for same in ["id", "type", "call_id", "name", "content", "arguments"] {
                    assert_eq!(begun[same], done[same], "{same}");
                }
                assert_eq!(begun["summary"], done["summary"]);
                *begun = done.clone();
            }
            _ => self.part(name, event),
        }
    }

    fn new_id(&mut self, id: &Value) {
        let id = id.as_str().unwrap();
        assert!(!id.is_empty());
        assert!(self.ids.insert(id.to_owned()), "{id} is there already");
    }

    fn part(&mut self, name: &str, event: &Value) {
        let at = index(event, "output_index");
        assert!(self.open.contains(&at), "{name} is for an open item");
        let item = &mut self.output[at];
        assert_eq!(item["id"], event["item_id"]);
        let (expected, list, number) = match name {
            _ if name.contains("reasoning_summary") => ("reasoning", "summary", "summary_index"),
            _ if name.contains("reasoning_text") => ("reasoning", "content", "content_index"),
            _ if name.contains("arguments") => ("function_call", "", ""),
            "response.content_part.added" | "response.content_part.done"
                if event["part"]["type"] == "reasoning_text" =>
            {
                ("reasoning", "content", "content_index")
            }
            _ => ("message", "content", "content_index"),
        };
        assert_eq!(item["type"], expected, "{name}");
        match name {
            "response.function_call_arguments.delta" => extend(&mut item["arguments"], event),
            "response.function_call_arguments.done" => {
                assert_eq!(item["arguments"], event["arguments"]);
                assert_eq!(item["name"], event["name"]);
            }
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                let parts = item[list].as_array_mut().unwrap();
                assert_eq!(event[number], parts.len());
                parts.push(event["part"].clone());
            }
            "response.content_part.done" | "response.reasoning_summary_part.done" => {
                assert_eq!(item[list][index(event, number)], event["part"]);
            }
            "response.output_text.delta"
            | "response.reasoning_text.delta"
            | "response.reasoning_summary_text.delta" => {
                extend(&mut item[list][index(event, number)]["text"], event);
            }
            "response.refusal.delta" => {
                extend(&mut item[list][index(event, number)]["refusal"], event);
            }
            "response.output_text.done"
            | "response.reasoning_text.done"
            | "response.reasoning_summary_text.done" => {
                assert_eq!(item[list][index(event, number)]["text"], event["text"]);
            }
            "response.refusal.done" => {
                let part = &item[list][index(event, number)];
                assert_eq!(part["refusal"], event["refusal"]);
            }
            // The Node SDK fails on a type that it does not know.
            _ => panic!("{name} is no event of the Responses API"),
        }
    }
}

fn index(event: &Value, name: &str) -> usize {
    usize::try_from(event[name].as_u64().unwrap()).unwrap()
}

fn extend(text: &mut Value, event: &Value) {
    let delta = event["delta"].as_str().unwrap();
    assert!(!delta.is_empty(), "an empty delta says nothing");
    *text = Value::String(format!("{}{delta}", text.as_str().unwrap()));
}
