//! One item of a conversation, as JSON text.

use std::fmt;

use bytes::Bytes;
use fw_wire::{ApiError, Value};

/// The largest item, in bytes. It holds an image of 10 MB in base64.
const MAX_ITEM_BYTES: usize = 16 * 1024 * 1024;

/// One item of a conversation: a message, a tool call, a tool's output, a piece of reasoning.
///
/// It is the JSON object as the Responses API spells it, in the bytes it came in, and is cheap to clone.
///
/// ```
/// use fw_responses::Item;
///
/// let item = Item::from_json(r#"{"type":"function_call","id":"fc_fw01_2","call_id":"c","name":"f","arguments":"{}"}"#)?;
/// assert_eq!(item.id().as_deref(), Some("fc_fw01_2"));
/// // The ids of items that this crate makes say which response they are of.
/// assert_eq!(Item::response_of("fc_fw01_2").as_deref(), Some("resp_fw01"));
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    json: Bytes,
}

// === impl Item ===

impl Item {
    /// Takes the text of an item.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON object, or is longer than 16 MiB.
    pub fn from_json(json: impl Into<Bytes>) -> Result<Self, ApiError> {
        let json = json.into();
        if json.len() > MAX_ITEM_BYTES {
            return Err(ApiError::payload_too_large(MAX_ITEM_BYTES));
        }
        if !Value::parse(&json)?.is_object() {
            return Err(ApiError::invalid_request("An item has to be an object."));
        }
        Ok(Self { json })
    }

    /// An item within a body that was read.
    pub(crate) fn within(body: &Bytes, value: Value<'_>) -> Result<Self, ApiError> {
        let json = body.slice_ref(value.raw().as_bytes());
        if json.len() > MAX_ITEM_BYTES {
            return Err(ApiError::payload_too_large(MAX_ITEM_BYTES));
        }
        Ok(Self { json })
    }

    /// An item that this crate wrote.
    pub(crate) fn written(json: String) -> Self {
        Self { json: json.into() }
    }

    /// The item's text.
    #[must_use]
    pub fn json(&self) -> &str {
        std::str::from_utf8(&self.json).unwrap_or_default()
    }

    /// The item's id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        let item = Value::parse(&self.json).ok()?;
        item.get("id")?.as_str().map(String::from)
    }

    /// The id of the response that an item with this id came from, if this crate made the id.
    #[must_use]
    pub fn response_of(item_id: &str) -> Option<String> {
        let (_, rest) = item_id.split_once('_')?;
        let (response, index) = rest.rsplit_once('_')?;
        let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        (is_index && !response.is_empty()).then(|| format!("resp_{response}"))
    }

    /// The id of the item at `index` of a response: what [`Item::response_of`] reads.
    pub(crate) fn id_of(kind: &str, response_id: &str, index: usize) -> String {
        let rest = response_id.strip_prefix("resp_").unwrap_or(response_id);
        format!("{kind}_{rest}_{index}")
    }
}

/// Shows the length only: items are what people and models said.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("len", &self.json.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_one_object() {
        assert!(Item::from_json("{}").is_ok());
        for wrong in ["", "[]", "\"text\"", "{} {}", "{"] {
            assert_eq!(Item::from_json(wrong).unwrap_err().status(), 400, "{wrong}");
        }
    }

    #[test]
    fn an_id_leads_back_to_its_response() {
        let id = Item::id_of("msg", "resp_fw0a", 12);
        assert_eq!(id, "msg_fw0a_12");
        assert_eq!(Item::response_of(&id).as_deref(), Some("resp_fw0a"));
        for foreign in ["msg_0a", "msg", "", "msg_a_", "msg__1", "msg_a_b"] {
            assert_eq!(Item::response_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn an_items_text_is_never_shown() {
        let item = Item::from_json(r#"{"content":"secret"}"#).unwrap();
        assert_eq!(format!("{item:?}"), "Item { len: 20 }");
    }
}
