//! The detector as a policy.

use std::fmt;

use fw_policy::{Denial, Exchange, Policy, Text, Texts, Verdict};
use fw_stream::{Channel as Line, TextFilter};
use fw_wire::TextKind;

use crate::channel::Channel;
use crate::config::{Action, InjectionConfig, LogLevel};
use crate::detector::Detector;
use crate::error::ConfigError;
use crate::log;
use crate::reply::{Memory, Replies};
use crate::scan::Scan;
use crate::words;

/// Blocks, flags or escalates requests that try to take over the model's instructions.
///
/// ```
/// use fw_policy::{Exchange, Policy, Texts, Verdict};
/// use fw_policy_injection::{InjectionConfig, InjectionPolicy};
/// use fw_wire::{Direction, Endpoint};
///
/// let policy = InjectionPolicy::new(&InjectionConfig::new().attack_pattern("open sesame"))?;
/// let body = r#"{"model":"m","messages":[{"role":"user","content":"Open  sesame!"}]}"#;
/// let endpoint = Endpoint::ChatCompletions;
/// let mut texts = Texts::parse(endpoint, Direction::Request, body)?;
/// let mut exchange = Exchange::new(endpoint);
/// let Verdict::Block(denial) = policy.request(&mut texts, &mut exchange) else {
///     panic!("not blocked");
/// };
/// assert_eq!(denial.message(), "The request matches a pattern that is not allowed here.");
/// assert_eq!(exchange.findings().to_vec(), [("PATTERN".into(), 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct InjectionPolicy {
    detector: Detector,
    replies: Replies,
    scan_system: bool,
    multi_turn: bool,
    message: Option<String>,
    level: LogLevel,
}

impl InjectionPolicy {
    /// A policy with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Detector::new`].
    pub fn new(config: &InjectionConfig) -> Result<Self, ConfigError> {
        Ok(Self::of(Detector::new(config)?, config))
    }

    /// A policy with this detector. The settings that the detector does not have are taken from `config`.
    #[must_use]
    pub fn of(detector: Detector, config: &InjectionConfig) -> Self {
        Self {
            detector,
            replies: Replies::new(config),
            scan_system: config.scan_system,
            multi_turn: config.multi_turn,
            message: config.response.message.clone(),
            level: config.response.log_level,
        }
    }

    /// The detector, for plain text.
    #[must_use]
    pub const fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The channel of a text that is to be looked at.
    fn channel(&self, text: &Text) -> Option<Channel> {
        let channel = Channel::of(text.role(), text.kind());
        channel.filter(|channel| *channel != Channel::System || self.scan_system)
    }

    /// All that must not simply pass: each text for itself; if there is no attack, what stands next to each other; and
    /// then the user's last turns together.
    fn found(&self, texts: &Texts) -> Vec<Scan> {
        let mut found = Vec::new();
        let mut turns = Vec::new();
        for text in texts {
            let Some(channel) = self.channel(text) else {
                continue;
            };
            // A prompt of a text completion is what the model reads, markers and all.
            let scan = if text.kind() == TextKind::Prompt {
                self.detector.scan_raw(text.as_str(), channel)
            } else {
                self.detector.scan(text.as_str(), channel)
            };
            if !scan.is_attack() && channel == Channel::User {
                turns.push(text.as_str());
            }
            found.extend(Some(scan).filter(|scan| scan.verdict().is_some()));
        }
        if !found.iter().any(Scan::is_attack) {
            found.extend(self.found_in_parts(texts));
        }
        if self.multi_turn && !found.iter().any(Scan::is_attack) {
            let joined = self.detector.scan_turns(&turns);
            found.extend(joined.filter(Scan::is_attack));
        }
        found
    }

    /// What is cut into parts that stand next to each other.
    fn found_in_parts(&self, texts: &Texts) -> Option<Scan> {
        let mut found = None;
        for (channel, parts) in texts.stretches(|text| self.channel(text)) {
            let scan = self.detector.scan_parts(&parts, channel);
            if scan.as_ref().is_some_and(Scan::is_attack) {
                return scan;
            }
            // What is only not looked at as a whole hides no attack that comes after.
            found = found.or(scan);
        }
        found
    }

    fn denial(&self, scan: &Scan) -> Denial {
        match &self.message {
            Some(message) => Denial::new(message.clone()),
            None => words::denial_of_request(scan),
        }
    }

    fn filter_of(&self, text: &Text, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        let memory = exchange.memory().get::<Memory>();
        self.replies
            .filter(text.kind(), text.role(), memory, exchange.findings())
    }
}

impl Policy for InjectionPolicy {
    fn kind(&self) -> &'static str {
        "prompt-injection"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        if self.replies.is_any() {
            let memory = self.replies.remember(texts);
            exchange.memory_mut().insert(memory);
        }
        let found = self.found(texts);
        for scan in &found {
            for reason in scan.reasons() {
                exchange.findings().add(reason.kind().as_str(), 1);
            }
        }
        let verdicts = found
            .iter()
            .filter_map(|scan| Some((scan.verdict()?, scan)));
        // Of several that weigh the same, the first attack is told.
        let told = verdicts
            .rev()
            .max_by_key(|(action, scan)| (action.weight(), scan.is_attack()));
        let Some((action, told)) = told else {
            return Verdict::Allow;
        };
        log::request(self.level, told, action, found.len());
        match action {
            Action::Block => Verdict::Block(self.denial(told)),
            Action::Escalate => Verdict::Escalate(self.denial(told)),
            Action::Flag => Verdict::Flag,
        }
    }

    fn has_response(&self) -> bool {
        self.replies.is_any()
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        let before = exchange.findings().to_vec().len();
        let changed = match texts.filter(|text| self.filter_of(text, exchange)) {
            Ok(changed) => changed,
            Err(error) => {
                let denial = Denial::new(error.message().to_owned());
                return if error.error_code() == Some("escalation_required") {
                    Verdict::Escalate(denial)
                } else {
                    Verdict::Block(denial)
                };
            }
        };
        if changed {
            Verdict::Redact
        } else if exchange.findings().to_vec().len() > before {
            Verdict::Flag
        } else {
            Verdict::Allow
        }
    }

    fn filter(&self, line: &Line, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        if !self.has_response() {
            return None;
        }
        let memory = exchange.memory().get::<Memory>();
        self.replies
            .filter(line.kind(), line.speaker(), memory, exchange.findings())
    }
}

impl fmt::Debug for InjectionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectionPolicy")
            .field("detector", &self.detector)
            .field("replies", &self.replies)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
