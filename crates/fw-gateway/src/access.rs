//! One log line for every request that went upstream, written when its reply is over.

use std::time::{Duration, Instant};

use fw_params::UpstreamUsage;
use fw_routing::{Attempt, Attempts, Fault, FaultKind};
use fw_stream::{EndCause, Observation};
use http::{HeaderValue, Response, StatusCode};
use tracing::{Level, Span};

use crate::telemetry::ACCESS;

/// The reply header in which `fw-params` lists what it changed.
const CHANGES: &str = "x-fw-params";

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Access {
    operation: &'static str,
    started: Instant,
}

/// A request whose reply has begun, if anybody wants to read of its end.
#[derive(Debug)]
pub(crate) struct Answered {
    access: Access,
    status: StatusCode,
    changes: Option<HeaderValue>,
    /// Complete when the reply is over.
    attempts: Option<Attempts>,
    /// Usage that is left out of the client's stream.
    hidden_usage: Option<UpstreamUsage>,
    /// The client may go away while nothing of the request is being polled.
    span: Span,
}

impl Access {
    pub(crate) fn new(operation: &'static str, started: Instant) -> Self {
        Self { operation, started }
    }

    /// Says so if every target has failed. `None` if the line at the reply's end is not logged: then the
    /// reply need not be watched for it either.
    pub(crate) fn answered<B>(self, response: &Response<B>) -> Option<Answered> {
        let attempts: Option<&Attempts> = response.extensions().get();
        if let Some(attempts) = attempts
            && gave_up(response.status(), attempts)
        {
            tracing::warn!(
                target: ACCESS,
                operation = self.operation,
                status = response.status().as_u16(),
                total_ms = millis(self.started.elapsed()),
                attempts = %attempts,
                "failed"
            );
        }
        tracing::enabled!(target: ACCESS, Level::DEBUG).then(|| Answered {
            access: self,
            status: response.status(),
            changes: response.headers().get(CHANGES).cloned(),
            attempts: attempts.cloned(),
            hidden_usage: response.extensions().get().cloned(),
            span: Span::current(),
        })
    }
}

impl Answered {
    /// The reply is over, whatever its end.
    pub(crate) fn finished(self, seen: &Observation) {
        let _entered = self.span.enter();
        let started = self.access.started;
        let hidden = || self.hidden_usage.as_ref().and_then(UpstreamUsage::usage);
        let usage = seen.usage.or_else(hidden);
        tracing::debug!(
            target: ACCESS,
            operation = self.access.operation,
            status = self.status.as_u16(),
            end = self.end(seen),
            first_content_ms = seen.first_content.map(|at| millis(at.saturating_duration_since(started))),
            total_ms = millis(started.elapsed()),
            bytes = seen.bytes,
            prompt_tokens = usage.map(|usage| usage.prompt_tokens),
            completion_tokens = usage.map(|usage| usage.completion_tokens),
            changes = self.changes.as_ref().and_then(|changes| changes.to_str().ok()),
            attempts = self.attempts.as_ref().map(tracing::field::display),
            "finished"
        );
    }

    /// An error reply that arrived whole says by its status whose error it is.
    fn end(&self, seen: &Observation) -> &'static str {
        let is_error = self.status.is_client_error() || self.status.is_server_error();
        match seen.end {
            EndCause::UpstreamError if is_error => "error_reply",
            end => end.as_str(),
        }
    }
}

/// Whether every attempt failed, some by no fault of the client's, and the reply is more than an error that
/// the only target asked has given.
fn gave_up(status: StatusCode, attempts: &Attempts) -> bool {
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let attempts = attempts.to_vec();
    let faults: Vec<&Fault> = attempts.iter().filter_map(Attempt::fault).collect();
    let Some(last) = faults.last() else {
        return attempts.is_empty() && status == StatusCode::SERVICE_UNAVAILABLE;
    };
    let by_target = |fault: &&Fault| {
        let kind = fault.kind();
        kind.is_failure() || matches!(kind, FaultKind::Account | FaultKind::RateLimited)
    };
    faults.len() == attempts.len()
        && (faults.len() > 1 || last.status().is_none())
        && faults.iter().any(by_target)
}

/// Milliseconds with microseconds behind the point.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
