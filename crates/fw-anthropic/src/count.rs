//! How many tokens a Messages request is, estimated without asking anyone.

mod text;

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use self::text::{TOKEN, hundredths};
use crate::place::{Place, list, object};

/// An image: what one that fills the limits of Anthropic's API costs there (width × height / 750, at
/// most about 1,600).
const IMAGE: u64 = 1600 * TOKEN;

/// What a message costs beside its content: the marks around it.
const MESSAGE: u64 = 4 * TOKEN;

/// What a tool, a call or a result costs beside its text.
const TOOL: u64 = 8 * TOKEN;

/// Of a file that is not text, so many characters of base64 are taken as one token. A guess: a page of
/// a PDF is some 100 KB and some 2,000 tokens.
const FILE_CHARACTERS: u64 = 50;

/// Deepest nesting of blocks that is looked at as blocks: a message, a result, a document in it.
const MAX_NESTING: usize = 3;

/// Estimates the input tokens of a Messages request: the answer to `POST /v1/messages/count_tokens`.
///
/// The tokenizer of the model that will serve the request is not here, so the text is measured by its
/// look: words by their length, digits, signs and white space by their runs, other scripts by the
/// character. To that come 4 tokens for each message, 8 for each tool, call and result, and 1,600 for an
/// image, whatever its size.
///
/// How far off that is: the estimate over the count of OpenAI's tokenizers (`tiktoken`), on the texts of
/// `corpora/` by language and on source files of this repository.
///
/// | tokenizer | English | code, JSON | German, French, Spanish | Chinese, Japanese, Korean | 33 languages |
/// |---|---|---|---|---|---|
/// | `o200k_base` | 1.20 | 0.86–1.21 | 1.05–1.12 | 1.03–1.08 | 0.85–1.20 |
/// | `cl100k_base` | 1.19 | 0.84–1.21 | 0.89–0.99 | 0.70–0.77 | 0.43–1.19 |
///
/// Tokenizers of current open models are large like the first; none of them was measured. Take the result as a guide for when to shorten a conversation, not for
/// bills.
///
/// ```
/// use bytes::Bytes;
///
/// let request = Bytes::from_static(
///     br#"{"model":"m","messages":[{"role":"user","content":"Hello, how are you today?"}]}"#,
/// );
/// assert_eq!(fw_anthropic::count_tokens(&request)?, 11);
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// 400 when it is no JSON object with a list of messages.
pub fn count_tokens(body: &Bytes) -> Result<u64, ApiError> {
    let document = Document::parse(body.clone())?;
    let root = document.root();
    object(root, &Place::Body)?;
    let [system, messages, tools, output_config] =
        root.get_many(["system", "messages", "tools", "output_config"]);
    let place = Place::Body.field("messages");
    let messages = messages.ok_or_else(|| place.invalid("a list of messages is expected"))?;

    let mut sum = 0_u64;
    for message in list(Some(messages), &place)? {
        let said = message.get("content").map_or(0, |value| content(value, 0));
        sum = sum.saturating_add(MESSAGE).saturating_add(said);
    }
    if let Some(system) = system.filter(|system| !system.is_null()) {
        let said = content(system, 0);
        sum = sum.saturating_add(MESSAGE).saturating_add(said);
    }
    for tool in tools.into_iter().flat_map(Value::elements) {
        sum = sum.saturating_add(self::tool(tool.value()));
    }
    let format = output_config.and_then(|config| config.get("format"));
    let schema = format.and_then(|format| format.get("schema"));
    sum = sum.saturating_add(schema.map_or(0, json));
    Ok(sum.div_ceil(TOKEN))
}

/// A string, or blocks.
fn content(content: Value<'_>, depth: usize) -> u64 {
    if depth >= MAX_NESTING {
        return json(content);
    }
    if content.is_string() {
        return string(Some(content));
    }
    let blocks = content
        .elements()
        .map(|block| self::block(block.value(), depth));
    blocks.fold(0, u64::saturating_add)
}

fn block(block: Value<'_>, depth: usize) -> u64 {
    let [
        kind,
        said,
        thinking,
        name,
        input,
        inner,
        source,
        title,
        context,
    ] = block.get_many([
        "type", "text", "thinking", "name", "input", "content", "source", "title", "context",
    ]);
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    let inner = |depth| inner.map_or(0, |inner| content(inner, depth));
    match &*kind {
        "text" => string(said),
        "thinking" => string(thinking),
        // Is left out.
        "redacted_thinking" => 0,
        "image" => IMAGE,
        "tool_use" => sum([TOOL, string(name), input.map_or(0, json)]),
        "tool_result" => sum([TOOL, inner(depth + 1)]),
        "search_result" => sum([string(title), string(source), inner(depth + 1)]),
        "document" => {
            let file = source.map_or(0, |source| self::source(source, depth));
            sum([string(title), string(context), file])
        }
        _ => json(block),
    }
}

fn source(source: Value<'_>, depth: usize) -> u64 {
    let [kind, data, inner] = source.get_many(["type", "data", "content"]);
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    match &*kind {
        "text" => string(data),
        "content" => inner.map_or(0, |inner| content(inner, depth + 1)),
        "base64" => {
            let length = data.map_or(0, |data| data.raw().len() as u64);
            (length / FILE_CHARACTERS).saturating_mul(TOKEN)
        }
        // What a link leads to is not known.
        _ => IMAGE,
    }
}

fn tool(tool: Value<'_>) -> u64 {
    let [name, description, schema] = tool.get_many(["name", "description", "input_schema"]);
    let schema = schema.map_or(0, json);
    sum([TOOL, string(name), string(description), schema])
}

fn string(value: Option<Value<'_>>) -> u64 {
    let text = value.and_then(Value::as_str);
    text.map_or(0, |text| hundredths(&text))
}

/// JSON is read by the model as it is spelt.
fn json(value: Value<'_>) -> u64 {
    hundredths(value.raw())
}

fn sum<const N: usize>(parts: [u64; N]) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
