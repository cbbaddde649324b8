//! What is known of a request when it has been read.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use fw_wire::Value;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, request};

use crate::client::{cut, user};
use crate::encode::push_accepted;
use crate::exchange::{Cause, Open, hipaa};
use crate::log::RecordKind;
use crate::record::Finished;
use crate::route::Route;
use crate::settings::Config;
use crate::tap::Tap;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Begins the record of a request that is being read.
pub(crate) fn begin(parts: request::Parts, route: Route, config: Arc<Config>) -> Box<Open> {
    let header = |name: &HeaderName| parts.headers.get(name)?.to_str().ok();
    let client = (config.client)(&parts);
    let record = Finished {
        request_id: header(&REQUEST_ID).map(|id| cut(id).into_owned()),
        trace_id: header(&TRACEPARENT).and_then(trace_id),
        client: client.map(|client| client.written(config.client_identity, &config.digester)),
        endpoint: Cow::Borrowed(route.operation),
        ..Finished::default()
    };
    Box::new(Open {
        tap: Arc::new(Tap::new(config.digester.begin())),
        details: (config.details)(),
        request: Some(parts),
        record,
        slot: None,
        started: (config.clock.instant)(),
        cause: Cause::Dropped,
        config,
    })
}

impl Open {
    /// The largest body that is read.
    pub(crate) fn limit(&self) -> usize {
        self.config.max_body_bytes
    }

    /// Records that the request has been read, and gets it ready to go on. `None` if the log has no room for
    /// its records.
    pub(crate) fn take(mut self: Box<Self>, bytes: &Bytes) -> Option<(request::Parts, Box<Self>)> {
        let mut parts = self.request.take()?;
        let body = Value::parse(bytes).ok();
        if let Some(body) = body {
            let [model, stream] = body.get_many(["model", "stream"]);
            let model = model.and_then(Value::as_str);
            self.record.model = model.map(|model| cut(&model).into_owned());
            self.record.stream = stream.and_then(Value::as_bool) == Some(true);
        }
        self.record.bytes = bytes.len() as u64;
        if !bytes.is_empty() {
            self.record.prompt = Some(self.config.digester.text(bytes));
        }
        if !self.accept() {
            self.cause = Cause::Unrecorded;
            return None;
        }
        let user = || user(&parts.headers).map(cut).or_else(|| named_user(body?));
        self.record.hipaa = hipaa(&self.config, user);
        self.details.request(&mut parts, body);
        set_length(&mut parts.headers, bytes.len());
        Some((parts, self))
    }

    /// Records that the request has been read. Tells whether it may go on.
    fn accept(&mut self) -> bool {
        self.record.time = (self.config.clock.time)();
        let Some(log) = self.config.log.as_ref() else {
            return false;
        };
        // First the place for its end: what was accepted can always be finished.
        self.slot = log.reserve().ok();
        if self.slot.is_some() && self.config.log_all_access {
            let record = &self.record;
            let taken = log.append_members(RecordKind::Accepted, |out| push_accepted(out, record));
            self.record.accepted = taken.ok().map(|ticket| ticket.seq());
        }
        let is_recorded =
            self.slot.is_some() && (self.record.accepted.is_some() || !self.config.log_all_access);
        if !is_recorded {
            if self.config.blocks() {
                log.note_refused();
                return false;
            }
            // Of a request without a place for its end that end is counted, if it finds none then.
            if self.slot.is_some() {
                log.note_dropped();
            }
        }
        true
    }
}

/// The user that a body names: `user`, or `metadata.user_id` as Messages has it.
fn named_user(body: Value<'_>) -> Option<Cow<'_, str>> {
    let [user, metadata] = body.get_many(["user", "metadata"]);
    let user = user.or_else(|| metadata?.get("user_id"))?.as_str()?;
    Some(Cow::Owned(cut(&user).into_owned()))
}

/// The second part of `traceparent`: `00-<trace id>-<span id>-<flags>`.
fn trace_id(traceparent: &str) -> Option<String> {
    let id = traceparent.split('-').nth(1)?;
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.to_owned())
}

/// The headers of a request whose body was read: its length is known, and there is nothing to wait for.
fn set_length(headers: &mut HeaderMap, length: usize) {
    headers.remove(EXPECT);
    if headers.remove(TRANSFER_ENCODING).is_some() || length > 0 {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_told_by_its_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(
            trace_id(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(),
            Some(id)
        );
        assert_eq!(trace_id("00-short-x-01"), None);
        assert_eq!(trace_id(""), None);
    }

    #[test]
    fn a_body_names_its_user_in_two_ways() {
        let named =
            |body: &str| named_user(Value::parse(body.as_bytes()).unwrap()).map(Cow::into_owned);
        assert_eq!(named(r#"{"user":"u"}"#).as_deref(), Some("u"));
        assert_eq!(
            named(r#"{"metadata":{"user_id":"m"}}"#).as_deref(),
            Some("m")
        );
        assert_eq!(named(r#"{"user":5}"#), None);
        assert_eq!(named("{}"), None);
    }
}
