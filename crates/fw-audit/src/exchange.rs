//! A request that is under way, until its record is handed over.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fw_stream::{EndCause, Observation};
use http::{StatusCode, request, response};

use crate::details::Details;
use crate::encode::push_finished;
use crate::log::{RecordKind, Slot};
use crate::record::{End, Finished, Hipaa, Verdict};
use crate::settings::Config;
use crate::tap::{Tap, Written};

/// A request that is under way. However it ends, dropping this hands its record over, once.
pub(crate) struct Open {
    pub(crate) config: Arc<Config>,
    pub(crate) tap: Arc<Tap>,
    pub(crate) details: Box<dyn Details>,
    /// The request itself, while its body is being read.
    pub(crate) request: Option<request::Parts>,
    pub(crate) record: Finished,
    /// The place that was kept for the record. Without one the log may be full when it comes.
    pub(crate) slot: Option<Slot>,
    pub(crate) started: Instant,
    pub(crate) cause: Cause,
}

/// Why a request is over, as far as this layer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nobody said anything: it was dropped.
    Dropped,
    /// This layer refused it for want of a record, so it has none.
    Unrecorded,
    /// This layer refused it.
    Refused,
    /// The inner service failed.
    ServiceError,
    /// The reply was seen to its end.
    Reply(EndCause),
}

// === impl Open ===

impl Open {
    /// The reply has begun.
    pub(crate) fn answered(&mut self, parts: &response::Parts) {
        self.record.status = Some(parts.status.as_u16());
        self.details.response(parts);
    }

    /// The reply is over.
    pub(crate) fn observed(mut self: Box<Self>, seen: Observation) {
        let since = |at: Instant| millis(at.saturating_duration_since(self.started));
        self.record.ttft_ms = seen.first_content.map(since);
        self.record.tokens = seen.usage.map(Into::into);
        self.record.model_served = seen.model;
        self.record.reply_bytes = seen.bytes;
        self.record.reply = self.tap.end_digest();
        self.cause = match seen.end {
            EndCause::ClientGone => Cause::Dropped,
            end => Cause::Reply(end),
        };
    }

    /// It ended for this reason, without a reply that could be observed.
    pub(crate) fn ended(mut self: Box<Self>, cause: Cause) {
        self.cause = cause;
    }

    fn hand_over(&mut self) -> Option<Written> {
        if self.cause == Cause::Unrecorded {
            return None;
        }
        let clock = self.config.clock;
        self.record.total_ms = millis((clock.instant)().saturating_duration_since(self.started));
        self.record.config.clone_from(&self.config.identity);
        // Often within a drop: a panic there would take the record along, within another one the process.
        let finished = catch_unwind(AssertUnwindSafe(|| self.details.finish(&mut self.record)));
        self.record.verdict = Verdict::of(&self.record.policies);
        self.record.end = finished.map_or(End::Panic, |()| self.end());
        if self.record.end.is_error() {
            self.record.verdict = Verdict::Error;
        }
        if !self.config.log_all_access && self.record.verdict == Verdict::Allow {
            return None;
        }
        if let Some(hipaa) = &mut self.record.hipaa {
            hipaa.data_categories = self
                .record
                .policies
                .iter()
                .flat_map(|policy| policy.findings.keys().cloned())
                .collect::<BTreeSet<Cow<'static, str>>>()
                .into_iter()
                .collect();
        }
        self.record.time = (clock.time)();
        let record = &self.record;
        let ticket = match self.slot.take() {
            Some(slot) => {
                slot.append_members(RecordKind::Finished, |out| push_finished(out, record))
            }
            None => {
                let log = self.config.log.as_ref()?;
                let write = |out: &mut Vec<u8>| push_finished(out, record);
                let taken = log.append_members(RecordKind::Finished, write);
                taken.inspect_err(|_| log.note_dropped()).ok()?
            }
        };
        Some(Written::new(ticket, self.config.synced))
    }

    fn end(&self) -> End {
        let status = self
            .record
            .status
            .and_then(|s| StatusCode::from_u16(s).ok());
        let is_error = status.is_some_and(|s| s.is_client_error() || s.is_server_error());
        match self.cause {
            Cause::Dropped if self.tap.is_running() || std::thread::panicking() => End::Panic,
            _ if self.record.verdict.is_denial() => End::Denied,
            Cause::Refused | Cause::Unrecorded => End::Refused,
            Cause::ServiceError => End::UpstreamError,
            Cause::Reply(_) if is_error => self.error_reply(status.unwrap_or_default()),
            Cause::Reply(EndCause::Complete) => End::Complete,
            Cause::Reply(EndCause::UpstreamError) => End::UpstreamError,
            Cause::Reply(_) => End::Truncated,
            Cause::Dropped => End::ClientGone,
        }
    }

    /// Whose error it is: the provider's if one was asked. Where nobody says whom was asked, the status does.
    fn error_reply(&self, status: StatusCode) -> End {
        let is_refusal = status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE;
        if self.record.attempts.is_empty() && is_refusal {
            End::Refused
        } else {
            End::UpstreamError
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(written) = self.hand_over() {
            self.tap.set_written(written);
        }
    }
}

/// The record of the HIPAA audit controls, of which the categories follow at the end.
pub(crate) fn hipaa<'a>(
    config: &Config,
    user: impl FnOnce() -> Option<Cow<'a, str>>,
) -> Option<Hipaa> {
    config.hipaa.then(|| Hipaa {
        access_time: (config.clock.time)(),
        user: user().map(Cow::into_owned),
        ..Hipaa::default()
    })
}

/// Milliseconds with microseconds behind the point.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
