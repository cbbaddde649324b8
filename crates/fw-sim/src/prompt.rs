//! Chat messages as a prompt: what counts as tokens, and what the cache compares.

use crate::cache::Prompt;
use crate::json::Json;

/// What one image costs. Real models differ; the number only has to be steady.
const IMAGE_TOKENS: u32 = 256;

/// Renders tools and messages: each message is one token for its role, its text, and one end token;
/// one token opens the reply.
pub(crate) fn chat(prompt: &mut Prompt, tools: &[Json], messages: &[Json]) {
    for tool in tools {
        prompt.token(b"<tool>");
        prompt.text(&tool.to_text());
    }
    for message in messages {
        prompt.token(message.str("role").unwrap_or("user").as_bytes());
        if let Some(reasoning) = message.str("reasoning_content") {
            prompt.text(reasoning);
        }
        content(prompt, message.get("content"));
        for call in message.array("tool_calls") {
            if let Some(function) = call.get("function") {
                prompt.text(function.str("name").unwrap_or(""));
                content(prompt, function.get("arguments"));
            }
        }
        prompt.token(b"<end>");
    }
    prompt.token(b"<assistant>");
}

/// Any content: text, parts, or other JSON as its text.
pub(crate) fn content(prompt: &mut Prompt, content: Option<&Json>) {
    match content {
        None | Some(Json::Null) => {}
        Some(Json::Str(text)) => prompt.text(text),
        Some(Json::Array(parts)) => {
            for part in parts {
                match (part.str("text"), part.str("type")) {
                    (Some(text), _) => prompt.text(text),
                    (None, Some("image_url" | "video_url" | "image" | "input_image")) => {
                        (0..IMAGE_TOKENS).for_each(|_| prompt.token(b"<image>"));
                    }
                    (None, _) => prompt.text(&part.to_text()),
                }
            }
        }
        Some(other) => prompt.text(&other.to_text()),
    }
}

/// The text of a content, parts joined by line feeds.
pub(crate) fn text_of(content: Option<&Json>) -> String {
    match content {
        Some(Json::Str(text)) => text.clone(),
        Some(Json::Array(parts)) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| part.as_str().or_else(|| part.str("text")))
                .collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}
