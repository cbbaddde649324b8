//! Conversations in every form that the Messages API has for them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::normal::{call, image, text, text_block};

fn document() -> impl Strategy<Value = Value> {
    (option::of(text()), option::of(text()), text()).prop_map(|(title, context, text)| {
        json!({"type": "document", "title": title, "context": context, "citations": {"enabled": true},
            "source": {"type": "text", "media_type": "text/plain", "data": text}})
    })
}

fn search_result() -> impl Strategy<Value = Value> {
    (text(), vec(text_block(), 0..3)).prop_map(|(title, content)| {
        json!({"type": "search_result", "source": "https://x", "title": title, "content": content})
    })
}

fn result() -> impl Strategy<Value = Value> {
    let blocks = vec(
        prop_oneof![text_block(), image(), document(), search_result()],
        0..3,
    );
    let content = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        text().prop_map(Value::String),
        blocks.prop_map(Value::from),
    ];
    ("toolu_[a-z0-9]{1,6}", content, option::of(any::<bool>())).prop_map(|(id, content, error)| {
        json!({"type": "tool_result", "tool_use_id": id, "content": content, "is_error": error})
    })
}

fn thinking() -> impl Strategy<Value = Value> {
    prop_oneof![
        (text(), "[a-z]{0,3}").prop_map(
            |(text, mark)| json!({"type": "thinking", "thinking": text, "signature": mark})
        ),
        Just(json!({"type": "redacted_thinking", "data": "x"})),
    ]
}

fn message() -> impl Strategy<Value = Value> {
    let mark = option::of(Just(json!({"type": "ephemeral"})));
    let user = vec(
        prop_oneof![text_block(), image(), document(), search_result(), result()],
        0..4,
    );
    let assistant = vec(prop_oneof![text_block(), thinking(), call()], 0..4);
    let content = prop_oneof![
        user.prop_map(|blocks| ("user", Value::from(blocks))),
        text().prop_map(|text| ("user", Value::String(text))),
        assistant.prop_map(|blocks| ("assistant", Value::from(blocks))),
        text().prop_map(|text| ("assistant", Value::String(text))),
    ];
    (content, mark).prop_map(|((role, mut content), mark)| {
        if let (Some(first), Some(mark)) = (content.get_mut(0), mark) {
            first["cache_control"] = mark;
        }
        json!({"role": role, "content": content})
    })
}

/// Messages in any order of roles.
pub(crate) fn messages() -> impl Strategy<Value = Vec<Value>> {
    vec(message(), 1..6)
}
