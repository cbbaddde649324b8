//! What the log keeps of a request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::time::Timestamp;

/// Members that this version does not know. They are kept when a record is read and written again.
pub type Unknown = Map<String, Value>;

/// A request that was read and goes on. Small; what comes of it is in its [`Finished`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Accepted {
    /// When it had been read.
    pub time: Timestamp,
    /// `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The trace of `traceparent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Who sent it: a name, or `digest:` and a keyed digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The operation, such as `chat_completions`.
    pub endpoint: Cow<'static, str>,
    /// The model that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether a stream was asked for.
    #[serde(skip_serializing_if = "is_false")]
    pub stream: bool,
    /// Length of the request's body.
    pub bytes: u64,
    /// Keyed digest of the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Unknown,
}

/// A request whose reply is over, whatever its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Finished {
    /// When the reply was over.
    pub time: Timestamp,
    /// The sequence number of its [`Accepted`], if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
    /// `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The trace of `traceparent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Who sent it: a name, or `digest:` and a keyed digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The operation, such as `chat_completions`.
    pub endpoint: Cow<'static, str>,
    /// The model that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model that answered, as the reply names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_served: Option<String>,
    /// Whether a stream was asked for.
    #[serde(skip_serializing_if = "is_false")]
    pub stream: bool,
    /// The target that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Every target that was tried, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptRecord>,
    /// What was decided.
    pub verdict: Verdict,
    /// What each policy said, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyRecord>,
    /// What was changed about the parameters, such as `removed store`. Names, never values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Tokens, if the provider said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// What they cost, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Milliseconds from the request to the first content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<f64>,
    /// Milliseconds from the request to the end of the reply.
    pub total_ms: f64,
    /// The status that the client got. `None` if it got none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How it ended.
    pub end: End,
    /// Length of the request's body.
    pub bytes: u64,
    /// Length of the reply's body.
    pub reply_bytes: u64,
    /// Keyed digest of the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Keyed digest of the reply's body, as far as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// The configuration that was in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Arc<ConfigIdentity>>,
    /// What the HIPAA audit controls ask for, where they are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hipaa: Option<Hipaa>,
    /// Text after redaction, where capturing is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captured: Option<Captured>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Unknown,
}

/// One target that was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AttemptRecord {
    /// The target's id.
    pub target: String,
    /// What went wrong, such as `rate_limited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Cow<'static, str>>,
    /// Milliseconds to its first content, or to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
}

/// What one policy said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PolicyRecord {
    /// Its kind, such as `pii-detector`.
    pub policy: Cow<'static, str>,
    /// `request` or `response`.
    pub phase: Cow<'static, str>,
    /// `allow`, `redact`, `flag`, `block`, `escalate` or `skipped`.
    pub outcome: Cow<'static, str>,
    /// Why, in a code such as `input_blocked`. Never text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
    /// What it found: kinds and counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<Cow<'static, str>, u32>,
    /// Microseconds it took, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub us: Option<u64>,
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Tokens {
    /// Of the prompt, cached ones included.
    pub prompt: u64,
    /// Of the prompt, from the provider's cache.
    pub cached: u64,
    /// Of the reply, reasoning included.
    pub completion: u64,
}

/// Which configuration was in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigIdentity {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its text.
    pub digest: String,
}

/// What the HIPAA audit controls add (45 CFR 164.312(b): who had access to what, and when).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Hipaa {
    /// When the request had been read.
    pub access_time: Timestamp,
    /// The user, as the client gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The kinds of data that policies found, sorted.
    pub data_categories: Vec<Cow<'static, str>>,
}

/// Text after redaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Captured {
    /// The request's body as it went upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// What was decided about a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It passed as it was.
    #[default]
    Allow,
    /// It passed, changed.
    Redact,
    /// It passed, with findings.
    Flag,
    /// It did not pass.
    Block,
    /// It did not pass, and waits for a person.
    Escalate,
    /// It passed, or was refused, and came to nothing.
    Error,
    /// A word that this version does not know.
    #[serde(other)]
    Unknown,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// The client has all of the reply.
    #[default]
    Complete,
    /// A policy refused it, or its reply.
    Denied,
    /// It was refused before anything was sent to a provider.
    Refused,
    /// The provider failed, or said an error.
    UpstreamError,
    /// The reply ended before it was whole.
    Truncated,
    /// The client went away before the end.
    ClientGone,
    /// A defect in this process.
    Panic,
    /// A word that this version does not know.
    #[serde(other)]
    Unknown,
}

// === impl AttemptRecord ===

impl AttemptRecord {
    /// An attempt at a target, of which nothing is known yet.
    #[must_use]
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            ..Self::default()
        }
    }
}

// === impl PolicyRecord ===

impl PolicyRecord {
    /// What `policy` said in a phase: `request` or `response`.
    #[must_use]
    pub fn new(
        policy: impl Into<Cow<'static, str>>,
        phase: impl Into<Cow<'static, str>>,
        outcome: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            policy: policy.into(),
            phase: phase.into(),
            outcome: outcome.into(),
            ..Self::default()
        }
    }

    /// The verdict that follows from what it said.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &*self.outcome {
            "redact" => Verdict::Redact,
            "flag" => Verdict::Flag,
            "block" => Verdict::Block,
            "escalate" => Verdict::Escalate,
            _ => Verdict::Allow,
        }
    }
}

// === impl Tokens ===

impl Tokens {
    /// Tokens of the prompt, those of it that were cached, and of the reply.
    #[must_use]
    pub const fn new(prompt: u64, cached: u64, completion: u64) -> Self {
        Self {
            prompt,
            cached,
            completion,
        }
    }
}

impl From<fw_wire::Usage> for Tokens {
    fn from(usage: fw_wire::Usage) -> Self {
        Self::new(
            usage.prompt_tokens,
            usage.cached_tokens.unwrap_or(0),
            usage.completion_tokens,
        )
    }
}

// === impl Verdict ===

impl Verdict {
    /// A name, such as `allow`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Flag => "flag",
            Self::Block => "block",
            Self::Escalate => "escalate",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }

    /// The weightiest of what policies said: who redacts and flags has redacted.
    pub(crate) fn of(policies: &[PolicyRecord]) -> Self {
        let weight = |verdict: &Self| match verdict {
            Self::Allow | Self::Unknown => 0,
            Self::Flag => 1,
            Self::Redact => 2,
            Self::Error => 3,
            Self::Block => 4,
            Self::Escalate => 5,
        };
        policies
            .iter()
            .map(PolicyRecord::verdict)
            .max_by_key(weight)
            .unwrap_or_default()
    }

    /// Whether a policy kept it from passing.
    #[must_use]
    pub const fn is_denial(self) -> bool {
        matches!(self, Self::Block | Self::Escalate)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl End ===

impl End {
    /// A name, such as `client_gone`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::UpstreamError => "upstream_error",
            Self::Truncated => "truncated",
            Self::ClientGone => "client_gone",
            Self::Panic => "panic",
            Self::Unknown => "unknown",
        }
    }

    /// Whether something went wrong that no policy wanted.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::UpstreamError | Self::Truncated | Self::Panic
        )
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
