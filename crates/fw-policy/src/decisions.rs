//! The record of what the policies decided about one exchange.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;

use crate::{Findings, Verdict};

/// Longest rendering of the record for a header, in bytes. Well below the 8 KiB that common servers
/// allow for all header lines together.
const MAX_RENDERED: usize = 1024;

/// Longest name of a policy or a finding that is shown. Longer ones are cut.
const MAX_NAME: usize = 64;

/// What the policies decided about one exchange: for each of them what became of the request, and of the
/// reply. Kinds, counts and times, never any text.
///
/// Cheap to clone; all clones are one record. [`PolicyLayer`](crate::PolicyLayer) uses the one in the
/// request's extensions, or makes one, and puts it into the extensions of the upstream request and of the
/// response. What is decided about a stream is added while it goes on, so the record is complete when the
/// response's body has ended.
#[derive(Clone, Default)]
pub struct Decisions {
    list: Arc<Mutex<Vec<Decision>>>,
}

/// What one policy decided in one phase.
#[derive(Clone, Debug)]
pub struct Decision {
    policy: Arc<str>,
    phase: Phase,
    outcome: Outcome,
    findings: Findings,
    duration: Option<Duration>,
}

/// Which way a decision was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// What the client sent.
    Request,
    /// What the model answered.
    Response,
}

/// What came of a policy: a [`Verdict`](crate::Verdict) without its words, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Passed as it was.
    Allow,
    /// Passed with changes.
    Redact,
    /// Passed, with findings recorded.
    Flag,
    /// Did not pass.
    Block,
    /// Did not pass, and waits for a person.
    Escalate,
    /// The policy was not asked, because one before it blocked.
    Skipped,
}

// === impl Decisions ===

impl Decisions {
    /// An empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All decisions so far, in the order in which they were made.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Decision> {
        self.lock().clone()
    }

    /// Whether nothing was decided so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The value for the `x-fw-policy` header: what was done about the request. `None` when everything
    /// was allowed.
    #[must_use]
    pub fn to_header(&self) -> Option<HeaderValue> {
        let line = self.render(Phase::Request);
        if line.is_empty() {
            return None;
        }
        HeaderValue::try_from(line).ok()
    }

    /// Adds a decision, and says at which place.
    pub(crate) fn add(&self, decision: Decision) -> usize {
        let mut list = self.lock();
        list.push(decision);
        list.len() - 1
    }

    /// Changes the outcome of the decision at a place; a block stays one.
    pub(crate) fn change(&self, place: usize, outcome: Outcome) {
        if let Some(decision) = self.lock().get_mut(place)
            && !matches!(decision.outcome, Outcome::Block | Outcome::Escalate)
        {
            decision.outcome = outcome;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Decision>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `pii-detector=redact(EMAIL:2,PHONE:1); prompt-injection=flag`
    fn render(&self, phase: Phase) -> String {
        let mut line = String::new();
        let list = self.lock();
        let done = list
            .iter()
            .filter(|decision| decision.phase == phase && decision.outcome != Outcome::Allow);
        for decision in done {
            let entry = decision.to_string();
            if line.len() + entry.len() > MAX_RENDERED {
                line.push_str("; ...");
                break;
            }
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(&entry);
        }
        line
    }
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.lock().iter().map(ToString::to_string))
            .finish()
    }
}

// === impl Decision ===

impl Decision {
    pub(crate) fn new(policy: Arc<str>, phase: Phase, outcome: Outcome) -> Self {
        Self {
            policy,
            phase,
            outcome,
            findings: Findings::default(),
            duration: None,
        }
    }

    pub(crate) fn found(mut self, findings: Findings) -> Self {
        self.findings = findings;
        self
    }

    pub(crate) fn took(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The policy's [kind](crate::Policy::kind).
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Whether it was about the request or the reply.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// What came of it.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What the policy found.
    #[must_use]
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// How long the policy took. `None` for streams and for policies that were skipped.
    #[must_use]
    pub const fn duration(&self) -> Option<Duration> {
        self.duration
    }
}

/// `pii-detector=redact(EMAIL:2,PHONE:1)`. Bounded, and fit for a header.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, &self.policy)?;
        write!(f, "={}", self.outcome)?;
        let findings = self.findings.to_vec();
        if findings.is_empty() {
            return Ok(());
        }
        for (done, (kind, count)) in findings.iter().take(MAX_SHOWN).enumerate() {
            f.write_char(if done == 0 { '(' } else { ',' })?;
            write_name(f, kind)?;
            write!(f, ":{count}")?;
        }
        if findings.len() > MAX_SHOWN {
            f.write_str(",...")?;
        }
        f.write_char(')')
    }
}

/// Most kinds of findings that are shown of one decision.
const MAX_SHOWN: usize = 12;

/// A name of plain characters only: a policy may take it from its configuration.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    for c in name.chars().take(MAX_NAME) {
        let plain = c.is_ascii_alphanumeric() || "_-.".contains(c);
        f.write_char(if plain { c } else { '?' })?;
    }
    Ok(())
}

// === impl Outcome ===

impl Outcome {
    pub(crate) const fn of(verdict: &Verdict, changed: bool) -> Self {
        match verdict {
            Verdict::Block(_) => Self::Block,
            Verdict::Escalate(_) => Self::Escalate,
            // What a policy changed is a fact, whatever it says about it.
            _ if changed => Self::Redact,
            Verdict::Flag => Self::Flag,
            Verdict::Redact | Verdict::Allow => Self::Allow,
        }
    }

    /// `allow`, `redact`, `flag`, `block`, `escalate` or `skipped`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Redact => "redact",
            Self::Flag => "flag",
            Self::Block => "block",
            Self::Escalate => "escalate",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}
