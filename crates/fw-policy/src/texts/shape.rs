//! Whether a body or an event is what its endpoint sends.
//!
//! What is none of that is most often an error, and servers do not agree on how those look: OpenAI, and
//! Anthropic, have an object `error`; older vLLM says `{"object":"error","message":…}`; FastAPI, which many
//! servers are built on, says `{"detail":…}`; others `{"message":…}` or `{"errors":[…]}`. Any of them may
//! quote the request, so all of such a body is text.

use fw_wire::{Endpoint, Value};

/// A whole reply.
pub(super) fn is_reply(endpoint: Endpoint, root: Value<'_>) -> bool {
    !says_error(root)
        && match endpoint {
            Endpoint::ChatCompletions | Endpoint::Completions => has_list(root, "choices"),
            Endpoint::Embeddings => has_list(root, "data"),
            // A reply; and the answer to how long a request is.
            Endpoint::Messages => has_list(root, "content") || has(root, "input_tokens"),
            // The same, the list of stored responses, and what is said about one that was deleted.
            _ => {
                has_list(root, "output")
                    || has_list(root, "data")
                    || has(root, "input_tokens")
                    || has(root, "deleted")
            }
        }
}

/// An event of a stream, by its name and data.
pub(super) fn is_event(endpoint: Endpoint, name: Option<&str>, root: Value<'_>) -> bool {
    name != Some("error")
        && !says_error(root)
        && match endpoint {
            Endpoint::ChatCompletions | Endpoint::Completions => has_list(root, "choices"),
            _ => has(root, "type"),
        }
}

fn says_error(root: Value<'_>) -> bool {
    root.members().any(|member| {
        (member.key_is("object") || member.key_is("type")) && member.value().is_str("error")
    })
}

fn has(root: Value<'_>, key: &str) -> bool {
    root.members().any(|member| member.key_is(key))
}

/// If a key comes twice, clients differ in which one they read.
fn has_list(root: Value<'_>, key: &str) -> bool {
    let mut lists = root
        .members()
        .filter(|member| member.key_is(key))
        .peekable();
    lists.peek().is_some() && lists.all(|member| member.value().is_array())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Value<'_> {
        Value::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn replies_are_known_by_what_each_of_them_has() {
        for (endpoint, json) in [
            (Endpoint::ChatCompletions, r#"{"choices":[]}"#),
            (Endpoint::Completions, r#"{"choices":[],"error":null}"#),
            (Endpoint::Embeddings, r#"{"data":[]}"#),
            (Endpoint::Messages, r#"{"type":"message","content":[]}"#),
            (Endpoint::Messages, r#"{"input_tokens":1}"#),
            (Endpoint::Responses, r#"{"object":"response","output":[]}"#),
            (Endpoint::Responses, r#"{"object":"list","data":[]}"#),
            (Endpoint::Responses, r#"{"id":"resp_1","deleted":true}"#),
        ] {
            assert!(is_reply(endpoint, parse(json)), "{json}");
        }
    }

    #[test]
    fn errors_of_any_shape_are_no_replies_and_no_events() {
        for json in [
            r#"{"object":"error","message":"m","choices":[],"output":[],"content":[],"data":[]}"#,
            r#"{"type":"error","message":"m","choices":[],"output":[],"content":[],"data":[]}"#,
            r#"{"detail":[{"loc":["body"],"msg":"m"}]}"#,
            r#"{"message":"m"}"#,
            r#"{"errors":["m"]}"#,
            r#"{"choices":{"0":"m"},"output":"m","content":"m","data":"m"}"#,
            r#"["m"]"#,
            r#""m""#,
        ] {
            for endpoint in Endpoint::ALL {
                assert!(!is_reply(endpoint, parse(json)), "{endpoint:?} {json}");
                assert!(
                    !is_event(endpoint, None, parse(json)),
                    "{endpoint:?} {json}"
                );
            }
        }
    }

    #[test]
    fn events_are_known_by_what_each_of_them_has() {
        for (endpoint, name, json, expected) in [
            (Endpoint::ChatCompletions, None, r#"{"choices":[]}"#, true),
            (
                Endpoint::ChatCompletions,
                Some("error"),
                r#"{"choices":[]}"#,
                false,
            ),
            (
                Endpoint::ChatCompletions,
                None,
                r#"{"choices":[],"choices":"m"}"#,
                false,
            ),
            (Endpoint::Messages, None, r#"{"type":"message_stop"}"#, true),
            (
                Endpoint::Responses,
                Some("error"),
                r#"{"type":"response.failed"}"#,
                false,
            ),
            (Endpoint::Responses, Some("response.created"), "{}", false),
        ] {
            assert_eq!(is_event(endpoint, name, parse(json)), expected, "{json}");
        }
    }
}
