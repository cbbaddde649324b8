//! The content of chat messages becomes blocks.

use fw_params::ParamsChanges;
use fw_wire::{ApiError, Value, encode_str};

use crate::json;
use crate::place::{Place, read, string};

/// Writes blocks for a string or for parts, without brackets. An empty string has none.
pub(super) fn blocks(
    out: &mut String,
    content: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    walk(out, content, place, changes, true)
}

/// The same where only text may stand.
pub(super) fn texts(
    out: &mut String,
    content: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> Result<(), ApiError> {
    walk(out, content, place, changes, false)
}

fn walk(
    out: &mut String,
    content: Value<'_>,
    place: &Place<'_>,
    changes: &mut ParamsChanges,
    images: bool,
) -> Result<(), ApiError> {
    if let Some(whole) = content.as_str() {
        if !whole.is_empty() {
            text(out, &whole);
        }
        return Ok(());
    }
    if !content.is_array() {
        return Err(place.invalid("a string or a list of parts is expected"));
    }
    for (i, part) in content.elements().enumerate() {
        let (part, place) = (part.value(), place.item(i));
        let kind = string(part.get("type"), &place.field("type"))?;
        match &*kind {
            "text" => {
                let [_, said] = read(part, ["type", "text"], &place, changes);
                text(out, &string(said, &place.field("text"))?);
            }
            "refusal" => {
                let [_, said] = read(part, ["type", "refusal"], &place, changes);
                text(out, &string(said, &place.field("refusal"))?);
            }
            "image_url" if images => {
                let [_, image] = read(part, ["type", "image_url"], &place, changes);
                let place = place.field("image_url");
                let url = match image {
                    Some(image) if image.is_object() => read(image, ["url"], &place, changes)[0],
                    image => image,
                };
                self::image(out, &string(url, &place.field("url"))?, &place)?;
            }
            other => {
                let other: String = other.chars().take(64).collect();
                return Err(place.unsupported(format_args!(
                    "a part of the type '{other}' cannot be sent here to the Messages API"
                )));
            }
        }
    }
    Ok(())
}

fn text(out: &mut String, text: &str) {
    json::separate(out);
    out.push_str(r#"{"type":"text","text":"#);
    encode_str(out, text);
    out.push('}');
}

/// A `data:` URL is an image of its own, any other a link to one.
fn image(out: &mut String, url: &str, place: &Place<'_>) -> Result<(), ApiError> {
    json::separate(out);
    out.push_str(r#"{"type":"image","source":{"#);
    if let Some(data) = url.strip_prefix("data:") {
        let Some((media_type, data)) = data.split_once(";base64,") else {
            return Err(place.unsupported("a data: URL of an image must be base64"));
        };
        json::text(out, "type", "base64");
        json::text(out, "media_type", media_type);
        json::text(out, "data", data);
    } else {
        json::text(out, "type", "url");
        json::text(out, "url", url);
    }
    out.push_str("}}");
    Ok(())
}
