//! What is known of a request when it has been read.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use fw_wire::Value;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, request};

use crate::client::{cut, user};
use crate::exchange::{Cause, Open, hipaa};
use crate::log::{RecordKind, Slot};
use crate::record::Accepted;
use crate::route::Route;
use crate::settings::Config;
use crate::tap::Tap;
use crate::ticket::Ticket;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request that is being read.
pub(crate) struct Intake {
    pub(crate) route: Route,
    config: Arc<Config>,
    accepted: Accepted,
    started: Instant,
}

// === impl Intake ===

impl Intake {
    pub(crate) fn new(parts: &request::Parts, route: Route, config: Arc<Config>) -> Self {
        let header = |name: &HeaderName| parts.headers.get(name)?.to_str().ok();
        let client = (config.client)(parts);
        let accepted = Accepted {
            request_id: header(&REQUEST_ID).map(|id| cut(id).into_owned()),
            trace_id: header(&TRACEPARENT).and_then(trace_id),
            client: client.map(|client| client.written(config.client_identity, &config.digester)),
            endpoint: Cow::Borrowed(route.operation),
            ..Accepted::default()
        };
        Self {
            route,
            accepted,
            started: (config.clock.instant)(),
            config,
        }
    }

    /// The largest body that is read.
    pub(crate) fn limit(&self) -> usize {
        self.config.max_body_bytes
    }

    /// Records that the request has been read, and gets it ready to go on. `None` if the log has no room for
    /// its records.
    pub(crate) fn take(mut self, parts: &mut request::Parts, bytes: &Bytes) -> Option<Box<Open>> {
        let body = Value::parse(bytes).ok();
        if let Some(body) = body {
            let [model, stream] = body.get_many(["model", "stream"]);
            let model = model.and_then(Value::as_str);
            self.accepted.model = model.map(|model| cut(&model).into_owned());
            self.accepted.stream = stream.and_then(Value::as_bool) == Some(true);
        }
        self.accepted.bytes = bytes.len() as u64;
        if !bytes.is_empty() {
            self.accepted.prompt = Some(self.config.digester.text(bytes));
        }
        self.accepted.time = (self.config.clock.time)();
        let log = self.config.log.as_ref()?;
        // First the place for its end: what was accepted can always be finished.
        let slot = log.reserve().ok();
        let accepted = match &slot {
            Some(_) if self.config.log_all_access => {
                log.append(RecordKind::Accepted, &self.accepted).ok()
            }
            _ => None,
        };
        let is_recorded = slot.is_some() && (accepted.is_some() || !self.config.log_all_access);
        if !is_recorded {
            if self.config.blocks() {
                log.note_refused();
                return None;
            }
            // Of a request without a place for its end that end is counted, if it finds none then.
            if slot.is_some() {
                log.note_dropped();
            }
        }
        let user = || user(&parts.headers).map(cut).or_else(|| named_user(body?));
        let hipaa = hipaa(&self.config, user);
        let mut open = self.open(slot, accepted);
        open.record.hipaa = hipaa;
        open.details.request(parts, body);
        set_length(&mut parts.headers, bytes.len());
        Some(open)
    }

    /// A request that could not be read, and so goes no further.
    pub(crate) fn refuse(mut self) -> Box<Open> {
        self.accepted.time = (self.config.clock.time)();
        let mut open = self.open(None, None);
        open.cause = Cause::Refused;
        open
    }

    /// A request whose client went away before it was read.
    pub(crate) fn gone(mut self) {
        self.accepted.time = (self.config.clock.time)();
        drop(self.open(None, None));
    }

    fn open(self, slot: Option<Slot>, accepted: Option<Ticket>) -> Box<Open> {
        Box::new(Open {
            tap: Arc::new(Tap::default()),
            details: (self.config.details)(),
            record: self.accepted.to_finished(),
            slot,
            accepted,
            started: self.started,
            cause: Cause::Dropped,
            config: self.config,
        })
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
