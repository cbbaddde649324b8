//! References to items of stored responses.
//!
//! The Vercel AI SDK sends them in place of what a model said or called before, unless told not to store.

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use crate::item::Item;

use super::refusal::{Place, missing};

/// Puts the items themselves in place of references to them in `input`.
///
/// `find` is asked for the item with an id; [`Item::response_of`] says which response to look in. A body without
/// references comes back as it is.
///
/// # Errors
///
/// A 404 that names the place, if `find` has no such item; a 400 if the body is no JSON.
pub fn with_references(
    body: &Bytes,
    mut find: impl FnMut(&str) -> Option<Item>,
) -> Result<Bytes, ApiError> {
    let root = Value::parse(body)?;
    let input = root.get("input").filter(|input| input.is_array());
    let mut edited: Option<Document> = None;
    for (i, item) in input.into_iter().flat_map(Value::elements).enumerate() {
        let item = item.value();
        if !is_reference(item) {
            continue;
        }
        let place = Place::Input(i);
        let id = item.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| missing(format_args!("{place}.id")))?;
        let found = find(&id).ok_or_else(|| {
            ApiError::not_found(
                "The item that is referred to is not stored here. Send the item itself.",
            )
            .param(format!("{place}.id"))
        })?;
        if edited.is_none() {
            edited = Some(Document::parse(body.clone())?);
        }
        if let Some(document) = &mut edited {
            document
                .replace(item.span(), found.json())
                .map_err(ApiError::from)?;
        }
    }
    Ok(match edited {
        Some(document) => document.finish(),
        None => body.clone(),
    })
}

/// A reference may leave its type out, and then is nothing but an id.
pub(super) fn is_reference(item: Value<'_>) -> bool {
    let [kind, role, id] = item.get_many(["type", "role", "id"]);
    match kind.filter(|kind| !kind.is_null()) {
        Some(kind) => kind.is_str("item_reference"),
        None => role.is_none() && id.is_some(),
    }
}
