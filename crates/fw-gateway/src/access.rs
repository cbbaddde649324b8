//! One log line for every request that went upstream, written when its reply is over.

use std::time::{Duration, Instant};

use fw_params::UpstreamUsage;
use fw_provider::ProviderError;
use fw_stream::{EndCause, Observation};
use http::{HeaderValue, Response, StatusCode};

use crate::telemetry::ACCESS;

/// The reply header in which `fw-params` lists what it changed.
const CHANGES: &str = "x-fw-params";

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Access {
    operation: &'static str,
    started: Instant,
}

/// A request whose reply has begun.
#[derive(Debug)]
pub(crate) struct Answered {
    access: Access,
    status: StatusCode,
    changes: Option<HeaderValue>,
    /// Usage that is left out of the client's stream.
    hidden_usage: Option<UpstreamUsage>,
}

impl Access {
    pub(crate) fn new(operation: &'static str, started: Instant) -> Self {
        Self { operation, started }
    }

    pub(crate) fn answered<B>(self, response: &Response<B>) -> Answered {
        Answered {
            access: self,
            status: response.status(),
            changes: response.headers().get(CHANGES).cloned(),
            hidden_usage: response.extensions().get().cloned(),
        }
    }
}

impl Answered {
    /// Nothing came back that could be passed on.
    pub(crate) fn failed(self, error: &ProviderError) {
        tracing::warn!(
            target: ACCESS,
            operation = self.access.operation,
            status = self.status.as_u16(),
            total_ms = millis(self.access.started.elapsed()),
            error = %error,
            "failed"
        );
    }

    /// The reply is over, whatever its end.
    pub(crate) fn finished(self, seen: &Observation) {
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

/// Milliseconds with microseconds behind the point.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
