//! The answers this layer gives itself, and the error of a reply without a record.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use fw_wire::ApiError;
use http::StatusCode;

/// When to come back after the log could not be written.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A reply was broken off, because its record could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditError {
    _private: (),
}

// === impl AuditError ===

impl AuditError {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the audit log could not be written, so the reply was broken off")
    }
}

impl Error for AuditError {}

/// Nothing may pass without a record.
pub(crate) fn unavailable() -> ApiError {
    let message = "The audit log cannot be written, so requests are refused until it can be.";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message)
        .code("audit_unavailable")
        .retry_after(RETRY_AFTER)
}
