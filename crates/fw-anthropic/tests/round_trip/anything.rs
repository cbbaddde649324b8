//! JSON of any shape, and a mark in any object.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

/// The name of a field that nobody knows.
pub(crate) const MARK: &str = "zz_mark";

/// Adds a field that nobody knows to one of the objects.
pub(crate) fn mark(json: &mut Value, place: Index) {
    let mut left = place.index(objects(json));
    add(json, &mut left);
}

fn objects(json: &Value) -> usize {
    match json {
        Value::Object(members) => 1 + members.values().map(objects).sum::<usize>(),
        Value::Array(elements) => elements.iter().map(objects).sum(),
        _ => 0,
    }
}

fn add(json: &mut Value, left: &mut usize) -> bool {
    match json {
        Value::Object(members) => {
            if *left == 0 {
                members.insert(MARK.to_owned(), Value::from(1));
                return true;
            }
            *left -= 1;
            members.values_mut().any(|member| add(member, left))
        }
        Value::Array(elements) => elements.iter_mut().any(|element| add(element, left)),
        _ => false,
    }
}

/// JSON made of the names that requests and replies have.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let names = [
        "messages",
        "role",
        "content",
        "type",
        "text",
        "system",
        "tools",
        "name",
        "input",
        "tool_calls",
        "function",
        "arguments",
        "choices",
        "message",
        "source",
        "data",
        "id",
        "tool_use_id",
        "tool_choice",
        "thinking",
        "output_config",
        "format",
        "image_url",
        "usage",
    ];
    let words = [
        "user",
        "assistant",
        "tool",
        "text",
        "image",
        "document",
        "tool_use",
        "tool_result",
        "thinking",
        "base64",
        "url",
        "function",
        "image_url",
        "json_schema",
        "{}",
        "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        let member = (prop::sample::select(names.to_vec()), inner.clone());
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            vec(member, 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}
