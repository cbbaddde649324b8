//! Why something must not pass, in words for the client.

use std::borrow::Cow;

use fw_stream::Scan;
use fw_wire::ApiError;
use http::StatusCode;

use crate::Outcome;

/// The `type` of the error that a denied client gets.
const ERROR_TYPE: &str = "policy_violation";

/// Why something must not pass, in words for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    message: Cow<'static, str>,
}

// === impl Denial ===

impl Denial {
    /// A denial with this message. It never holds any of the text that was refused.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The denial as what a [`TextFilter`](fw_stream::TextFilter) returns to end a stream.
    ///
    /// The layer adds the policy's kind and the code `output_blocked`.
    pub fn into_stop(self) -> Scan {
        self.stop(Code::Output)
    }

    /// As [`into_stop`](Self::into_stop), for a reply that a person has to look at: the code is
    /// `escalation_required`.
    pub fn into_escalation(self) -> Scan {
        self.stop(Code::Escalation)
    }

    fn stop(self, code: Code) -> Scan {
        let error = ApiError::new(StatusCode::BAD_REQUEST, self.message).code(code.as_str());
        Scan::Stop(Box::new(error))
    }

    /// The denial as the error of its client.
    pub(crate) fn to_error(&self, code: Code, policy: &str) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, self.message())
            .kind(ERROR_TYPE)
            .code(code.as_str())
            .policy(policy)
    }
}

/// The `code` of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Input,
    Output,
    Escalation,
}

// === impl Code ===

impl Code {
    const fn as_str(self) -> &'static str {
        match self {
            Code::Input => "input_blocked",
            Code::Output => "output_blocked",
            Code::Escalation => "escalation_required",
        }
    }
}

/// What a filter stopped a stream with, as the client is told: the filter's message, and the rest as for
/// any denial; and what that is in the record.
pub(crate) fn stopped(error: &ApiError, policy: &str) -> (ApiError, Outcome) {
    let (code, outcome) = match error.error_code() {
        Some(code) if code == Code::Escalation.as_str() => (Code::Escalation, Outcome::Escalate),
        _ => (Code::Output, Outcome::Block),
    };
    let denial = Denial::new(error.message().to_owned());
    (denial.to_error(code, policy), outcome)
}
