//! Where the human and tool text of a body is, per endpoint and direction.

mod chat;
mod completions;
mod embeddings;
mod field;
mod messages;
mod names;
mod responses;
mod rule;
mod walk;

use crate::document::Value;
use crate::endpoint::Endpoint;

pub use self::field::{Direction, Role, TextEncoding, TextField, TextKind};
pub use self::walk::{JsonStrings, TextFields, json_strings};

/// Finds every text field of a body, in the order of the bytes.
///
/// Requests and replies are whole bodies; a reply may also be the data of one event of a streamed
/// reply, whose text is the same kind of field cut into pieces.
///
/// What is not known to be harmless is text: a string in a member that no rule names is a field, at any
/// depth, and so is one that stands where an object was expected, or a whole body that is a string. So
/// what a server adds tomorrow is seen. The kind of such a field is [`TextKind::Content`], unless what is
/// around it says more. These places are known, and have kinds of their own:
///
/// | endpoint | request | reply and events |
/// |---|---|---|
/// | chat | message content (string and parts, every role), tool-call arguments, tool results, reasoning, refusals, descriptions of tools, functions and schemas, prediction | every choice's `message` and `delta`: the same; logprobs (tokens and bytes, both shapes); citations; raw output |
/// | completions | `prompt` (string and array), `suffix`, prediction, `messages`, schema descriptions | as in chat, and every choice's text |
/// | responses | `input` (string and items of every type), `instructions`, function and tool outputs, `messages` where it stands in for `input`, tool and schema descriptions, prompt variables | every output item, echoes of `instructions` and tools, every delta and the `.done` and `.completed` events that repeat the text, logprobs |
/// | messages | `system`, content blocks, tool results, the leaves of tool inputs, thinking, documents given as text, citations, tool and schema descriptions | content blocks, deltas, partial tool input, thinking, citations, raw output |
/// | embeddings | `input` (string, array, objects), `prompt_template` | raw output |
///
/// Of a schema the strings in `enum`, `const`, `default` and `examples` are text as well as descriptions;
/// its keywords and the names of properties are not.
///
/// # What is no text
///
/// A member with one of these names, if its value is a string. What is in an array or an object there is
/// looked at like anything unknown, except where that is said.
///
/// | where | names |
/// |---|---|
/// | everywhere | `type`, `object`, `created`, `created_at`, `completed_at`, `expires_at`, `retrieved_at`, `finish_reason`, `native_finish_reason`, `stop_reason`, `service_tier`, `system_fingerprint`, `media_type`, `mime_type`, `obfuscation`; ids: `call_id`, `item_id`, `file_id`, `tool_id`, `tool_call_id`, `tool_use_id`, `message_id`, `request_id`, `response_id`, `previous_response_id`, `container_id`, `conversation_id`, `vector_store_id`, `approval_request_id`; base64: `b64_json`, `file_data`, `partial_image_b64`, `encrypted_content`, `encrypted_index`, `encrypted_stdout`, `signature`, `thought_signature`, `embedding` (also as an array) |
/// | in objects of the API, but not in free-form data such as tool results, where they may name a person | `id`, `name`, `role`, `model`, `index`, `status`, `format`, `effort`, `provider`, `server_label` |
/// | at their places | `data` of audio, of base64 sources, of `redacted_thinking` and of `reasoning.encrypted`; the delta of events of audio and images; the `result` of an `image_generation_call`. Where a `type` says so, every one of duplicate types must |
/// | in requests | `user`, `safety_identifier`, `prompt_cache_key`, `reasoning_effort`, `encoding_format`, `tool_choice`, grammars; at any depth `metadata`, `stop`, `stop_sequences`, `include`, `modalities`; of tools `authorization`, `headers`, `allowed_tools` and ids. They go to the provider as they are |
/// | in requests | URLs (`url`, `image_url`, `file_url`, `audio_url`, `video_url`, `server_url`), which say where something is that the provider fetches. In a reply they are text, like a link in prose, except `data:` URLs in base64 |
///
/// Numbers and keys are text only in free-form JSON (tool inputs) and log probabilities. Who redacts text
/// must drop token ids himself where they were asked for (`token_ids`, `prompt_token_ids`), because they
/// spell the same text.
///
/// Of duplicate keys every one is visited, because a server may read another one than we do.
///
/// The fields do not borrow the document, and edits do not move them. A clone of a [`Document`] is
/// cheap, so a loop may read one and edit the other:
///
/// ```
/// use fw_wire::{Direction, Document, Endpoint, text_fields};
///
/// let body = Document::parse(
///     r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"my pin: 1234"}]}]}"#,
/// )?;
/// let mut edited = body.clone();
/// for field in text_fields(Endpoint::ChatCompletions, Direction::Request, &body) {
///     assert_eq!(body.path(field.span()).to_string(), "messages[0].content[0].text");
///     let text = field.text(body.root());
///     edited.set_text(field, &text.replace("1234", "[PIN]"));
/// }
/// assert!(edited.finish().ends_with(br#""text":"my pin: [PIN]"}]}]}"#));
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
///
/// [`Document`]: crate::Document
pub fn text_fields<'a>(
    endpoint: Endpoint,
    direction: Direction,
    body: impl Into<Value<'a>>,
) -> TextFields<'a> {
    let root = body.into();
    let (rule, role) = match (endpoint, direction) {
        (Endpoint::ChatCompletions, Direction::Request) => (&chat::REQUEST, None),
        (Endpoint::ChatCompletions, Direction::Reply) => (&chat::REPLY, Some(Role::Assistant)),
        (Endpoint::Completions, Direction::Request) => (&completions::REQUEST, None),
        (Endpoint::Completions, Direction::Reply) => (&completions::REPLY, Some(Role::Assistant)),
        (Endpoint::Embeddings, Direction::Request) => (&embeddings::REQUEST, None),
        (Endpoint::Embeddings, Direction::Reply) => (&embeddings::REPLY, None),
        (Endpoint::Responses, Direction::Request) => (&responses::REQUEST, None),
        (Endpoint::Responses, Direction::Reply) => {
            (responses::reply_rule(root), Some(Role::Assistant))
        }
        (Endpoint::Messages, Direction::Request) => (&messages::REQUEST, None),
        (Endpoint::Messages, Direction::Reply) => (&messages::REPLY, Some(Role::Assistant)),
    };
    TextFields::new(root, direction, rule, role)
}

#[cfg(test)]
mod tests;
