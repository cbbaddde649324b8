//! Typed event streams: what Responses and Messages have in common.
//!
//! Every event is an object with its `type`, named by an `event:` line too. Long texts are cut into
//! deltas one at a time.

use std::collections::VecDeque;

use crate::chunks::write_number;
use crate::json::{Json, write_str};
use crate::knobs::{ErrorEvent, Knobs};
use crate::stream::Events;
use crate::tokens;

/// One event, or a run of deltas.
#[derive(Debug)]
pub(crate) enum Step {
    Event {
        name: &'static str,
        /// Members after `type` and `sequence_number`, without braces.
        members: Vec<u8>,
    },
    Deltas {
        name: &'static str,
        /// Members before the text, up to its colon.
        before: Vec<u8>,
        after: &'static [u8],
        text: String,
        unit: Unit,
    },
}

/// How a text is cut into deltas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Tokens,
    /// The fragments of tool arguments.
    Characters,
}

/// A stream of steps.
pub(crate) struct Steps {
    steps: VecDeque<Step>,
    offset: usize,
    tokens_per_event: u64,
    tool_fragment: usize,
    event_lines: bool,
    /// The number of the next event, where events are numbered.
    sequence: Option<u64>,
    at_end: Option<Box<dyn FnOnce() + Send>>,
}

// === impl Step ===

impl Step {
    /// An event of the members of an object.
    pub(crate) fn event(name: &'static str, object: &Json) -> Self {
        let mut members = object.to_bytes();
        members.pop();
        if !members.is_empty() {
            members.remove(0);
        }
        Self::Event { name, members }
    }

    /// Deltas with the members of an object before the text, which is called `key`.
    pub(crate) fn deltas(
        name: &'static str,
        object: &Json,
        key: &str,
        text: &str,
        unit: Unit,
    ) -> Self {
        let Self::Event {
            members: mut before,
            ..
        } = Self::event(name, object)
        else {
            return Self::Event {
                name,
                members: Vec::new(),
            };
        };
        before.push(b',');
        write_str(&mut before, key);
        before.push(b':');
        Self::Deltas {
            name,
            before,
            after: b"",
            text: text.to_owned(),
            unit,
        }
    }

    /// Deltas whose text is inside `"delta":{"type":kind,key:…}`.
    pub(crate) fn nested_deltas(
        name: &'static str,
        index: usize,
        kind: &str,
        key: &str,
        text: &str,
        unit: Unit,
    ) -> Self {
        let before =
            format!("\"index\":{index},\"delta\":{{\"type\":\"{kind}\",\"{key}\":").into_bytes();
        Self::Deltas {
            name,
            before,
            after: b"}",
            text: text.to_owned(),
            unit,
        }
    }
}

// === impl Steps ===

impl Steps {
    pub(crate) fn new(steps: Vec<Step>, knobs: &Knobs, numbered: bool) -> Self {
        Self {
            steps: steps.into(),
            offset: 0,
            tokens_per_event: u64::from(knobs.tokens_per_event),
            tool_fragment: knobs.tool_fragment as usize,
            event_lines: knobs.event_lines,
            sequence: numbered.then_some(0),
            at_end: None,
        }
    }

    /// Does something when the last event has been given.
    pub(crate) fn at_end(mut self, action: impl FnOnce() + Send + 'static) -> Self {
        self.at_end = Some(Box::new(action));
        self
    }
}

fn open(name: &str, event_lines: bool, sequence: &mut Option<u64>, out: &mut Vec<u8>) {
    if event_lines {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: {\"type\":\"");
    out.extend_from_slice(name.as_bytes());
    out.push(b'"');
    if let Some(number) = sequence {
        out.extend_from_slice(b",\"sequence_number\":");
        write_number(*number, out);
        *number += 1;
    }
}

impl Events for Steps {
    fn next(&mut self, out: &mut Vec<u8>) -> bool {
        loop {
            let Some(step) = self.steps.front() else {
                return false;
            };
            match step {
                Step::Event { name, members } => {
                    open(name, self.event_lines, &mut self.sequence, out);
                    if !members.is_empty() {
                        out.push(b',');
                        out.extend_from_slice(members);
                    }
                    out.extend_from_slice(b"}\n\n");
                    self.steps.pop_front();
                }
                Step::Deltas {
                    name,
                    before,
                    after,
                    text,
                    unit,
                } => {
                    let rest = &text[self.offset..];
                    if rest.is_empty() {
                        self.offset = 0;
                        self.steps.pop_front();
                        continue;
                    }
                    let end = match (unit, self.tool_fragment) {
                        (Unit::Tokens, _) => tokens::prefix(rest, self.tokens_per_event).0,
                        (Unit::Characters, 0) => rest.len(),
                        (Unit::Characters, n) => {
                            rest.char_indices().nth(n).map_or(rest.len(), |(i, _)| i)
                        }
                    };
                    open(name, self.event_lines, &mut self.sequence, out);
                    out.push(b',');
                    out.extend_from_slice(before);
                    write_str(out, &rest[..end]);
                    out.extend_from_slice(after);
                    out.extend_from_slice(b"}\n\n");
                    self.offset += end;
                }
            }
            if self.steps.is_empty()
                && let Some(action) = self.at_end.take()
            {
                action();
            }
            return true;
        }
    }

    fn done(&self) -> bool {
        false
    }

    fn error(&mut self, shape: ErrorEvent, out: &mut Vec<u8>) {
        const MESSAGE: &str = "The model crashed while generating.";
        if shape == ErrorEvent::Text {
            out.extend_from_slice(
                format!("event: error\ndata: {{\"error\":\"{MESSAGE}\"}}\n\n").as_bytes(),
            );
            return;
        }
        let numbered = self.sequence.is_some();
        open("error", self.event_lines, &mut self.sequence, out);
        out.extend_from_slice(
            if numbered {
                format!(",\"code\":\"server_error\",\"message\":\"{MESSAGE}\",\"param\":null}}\n\n")
            } else {
                format!(",\"error\":{{\"type\":\"api_error\",\"message\":\"{MESSAGE}\"}}}}\n\n")
            }
            .as_bytes(),
        );
    }
}
