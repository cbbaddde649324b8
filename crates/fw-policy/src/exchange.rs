//! One request and its reply, as the policies share it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fw_wire::{ApiError, Endpoint};
use http::Extensions;

use crate::denial::Code;
use crate::{Decision, Decisions, Outcome, Phase, Verdict};

/// One request and its reply, as the policies share it.
#[derive(Debug)]
pub struct Exchange {
    endpoint: Endpoint,
    memory: Extensions,
    findings: Findings,
    decisions: Decisions,
}

// === impl Exchange ===

impl Exchange {
    /// A new exchange on this endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self::recorded(endpoint, Decisions::default())
    }

    /// A new exchange whose decisions go to this record.
    pub fn recorded(endpoint: Endpoint, decisions: Decisions) -> Self {
        Self {
            endpoint,
            memory: Extensions::new(),
            findings: Findings::default(),
            decisions,
        }
    }

    /// The endpoint of the request.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What a policy remembers from the request for the reply, by type.
    pub const fn memory(&self) -> &Extensions {
        &self.memory
    }

    /// [`memory`](Self::memory) to write to.
    pub const fn memory_mut(&mut self) -> &mut Extensions {
        &mut self.memory
    }

    /// Where the policy that is running now reports what it found.
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// What the policies decided so far.
    pub const fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Records what a layer beside a chain decided about the request, with its [`findings`](Self::findings): for
    /// what has to wait, and so is no [`Policy`](crate::Policy). The exchange is one of its own, with the record that
    /// is in the request's extensions.
    ///
    /// # Errors
    ///
    /// What the client has to be told if it is a denial. The status is 400.
    pub fn conclude(
        &self,
        policy: &str,
        verdict: Verdict,
        took: Duration,
    ) -> Result<(), Box<ApiError>> {
        let outcome = Outcome::of(&verdict, false);
        let decision = Decision::new(policy.into(), Phase::Request, outcome);
        let decision = decision.found(self.findings.clone()).took(took);
        self.decisions.add(decision);
        match verdict {
            Verdict::Block(denial) => Err(Box::new(denial.to_error(Code::Input, policy))),
            Verdict::Escalate(denial) => Err(Box::new(denial.to_error(Code::Escalation, policy))),
            Verdict::Allow | Verdict::Redact | Verdict::Flag => Ok(()),
        }
    }

    /// From now on findings are those of another policy.
    pub(crate) fn report_to(&mut self, findings: Findings) {
        self.findings = findings;
    }
}

/// What a policy found: kinds and counts, never any text. Cheap to clone; all clones are one list.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    counts: Arc<Mutex<Counts>>,
}

type Counts = Vec<(Cow<'static, str>, u32)>;

// === impl Findings ===

impl Findings {
    /// Counts `count` more of `kind`, such as `EMAIL`.
    pub fn add(&self, kind: impl Into<Cow<'static, str>>, count: u32) {
        let kind = kind.into();
        let mut counts = self.lock();
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => counts.push((kind, count)),
        }
    }

    /// All kinds found so far, with their counts.
    pub fn to_vec(&self) -> Vec<(Cow<'static, str>, u32)> {
        self.lock().clone()
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Denial;

    #[test]
    fn what_is_decided_beside_a_chain_is_in_the_record_and_denied_in_the_same_form() {
        let record = Decisions::new();
        let exchange = Exchange::recorded(Endpoint::ChatCompletions, record.clone());
        exchange.findings().add("violence", 1);
        let took = Duration::from_millis(7);
        let denial = || Denial::new("No.");
        let error = exchange
            .conclude("outside", Verdict::Block(denial()), took)
            .unwrap_err();
        assert_eq!(
            (error.error_code(), error.denied_by()),
            (Some("input_blocked"), Some("outside"))
        );
        let decision = &record.to_vec()[0];
        assert_eq!(decision.to_string(), "outside=block(violence:1)");
        assert_eq!(decision.duration(), Some(took));
        let error = exchange
            .conclude("outside", Verdict::Escalate(denial()), took)
            .unwrap_err();
        assert_eq!(error.error_code(), Some("escalation_required"));
        for verdict in [Verdict::Allow, Verdict::Flag] {
            exchange.conclude("outside", verdict, took).unwrap();
        }
        assert_eq!(record.to_vec().len(), 4);
    }
}
