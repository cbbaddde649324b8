//! The detector as a policy.

use std::fmt;

use fw_classify::Channel;
use fw_policy::{Exchange, Policy, Text, Texts, Verdict, join_parts};
use fw_stream::{TextFilter, Window};
use fw_wire::TextKind;

use crate::config::SafetyConfig;
use crate::detector::Detector;
use crate::error::ConfigError;
use crate::filter::SafetyFilter;
use crate::messages::{Found, INCOMPLETE};
use crate::scan::{SafetyVerdict, Scan};

/// Blocks, escalates or flags unsafe content in requests and replies.
///
/// ```
/// use fw_policy::{Exchange, Policy, Texts, Verdict};
/// use fw_policy_safety::{SafetyConfig, SafetyPolicy};
/// use fw_wire::{Direction, Endpoint};
///
/// let policy = SafetyPolicy::new(&SafetyConfig::new().block_if(["project nightfall"]))?;
/// let body = r#"{"model":"m","messages":[{"role":"user","content":"Tell me of Project Nightfall"}]}"#;
/// let endpoint = Endpoint::ChatCompletions;
/// let mut texts = Texts::parse(endpoint, Direction::Request, body)?;
/// let mut exchange = Exchange::new(endpoint);
/// assert!(matches!(policy.request(&mut texts, &mut exchange), Verdict::Block(_)));
/// assert_eq!(exchange.findings().to_vec(), [("terms.block_if".into(), 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SafetyPolicy {
    detector: Detector,
}

impl SafetyPolicy {
    /// A policy with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Detector::new`].
    pub fn new(config: &SafetyConfig) -> Result<Self, ConfigError> {
        Ok(Self::of(Detector::new(config)?))
    }

    /// A policy with the settings of this detector.
    #[must_use]
    pub const fn of(detector: Detector) -> Self {
        Self { detector }
    }

    /// The detector, for plain text.
    #[must_use]
    pub const fn detector(&self) -> &Detector {
        &self.detector
    }

    fn filter_of(&self, exchange: &Exchange) -> SafetyFilter {
        let findings = exchange.findings().clone();
        SafetyFilter::new(self.detector.settings().clone(), Some(findings))
    }

    fn verdict(&self, subject: &str, found: &Found) -> Verdict {
        let messages = &self.detector.settings().messages;
        match found.verdict {
            SafetyVerdict::Allow => Verdict::Allow,
            SafetyVerdict::Flag => Verdict::Flag,
            SafetyVerdict::Escalate => Verdict::Escalate(messages.denial(subject, found)),
            SafetyVerdict::Block => Verdict::Block(messages.denial(subject, found)),
        }
    }
}

/// Whether a kind of text is looked at. Tokens only spell a text that is looked at as well.
const fn looks_at(kind: TextKind) -> bool {
    !matches!(kind, TextKind::Token)
}

/// What is usual in texts of a kind, in a request.
const fn channel(kind: TextKind) -> Channel {
    match kind {
        TextKind::ToolResult | TextKind::Document | TextKind::Citation => Channel::Document,
        _ => Channel::User,
    }
}

/// What is reported of a text: each category once, each term, and that not all of it was looked at.
fn kinds(scan: &Scan) -> impl Iterator<Item = &'static str> + '_ {
    let found = scan.categories.iter().filter(|it| it.is_found());
    let categories = found.map(|it| it.category.name());
    let terms = scan.terms.iter().map(|term| term.set.finding());
    let incomplete = (!scan.is_complete).then_some(INCOMPLETE);
    categories.chain(terms).chain(incomplete)
}

impl Policy for SafetyPolicy {
    fn kind(&self) -> &'static str {
        "safety-filter"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        let settings = self.detector.settings();
        if !settings.request {
            return Verdict::Allow;
        }
        let mut all = Found::default();
        let mut seen = Vec::new();
        for text in texts.iter().filter(|text| looks_at(text.kind())) {
            let scan = self.detector.scan_in(text.as_str(), channel(text.kind()));
            for kind in kinds(&scan) {
                exchange.findings().add(kind, 1);
                seen.push(kind);
            }
            settings.add_to(&mut all, &scan);
        }
        // What is found in no part, but where they meet.
        let of = |text: &Text| looks_at(text.kind()).then(|| channel(text.kind()));
        for (channel, parts) in texts.stretches(of) {
            for text in join_parts(&parts) {
                let scan = self.detector.scan_in(&text, channel);
                for kind in kinds(&scan) {
                    if !seen.contains(&kind) {
                        exchange.findings().add(kind, 1);
                        seen.push(kind);
                    }
                }
                settings.add_to(&mut all, &scan);
            }
        }
        self.verdict("request", &all)
    }

    fn has_response(&self) -> bool {
        self.detector.settings().response
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        if !self.has_response() {
            return Verdict::Allow;
        }
        let mut all = Found::default();
        for text in texts.iter().filter(|text| looks_at(text.kind())) {
            let mut filter = self.filter_of(exchange);
            // As a stream is judged, so that both come to the same.
            match filter.judge(&Window::new(text.as_str(), 0, 0, true)) {
                Err(found) => all.join(&found),
                Ok(_) if filter.has_found() => {
                    all.raise(SafetyVerdict::Flag);
                }
                Ok(_) => {}
            }
        }
        self.verdict("reply", &all)
    }

    fn filter(
        &self,
        channel: &fw_stream::Channel,
        exchange: &Exchange,
    ) -> Option<Box<dyn TextFilter>> {
        if !self.has_response() || !looks_at(channel.kind()) {
            return None;
        }
        Some(Box::new(self.filter_of(exchange)))
    }
}

impl fmt::Debug for SafetyPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SafetyPolicy").field(&self.detector).finish()
    }
}
