//! The detector as a policy.

use std::fmt;

use fw_policy::{Exchange, Policy, Text, Texts, Verdict};
use fw_stream::{Channel, Edits, TextFilter, Window};
use fw_wire::TextKind;

use crate::config::{Action, PiiConfig};
use crate::detector::Detector;
use crate::error::ConfigError;
use crate::filter::{PiiFilter, Replace, denial};
use crate::pseudonym::Pseudonyms;

/// Redacts, blocks, flags or pseudonymises personal data and secrets in requests and replies.
///
/// ```
/// use fw_policy::{Exchange, Policy, Texts, Verdict};
/// use fw_policy_pii::{PiiConfig, PiiPolicy};
/// use fw_wire::{Direction, Endpoint};
///
/// let policy = PiiPolicy::new(&PiiConfig::new().detect_pattern(r"EMP-\d{6}"))?;
/// let body = r#"{"model":"m","messages":[{"role":"user","content":"I am EMP-004217"}]}"#;
/// let endpoint = Endpoint::ChatCompletions;
/// let mut texts = Texts::parse(endpoint, Direction::Request, body)?;
/// let mut exchange = Exchange::new(endpoint);
/// assert!(matches!(policy.request(&mut texts, &mut exchange), Verdict::Redact));
/// assert_eq!(texts.iter().next().unwrap().as_str(), "I am [REDACTED:CUSTOM]");
/// assert_eq!(exchange.findings().to_vec(), [("CUSTOM".into(), 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PiiPolicy {
    detector: Detector,
}

impl PiiPolicy {
    /// A policy with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Detector::new`].
    pub fn new(config: &PiiConfig) -> Result<Self, ConfigError> {
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

    /// Looks at all texts, one after the other.
    fn texts(&self, texts: &mut Texts, replace: &Replace, exchange: &Exchange) -> Outcome {
        let mut outcome = Outcome::default();
        for text in texts.iter_mut() {
            if !self.looks_at(text.kind()) {
                continue;
            }
            let mut filter = self.filter_of(text.kind(), replace.clone(), exchange);
            outcome.add(&mut filter, text);
        }
        outcome
    }

    fn looks_at(&self, kind: TextKind) -> bool {
        self.detector.settings().allow.looks_at(kind)
    }

    fn filter_of(&self, kind: TextKind, replace: Replace, exchange: &Exchange) -> PiiFilter {
        // Tokens spell a text that is looked at as well: their findings would count twice.
        let count = self.detector.settings().count && kind != TextKind::Token;
        let findings = count.then(|| exchange.findings().clone());
        PiiFilter::new(self.detector.settings().clone(), replace).counting(findings)
    }

    /// What becomes of findings in a reply.
    fn reply(&self, exchange: &Exchange) -> Replace {
        let settings = self.detector.settings();
        match settings.action {
            Action::Redact => Replace::Marker,
            Action::Block => Replace::Stop,
            Action::Flag => Replace::Nothing,
            Action::Pseudonymize => match exchange.memory().get::<Pseudonyms>() {
                Some(pseudonyms) if settings.restore => Replace::Restore(pseudonyms.clone()),
                Some(pseudonyms) => Replace::Known(pseudonyms.clone()),
                None => Replace::Marker,
            },
        }
    }
}

/// What came of looking at all texts.
#[derive(Debug, Default)]
struct Outcome {
    changed: bool,
    found: usize,
    stopped: Vec<String>,
}

impl Outcome {
    fn add(&mut self, filter: &mut PiiFilter, text: &mut Text) {
        let mut edits = Edits::new();
        let window = Window::new(text.as_str(), 0, 0, true);
        let found = filter.settle(&window, &mut edits);
        self.found += found.count;
        self.changed |= text.apply(&edits);
        if let Some(name) = found.stopped
            && !self.stopped.contains(&name)
        {
            self.stopped.push(name);
        }
    }

    fn verdict(&self, subject: &str) -> Verdict {
        if !self.stopped.is_empty() {
            Verdict::Block(denial(subject, &self.stopped))
        } else if self.changed {
            Verdict::Redact
        } else if self.found > 0 {
            Verdict::Flag
        } else {
            Verdict::Allow
        }
    }
}

impl Policy for PiiPolicy {
    fn kind(&self) -> &'static str {
        "pii-detector"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        let settings = self.detector.settings();
        if !settings.request {
            return Verdict::Allow;
        }
        let replace = match settings.action {
            Action::Redact => Replace::Marker,
            Action::Block => Replace::Stop,
            Action::Flag => Replace::Nothing,
            // A second policy of this kind goes on with the numbers of the first.
            Action::Pseudonymize => Replace::Assign(
                exchange
                    .memory_mut()
                    .get_or_insert_with(|| settings.pseudonyms())
                    .clone(),
            ),
        };
        self.texts(texts, &replace, exchange).verdict("request")
    }

    fn has_response(&self) -> bool {
        self.detector.settings().response
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        if !self.has_response() {
            return Verdict::Allow;
        }
        let replace = self.reply(exchange);
        self.texts(texts, &replace, exchange).verdict("reply")
    }

    fn filter(&self, channel: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        if !self.has_response() || !self.looks_at(channel.kind()) {
            return None;
        }
        let filter = self.filter_of(channel.kind(), self.reply(exchange), exchange);
        Some(Box::new(filter))
    }
}

impl fmt::Debug for PiiPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PiiPolicy").field(&self.detector).finish()
    }
}
