//! Names that say of a member what it is, wherever it stands.
//!
//! What has none of these names, and no rule of its own, is text.

use super::rule::{ARGUMENTS, LABEL, LINK, Rule};

/// Which names count in an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// None: all that is in it is somebody's own.
    None,
    /// Those that mean the same in any object: whatever the vendors call so is no text.
    Few,
    /// Also those that only mean something in an object of the API. In somebody's own data `name`
    /// or `id` may be that of a person.
    All,
}

impl Names {
    /// The rule of the member `key`, if its name says it.
    pub(super) fn rule(self, key: &str) -> Option<&'static Rule> {
        match self {
            Names::None => None,
            Names::Few => few(key),
            Names::All if is_api_label(key) => Some(&LABEL),
            Names::All => few(key),
        }
    }
}

fn is_api_label(key: &str) -> bool {
    match key.len() {
        2 => key == "id",
        4 => matches!(key, "name" | "role"),
        5 => matches!(key, "model" | "index"),
        6 => matches!(key, "status" | "format" | "effort"),
        // Who served it, as routers say.
        8 => key == "provider",
        12 => key == "server_label",
        _ => false,
    }
}

/// By length first: most names that are asked for are none of these.
fn few(key: &str) -> Option<&'static Rule> {
    let is_label = match key.len() {
        3 => return (key == "url").then_some(&LINK),
        4 => key == "type",
        6 => key == "object",
        7 => matches!(
            key,
            "created" | "call_id" | "item_id" | "file_id" | "tool_id"
        ),
        8 => match key {
            "file_url" => return Some(&LINK),
            // Base64.
            "b64_json" => true,
            _ => false,
        },
        9 => match key {
            "arguments" => return Some(&ARGUMENTS),
            "image_url" | "video_url" | "audio_url" => return Some(&LINK),
            // Base64; and numbers, which need not be looked at one by one.
            "file_data" | "signature" | "mime_type" => true,
            "embedding" => return Some(&Rule::NOTHING),
            _ => false,
        },
        10 => match key {
            "server_url" => return Some(&LINK),
            "created_at" | "expires_at" | "media_type" | "message_id" | "request_id" => true,
            _ => false,
        },
        11 => match key {
            "stop_reason" | "response_id" | "tool_use_id" => true,
            // Random characters that hide how long a delta is.
            "obfuscation" => true,
            _ => false,
        },
        12 => match key {
            "partial_json" => return Some(&ARGUMENTS),
            "service_tier" | "tool_call_id" | "container_id" | "completed_at" | "retrieved_at" => {
                true
            }
            _ => false,
        },
        13 => key == "finish_reason",
        15 => matches!(
            key,
            "encrypted_index" | "conversation_id" | "vector_store_id"
        ),
        16 => key == "encrypted_stdout",
        17 => matches!(
            key,
            "encrypted_content" | "partial_image_b64" | "thought_signature"
        ),
        18 => key == "system_fingerprint",
        19 => key == "approval_request_id",
        20 => matches!(key, "previous_response_id" | "native_finish_reason"),
        _ => false,
    };
    is_label.then_some(&LABEL)
}
