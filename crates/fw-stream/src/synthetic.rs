//! Events of our own, for text that no event of the upstream is left to carry.

use bytes::Bytes;
use fw_wire::{Endpoint, TextKind, encode_str};

use crate::channel::Channel;
use crate::event::encode_event;

/// An event with a piece of text, and with nothing else that clients do not need to place it.
pub(crate) fn event(channel: &Channel, text: &str) -> Bytes {
    let (choice, slot) = (channel.choice_index(), channel.slot_index());
    let mut json = String::new();
    encode_str(&mut json, text);
    let kind = channel.kind();
    let (name, data) = match channel.endpoint() {
        Endpoint::Messages => {
            let name = "content_block_delta";
            let (ty, member) = match kind {
                TextKind::Reasoning => ("thinking_delta", "thinking"),
                TextKind::ToolArguments => ("input_json_delta", "partial_json"),
                _ => ("text_delta", "text"),
            };
            let data = format!(
                r#"{{"type":"{name}","index":{slot},"delta":{{"type":"{ty}","{member}":{json}}}}}"#
            );
            (Some(name), data)
        }
        Endpoint::Responses => {
            let name = match kind {
                TextKind::Reasoning => "response.reasoning_text.delta",
                TextKind::Refusal => "response.refusal.delta",
                TextKind::ToolArguments => "response.function_call_arguments.delta",
                _ => "response.output_text.delta",
            };
            let data = format!(
                r#"{{"type":"{name}","output_index":{choice},"content_index":{slot},"delta":{json}}}"#
            );
            (Some(name), data)
        }
        Endpoint::Completions => {
            let object = "text_completion";
            let data = format!(
                r#"{{"object":"{object}","choices":[{{"index":{choice},"text":{json},"finish_reason":null}}]}}"#
            );
            (None, data)
        }
        // Chat; no other endpoint streams.
        _ => {
            let delta = match kind {
                TextKind::Reasoning => format!(r#"{{"reasoning_content":{json}}}"#),
                TextKind::Refusal => format!(r#"{{"refusal":{json}}}"#),
                TextKind::ToolArguments => format!(
                    r#"{{"tool_calls":[{{"index":{slot},"function":{{"arguments":{json}}}}}]}}"#
                ),
                _ => format!(r#"{{"content":{json}}}"#),
            };
            let object = "chat.completion.chunk";
            let data = format!(
                r#"{{"object":"{object}","choices":[{{"index":{choice},"delta":{delta},"finish_reason":null}}]}}"#
            );
            (None, data)
        }
    };
    encode_event(name, data.as_bytes())
}
