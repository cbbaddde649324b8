//! Requests that are answered from the store.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use fw_wire::{ApiError, Document, ErrorShape, Value};
use http::{HeaderValue, Response, header};

use crate::{
    config::{Config, ResponsesMode},
    error,
    item::Item,
    object::{Object, array, string},
    route::Kept,
    store::{ListQuery, MAX_PAGE, Order, Owner, ResponseStore},
};

/// An answer of the store.
pub(crate) enum Answer {
    Now(Response<Bytes>),
    /// Once the disk has it.
    Later(Later),
}

/// An answer that takes a moment. Boxed: it is rare.
pub(crate) type Later = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// The answer, if it is ours to give: in [`ResponsesMode::Expand`] only to what is about a response in the
/// store.
pub(crate) fn answer(config: &Config, owner: Owner, kept: Kept<'_>, query: &str) -> Option<Answer> {
    let store = &config.store;
    if config.mode == ResponsesMode::Expand {
        // Should the store fail, the provider may know the response.
        let is_ours = store.has(owner, kept.id()?);
        let is_ours = is_ours.inspect_err(error::log).unwrap_or(false);
        is_ours.then_some(())?;
    }
    let answer = match kept {
        Kept::List => list(store, owner, query),
        Kept::Read(id) => read(store, owner, id, query),
        Kept::InputItems(id) => input_items(store, owner, id, query),
        Kept::Cancel(id) => cancel(store, owner, id),
        Kept::Delete(id) => {
            let (store, id) = (store.clone(), id.to_owned());
            let deleted = async move { response(delete(&store, owner, &id).await) };
            return Some(Answer::Later(Box::pin(deleted)));
        }
    };
    Some(Answer::Now(response(answer)))
}

fn response(answer: Result<Bytes, ApiError>) -> Response<Bytes> {
    match answer {
        Ok(json) => json_response(json),
        Err(error) => error.to_response(ErrorShape::OpenAi),
    }
}

fn list(store: &ResponseStore, owner: Owner, query: &str) -> Result<Bytes, ApiError> {
    let query = list_query(query)?;
    let page = store.list(owner, &query).map_err(error::store)?;
    let page = page.ok_or_else(error::unknown_cursor)?;
    let texts = page.responses().map(|json| String::from_utf8_lossy(json));
    let ids: Vec<&str> = page.ids().collect();
    let (first, last) = (ids.first().copied(), ids.last().copied());
    Ok(list_json(texts, first, last, page.has_more()))
}

fn read(store: &ResponseStore, owner: Owner, id: &str, query: &str) -> Result<Bytes, ApiError> {
    if parameter(query, "stream") == Some("true") {
        return Err(error::no_stream_of_kept());
    }
    let found = store.find(owner, id).map_err(error::store)?;
    found.ok_or_else(|| error::response_not_found(id))
}

fn input_items(
    store: &ResponseStore,
    owner: Owner,
    id: &str,
    query: &str,
) -> Result<Bytes, ApiError> {
    let query = list_query(query)?;
    let items = store.input_items(owner, id).map_err(error::store)?;
    let items = items.ok_or_else(|| error::response_not_found(id))?;
    let mut items: Vec<(String, String)> = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| with_id(item, id, index))
        .collect();
    if query.order == Order::Descending {
        items.reverse();
    }
    let place = |id: &Option<String>| match id {
        None => Ok(None),
        Some(id) => items
            .iter()
            .position(|(item, _)| item == id)
            .map(Some)
            .ok_or_else(error::unknown_cursor),
    };
    let from = place(&query.after)?.map_or(0, |place| place + 1);
    let to = place(&query.before)?.unwrap_or(items.len());
    let all = items.get(from..to).unwrap_or_default();
    let page = match (&query.before, &query.after) {
        (Some(_), None) => &all[all.len().saturating_sub(query.limit)..],
        _ => &all[..query.limit.min(all.len())],
    };
    let id_of = |item: &'_ (String, String)| item.0.clone();
    let (first, last) = (page.first().map(id_of), page.last().map(id_of));
    let texts = page.iter().map(|(_, json)| json);
    let has_more = page.len() < all.len();
    Ok(list_json(
        texts,
        first.as_deref(),
        last.as_deref(),
        has_more,
    ))
}

fn cancel(store: &ResponseStore, owner: Owner, id: &str) -> Result<Bytes, ApiError> {
    let found = store.find(owner, id).map_err(error::store)?;
    Err(match found {
        Some(_) => error::nothing_to_cancel(),
        None => error::response_not_found(id),
    })
}

async fn delete(store: &ResponseStore, owner: Owner, id: &str) -> Result<Bytes, ApiError> {
    if !store.delete(owner, id).await.map_err(error::store)? {
        return Err(error::response_not_found(id));
    }
    let deleted = Object::new().text("id", id).text("object", "response");
    Ok(deleted.raw("deleted", "true").end().into())
}

/// An item's id and text. Clients page by ids, and need not send any: they are made of the response's.
fn with_id(item: String, response: &str, index: usize) -> (String, String) {
    let made_up = Item::id_of("item", response, index);
    let Ok(mut document) = Document::parse(item.clone()) else {
        return (made_up, item);
    };
    if let Some(id) = document.root().get("id").and_then(Value::as_str) {
        return (id.into_owned(), item);
    }
    let span = document.root().span();
    // Not refused: it is one value, and the item is an object.
    document.set(span, "id", string(&made_up)).ok();
    let item = String::from_utf8_lossy(&document.finish()).into_owned();
    (made_up, item)
}

/// A list as OpenAI writes it.
fn list_json<T: AsRef<str>>(
    texts: impl Iterator<Item = T>,
    first: Option<&str>,
    last: Option<&str>,
    has_more: bool,
) -> Bytes {
    let id = |id: Option<&str>| id.map_or_else(|| "null".into(), string);
    Object::new()
        .text("object", "list")
        .raw("data", array(texts))
        .raw("first_id", id(first))
        .raw("last_id", id(last))
        .raw("has_more", has_more.to_string())
        .end()
        .into()
}

fn list_query(query: &str) -> Result<ListQuery, ApiError> {
    let mut list = ListQuery::default();
    if let Some(limit) = parameter(query, "limit") {
        let limit = limit
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_PAGE).contains(limit));
        list = list.limit(limit.ok_or_else(error::bad_limit)?);
    }
    list = match parameter(query, "order") {
        None | Some("desc") => list.order(Order::Descending),
        Some("asc") => list.order(Order::Ascending),
        Some(_) => return Err(error::bad_order()),
    };
    if let Some(id) = parameter(query, "after") {
        list = list.after(id);
    }
    if let Some(id) = parameter(query, "before") {
        list = list.before(id);
    }
    Ok(list)
}

/// A parameter of a query. Nothing that is asked for here has to be escaped.
fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

fn json_response(json: Bytes) -> Response<Bytes> {
    let mut response = Response::new(json);
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
