//! What a request refers to of earlier turns, from the store.

use std::collections::HashMap;

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use crate::{
    error,
    item::Item,
    object::{Object, array},
    request::{previous_response_id, with_references},
    store::{History, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, Owner, ResponseStore},
};

/// The items of the conversation that a request goes on with.
///
/// # Errors
///
/// What the client has to be answered with, if it is not there.
pub(crate) fn history(
    store: &ResponseStore,
    owner: Owner,
    body: &Bytes,
) -> Result<Vec<Item>, ApiError> {
    let Some(id) = previous_response_id(body)? else {
        return Ok(Vec::new());
    };
    match store.history(owner, &id).map_err(error::store)? {
        History::Found(items) => items.into_iter().map(Item::from_json).collect(),
        History::Missing => Err(error::previous_not_found(&id)),
        History::TooLong => Err(error::conversation_too_long()),
    }
}

/// The body with items in place of references to them.
///
/// # Errors
///
/// What the client has to be answered with, if one is not there, or they are too long together.
pub(crate) fn resolve(
    store: &ResponseStore,
    owner: Owner,
    body: &Bytes,
) -> Result<Bytes, ApiError> {
    let mut found = Found::default();
    let resolved = with_references(body, |id| found.item(store, owner, id));
    if found.is_too_long() {
        return Err(error::conversation_too_long());
    }
    resolved
}

/// The body for a provider that keeps responses itself, with the items of what is kept *here*; `None` if it
/// refers to nothing that is.
///
/// # Errors
///
/// What the client has to be answered with, if the conversation is too long.
pub(crate) fn expand(
    store: &ResponseStore,
    owner: Owner,
    body: &Bytes,
) -> Result<Option<Bytes>, ApiError> {
    let Ok(Some(id)) = previous_response_id(body) else {
        return Ok(None);
    };
    let items = match store.history(owner, &id).map_err(error::store)? {
        History::Found(items) => items,
        // The provider's own, or nobody's: it will say.
        History::Missing => return Ok(None),
        History::TooLong => return Err(error::conversation_too_long()),
    };
    let mut document = Document::parse(body.clone())?;
    let root = Value::parse(body)?;
    let mut input = Vec::new();
    for item in &items {
        input.extend(portable(item)?);
    }
    match root.get("input") {
        Some(new) if new.is_array() => {
            input.extend(new.elements().map(|item| item.value().raw().to_owned()));
        }
        Some(new) if new.is_string() => {
            let message = Object::of_type("message").text("role", "user");
            input.push(message.raw("content", new.raw()).end());
        }
        _ => {}
    }
    document.set(root.span(), "input", array(&input))?;
    document.unset(root.span(), "previous_response_id");
    Ok(Some(document.finish()))
}

/// An item as any provider takes it: without an id, which it would look for; not at all if it is reasoning,
/// which only who made it understands.
fn portable(item: &str) -> Result<Option<String>, ApiError> {
    let mut document = Document::parse(item.to_owned())?;
    let span = document.root().span();
    let kind = document.root().get("type");
    if kind.is_some_and(|kind| kind.is_str("reasoning")) {
        return Ok(None);
    }
    document.unset(span, "id");
    Ok(Some(
        String::from_utf8_lossy(&document.finish()).into_owned(),
    ))
}

/// Items that were looked up, and how much that was: what a request refers to is bounded as its conversation
/// is.
#[derive(Default)]
struct Found {
    responses: HashMap<String, Vec<Item>>,
    bytes: usize,
}

// === impl Found ===

impl Found {
    fn item(&mut self, store: &ResponseStore, owner: Owner, id: &str) -> Option<Item> {
        if self.is_too_long() {
            return None;
        }
        let response = Item::response_of(id)?;
        if !self.responses.contains_key(&response) {
            let items = store.output_items(owner, &response);
            let items = items.inspect_err(error::log).ok().flatten()?;
            self.bytes += items.iter().map(String::len).sum::<usize>();
            let items = items
                .into_iter()
                .filter_map(|item| Item::from_json(item).ok());
            self.responses.insert(response.clone(), items.collect());
        }
        let items = self.responses.get(&response)?;
        let item = items.iter().find(|item| item.id().as_deref() == Some(id))?;
        self.bytes += item.json().len();
        Some(item.clone())
    }

    fn is_too_long(&self) -> bool {
        self.bytes > MAX_HISTORY_BYTES || self.responses.len() > MAX_HISTORY_TURNS
    }
}
