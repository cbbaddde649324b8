//! Replies of `/v1/responses`.
//!
//! Fireworks counts tokens under the names of chat, OpenAI's SDKs read the names of Responses; the
//! client gets both. Deleting answers with a message where OpenAI answers with an object.

use bytes::Bytes;
use fw_wire::{Document, Usage, Value, encode_str};

use crate::changes::{ChangeKind, ParamsChanges};

/// A response, or a list of them.
pub(crate) fn convert(body: Bytes, changes: &mut ParamsChanges) -> Bytes {
    let Ok(mut document) = Document::parse(body.clone()) else {
        return body;
    };
    let source = document.clone();
    let root = source.root();
    response(&mut document, root, changes);
    if root
        .get("object")
        .is_some_and(|object| object.is_str("list"))
    {
        for item in root.get("data").into_iter().flat_map(Value::elements) {
            response(&mut document, item.value(), changes);
        }
    }
    document.finish()
}

/// One response object.
pub(crate) fn response(document: &mut Document, response: Value<'_>, changes: &mut ParamsChanges) {
    if let Some(usage) = response.get("usage")
        && both_names(document, usage)
    {
        changes.record(ChangeKind::Set, "reply.usage");
    }
    for item in response.get("output").into_iter().flat_map(Value::elements) {
        if let Some(arguments) = item.value().get("arguments")
            && arguments.is_object()
        {
            document.replace_text(arguments.span(), arguments.raw());
            changes.record(ChangeKind::Set, "reply.output[].arguments");
        }
    }
}

/// Adds to a usage object the names that it lacks. Returns whether it lacked any.
fn both_names(document: &mut Document, usage: Value<'_>) -> bool {
    let Some(counts) = Usage::from_value(usage) else {
        return false;
    };
    let cached = counts.cached_tokens.unwrap_or(0);
    let reasoning = counts.reasoning_tokens.unwrap_or(0);
    let mut changed = false;
    let mut add = |key: &str, json: String| {
        if usage.get(key).is_none_or(Value::is_null) {
            changed |= document.set(usage.span(), key, json).is_ok();
        }
    };
    add("prompt_tokens", counts.prompt_tokens.to_string());
    add("completion_tokens", counts.completion_tokens.to_string());
    add("total_tokens", counts.total_tokens.to_string());
    add("input_tokens", counts.prompt_tokens.to_string());
    add(
        "input_tokens_details",
        format!("{{\"cached_tokens\":{cached}}}"),
    );
    add("output_tokens", counts.completion_tokens.to_string());
    add(
        "output_tokens_details",
        format!("{{\"reasoning_tokens\":{reasoning}}}"),
    );
    changed
}

/// The answer to `DELETE /v1/responses/{id}`.
pub(crate) fn deleted(id: &str, body: Bytes, changes: &mut ParamsChanges) -> Bytes {
    if let Ok(root) = Value::parse(&body)
        && root.get("deleted").is_some()
    {
        return body;
    }
    let mut json = String::from("{\"id\":");
    encode_str(&mut json, id);
    json.push_str(",\"object\":\"response\",\"deleted\":true}");
    changes.record(ChangeKind::Set, "reply");
    json.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(body: &'static str) -> String {
        let body = convert(Bytes::from_static(body.as_bytes()), &mut Default::default());
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn usage_has_both_families_of_names() {
        assert_eq!(
            converted(
                r#"{"id":"r","usage":{"prompt_tokens":27,"completion_tokens":104,"total_tokens":131,"prompt_tokens_details":{"cached_tokens":9}},"x": 1}"#
            ),
            r#"{"id":"r","usage":{"prompt_tokens":27,"completion_tokens":104,"total_tokens":131,"prompt_tokens_details":{"cached_tokens":9},"input_tokens":27,"input_tokens_details":{"cached_tokens":9},"output_tokens":104,"output_tokens_details":{"reasoning_tokens":0}},"x": 1}"#
        );
        assert_eq!(
            converted(r#"{"usage":{"input_tokens":1,"output_tokens":2}}"#),
            r#"{"usage":{"input_tokens":1,"output_tokens":2,"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens_details":{"reasoning_tokens":0}}}"#
        );
    }

    #[test]
    fn a_reply_without_usage_is_the_same() {
        for body in [
            r#"{"id":"r","usage":null}"#,
            r#"{"id":"r"}"#,
            "[]",
            "no json",
        ] {
            assert_eq!(converted(body), body);
        }
    }

    #[test]
    fn every_item_of_a_list_is_converted() {
        let list = converted(
            r#"{"object":"list","data":[{"usage":{"prompt_tokens":1}},{"usage":{"prompt_tokens":2}}]}"#,
        );
        assert_eq!(list.matches("\"input_tokens\"").count(), 2);
    }

    #[test]
    fn deleting_answers_as_openai_does() {
        let of = |body: &'static str| {
            deleted(
                "resp_1",
                Bytes::from_static(body.as_bytes()),
                &mut Default::default(),
            )
        };
        let object = r#"{"id":"resp_1","object":"response","deleted":true}"#;
        assert_eq!(of(r#"{"message":"Response deleted successfully"}"#), object);
        assert_eq!(of(""), object);
        assert_eq!(
            of(r#"{"id":"resp_1","deleted":true}"#),
            r#"{"id":"resp_1","deleted":true}"#
        );
    }
}
