//! Content parts of chat messages.

use fw_wire::{ApiError, Kind, Value};

use crate::error;

use super::fields::Edits;

/// Where a message is, for error messages.
#[derive(Clone, Copy)]
pub(crate) struct Place(pub(crate) usize);

/// Converts the parts of a message's content. A string has none.
pub(crate) fn convert(
    edits: &mut Edits<'_>,
    content: Value<'_>,
    place: Place,
) -> Result<(), ApiError> {
    for (j, part) in content.elements().enumerate() {
        convert_part(edits, part.value(), place, j)?;
    }
    Ok(())
}

fn convert_part(
    edits: &mut Edits<'_>,
    part: Value<'_>,
    place: Place,
    j: usize,
) -> Result<(), ApiError> {
    let is_refusal = part.get("type").is_some_and(|kind| kind.is_str("refusal"));
    for member in part.members() {
        match &*member.key_bytes() {
            b"type" => {
                let kind = member.value();
                for unsupported in ["file", "input_audio"] {
                    if kind.is_str(unsupported) {
                        let path = format!("messages[{}].content[{j}]", place.0);
                        return Err(error::unsupported_part(unsupported, &path));
                    }
                }
                if is_refusal {
                    // An assistant's refusal, sent back as history, is text like any other.
                    edits.set_text(kind.span(), "text", "messages[].content[].type");
                }
            }
            b"text" | b"image_url" | b"video_url" | b"audio_url" => {}
            b"refusal" if is_refusal => {
                edits.rename(member.span(), "text", "messages[].content[].refusal");
            }
            b"cache_control" => {
                edits.remove(member.span(), "messages[].content[].cache_control");
            }
            _ => edits.unknown(member, "messages[].content[].")?,
        }
    }
    Ok(())
}

/// Several contents as one: strings are joined by a blank line, anything else makes a list of parts.
///
/// Returns the new content as JSON, or `None` when one of them is neither a string, nor parts, nor
/// `null`.
pub(crate) fn join(
    edits: &mut Edits<'_>,
    contents: &[(Place, Option<Value<'_>>)],
) -> Result<Option<String>, ApiError> {
    let mut all_text = true;
    for (_, content) in contents {
        match content.map_or(Kind::Null, Value::kind) {
            Kind::String | Kind::Null => {}
            Kind::Array => all_text = false,
            _ => return Ok(None),
        }
    }
    let mut json = String::from(if all_text { "\"" } else { "[" });
    let mut first = true;
    for &(place, content) in contents {
        let Some(content) = content else { continue };
        if let Some(text) = inside(content) {
            if text.is_empty() {
                continue;
            }
            if !std::mem::take(&mut first) {
                json.push_str(if all_text { "\\n\\n" } else { "," });
            }
            if all_text {
                json.push_str(text);
            } else {
                json.push_str(r#"{"type":"text","text":"#);
                json.push_str(content.raw());
                json.push('}');
            }
        }
        for (j, part) in content.elements().enumerate() {
            if !std::mem::take(&mut first) {
                json.push(',');
            }
            let part = part.value();
            json.push_str(&edits.piece(part, |edits, part| convert_part(edits, part, place, j))?);
        }
    }
    json.push(if all_text { '"' } else { ']' });
    Ok(Some(json))
}

/// What stands between a string's quotes, as spelt.
fn inside(value: Value<'_>) -> Option<&str> {
    if !value.is_string() {
        return None;
    }
    let raw = value.raw();
    raw.get(1..raw.len().saturating_sub(1))
}
