//! Requests in the form that the conversion back writes.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A text with something in it: an empty text has no block.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{1,12}",
        "\\PC{1,8}",
        Just("line\n\"two\"\t\\".to_owned())
    ]
}

pub(crate) fn text_block() -> impl Strategy<Value = Value> {
    text().prop_map(|text| json!({"type": "text", "text": text}))
}

pub(crate) fn image() -> impl Strategy<Value = Value> {
    let base64 = "[A-Za-z0-9+/]{4,12}"
        .prop_map(|data| json!({"type": "base64", "media_type": "image/png", "data": data}));
    let url = "https://[a-z]{1,8}/[a-z]{1,8}".prop_map(|url| json!({"type": "url", "url": url}));
    prop_oneof![base64, url].prop_map(|source| json!({"type": "image", "source": source}))
}

pub(crate) fn input() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        (text(), any::<i32>()).prop_map(|(text, number)| json!({"a": text, "b": {"c": [number]}})),
    ]
}

pub(crate) fn call() -> impl Strategy<Value = Value> {
    ("toolu_[a-z0-9]{1,6}", "[a-z_]{1,8}", input()).prop_map(
        |(id, name, input)| json!({"type": "tool_use", "id": id, "name": name, "input": input}),
    )
}

fn result() -> impl Strategy<Value = Value> {
    ("toolu_[a-z0-9]{1,6}", text())
        .prop_map(|(id, text)| json!({"type": "tool_result", "tool_use_id": id, "content": text}))
}

/// Results first. Without any, a single text would be a string.
fn user() -> impl Strategy<Value = Value> {
    let pieces = |least| vec(prop_oneof![text_block(), image()], least..4);
    let content = prop_oneof![
        text().prop_map(Value::String),
        (image(), pieces(0)).prop_map(|(image, pieces)| [vec![image], pieces].concat().into()),
        (vec(result(), 1..3), pieces(0))
            .prop_map(|(results, rest)| [results, rest].concat().into()),
    ];
    content.prop_map(|content| json!({"role": "user", "content": content}))
}

fn assistant() -> impl Strategy<Value = Value> {
    let thinking =
        text().prop_map(|text| json!({"type": "thinking", "thinking": text, "signature": ""}));
    let blocks = (
        option::of(thinking),
        option::of(text_block()),
        vec(call(), 0..3),
    )
        .prop_filter_map("a text alone is a string", |(thinking, text, calls)| {
            let plain = thinking.is_none() && calls.is_empty();
            let blocks: Vec<Value> = thinking.into_iter().chain(text).chain(calls).collect();
            (!plain).then(|| Value::from(blocks))
        });
    prop_oneof![text().prop_map(Value::String), blocks]
        .prop_map(|content| json!({"role": "assistant", "content": content}))
}

fn tool() -> impl Strategy<Value = Value> {
    ("[a-z_]{1,8}", option::of(text()), option::of(any::<bool>())).prop_map(
        |(name, description, strict)| {
            let mut tool = json!({"name": name, "input_schema": {"type": "object", "x": {}}});
            if let Some(description) = description {
                tool["description"] = description.into();
            }
            if let Some(strict) = strict {
                tool["strict"] = strict.into();
            }
            tool
        },
    )
}

fn tools() -> impl Strategy<Value = Value> {
    let choice = |name: Value| {
        let kind = prop_oneof![
            Just(json!({"type": "auto"})),
            Just(json!({"type": "any"})),
            Just(json!({"type": "none"})),
            Just(json!({"type": "tool", "name": name})),
            Just(json!({"type": "auto", "disable_parallel_tool_use": true})),
        ];
        option::of(kind)
    };
    vec(tool(), 1..3).prop_flat_map(move |tools| {
        let choice = choice(tools[0]["name"].clone());
        choice.prop_map(move |choice| match choice {
            Some(choice) => json!({"tools": tools, "tool_choice": choice}),
            None => json!({"tools": tools}),
        })
    })
}

fn reasoning() -> impl Strategy<Value = Value> {
    let schema = json!({"type": "json_schema", "schema": {"type": "object"}});
    prop_oneof![
        Just(json!({})),
        Just(json!({"thinking": {"type": "enabled", "budget_tokens": 2048}})),
        Just(json!({"thinking": {"type": "disabled"}})),
        Just(json!({"output_config": {"effort": "low"}})),
        Just(json!({"output_config": {"effort": "xhigh", "format": schema.clone()}})),
        Just(json!({"output_config": {"format": schema}})),
    ]
}

fn settings() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"max_tokens": 1})),
        Just(
            json!({"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "top_k": 40, "stream": true})
        ),
        Just(json!({"max_tokens": 2, "stop_sequences": ["a", "b"], "metadata": {"user_id": "u"}})),
    ]
}

/// Users and assistants take turns: what follows each other in one role may become one message.
pub(crate) fn request() -> impl Strategy<Value = Value> {
    let system = vec(text_block(), 0..2);
    let turns = vec((user(), assistant()), 1..4);
    let fields = (settings(), reasoning(), option::of(tools()));
    (system, turns, fields).prop_map(|(system, turns, (settings, reasoning, tools))| {
        let turns = turns
            .into_iter()
            .flat_map(|(user, assistant)| [user, assistant]);
        let mut request = json!({"messages": turns.collect::<Vec<_>>()});
        if !system.is_empty() {
            request["system"] = system.into();
        }
        for fields in [Some(settings), Some(reasoning), tools]
            .into_iter()
            .flatten()
        {
            for (key, value) in fields.as_object().unwrap() {
                request[key] = value.clone();
            }
        }
        request
    })
}
