//! The way back: a chat request becomes a Messages request.

mod content;
mod messages;
mod settings;
mod tools;

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_wire::{ApiError, Document};

use self::messages::Conversation;
use self::settings::Reasoning;
use crate::json;
use crate::place::{Place, boolean, number, object, read, string};

/// Converts a request for `POST /v1/chat/completions` to one for `POST /v1/messages`.
///
/// It mirrors [`chat_request`](crate::chat_request), so a request that goes one way and back again means
/// the same: roles, texts, images, calls, results, their ids and their order. What differs then:
///
/// - a text block alone is a string, the `system` prompt a list of blocks;
/// - assistant messages in a row are one, its thoughts come first, then its text, then its calls;
/// - results of tools come first in a turn, and are one text each: images follow behind them, and an
///   error is a text that begins with `Error: `;
/// - documents and search results are text;
/// - `max_tokens` is 4096 where the request named no limit.
///
/// As there, what cannot be said is left out and recorded in `changes` (`seed`, `logprobs`, `logit_bias`,
/// message names, a temperature above 1, ...), or refused where the meaning would be lost with it (`n`
/// above 1, audio and files, tools that are no functions).
///
/// ```
/// use bytes::Bytes;
/// use fw_params::ParamsChanges;
///
/// let request = Bytes::from_static(
///     br#"{"model":"m","max_tokens":9,"seed":7,"messages":[
///         {"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}"#,
/// );
/// let mut changes = ParamsChanges::default();
/// let messages = fw_anthropic::messages_request(&request, &mut changes)?;
/// assert_eq!(
///     messages,
///     concat!(
///         r#"{"model":"m","system":[{"type":"text","text":"Be brief."}],"#,
///         r#""messages":[{"role":"user","content":"Hi"}],"max_tokens":9}"#,
///     ),
/// );
/// assert_eq!(changes.to_string(), "removed seed");
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// 400, with the place in the message and in `param`.
pub fn messages_request(body: &Bytes, changes: &mut ParamsChanges) -> Result<Bytes, ApiError> {
    let document = Document::parse(body.clone())?;
    let root = document.root();
    object(root, &Place::Body)?;
    let known = [
        "model",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "user",
        "safety_identifier",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "functions",
        "function_call",
        "reasoning_effort",
        "thinking",
        "response_format",
        "stream",
        "stream_options",
        "n",
    ];
    let [
        model,
        messages,
        max_tokens,
        max_completion_tokens,
        temperature,
        top_p,
        top_k,
        stop,
        user,
        safety_identifier,
        tools,
        choice,
        parallel,
        functions,
        function_call,
        effort,
        thinking,
        response_format,
        stream,
        stream_options,
        n,
    ] = read(root, known, &Place::Body, changes);
    let at = |name| Place::Body.field(name);

    if n.is_some_and(|n| n.as_u64() != Some(1)) {
        return Err(at("n").unsupported("the Messages API gives one reply to a request"));
    }
    let mut out = String::with_capacity(body.len() + body.len() / 8 + 256);
    out.push('{');
    if model.is_some() {
        json::text(&mut out, "model", &string(model, &at("model"))?);
    }
    let Some(messages) = messages.filter(|list| list.is_array()) else {
        return Err(at("messages").invalid("a list of messages is expected"));
    };
    Conversation::read(messages, &at("messages"), changes)?.write(&mut out);
    settings::max_tokens(&mut out, max_completion_tokens, max_tokens, changes)?;
    settings::temperature(&mut out, temperature, changes)?;
    number(&mut out, "top_p", top_p, &at("top_p"))?;
    number(&mut out, "top_k", top_k, &at("top_k"))?;
    settings::stop(&mut out, stop)?;
    settings::user(&mut out, user, safety_identifier, changes)?;
    let tools = tools::Fields {
        tools,
        choice,
        parallel,
        functions,
        function_call,
    };
    tools.write(&mut out, changes)?;
    let reasoning = Reasoning::read(effort, thinking, changes)?;
    settings::output(&mut out, &reasoning, response_format, changes)?;
    if let Some(stream) = stream
        && boolean(stream, &at("stream"))?
    {
        json::raw(&mut out, "stream", "true");
    }
    if let Some(options) = stream_options {
        // A stream of Messages always says its usage.
        let [_] = read(options, ["include_usage"], &at("stream_options"), changes);
    }
    out.push('}');
    Ok(out.into())
}

#[cfg(test)]
mod tests;
