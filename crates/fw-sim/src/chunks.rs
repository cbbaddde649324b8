//! The event stream of chat and text completions.
//!
//! What does not change from chunk to chunk is rendered once.

use crate::generate::Choice;
use crate::json::{write_str, write_str_contents};
use crate::knobs::{Knobs, UsageLayout};
use crate::logprobs::Logprobs;
use crate::stream::Events;
use crate::tokens;
use crate::usage::Usage;

/// Which of the two endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Chat,
    Text,
}

/// What a stream needs beside its choices.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) style: Style,
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
    pub(crate) include_usage: bool,
    pub(crate) logprobs: Logprobs,
    pub(crate) usage: Usage,
    /// `,"perf_metrics":{…}` for the last chunk.
    pub(crate) perf_metrics: Vec<u8>,
    /// Ids for the first chunk; token ids on every chunk then.
    pub(crate) prompt_token_ids: Option<Vec<u64>>,
}

/// The events of one reply.
#[derive(Debug)]
pub(crate) struct Chunks {
    style: Style,
    prefix: Vec<u8>,
    suffix: &'static [u8],
    usage: Vec<u8>,
    layout: UsageLayout,
    usage_chunk: bool,
    usage_choices: bool,
    perf_metrics: Vec<u8>,
    prompt_token_ids: Option<Vec<u64>>,
    token_ids: bool,
    logprobs: Logprobs,
    tokens_per_event: usize,
    tool_fragment: usize,
    tool_index: bool,
    voices: Vec<Voice>,
    turn: usize,
}

/// One choice, and how much of it was sent.
#[derive(Debug)]
struct Voice {
    choice: Choice,
    at: At,
    offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Role,
    Echo,
    Reasoning,
    Content,
    Tool(usize),
    Finish,
    Done,
}

// === impl Chunks ===

impl Chunks {
    pub(crate) fn new(header: Header, choices: Vec<Choice>, knobs: &Knobs) -> Self {
        let object = match header.style {
            Style::Chat => "chat.completion.chunk",
            Style::Text => "text_completion",
        };
        let mut prefix = b"data: {\"id\":".to_vec();
        write_str(&mut prefix, &header.id);
        prefix.extend_from_slice(
            format!(
                ",\"object\":\"{object}\",\"created\":{},\"model\":",
                header.created
            )
            .as_bytes(),
        );
        write_str(&mut prefix, &header.model);
        let mut usage = Vec::new();
        header.usage.write(&mut usage);
        let layout = knobs.usage_layout;
        let first = match header.style {
            Style::Chat => At::Role,
            Style::Text => At::Echo,
        };
        Self {
            style: header.style,
            prefix,
            suffix: match layout {
                UsageLayout::A | UsageLayout::Both => b",\"usage\":null}\n\n",
                UsageLayout::B | UsageLayout::C => b"}\n\n",
            },
            usage,
            layout,
            usage_chunk: header.include_usage
                && matches!(layout, UsageLayout::B | UsageLayout::Both),
            usage_choices: knobs.usage_choices,
            perf_metrics: header.perf_metrics,
            token_ids: header.prompt_token_ids.is_some(),
            prompt_token_ids: header.prompt_token_ids,
            logprobs: header.logprobs,
            tokens_per_event: knobs.tokens_per_event as usize,
            tool_fragment: knobs.tool_fragment as usize,
            tool_index: knobs.tool_index,
            voices: choices
                .into_iter()
                .map(|choice| Voice {
                    choice,
                    at: first,
                    offset: 0,
                })
                .collect(),
            turn: 0,
        }
    }

    /// The choice whose turn it is: choices take turns, event by event.
    fn next_voice(&mut self) -> Option<usize> {
        let count = self.voices.len();
        let next = (0..count)
            .map(|i| (self.turn + i) % count)
            .find(|i| self.voices[*i].at != At::Done)?;
        self.turn = next + 1;
        Some(next)
    }

    fn write_delta(&mut self, index: usize, out: &mut Vec<u8>) {
        let voice = &mut self.voices[index];
        voice.skip_empty();
        match voice.at {
            At::Role => {
                out.extend_from_slice(b"{\"role\":\"assistant\"}");
                voice.to(At::Echo);
            }
            At::Echo => {
                out.extend_from_slice(b"{\"content\":");
                write_str(out, &voice.choice.echo);
                out.push(b'}');
                voice.to(At::Reasoning);
            }
            At::Reasoning | At::Content => {
                out.extend_from_slice(match voice.at {
                    At::Reasoning => b"{\"reasoning_content\":".as_slice(),
                    _ => b"{\"content\":",
                });
                let text = voice.take(self.tokens_per_event);
                write_str(out, text);
                out.push(b'}');
            }
            At::Tool(call) => voice.write_tool(call, self.tool_fragment, self.tool_index, out),
            At::Finish | At::Done => {
                out.extend_from_slice(b"{}");
                voice.to(At::Done);
            }
        }
    }

    fn write_text(&mut self, index: usize, out: &mut Vec<u8>) {
        let voice = &mut self.voices[index];
        voice.skip_empty();
        match voice.at {
            At::Echo => {
                write_str(out, &voice.choice.echo);
                voice.to(At::Content);
            }
            At::Content => {
                let text = voice.take(self.tokens_per_event);
                write_str(out, text);
            }
            _ => {
                out.extend_from_slice(b"\"\"");
                voice.to(At::Done);
            }
        }
    }

    /// Appends log probabilities and token ids of what the event held.
    fn write_details(&self, index: usize, from: usize, out: &mut Vec<u8>) {
        let voice = &self.voices[index];
        let text = voice.choice.content.get(from..voice.offset).unwrap_or("");
        if self.logprobs != Logprobs::None && !text.is_empty() {
            out.extend_from_slice(b",\"logprobs\":");
            self.logprobs.write(text, from, out);
        } else if self.style == Style::Text {
            out.extend_from_slice(b",\"logprobs\":null");
        }
        if self.token_ids {
            out.extend_from_slice(b",\"token_ids\":");
            write_ids(tokens::tokens(text).map(tokens::id), out);
        }
    }
}

impl Events for Chunks {
    fn next(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(index) = self.next_voice() else {
            if !self.usage_chunk {
                return false;
            }
            self.usage_chunk = false;
            out.extend_from_slice(&self.prefix);
            if self.usage_choices {
                out.extend_from_slice(b",\"choices\":[]");
            }
            out.extend_from_slice(b",\"usage\":");
            out.extend_from_slice(&self.usage);
            out.extend_from_slice(b"}\n\n");
            return true;
        };
        out.extend_from_slice(&self.prefix);
        if let Some(ids) = self.prompt_token_ids.take() {
            out.extend_from_slice(b",\"prompt_token_ids\":");
            write_ids(ids.into_iter(), out);
        }
        out.extend_from_slice(b",\"choices\":[{\"index\":");
        write_number(index as u64, out);
        // Content moves the offset from here to its end.
        self.voices[index].skip_empty();
        let from = match self.voices[index].at {
            At::Content => self.voices[index].offset,
            _ => usize::MAX,
        };
        match self.style {
            Style::Chat => {
                out.extend_from_slice(b",\"delta\":");
                self.write_delta(index, out);
            }
            Style::Text => {
                out.extend_from_slice(b",\"text\":");
                self.write_text(index, out);
            }
        }
        let finished = self.voices[index].at == At::Done;
        if self.logprobs != Logprobs::None || self.token_ids || self.style == Style::Text {
            self.write_details(index, from, out);
        }
        if !finished {
            out.extend_from_slice(b",\"finish_reason\":null}]");
            out.extend_from_slice(self.suffix);
            return true;
        }
        out.extend_from_slice(b",\"finish_reason\":\"");
        out.extend_from_slice(self.voices[index].choice.finish.chat().as_bytes());
        out.extend_from_slice(b"\"}]");
        if self.voices.iter().all(|v| v.at == At::Done) {
            out.extend_from_slice(&self.perf_metrics);
            if matches!(self.layout, UsageLayout::A | UsageLayout::Both) {
                out.extend_from_slice(b",\"usage\":");
                out.extend_from_slice(&self.usage);
            }
            out.extend_from_slice(b"}\n\n");
        } else {
            out.extend_from_slice(self.suffix);
        }
        true
    }
}

// === impl Voice ===

impl Voice {
    fn to(&mut self, at: At) {
        self.at = at;
        self.offset = 0;
    }

    /// Moves on from parts that have nothing (more) to send.
    fn skip_empty(&mut self) {
        loop {
            let next = match self.at {
                At::Echo if self.choice.echo.is_empty() => At::Reasoning,
                At::Reasoning if self.offset >= self.choice.reasoning.len() => At::Content,
                At::Content if self.offset >= self.choice.content.len() => At::Tool(0),
                At::Tool(call) if call >= self.choice.tool_calls.len() => At::Finish,
                _ => return,
            };
            self.to(next);
        }
    }

    /// The next few tokens of the text that is being sent.
    fn take(&mut self, tokens: usize) -> &str {
        let text = match self.at {
            At::Reasoning => &self.choice.reasoning,
            _ => &self.choice.content,
        };
        let rest = &text[self.offset..];
        let (end, _) = tokens::prefix(rest, tokens as u64);
        self.offset += end;
        &rest[..end]
    }

    fn write_tool(&mut self, index: usize, fragment: usize, numbered: bool, out: &mut Vec<u8>) {
        let call = &self.choice.tool_calls[index];
        out.extend_from_slice(b"{\"tool_calls\":[{");
        if numbered {
            out.extend_from_slice(b"\"index\":");
            write_number(index as u64, out);
            out.push(b',');
        }
        // The first delta names the call; its arguments are empty unless they come whole.
        let first = self.offset == 0;
        if first {
            out.extend_from_slice(b"\"id\":");
            write_str(out, &call.id);
            out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":");
            write_str(out, &call.name);
            out.push(b',');
        } else {
            out.extend_from_slice(b"\"function\":{");
        }
        out.extend_from_slice(b"\"arguments\":\"");
        // Offset 1 is the start of the arguments: 0 says that the name is still to come.
        let sent = self.offset.saturating_sub(1);
        let rest = &call.arguments[sent..];
        let end = match (first, fragment) {
            (_, 0) => rest.len(),
            (true, _) => 0,
            (false, n) => rest.char_indices().nth(n).map_or(rest.len(), |(i, _)| i),
        };
        write_str_contents(out, &rest[..end]);
        out.extend_from_slice(b"\"}}]}");
        if sent + end >= call.arguments.len() {
            self.to(At::Tool(index + 1));
        } else {
            self.offset = 1 + sent + end;
        }
    }
}

/// Appends a JSON array of ids.
pub(crate) fn write_ids(ids: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, id) in ids.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_number(id, out);
    }
    out.push(b']');
}

/// Appends a number in decimal.
pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
