//! A Messages request becomes a chat request.

mod content;
mod messages;
mod settings;
mod tools;

use core::fmt;

use bytes::Bytes;
use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Document, Limits, Value};

use self::tools::Tools;
use crate::json;
use crate::place::{Place, boolean, is_nothing, number, object, read, string};

/// Deepest nesting of a request. The schema of a tool is one level deeper in a chat request, and readers of
/// JSON stop at 128.
const MAX_DEPTH: usize = 127;

/// A Messages request, converted to a chat completions request.
#[derive(Clone)]
pub struct ChatRequest {
    body: Bytes,
    stream: bool,
    model: Option<String>,
}

impl ChatRequest {
    /// The body to send, as JSON.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body to send, taken out.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// Whether the client asked for a stream.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream
    }

    /// The model that the client asked for; `None` if it named none.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }
}

/// Shows the size of the body, never what is in it.
impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("body", &self.body.len())
            .field("stream", &self.stream)
            .field("model", &self.model)
            .finish()
    }
}

/// Converts a request for `POST /v1/messages` to one for `POST /v1/chat/completions`.
///
/// | Messages | chat completions |
/// |---|---|
/// | `system`, a string or blocks | the first message, role `system`; blocks line by line |
/// | text, image | text; an image by URL, base64 as a `data:` URL |
/// | document with text or content, search_result | text: title, context or source, and the text, line by line |
/// | tool_use | `tool_calls`; `arguments` are the very bytes of `input` |
/// | tool_result | messages of role `tool`, before the rest of the user's turn; its images in the user message that follows; `Error: ` before an error |
/// | thinking | `reasoning_content` |
/// | several assistant messages in a row | one |
/// | `stop_sequences` | `stop`, four at most |
/// | `top_k` | the same, 100 at most |
/// | `metadata.user_id` | `user`, 64 characters at most |
/// | `tools` | functions |
/// | `tool_choice` | `auto`, `required`, `none` or the function; `parallel_tool_calls` |
/// | `thinking` enabled, disabled, adaptive | the same; `reasoning_effort: "none"`; nothing |
/// | `output_config.effort` | `reasoning_effort`, and then no `thinking`; `max` is `high` |
/// | `output_config.format`, `output_format` | `response_format` |
/// | `stream` | the same, with `stream_options.include_usage` |
///
/// **Nothing silently.** What a chat cannot say is left out and recorded in `changes`: `cache_control`,
/// `citations`, signatures and redacted thinking, the line for Anthropic's billing that Claude Code begins its
/// prompt with, tools that Anthropic's servers run, `service_tier`,
/// `container`, any field that is not in the table. Where the meaning would be lost with it, the request
/// is refused: PDFs and files, `mcp_servers`, `thread`, results of server tools, a tool choice without its tool.
///
/// ```
/// use bytes::Bytes;
/// use fw_params::ParamsChanges;
///
/// let request = Bytes::from_static(
///     br#"{"model":"m","max_tokens":9,"service_tier":"auto","system":"Be brief.",
///         "messages":[{"role":"user","content":"Hi"}]}"#,
/// );
/// let mut changes = ParamsChanges::default();
/// let chat = fw_anthropic::chat_request(&request, &mut changes)?;
/// assert_eq!(
///     chat.body(),
///     concat!(
///         r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},"#,
///         r#"{"role":"user","content":"Hi"}],"max_tokens":9}"#,
///     ),
/// );
/// assert_eq!(changes.to_string(), "removed service_tier");
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// 400, with the place in the message and in `param`.
pub fn chat_request(body: &Bytes, changes: &mut ParamsChanges) -> Result<ChatRequest, ApiError> {
    let limits = Limits {
        max_depth: MAX_DEPTH,
        ..Limits::default()
    };
    let document = Document::parse_with(body.clone(), limits)?;
    let root = document.root();
    object(root, &Place::Body)?;
    let known = [
        "model",
        "system",
        "messages",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "metadata",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        "output_format",
        "stream",
        "mcp_servers",
        "thread",
    ];
    let [
        model,
        system,
        messages,
        max_tokens,
        temperature,
        top_p,
        top_k,
        stop_sequences,
        metadata,
        tools,
        tool_choice,
        thinking,
        output_config,
        output_format,
        stream,
        mcp_servers,
        thread,
    ] = read(root, known, &Place::Body, changes);
    let at = |name| Place::Body.field(name);

    if mcp_servers.is_some_and(|servers| !is_nothing(servers)) {
        let why = "servers of tools cannot be called from here; call the tools in the client";
        return Err(at("mcp_servers").unsupported(why));
    }
    if thread.is_some_and(Value::is_object) {
        // SDKs know the code, and then send the whole conversation.
        let why = "conversations are not kept here; send all messages";
        let error = at("thread").unsupported(why);
        return Err(error.code("thread_unsupported_request"));
    }
    let mut out = String::with_capacity(body.len() + body.len() / 8 + 256);
    out.push('{');
    let model = match model {
        Some(model) => Some(string(Some(model), &at("model"))?.into_owned()),
        None => None,
    };
    if let Some(model) = &model {
        json::text(&mut out, "model", model);
    }
    json::key(&mut out, "messages");
    out.push('[');
    messages::system(&mut out, system, &at("system"), changes)?;
    match messages {
        Some(list) if list.elements().next().is_some() => {
            messages::messages(&mut out, list, &at("messages"), changes)?;
        }
        _ => return Err(at("messages").invalid("a list of at least one message is expected")),
    }
    out.push(']');
    number(&mut out, "max_tokens", max_tokens, &at("max_tokens"))?;
    number(&mut out, "temperature", temperature, &at("temperature"))?;
    number(&mut out, "top_p", top_p, &at("top_p"))?;
    settings::top_k(&mut out, top_k, &at("top_k"), changes)?;
    settings::stop(&mut out, stop_sequences, &at("stop_sequences"), changes)?;
    settings::user(&mut out, metadata, &at("metadata"), changes)?;
    Tools::read(tools, &at("tools"), changes)?.write(
        &mut out,
        tool_choice,
        &at("tool_choice"),
        changes,
    )?;
    output(&mut out, thinking, output_config, output_format, changes)?;
    let stream = match stream {
        Some(stream) => boolean(stream, &at("stream"))?,
        None => false,
    };
    if stream {
        json::raw(&mut out, "stream", "true");
        json::raw(&mut out, "stream_options", r#"{"include_usage":true}"#);
    }
    out.push('}');
    Ok(ChatRequest {
        body: out.into(),
        stream,
        model,
    })
}

/// What the output is to be like. `output_format` is the older place of `output_config.format`.
fn output(
    out: &mut String,
    thinking: Option<Value<'_>>,
    config: Option<Value<'_>>,
    older: Option<Value<'_>>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    let place = Place::Body.field("output_config");
    let older_place = Place::Body.field("output_format");
    let [effort, format] = match config {
        Some(config) => {
            object(config, &place)?;
            read(config, ["effort", "format"], &place, changes)
        }
        None => [None; 2],
    };
    settings::reasoning(out, thinking, effort, changes)?;
    if format.is_some() {
        if older.is_some() {
            changes.record(ChangeKind::Removed, older_place.pattern());
        }
        settings::format(out, format, &place.field("format"), changes)
    } else {
        settings::format(out, older, &older_place, changes)
    }
}

#[cfg(test)]
mod tests;
