//! Content of messages and of tool outputs.

use fw_wire::{ApiError, Value};

use crate::object::{Object, array, string};

use super::refusal::{Place, missing, shown, unsupported, wrong_type};

/// What a user, system or developer message says, as JSON for a chat message.
///
/// One text is a string: every service takes that, and parts not all.
pub(super) fn content(content: Option<Value<'_>>, place: Place) -> Result<String, ApiError> {
    let content = content.ok_or_else(|| missing(format_args!("{place}.content")))?;
    if content.is_string() {
        return Ok(content.raw().to_owned());
    }
    if !content.is_array() {
        return Err(wrong_type(
            format_args!("{place}.content"),
            "a string or an array of parts",
        ));
    }
    let mut parts = Vec::new();
    let mut text = None;
    for (j, part) in content.elements().enumerate() {
        let (part, place) = (part.value(), place.part(j));
        text = text_of(part);
        parts.push(match text {
            Some(text) => text_part(text),
            None => other_part(part, place)?,
        });
    }
    Ok(match (parts.as_slice(), text) {
        ([], _) => "\"\"".to_owned(),
        ([_], Some(text)) => text.raw().to_owned(),
        _ => array(parts),
    })
}

/// What an assistant said, as one text. A refusal is part of it.
pub(super) fn spoken(content: Option<Value<'_>>, place: Place) -> Result<String, ApiError> {
    let Some(content) = content else {
        return Ok(String::new());
    };
    if let Some(text) = content.as_str() {
        return Ok(text.into_owned());
    }
    let mut all = String::new();
    for (j, part) in content.elements().enumerate() {
        let part = part.value();
        let refusal = || part.get("refusal").filter(|text| text.is_string());
        match text_of(part).or_else(refusal).and_then(Value::as_str) {
            Some(text) => all.push_str(&text),
            None => return Err(unknown_part(part, place.part(j))),
        }
    }
    Ok(all)
}

/// What a tool answered: the text for the tool's message, and parts that only a user's message can carry.
pub(super) fn tool_output(
    output: Option<Value<'_>>,
    place: Place,
) -> Result<(String, Vec<String>), ApiError> {
    let output = output.ok_or_else(|| missing(format_args!("{place}.output")))?;
    if output.is_string() {
        return Ok((output.raw().to_owned(), Vec::new()));
    }
    if !output.is_array() {
        return Err(wrong_type(
            format_args!("{place}.output"),
            "a string or an array of parts",
        ));
    }
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    for (j, part) in output.elements().enumerate() {
        let part = part.value();
        match text_of(part).and_then(Value::as_str) {
            Some(text) => texts.push(text.into_owned()),
            None => others.push(other_part(part, place.part(j))?),
        }
    }
    Ok((string(&texts.join("\n")), others))
}

/// The text of a part that is text.
fn text_of(part: Value<'_>) -> Option<Value<'_>> {
    let [kind, text] = part.get_many(["type", "text"]);
    let kind = kind?;
    let is_text = ["input_text", "output_text", "text"]
        .iter()
        .any(|name| kind.is_str(name));
    text.filter(|text| is_text && text.is_string())
}

fn text_part(text: Value<'_>) -> String {
    Object::of_type("text").raw("text", text.raw()).end()
}

/// A part that is no text, as a chat part.
fn other_part(part: Value<'_>, place: Place) -> Result<String, ApiError> {
    let kind = part.get("type").and_then(Value::as_str);
    match kind.as_deref() {
        Some("input_image" | "image_url") => image(part, place),
        Some("input_file") => file(part, place),
        Some("input_audio") => match part.get("input_audio").filter(|audio| audio.is_object()) {
            Some(audio) => Ok(Object::of_type("input_audio")
                .raw("input_audio", audio.raw())
                .end()),
            None => Err(missing(format_args!("{place}.input_audio"))),
        },
        _ => Err(unknown_part(part, place)),
    }
}

fn image(part: Value<'_>, place: Place) -> Result<String, ApiError> {
    let [url, detail] = part.get_many(["image_url", "detail"]);
    match url.filter(|url| !url.is_null()) {
        // Nested as in chat.
        Some(url) if url.is_object() => Ok(Object::of_type("image_url")
            .raw("image_url", url.raw())
            .end()),
        Some(url) if url.is_string() => {
            let mut image = Object::new().raw("url", url.raw());
            if let Some(detail) = detail.filter(|detail| detail.is_string()) {
                image = image.raw("detail", detail.raw());
            }
            Ok(Object::of_type("image_url")
                .raw("image_url", image.end())
                .end())
        }
        Some(_) => Err(wrong_type(format_args!("{place}.image_url"), "a string")),
        None => Err(unsupported(
            format_args!("{place}.file_id"),
            "Images by 'file_id'",
            "Send 'image_url' with an address or a data URL.",
        )),
    }
}

fn file(part: Value<'_>, place: Place) -> Result<String, ApiError> {
    let [data, name] = part.get_many(["file_data", "filename"]);
    let Some(data) = data.filter(|data| data.is_string()) else {
        return Err(unsupported(
            place,
            "Files by 'file_id' or 'file_url'",
            "Send 'file_data'.",
        ));
    };
    let mut file = Object::new();
    if let Some(name) = name.filter(|name| name.is_string()) {
        file = file.raw("filename", name.raw());
    }
    let file = file.raw("file_data", data.raw()).end();
    Ok(Object::of_type("file").raw("file", file).end())
}

fn unknown_part(part: Value<'_>, place: Place) -> ApiError {
    match part.get("type").and_then(Value::as_str) {
        Some(kind) => unsupported(
            format_args!("{place}.type"),
            &format!("Content of type '{}'", shown(&kind)),
            "Send text, images, files or audio.",
        ),
        None => missing(format_args!("{place}.type")),
    }
}
