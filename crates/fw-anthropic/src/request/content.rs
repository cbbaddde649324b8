//! Content blocks that say something: text, images, documents, search results.

use std::borrow::Cow;

use fw_params::ParamsChanges;
use fw_wire::{ApiError, Value, encode_str};

use crate::json;
use crate::place::{Place, list, read, string};

/// What a chat message can hold.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Text(Cow<'a, str>),
    /// By its URL, which may be a `data:` URL.
    Image(Cow<'a, str>),
}

/// The type of a block.
pub(super) fn kind<'a>(block: Value<'a>, place: &Place<'_>) -> Result<Cow<'a, str>, ApiError> {
    let kind = block.get("type").and_then(Value::as_str);
    kind.ok_or_else(|| place.invalid("a content block needs a type"))
}

/// Converts a content that is a string or a list of blocks.
pub(super) fn pieces<'a>(
    content: Value<'a>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<Vec<Piece<'a>>, ApiError> {
    if let Some(text) = content.as_str() {
        return Ok(vec![Piece::Text(text)]);
    }
    if !content.is_array() {
        return Err(place.invalid("a string or a list of content blocks is expected"));
    }
    let mut pieces = Vec::new();
    for (i, element) in content.elements().enumerate() {
        block(element.value(), &place.item(i), changes, &mut pieces)?;
    }
    Ok(pieces)
}

/// Converts one block.
pub(super) fn block<'a>(
    block: Value<'a>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
    pieces: &mut Vec<Piece<'a>>,
) -> Result<(), ApiError> {
    match &*kind(block, place)? {
        "text" => {
            let [_, text] = read(block, ["type", "text"], place, changes);
            pieces.push(Piece::Text(string(text, &place.field("text"))?));
        }
        "image" => {
            let [_, source] = read(block, ["type", "source"], place, changes);
            pieces.push(image(source, &place.field("source"), changes)?);
        }
        "document" => document(block, place, changes, pieces)?,
        "search_result" => search_result(block, place, changes, pieces)?,
        other => return Err(unsupported_block(other, place)),
    }
    Ok(())
}

/// The refusal of a block that has no counterpart in a chat.
pub(super) fn unsupported_block(kind: &str, place: &Place<'_>) -> ApiError {
    let kind: String = kind.chars().take(64).collect();
    place.unsupported(format_args!(
        "a content block of the type '{kind}' cannot be sent here to the chat completions API \
         that serves this model"
    ))
}

fn image<'a>(
    source: Option<Value<'a>>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<Piece<'a>, ApiError> {
    let source = source.ok_or_else(|| place.invalid("an image needs a source"))?;
    match &*kind(source, place)? {
        "base64" => {
            let known = ["type", "media_type", "data"];
            let [_, media_type, data] = read(source, known, place, changes);
            let media_type_place = place.field("media_type");
            let media_type = string(media_type, &media_type_place)?;
            if !is_media_type(&media_type) {
                return Err(media_type_place.invalid("a media type such as image/png is expected"));
            }
            let data = string(data, &place.field("data"))?;
            let url = format!("data:{media_type};base64,{data}");
            Ok(Piece::Image(Cow::Owned(url)))
        }
        "url" => {
            let [_, url] = read(source, ["type", "url"], place, changes);
            let place = place.field("url");
            let url = string(url, &place)?;
            if url.starts_with("data:") && !url.contains(";base64,") {
                return Err(place.unsupported("a data: URL of an image must be base64"));
            }
            Ok(Piece::Image(url))
        }
        _ => Err(place.unsupported("an image can be sent as base64 or by URL only")),
    }
}

/// Whether this is a type and a subtype, and no other text.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let usual = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        !name.is_empty() && name.len() <= 64 && name.chars().all(usual)
    };
    let parts = text.split_once('/');
    parts.is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

/// A document is its text, after its title and what is said about it.
fn document<'a>(
    block: Value<'a>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
    pieces: &mut Vec<Piece<'a>>,
) -> Result<(), ApiError> {
    let known = ["type", "source", "title", "context"];
    let [_, source, title, context] = read(block, known, place, changes);
    let start = pieces.len();
    for (heading, name) in [(title, "title"), (context, "context")] {
        if heading.is_some() {
            pieces.push(Piece::Text(string(heading, &place.field(name))?));
        }
    }
    let place = &place.field("source");
    let source = source.ok_or_else(|| place.invalid("a document needs a source"))?;
    match &*kind(source, place)? {
        "text" => {
            let [_, _, data] = read(source, ["type", "media_type", "data"], place, changes);
            pieces.push(Piece::Text(string(data, &place.field("data"))?));
        }
        "content" => {
            let [_, content] = read(source, ["type", "content"], place, changes);
            let place = &place.field("content");
            let content = content.ok_or_else(|| place.invalid("a content is expected"))?;
            // Text and images only, so this goes no deeper.
            let inner = match content.as_str() {
                Some(text) => {
                    pieces.push(Piece::Text(text));
                    None
                }
                None => Some(content),
            };
            for (i, inner) in list(inner, place)?.enumerate() {
                let place = place.item(i);
                match &*kind(inner, &place)? {
                    "text" | "image" => self::block(inner, &place, changes, pieces)?,
                    other => return Err(unsupported_block(other, &place)),
                }
            }
        }
        _ => {
            return Err(place.unsupported(
                "a document can be sent as text only (a source of the type text or content), \
                 not as a PDF, by URL or as a file",
            ));
        }
    }
    join_lines(pieces, start);
    Ok(())
}

/// A search result is its title, where it is from, and its text.
fn search_result<'a>(
    block: Value<'a>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
    pieces: &mut Vec<Piece<'a>>,
) -> Result<(), ApiError> {
    let known = ["type", "title", "source", "content"];
    let [_, title, source, content] = read(block, known, place, changes);
    let start = pieces.len();
    for (heading, name) in [(title, "title"), (source, "source")] {
        if heading.is_some() {
            pieces.push(Piece::Text(string(heading, &place.field(name))?));
        }
    }
    let place = &place.field("content");
    for (i, inner) in list(content, place)?.enumerate() {
        let place = place.item(i);
        match &*kind(inner, &place)? {
            "text" => self::block(inner, &place, changes, pieces)?,
            other => return Err(unsupported_block(other, &place)),
        }
    }
    join_lines(pieces, start);
    Ok(())
}

/// Makes the texts from `start` on that stand next to each other one text, line by line.
fn join_lines(pieces: &mut Vec<Piece<'_>>, start: usize) {
    for piece in pieces.split_off(start) {
        let last = pieces.get_mut(start..).and_then(<[_]>::last_mut);
        match (last, piece) {
            (Some(Piece::Text(text)), Piece::Text(line)) => {
                let text = text.to_mut();
                text.push('\n');
                text.push_str(&line);
            }
            (_, piece) => pieces.push(piece),
        }
    }
}

/// The texts, line by line.
pub(super) fn joined(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    let mut first = true;
    for piece in pieces {
        if let Piece::Text(line) = piece {
            if !std::mem::take(&mut first) {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    text
}

/// Writes the content of a chat message: a string where it is one text, else parts.
pub(super) fn write(out: &mut String, pieces: &[Piece<'_>]) {
    match pieces {
        [] => out.push_str("\"\""),
        [Piece::Text(text)] => encode_str(out, text),
        pieces => {
            out.push('[');
            for piece in pieces {
                json::separate(out);
                match piece {
                    Piece::Text(text) => {
                        out.push_str(r#"{"type":"text","text":"#);
                        encode_str(out, text);
                        out.push('}');
                    }
                    Piece::Image(url) => {
                        out.push_str(r#"{"type":"image_url","image_url":{"url":"#);
                        encode_str(out, url);
                        out.push_str("}}");
                    }
                }
            }
            out.push(']');
        }
    }
}
