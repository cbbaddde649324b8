//! What a request refers to of earlier turns, from the store.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use crate::{
    error,
    item::Item,
    object::{Object, array},
    request::{Reference, previous_response_id, replace_references, with_references},
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

/// A body in which everything that is kept *here* is replaced by items.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(crate) body: Bytes,
    /// Whether it named an earlier response of this store.
    pub(crate) has_history: bool,
}

/// The body for a provider that keeps responses itself; `None` if it refers to nothing that is kept here.
///
/// # Errors
///
/// What the client has to be answered with, if the conversation is too long.
pub(crate) fn expand(
    store: &ResponseStore,
    owner: Owner,
    body: &Bytes,
) -> Result<Option<Expanded>, ApiError> {
    let mut found = Found::default();
    let resolved = replace_references(body, |id| match found.item(store, owner, id) {
        None => Reference::Keep,
        Some(item) => match portable(item.json()) {
            Ok(Some(json)) => Reference::Replace(json),
            Ok(None) => Reference::LeaveOut,
            Err(_) => Reference::Keep,
        },
    });
    if found.is_too_long() {
        return Err(error::conversation_too_long());
    }
    // What cannot be read is the provider's to refuse.
    let resolved = resolved.ok().flatten();
    let body = resolved.as_ref().unwrap_or(body);
    if let Some(body) = with_history(store, owner, body)? {
        return Ok(Some(Expanded {
            body,
            has_history: true,
        }));
    }
    Ok(resolved.map(|body| Expanded {
        body,
        has_history: false,
    }))
}

/// The body with the items of the response that it goes on from, if that is kept here.
fn with_history(
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
    responses: HashSet<String>,
    items: HashMap<String, Item>,
    bytes: usize,
}

// === impl Found ===

impl Found {
    fn item(&mut self, store: &ResponseStore, owner: Owner, id: &str) -> Option<Item> {
        if self.is_too_long() {
            return None;
        }
        let response = Item::response_of(id)?;
        if !self.responses.contains(&response) {
            let items = store.output_items(owner, &response);
            let items = items.inspect_err(error::log).ok().flatten()?;
            for item in items {
                self.bytes += item.len();
                if let Ok(item) = Item::from_json(item)
                    && let Some(id) = item.id()
                {
                    self.items.insert(id, item);
                }
            }
            self.responses.insert(response);
        }
        let item = self.items.get(id)?;
        self.bytes += item.json().len();
        Some(item.clone())
    }

    fn is_too_long(&self) -> bool {
        self.bytes > MAX_HISTORY_BYTES || self.responses.len() > MAX_HISTORY_TURNS
    }
}
