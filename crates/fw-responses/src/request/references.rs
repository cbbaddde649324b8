//! References to items of stored responses.
//!
//! The Vercel AI SDK sends them in place of what a model said or called before, unless told not to store.

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use crate::item::Item;

use super::MAX_ITEMS;
use super::refusal::{Place, missing, too_many_items};

/// What to do with a reference.
pub(crate) enum Reference {
    /// Put this JSON in its place.
    Replace(String),
    LeaveOut,
    /// Somebody else knows it.
    Keep,
    /// Nobody knows it: refuse the request.
    Missing,
}

/// Puts the items themselves in place of references to them in `input`.
///
/// `find` is asked for the item with an id; [`Item::response_of`] says which response to look in. A body without
/// references comes back as it is.
///
/// # Errors
///
/// A 404 that names the place, if `find` has no such item; a 400 if the body is no JSON, or has too many items.
pub fn with_references(
    body: &Bytes,
    mut find: impl FnMut(&str) -> Option<Item>,
) -> Result<Bytes, ApiError> {
    let found = |id: &str| match find(id) {
        Some(item) => Reference::Replace(item.json().to_owned()),
        None => Reference::Missing,
    };
    let replaced = replace_references(body, found)?;
    Ok(replaced.unwrap_or_else(|| body.clone()))
}

/// The body with references replaced as `decide` says; `None` if nothing is.
pub(crate) fn replace_references(
    body: &Bytes,
    mut decide: impl FnMut(&str) -> Reference,
) -> Result<Option<Bytes>, ApiError> {
    let root = Value::parse(body)?;
    let input = root.get("input").filter(|input| input.is_array());
    let mut edited: Option<Document> = None;
    for (i, element) in input.into_iter().flat_map(Value::elements).enumerate() {
        let item = element.value();
        if !is_reference(item) {
            continue;
        }
        // Each is looked up.
        if i >= MAX_ITEMS {
            return Err(too_many_items());
        }
        let place = Place::Input(i);
        let id = item.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| missing(format_args!("{place}.id")))?;
        let json = match decide(&id) {
            Reference::Replace(json) => Some(json),
            Reference::LeaveOut => None,
            Reference::Keep => continue,
            Reference::Missing => {
                return Err(not_stored().param(format!("{place}.id")));
            }
        };
        let document = match &mut edited {
            Some(document) => document,
            none => none.insert(Document::parse(body.clone())?),
        };
        match json {
            Some(json) => document.replace(item.span(), json)?,
            None => document.remove_element(element.span()),
        }
    }
    Ok(edited.map(Document::finish))
}

/// 404: there is no such item.
pub(super) fn not_stored() -> ApiError {
    ApiError::not_found("The item that is referred to is not stored here. Send the item itself.")
}

/// A reference may leave its type out, and then is nothing but an id.
pub(super) fn is_reference(item: Value<'_>) -> bool {
    let [kind, role, id] = item.get_many(["type", "role", "id"]);
    match kind.filter(|kind| !kind.is_null()) {
        Some(kind) => kind.is_str("item_reference"),
        None => role.is_none() && id.is_some(),
    }
}
