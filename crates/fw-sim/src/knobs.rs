//! Knobs: everything about a reply that a test may want to choose.

use std::fmt;
use std::time::Duration;

use crate::faults::{BodyShape, Fault, FaultKind};

/// The settings of one reply. The crate documentation has the table of names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Knobs {
    /// The exact text of the reply.
    pub reply: Option<String>,
    /// The reply is padded with filler, or cut, to this many tokens.
    pub reply_tokens: Option<u64>,
    /// Whether there is reasoning, and its text.
    pub reasoning: Reasoning,
    /// Reasoning comes as `<think>…</think>` in the content.
    pub think_tags: bool,
    /// Where a stream says its usage.
    pub usage_layout: UsageLayout,
    /// Whether the usage-only chunk has a `choices` array.
    pub usage_choices: bool,
    /// Whether `completion_tokens_details.reasoning_tokens` is reported.
    pub reasoning_tokens: bool,
    /// Tokens in each content event; at least 1.
    pub tokens_per_event: u32,
    /// Time before the head of the reply.
    pub head_delay: Duration,
    /// Time between the head and the first event of a stream; part of the head delay otherwise.
    pub first_token_delay: Duration,
    /// Time between events.
    pub event_delay: Duration,
    /// A comment line before every so many events; 0 for none.
    pub comment_every: u32,
    /// Lines end with CR LF.
    pub crlf: bool,
    /// Whether `[DONE]` ends the stream; chat and text completions do by default.
    pub done: Option<bool>,
    /// Whether Responses streams have `event:` lines.
    pub event_lines: bool,
    /// Clean end of the stream after so many events, with no finish reason.
    pub truncate_after: Option<u32>,
    /// An error event after so many events, then the end.
    pub error_after: Option<u32>,
    /// Whether that error is an object or a string.
    pub error_shape: ErrorEvent,
    /// Characters in each fragment of tool arguments; 0 for the whole call in one delta.
    pub tool_fragment: u32,
    /// Whether tool-call deltas have an `index`.
    pub tool_index: bool,
    /// Whether base64 embeddings are given when asked.
    pub base64: bool,
    /// Whether the output of a Responses reply repeats the input messages.
    pub echo_input: bool,
    /// The replica of the prompt cache; chosen by affinity otherwise.
    pub replica: Option<u32>,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// Whether a reply has reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Reasoning {
    /// When the request asks: `reasoning_effort` other than `none`, or `thinking` enabled.
    #[default]
    Asked,
    /// Always.
    On,
    /// Never.
    Off,
    /// Always, with this text.
    Text(String),
}

/// Where a stream says its usage (observed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UsageLayout {
    /// `"usage":null` on all chunks, the object on the last finish chunk, asked or not.
    #[default]
    A,
    /// Only with `stream_options.include_usage`, in an extra chunk with empty `choices`.
    B,
    /// Never.
    C,
    /// Both A and B: the extra chunk repeats the usage when it was asked for.
    Both,
}

/// The shape of an error event in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ErrorEvent {
    /// `{"error":{"message","code","type"}}`.
    #[default]
    Object,
    /// `{"error":"…"}`.
    Text,
}

/// A knob that does not exist, or a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnobError {
    name: String,
    expected: &'static str,
}

// === impl Knobs ===

impl Default for Knobs {
    fn default() -> Self {
        Self {
            reply: None,
            reply_tokens: None,
            reasoning: Reasoning::Asked,
            think_tags: false,
            usage_layout: UsageLayout::A,
            usage_choices: true,
            reasoning_tokens: false,
            tokens_per_event: 2,
            head_delay: Duration::ZERO,
            first_token_delay: Duration::ZERO,
            event_delay: Duration::ZERO,
            comment_every: 0,
            crlf: false,
            done: None,
            event_lines: true,
            truncate_after: None,
            error_after: None,
            error_shape: ErrorEvent::Object,
            tool_fragment: 8,
            tool_index: true,
            base64: true,
            echo_input: false,
            replica: None,
            fault: None,
        }
    }
}

impl Knobs {
    /// Sets a knob by its name in the table of the crate documentation. Text values may be
    /// percent-encoded.
    ///
    /// ```
    /// let mut knobs = fw_sim::Knobs::default();
    /// knobs.set("usage-layout", "b")?;
    /// knobs.set("event-delay", "20ms")?;
    /// assert!(knobs.set("usage-layout", "z").is_err());
    /// # Ok::<(), fw_sim::KnobError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no such knob, or the value does not fit it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), KnobError> {
        let bad = |expected| KnobError {
            name: name.to_owned(),
            expected,
        };
        let flag = || flag(value).ok_or(bad("true or false"));
        let number = || value.parse::<u32>().map_err(|_| bad("a whole number"));
        let time = || duration(value).ok_or(bad("a time such as 250ms, 1.5s or 20 (milliseconds)"));
        match name {
            "reply" => self.reply = Some(percent_decode(value)),
            "reply-tokens" => self.reply_tokens = Some(u64::from(number()?)),
            "reasoning" => {
                self.reasoning = match value {
                    "asked" => Reasoning::Asked,
                    "on" => Reasoning::On,
                    "off" => Reasoning::Off,
                    text => Reasoning::Text(percent_decode(text)),
                };
            }
            "think-tags" => self.think_tags = flag()?,
            "usage-layout" => {
                self.usage_layout = match value.to_ascii_lowercase().as_str() {
                    "a" => UsageLayout::A,
                    "b" => UsageLayout::B,
                    "c" => UsageLayout::C,
                    "both" => UsageLayout::Both,
                    _ => return Err(bad("a, b, c or both")),
                };
            }
            "usage-choices" => self.usage_choices = flag()?,
            "reasoning-tokens" => self.reasoning_tokens = flag()?,
            "tokens-per-event" => self.tokens_per_event = number()?.max(1),
            "head-delay" => self.head_delay = time()?,
            "ttft" => self.first_token_delay = time()?,
            "event-delay" => self.event_delay = time()?,
            "comments" => self.comment_every = number()?,
            "crlf" => self.crlf = flag()?,
            "done" => self.done = Some(flag()?),
            "event-lines" => self.event_lines = flag()?,
            "truncate-after" => self.truncate_after = Some(number()?),
            "error-after" => self.error_after = Some(number()?),
            "error-shape" => {
                self.error_shape = match value {
                    "object" => ErrorEvent::Object,
                    "string" => ErrorEvent::Text,
                    _ => return Err(bad("object or string")),
                };
            }
            "tool-fragment" => self.tool_fragment = number()?,
            "tool-index" => self.tool_index = flag()?,
            "base64" => self.base64 = flag()?,
            "echo-input" => self.echo_input = flag()?,
            "replica" => self.replica = Some(number()?),
            "fault" if value == "none" => self.fault = None,
            "fault" => self.fault = Some(Fault::named(value).ok_or(bad("the name of a fault"))?),
            "status" => {
                let status = value.parse().ok().filter(|s| (400..600).contains(s));
                let status = Fault::status(status.ok_or(bad("a status from 400 to 599"))?);
                let fault = self.fault_mut();
                fault.kind = FaultKind::Status;
                fault.status = status.status;
            }
            "shape" => {
                self.fault_mut().shape =
                    BodyShape::named(value).ok_or(bad("e1 to e7, html or empty"))?
            }
            "retry-after" => self.fault_mut().retry_after = Some(percent_decode(value)),
            "message" => self.fault_mut().message = Some(percent_decode(value)),
            "fault-after" => self.fault_mut().after = number()?,
            "fault-times" => self.fault_mut().times = Some(number()?),
            "fault-for" => self.fault_mut().lasts = Some(time()?),
            "fault-id" => self.fault_mut().id = Some(value.to_owned()),
            _ => return Err(bad("one of the names in the documentation of fw-sim")),
        }
        Ok(())
    }

    /// Sets knobs from `name=value&name=value`.
    ///
    /// # Errors
    ///
    /// As [`Knobs::set`].
    pub fn set_all(&mut self, text: &str) -> Result<(), KnobError> {
        let pairs = text.split('&').filter(|p| !p.is_empty());
        let pairs: Vec<_> = pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "true")))
            .collect();
        self.set_pairs(&pairs)
    }

    /// Sets several knobs. The fault comes first, because the other knobs of a fault change it.
    pub(crate) fn set_pairs(&mut self, pairs: &[(&str, &str)]) -> Result<(), KnobError> {
        let rank = |name: &str| match name {
            "fault" => 0,
            "status" => 1,
            _ => 2,
        };
        (0..=2).try_for_each(|turn| {
            let mut now = pairs.iter().filter(|(name, _)| rank(name) == turn);
            now.try_for_each(|(name, value)| self.set(name, value))
        })
    }

    fn fault_mut(&mut self) -> &mut Fault {
        self.fault.get_or_insert_with(|| Fault::status(500))
    }
}

// === impl KnobError ===

impl fmt::Display for KnobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "simulator knob `{}`: expected {}",
            self.name, self.expected
        )
    }
}

impl std::error::Error for KnobError {}

fn flag(value: &str) -> Option<bool> {
    match value {
        "true" | "on" | "1" | "yes" => Some(true),
        "false" | "off" | "0" | "no" => Some(false),
        _ => None,
    }
}

fn duration(value: &str) -> Option<Duration> {
    let (number, unit) = match value.find(|c: char| c.is_ascii_alphabetic()) {
        Some(i) => value.split_at(i),
        None => (value, "ms"),
    };
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    let seconds: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(seconds * scale)
        .ok()
        .filter(|d| *d <= Duration::from_secs(86_400))
}

/// Decodes `%41`; anything else stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%'
            && let (Some(high), Some(low)) = (
                bytes.get(i + 1).copied().and_then(hex),
                bytes.get(i + 2).copied().and_then(hex),
            )
        {
            out.push(high << 4 | low);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("20"), Some(Duration::from_millis(20)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("7us"), Some(Duration::from_micros(7)));
        assert_eq!(duration("-1s"), None);
        assert_eq!(duration("1e30s"), None);
    }

    #[test]
    fn text_is_percent_decoded() {
        assert_eq!(percent_decode("a%20b%C3%A9%zz%2"), "a bé%zz%2");
    }

    #[test]
    fn a_string_of_knobs_sets_them_all() {
        let mut knobs = Knobs::default();
        knobs
            .set_all("crlf&fault-times=2&fault=overloaded&reply=hi%26bye")
            .unwrap();
        assert!(knobs.crlf);
        assert_eq!(knobs.reply.as_deref(), Some("hi&bye"));
        let fault = knobs.fault.unwrap();
        assert_eq!((fault.status.as_u16(), fault.times), (503, Some(2)));
    }

    #[test]
    fn an_unknown_knob_is_named() {
        let error = Knobs::default().set("speed", "9").unwrap_err();
        assert!(error.to_string().contains("`speed`"));
    }
}
