//! Where the human and tool text of a body is, per endpoint and direction.

mod chat;
mod completions;
mod embeddings;
mod field;
mod messages;
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
/// The fields are those that carry text to or from a model:
///
/// | endpoint | request | reply and events |
/// |---|---|---|
/// | chat | message content (string and parts, every role), tool-call arguments, tool results, reasoning, refusals, descriptions of tools, functions and schemas, prediction | every choice's `message` and `delta`: the same; logprobs (tokens and bytes, both shapes); raw output |
/// | completions | `prompt` (string and array), `suffix`, prediction, schema descriptions | every choice's text, logprobs (both shapes), raw output |
/// | responses | `input` (string and items of every type), `instructions`, function and tool outputs, `messages` where it stands in for `input`, tool and schema descriptions, prompt variables | every output item, echoes of `instructions` and tools, every delta and the `.done` and `.completed` events that repeat the text, logprobs |
/// | messages | `system`, content blocks, tool results, the leaves of tool inputs, thinking, documents given as text, citations, tool and schema descriptions | content blocks, deltas, partial tool input, thinking, citations, raw output |
/// | embeddings | `input` (string, array, objects), `prompt_template` | raw output |
///
/// Not text fields: identifiers and labels (`model`, `name`, `id`, `user`, `metadata`), stop
/// sequences, URLs, base64 data (images, audio, files, encrypted reasoning), grammars, and token ids.
/// Who redacts text must drop token ids himself where they were asked for (`token_ids`,
/// `prompt_token_ids`), because they spell the same text.
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
    TextFields::new(root, rule, role)
}

#[cfg(test)]
mod tests;
