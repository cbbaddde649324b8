//! The ids of messages and of tool calls.
//!
//! They follow from what the upstream said, so that a streamed reply and a whole one have the same.

use std::borrow::Cow;

use fw_wire::Value;

/// Longest part of an upstream's id that is kept.
const MAX_ID: usize = 64;

/// Stands in for the id of a reply that has none.
const NO_ID: &str = "0";

/// The upstream's id of a reply, as the reply or a chunk of it says; without one the time of the reply, so that
/// the next reply has another.
pub(crate) fn of_reply(reply: Value<'_>) -> Option<String> {
    let [id, created] = reply.get_many(["id", "created"]);
    let id = id.and_then(Value::as_str).filter(|id| !id.is_empty());
    id.map(Cow::into_owned)
        .or_else(|| Some(created?.as_u64()?.to_string()))
}

/// The id of a message: `msg_` and what is particular of the upstream's id.
pub(crate) fn message_id(upstream: Option<&str>) -> String {
    format!("msg_{}", particular(upstream))
}

/// The id of a tool call: the upstream's own. Where there is none, one that other replies do not have:
/// with two calls of one id, nobody could tell which of them a result is for.
pub(crate) fn tool_use_id(own: Option<&str>, upstream: Option<&str>, number: usize) -> String {
    match own {
        Some(own) if !own.is_empty() => own.to_owned(),
        _ => format!("toolu_{}_{number}", particular(upstream)),
    }
}

/// An upstream's id without its kind, and without what an id of Anthropic's does not have.
fn particular(upstream: Option<&str>) -> String {
    let id = upstream.unwrap_or_default();
    let id = id.strip_prefix("chatcmpl-").unwrap_or(id);
    let id = id.strip_prefix("msg_").unwrap_or(id);
    let usual = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let kept: String = id.chars().filter(usual).take(MAX_ID).collect();
    if kept.is_empty() {
        NO_ID.to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_what_is_particular_of_the_upstream_s_id() {
        assert_eq!(message_id(Some("chatcmpl-abc")), "msg_abc");
        assert_eq!(message_id(Some("6a1c9a0e-5d0b")), "msg_6a1c9a0e-5d0b");
        assert_eq!(message_id(Some("msg_1")), "msg_1");
        assert_eq!(message_id(Some("a\n b\"")), "msg_ab");
        assert_eq!(message_id(Some(&"x".repeat(500))).len(), 4 + MAX_ID);
        assert_eq!(message_id(None), "msg_0");
    }

    #[test]
    fn a_tool_call_without_an_id_gets_one_of_its_own() {
        assert_eq!(tool_use_id(Some("call_1"), Some("r"), 0), "call_1");
        assert_eq!(tool_use_id(None, Some("chatcmpl-r"), 0), "toolu_r_0");
        assert_eq!(tool_use_id(Some(""), Some("r"), 1), "toolu_r_1");
    }
}
