//! Whether a plain reply that has come whole is the answer.

use bytes::Bytes;
use fw_stream::is_encoded;
use fw_wire::{ApiError, Endpoint, Usage, Value};
use http::{HeaderValue, header::CONTENT_TYPE, response};

use super::{Aim, Begun, Outcome, Told, failed};
use crate::{
    error::{AttemptError, What},
    fault::Fault,
};

/// Judges a plain reply that has come whole.
pub(super) fn judge<B>(aim: &Aim, head: response::Parts, read: Bytes) -> Outcome<B> {
    if let Some(fault) = Fault::of_reply(head.status, &head.headers, &read) {
        return failed(aim, fault, Told::Reply(Box::new(head), read));
    }
    // Where nothing could follow, the client finds out as well as we do.
    let Some(endpoint) = aim.endpoint.filter(|_| aim.repeats) else {
        return answer(head, read, None);
    };
    let refuse = |what| {
        let error = AttemptError::new(&aim.id, what);
        failed(aim, error.fault(), Told::Error(error.into()))
    };
    // A client that followed it would take its prompt, and its key, elsewhere.
    if head.status.is_redirection() {
        return refuse(What::Redirect);
    }
    let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(is_page) {
        return refuse(What::Page);
    }
    if !content_type.is_none_or(is_json) || is_encoded(&head.headers) {
        return answer(head, read, None);
    }
    let Ok(root) = Value::parse(read.trim_ascii()) else {
        return refuse(What::Truncated);
    };
    let [choices, error, usage] = root.get_many(["choices", "error", "usage"]);
    let has_error = error.is_some_and(|error| error.is_object() || error.is_string());
    if has_error
        && choices.is_none()
        && endpoint != Endpoint::Responses
        && let Some(error) = ApiError::from_event(root)
    {
        return failed(aim, Fault::of_event(&error), Told::Event(Box::new(error)));
    }
    // What it says of itself goes to the client as it is, if nothing better does.
    if endpoint == Endpoint::Responses
        && root
            .get("status")
            .is_some_and(|status| status.is_str("failed"))
        && let Some(error) = ApiError::from_event(root)
    {
        let fault = Fault::of_event(&error);
        return failed(aim, fault, Told::Reply(Box::new(head), read));
    }
    if matches!(endpoint, Endpoint::ChatCompletions | Endpoint::Completions) {
        let first = choices.and_then(|choices| choices.index(0));
        let Some(first) = first else {
            return refuse(What::Empty);
        };
        let reason = first.get("finish_reason");
        if aim.refuse_filtered && reason.is_some_and(|reason| reason.is_str("content_filter")) {
            return refuse(What::Filtered);
        }
    }
    let tokens = usage
        .and_then(Usage::from_value)
        .map(|usage| usage.completion_tokens);
    answer(head, read, tokens)
}

fn is_json(content_type: &[u8]) -> bool {
    starts_with(content_type, b"application/json")
}

/// A page of a proxy or a login: no model answers with one.
fn is_page(content_type: &[u8]) -> bool {
    starts_with(content_type, b"text/html")
}

fn starts_with(content_type: &[u8], kind: &[u8]) -> bool {
    content_type
        .get(..kind.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(kind))
}

fn answer<B>(head: response::Parts, read: Bytes, tokens: Option<u64>) -> Outcome<B> {
    Outcome::Answer {
        head,
        body: Begun::Whole(read, tokens),
    }
}
