//! A Responses request as a request for chat completions.

mod echo;
mod fields;
mod messages;
mod parts;
mod references;
mod refusal;
mod settings;
mod tools;

use std::fmt;

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_wire::{ApiError, Document, Limits, Value};

use crate::item::Item;
use crate::object::Object;

use self::fields::Fields;
use self::messages::Messages;
use self::refusal::{Place, wrong_type};

pub use self::references::with_references;
pub(crate) use self::references::{Reference, replace_references};

/// The deepest nesting of a request. What is made of it is nested a few levels deeper, and has to be read again.
const MAX_DEPTH: usize = 120;

/// Most items of one conversation, earlier turns included.
const MAX_ITEMS: usize = 10_000;

/// A request for chat completions, and what is needed to make a response of its reply.
#[derive(Clone)]
pub struct ChatRequest {
    body: Bytes,
    stream: bool,
    store: bool,
    summary: bool,
    model: Option<String>,
    previous: Option<String>,
    input_items: Vec<Item>,
    echo: String,
}

/// Converts a request. `history` holds the items of earlier turns, input and output, oldest first; `changes` records
/// what is left out.
///
/// | field | becomes |
/// |---|---|
/// | `model`, `temperature`, `top_p`, `user`, `safety_identifier`, `service_tier`, `prompt_cache_key`, `prompt_cache_retention` | the same |
/// | `instructions` | the first message, from the system |
/// | `input` (or `messages`) | messages; text, images, files and audio as chat parts |
/// | items `function_call`, `function_call_output`, `reasoning` | `tool_calls`, messages of the role `tool`, `reasoning_content` |
/// | items `custom_tool_call`, `custom_tool_call_output` | the same, with the arguments `{"input":"…"}` |
/// | items `web_search_call`, `file_search_call`, `tool_search_call`, `tool_search_output`, `mcp_list_tools` | nothing, recorded as removed |
/// | `max_output_tokens` | `max_tokens` |
/// | `reasoning.effort`, `text.verbosity` | `reasoning_effort`, `verbosity` |
/// | `reasoning.summary` | the reply's reasoning as a summary, not as content |
/// | `text.format` | `response_format` |
/// | `tools`, `tool_choice` | the same, nested; of `allowed_tools` only those tools |
/// | tools other than functions, such as `web_search`, `custom` and `namespace` | nothing beside a function, recorded as removed; a 400 that names the tool if there is no function, or `tool_choice` forces it |
/// | `parallel_tool_calls` | the same, if there are tools |
/// | `stream` | the same, with `stream_options.include_usage` |
/// | `previous_response_id`, `store`, `metadata` | nothing: they are this crate's own business |
/// | `max_tool_calls`, `truncation`, `include`, `stream_options`, `top_logprobs`, unknown fields | nothing, recorded as removed |
/// | `background: true`, `conversation`, `prompt`, other items, files by id | a 400 that names the field |
///
/// A type that is not looked at here passes: the service's answer is better than a guess.
///
/// ```
/// use bytes::Bytes;
/// use fw_params::ParamsChanges;
///
/// let body = Bytes::from_static(br#"{"model":"m","instructions":"Be brief.","input":"Hi","max_tool_calls":2}"#);
/// let mut changes = ParamsChanges::default();
/// let request = fw_responses::chat_request(&body, &[], &mut changes)?;
/// assert_eq!(
///     request.body(),
///     r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}"#,
/// );
/// assert_eq!(changes.to_string(), "removed max_tool_calls");
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// A 400 that names the field, for a body that is wrong or that asks for what chat completions cannot do.
pub fn chat_request(
    body: &Bytes,
    history: &[Item],
    changes: &mut ParamsChanges,
) -> Result<ChatRequest, ApiError> {
    let limits = Limits {
        max_depth: MAX_DEPTH,
        ..Limits::default()
    };
    let document = Document::parse_with(body.clone(), limits)?;
    let fields = Fields::read(document.root(), changes)?;
    let (messages, input_items) = conversation(body, &fields, history, changes)?;
    let tools = tools::convert(fields.tools, fields.tool_choice, changes)?;
    let reasoning = fields
        .reasoning
        .map(|reasoning| settings::reasoning(reasoning, changes))
        .unwrap_or_default();
    let stream = fields.stream.and_then(Value::as_bool) == Some(true);
    let store = fields.store.and_then(Value::as_bool) != Some(false);

    let mut chat = Object::new();
    if let Some(model) = fields.model {
        chat = chat.raw("model", model.raw());
    }
    chat = chat.raw("messages", messages);
    let parallel = fields.parallel_tool_calls.filter(|_| tools.tools.is_some());
    for (key, json) in [("tools", tools.tools), ("tool_choice", tools.choice)] {
        if let Some(json) = json {
            chat = chat.raw(key, json);
        }
    }
    for (key, value) in [
        ("parallel_tool_calls", parallel),
        ("max_tokens", fields.max_output_tokens),
        ("reasoning_effort", reasoning.effort),
        ("temperature", fields.temperature),
        ("top_p", fields.top_p),
        ("user", fields.user),
        ("safety_identifier", fields.safety_identifier),
        ("service_tier", fields.service_tier),
        ("prompt_cache_key", fields.prompt_cache_key),
        ("prompt_cache_retention", fields.prompt_cache_retention),
    ] {
        if let Some(value) = value {
            chat = chat.raw(key, value.raw());
        }
    }
    if let Some(text) = fields.text {
        chat = settings::text(text, chat, changes)?;
    }
    if stream {
        chat = chat
            .raw("stream", "true")
            .raw("stream_options", r#"{"include_usage":true}"#);
    }
    let text = |value: Option<Value<'_>>| value.and_then(Value::as_str).map(String::from);
    Ok(ChatRequest {
        body: chat.end().into(),
        stream,
        store,
        summary: reasoning.summary.is_some_and(Value::is_string),
        model: text(fields.model),
        previous: text(fields.previous_response_id),
        input_items,
        echo: echo::members(&fields, &reasoning, store),
    })
}

/// The response that a request continues, which has to be known before [`chat_request`].
///
/// # Errors
///
/// A 400 if the body is no JSON, or the id no string.
pub fn previous_response_id(body: &Bytes) -> Result<Option<String>, ApiError> {
    let id = Value::parse(body)?.get("previous_response_id");
    let Some(id) = id.filter(|id| !id.is_null()) else {
        return Ok(None);
    };
    match id.as_str() {
        Some(id) => Ok(Some(id.into_owned())),
        None => Err(wrong_type("previous_response_id", "a string")),
    }
}

/// The messages as JSON, and the items of this turn.
fn conversation(
    body: &Bytes,
    fields: &Fields<'_>,
    history: &[Item],
    changes: &mut ParamsChanges,
) -> Result<(String, Vec<Item>), ApiError> {
    let mut messages = Messages::default();
    let mut items = Vec::new();
    if let Some(text) = fields.instructions {
        messages.instructions(text);
    }
    let input = fields.input.or(fields.messages);
    let new = input.map_or(0, |input| input.elements().count());
    if history.len().saturating_add(new) > MAX_ITEMS {
        return Err(refusal::too_many_items());
    }
    for item in history {
        let value = Value::parse(item.json().as_bytes())?;
        messages.item(value, Place::Earlier, changes)?;
    }
    if let Some(input) = input {
        if input.is_string() {
            messages.user(input, changes);
            items.push(user_item(input));
        } else if input.is_array() {
            for (i, item) in input.elements().enumerate() {
                messages.item(item.value(), Place::Input(i), changes)?;
                items.push(Item::within(body, item.value())?);
            }
        } else {
            return Err(wrong_type("input", "a string or an array of items"));
        }
    }
    if messages.is_empty() {
        return Err(refusal::missing("input"));
    }
    Ok((messages.end(changes), items))
}

/// A text as an item, for the store.
fn user_item(text: Value<'_>) -> Item {
    let part = Object::of_type("input_text").raw("text", text.raw()).end();
    let item = Object::of_type("message")
        .text("role", "user")
        .raw("content", format!("[{part}]"));
    Item::written(item.end())
}

// === impl ChatRequest ===

impl ChatRequest {
    /// The body to send.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the client asked for a stream.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.stream
    }

    /// The model, as the client named it.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Whether the response may be stored. It may unless the client says no.
    #[must_use]
    pub fn store(&self) -> bool {
        self.store
    }

    /// The response that this one continues.
    #[must_use]
    pub fn previous(&self) -> Option<&str> {
        self.previous.as_deref()
    }

    /// The items of this turn's input, to be stored.
    #[must_use]
    pub fn input_items(&self) -> &[Item] {
        &self.input_items
    }

    /// Whether the client wants reasoning as a summary.
    pub(crate) fn wants_summary(&self) -> bool {
        self.summary
    }

    /// The members that the response repeats, without braces.
    pub(crate) fn echo(&self) -> &str {
        &self.echo
    }
}

/// Shows sizes only: the rest is what people said.
impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("body_len", &self.body.len())
            .field("stream", &self.stream)
            .field("store", &self.store)
            .field("items", &self.input_items.len())
            .finish_non_exhaustive()
    }
}
