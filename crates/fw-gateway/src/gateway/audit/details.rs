//! What the gateway knows about a request: targets, what policies said, changes, cost, redacted text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fw_audit::{AttemptRecord, Captured, Details, Finished, PolicyRecord};
use fw_params::{ParamsChanges, UpstreamUsage};
use fw_policy::{Decision, Decisions, Outcome, Phase};
use fw_provider::{Price, TargetConfig, Tier, catalogue};
use fw_routing::{Attempt, Attempts, TARGET_HEADER};
use fw_wire::Value;
use http::{request, response};

use crate::capture::CapturedBody;
use crate::config::Providers;

/// Gathers what the layers inside leave in the extensions.
#[derive(Clone, Default)]
pub(super) struct GatewayDetails {
    prices: Arc<Prices>,
    capture: bool,
    decisions: Decisions,
    attempts: Attempts,
    captured: Option<CapturedBody>,
    target: Option<String>,
    changes: Option<ParamsChanges>,
    hidden_usage: Option<UpstreamUsage>,
    tier: Tier,
}

/// What the targets' tokens cost, by their ids.
#[derive(Default)]
struct Prices {
    targets: HashMap<String, TargetPrice>,
}

struct TargetPrice {
    own: Option<Price>,
    /// What it serves if the reply does not say; only where the catalogue knows the provider's models.
    model: Option<String>,
    is_known: bool,
}

// === impl GatewayDetails ===

impl GatewayDetails {
    pub(super) fn new(providers: &Providers, capture: bool) -> Self {
        Self {
            prices: Arc::new(Prices::new(&providers.targets)),
            capture,
            ..Self::default()
        }
    }
}

impl Details for GatewayDetails {
    fn request(&mut self, parts: &mut request::Parts, body: Option<Value<'_>>) {
        // Records of this request's own. The layers inside write to those that they find, so that they are
        // known too if there is no reply.
        self.decisions = Decisions::new();
        self.attempts = Attempts::new();
        parts.extensions.insert(self.decisions.clone());
        parts.extensions.insert(self.attempts.clone());
        if self.capture {
            let captured = CapturedBody::default();
            parts.extensions.insert(captured.clone());
            self.captured = Some(captured);
        }
        let tier = body.and_then(|body| body.get("service_tier")?.as_str());
        self.tier = Tier::from_service_tier(tier.as_deref());
    }

    fn response(&mut self, parts: &response::Parts) {
        let target = parts.headers.get(TARGET_HEADER);
        self.target = target.and_then(|target| Some(target.to_str().ok()?.to_owned()));
        self.changes = parts.extensions.get().cloned();
        self.hidden_usage = parts.extensions.get().cloned();
    }

    fn finish(&mut self, record: &mut Finished) {
        let attempts = self.attempts.to_vec();
        record.target = self.target.take().or_else(|| {
            let last = attempts.last()?;
            Some(last.target().to_owned())
        });
        record.attempts = attempts.iter().map(attempt).collect();
        record.policies = self.decisions.to_vec().iter().map(policy).collect();
        if let Some(changes) = &self.changes {
            record.changes = changes.iter().map(ToString::to_string).collect();
        }
        let hidden = || self.hidden_usage.as_ref().and_then(UpstreamUsage::usage);
        record.tokens = record.tokens.or_else(|| hidden().map(Into::into));
        record.cost_usd = self.prices.cost_of(record, self.tier);
        if let Some(body) = self.captured.as_ref().and_then(CapturedBody::text) {
            let mut captured = Captured::default();
            captured.request = Some(body);
            record.captured = Some(captured);
        }
    }
}

fn attempt(attempt: &Attempt) -> AttemptRecord {
    let mut record = AttemptRecord::new(attempt.target());
    record.fault = attempt
        .fault()
        .map(|fault| Cow::Borrowed(fault.kind().as_str()));
    record.ms = attempt.duration().map(millis);
    record
}

fn policy(decision: &Decision) -> PolicyRecord {
    let phase = match decision.phase() {
        Phase::Request => "request",
        Phase::Response => "response",
    };
    let outcome = decision.outcome();
    let mut record = PolicyRecord::new(decision.policy().to_owned(), phase, outcome.name());
    // The codes that the client gets.
    record.reason = match (outcome, decision.phase()) {
        (Outcome::Block, Phase::Request) => Some("input_blocked".into()),
        (Outcome::Block, Phase::Response) => Some("output_blocked".into()),
        (Outcome::Escalate, _) => Some("escalation_required".into()),
        _ => None,
    };
    record.findings = decision.findings().to_vec().into_iter().collect();
    record.us = decision
        .duration()
        .map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    record
}

fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

// === impl Prices ===

impl Prices {
    fn new(targets: &[TargetConfig]) -> Self {
        let price = |target: &TargetConfig| TargetPrice {
            own: target.pricing.map(Price::from),
            model: target.upstream_model().map(str::to_owned),
            is_known: target.provider_name().name == "fireworks",
        };
        Self {
            targets: targets
                .iter()
                .map(|target| (target.id.clone(), price(target)))
                .collect(),
        }
    }

    /// What the tokens of a request cost, where its target's price is known.
    fn cost_of(&self, record: &Finished, tier: Tier) -> Option<f64> {
        let (id, tokens) = (record.target.as_deref()?, record.tokens?);
        // The member of a group is called `<target>/<model>`.
        let (target, asked) = match (self.targets.get(id), id.split_once('/')) {
            (Some(target), _) => (target, None),
            (None, Some((target, model))) => (self.targets.get(target)?, Some(model)),
            (None, None) => return None,
        };
        let price = match target.own {
            Some(price) => price,
            None if target.is_known => {
                let names = [
                    record.model_served.as_deref(),
                    asked,
                    target.model.as_deref(),
                ];
                let quote = |name| catalogue().quote(name, tier);
                names.into_iter().flatten().find_map(quote)?.price
            }
            None => return None,
        };
        let cost = price.cost(tokens.prompt, tokens.cached, tokens.completion);
        Some(cost.as_usd())
    }
}

#[cfg(test)]
mod tests;
