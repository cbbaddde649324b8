//! Makes streams: texts, cut into deltas, interleaved, in the events of an endpoint.

use std::fmt::Write;
use std::ops::Range;

use fw_wire::Endpoint;

use super::dice::Dice;
use super::drive::Hide;
use super::{Edits, JsonText, TextFilter, Window};

/// A stream and what is to become of it.
pub(crate) struct Story {
    pub(crate) endpoint: Endpoint,
    pub(crate) lines: Vec<Line>,
    pub(crate) blocks: Vec<Block>,
    /// How often a text was cut.
    pub(crate) cuts: usize,
    /// Whether each piece of text comes with a finish reason, which so means nothing.
    pub(crate) finishes_always: bool,
}

/// One text, which a client puts together.
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) choice: usize,
    pub(crate) slot: usize,
    pub(crate) text: String,
    /// What of it is hidden, and what the whole is then.
    pub(crate) hidden: Vec<Range<usize>>,
    pub(crate) expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Content,
    Reasoning,
    Refusal,
    Arguments,
}

/// A block of the stream.
pub(crate) struct Block {
    pub(crate) bytes: String,
    /// Whether it has to leave as it came.
    pub(crate) same: bool,
}

/// What the filters of these tests write.
const WITH: &str = "[\"x\\\"]";

pub(crate) fn hide() -> Hide {
    Hide {
        brackets: true,
        with: WITH,
    }
}

const WORDS: [&str; 16] = [
    "word ", "a", " ", "12345", "123", "7", "x999", "<a b>", "<", ">", "\"", "\\", "\n", "é", "😀",
    "中文 ",
];

impl Story {
    pub(crate) fn make(endpoint: Endpoint, dice: &mut Dice) -> Self {
        let mut writer = Writer {
            dice,
            endpoint,
            blocks: Vec::new(),
            style: 0,
            numbered: false,
            number: 0,
            tokens: false,
            finish: "null",
        };
        writer.style = writer.dice.below(3);
        writer.numbered = writer.dice.one_in(3);
        writer.tokens = endpoint == Endpoint::ChatCompletions && writer.dice.one_in(3);
        let finishes_always = writer.dice.one_in(6);
        if finishes_always {
            writer.finish = "\"stop\"";
        }
        let lines = writer.lines();
        let cuts = writer.tell(&lines);
        Self {
            endpoint,
            blocks: writer.blocks,
            lines,
            cuts,
            finishes_always,
        }
    }
}

struct Writer<'a> {
    dice: &'a mut Dice,
    endpoint: Endpoint,
    blocks: Vec<Block>,
    /// How strings are spelt.
    style: usize,
    /// Whether events count, so that no two are alike but for the text.
    numbered: bool,
    number: usize,
    /// Whether content comes with log probabilities.
    tokens: bool,
    /// The finish reason of each piece of text.
    finish: &'static str,
}

impl Writer<'_> {
    fn lines(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        let choices = match self.endpoint {
            Endpoint::Messages => 1,
            _ => 1 + self.dice.below(3),
        };
        for choice in 0..choices {
            let mut kinds = Vec::new();
            match self.endpoint {
                Endpoint::Completions => kinds.push(Kind::Content),
                Endpoint::Responses => kinds.push(self.dice.pick(&[
                    Kind::Content,
                    Kind::Arguments,
                    Kind::Refusal,
                    Kind::Reasoning,
                ])),
                _ => {
                    let refusal = self.endpoint == Endpoint::ChatCompletions;
                    let all = [
                        (Kind::Reasoning, true),
                        (Kind::Content, true),
                        (Kind::Refusal, refusal),
                        (Kind::Arguments, true),
                        (Kind::Arguments, true),
                    ];
                    for (kind, possible) in all {
                        if possible && !self.dice.one_in(2) {
                            kinds.push(kind);
                        }
                    }
                }
            }
            let mut calls = 0;
            for (at, kind) in kinds.into_iter().enumerate() {
                let slot = match (self.endpoint, kind) {
                    (Endpoint::Messages, _) => at,
                    (_, Kind::Arguments) => {
                        calls += 1;
                        calls - 1
                    }
                    _ => 0,
                };
                lines.push(self.line(kind, choice, slot));
            }
        }
        lines
    }

    fn line(&mut self, kind: Kind, choice: usize, slot: usize) -> Line {
        let mut text = String::new();
        if kind == Kind::Arguments {
            text.push('{');
            for at in 0..self.dice.below(4) {
                text.push_str(if at > 0 { ", " } else { "" });
                self.string(&mut text);
                text.push(':');
                self.json(&mut text, 2);
            }
            text.push('}');
        } else {
            self.words(&mut text);
        }
        let mut edits = Edits::new();
        let window = Window::new(&text, 0, 0, true);
        let _ = if kind == Kind::Arguments {
            JsonText::new(hide()).scan(&window, &mut edits)
        } else {
            hide().scan(&window, &mut edits)
        };
        Line {
            kind,
            choice,
            slot,
            hidden: edits.iter().map(|edit| edit.range.clone()).collect(),
            expected: edits.apply(&text),
            text,
        }
    }

    fn words(&mut self, text: &mut String) {
        for _ in 0..self.dice.below(24) {
            text.push_str(self.dice.pick(&WORDS));
        }
    }

    fn json(&mut self, text: &mut String, depth: usize) {
        match self.dice.below(if depth > 0 { 6 } else { 4 }) {
            0 | 1 => self.string(text),
            2 => text.push_str(
                self.dice
                    .pick(&["0", "-12.5e3", "12345", "-987.6543", "1E100"]),
            ),
            3 => text.push_str(self.dice.pick(&["true", "null", "false"])),
            4 => {
                text.push('[');
                for at in 0..self.dice.below(3) {
                    text.push_str(if at > 0 { "," } else { " " });
                    self.json(text, depth - 1);
                }
                text.push(']');
            }
            _ => {
                text.push_str("{ ");
                self.string(text);
                text.push_str(" : ");
                self.json(text, depth - 1);
                text.push('}');
            }
        }
    }

    /// A string within the arguments.
    fn string(&mut self, text: &mut String) {
        let mut plain = String::new();
        for _ in 0..self.dice.below(6) {
            plain.push_str(self.dice.pick(&WORDS));
        }
        let style = self.dice.below(3);
        self.quote(text, &plain, style);
    }

    fn quote(&mut self, out: &mut String, text: &str, style: usize) {
        out.push('"');
        for char in text.chars() {
            let unicode = match style {
                0 => false,
                1 => !char.is_ascii(),
                _ => self.dice.one_in(6),
            };
            match char {
                _ if unicode => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        let _ = write!(out, "\\u{unit:04x}");
                    }
                }
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                _ => out.push(char),
            }
        }
        out.push('"');
    }

    fn quoted(&mut self, text: &str) -> String {
        let mut out = String::new();
        self.quote(&mut out, text, self.style);
        out
    }

    /// Writes the lines, each in pieces. Those of one choice come in order, but for tool calls, which may be
    /// mixed as those of other choices are.
    fn tell(&mut self, lines: &[Line]) -> usize {
        let mut cuts = 0;
        // How far each line is told; not begun, told up to there, over.
        let mut told: Vec<Option<usize>> = vec![None; lines.len()];
        let mut over = vec![false; lines.len()];
        let mixed = self.endpoint == Endpoint::ChatCompletions && self.dice.one_in(3);
        self.open();
        loop {
            let may_go = |at: &usize| {
                let line = &lines[*at];
                let waits_for = |(other, earlier): (&Line, &bool)| {
                    let both_calls = (line.kind, other.kind) == (Kind::Arguments, Kind::Arguments);
                    other.choice == line.choice && !earlier && !(mixed && both_calls)
                };
                !over[*at] && !lines.iter().zip(&over).take(*at).any(waits_for)
            };
            let going: Vec<usize> = (0..lines.len()).filter(may_go).collect();
            if going.is_empty() {
                break;
            }
            let at = self.dice.pick(&going);
            let line = &lines[at];
            if told[at].is_none() {
                self.begin(line);
            }
            let from = told[at].unwrap_or(0);
            let to = self.end_of_piece(&line.text, from);
            self.piece(line, from..to);
            told[at] = Some(to);
            if to < line.text.len() {
                cuts += 1;
                continue;
            }
            over[at] = true;
            self.finish(line);
            let mut rest = lines.iter().zip(&over);
            if rest.all(|(other, over)| other.choice != line.choice || *over) {
                self.finish_choice(line.choice);
            }
            if self.dice.one_in(8) {
                self.block(": keep-alive\n\n".into(), true);
            }
        }
        self.close(lines);
        cuts
    }

    fn end_of_piece(&mut self, text: &str, from: usize) -> usize {
        let length = match self.dice.below(8) {
            0 => 1,
            7 => 30 + self.dice.below(60),
            _ => 1 + self.dice.below(6),
        };
        text.ceil_char_boundary((from + length).min(text.len()))
    }

    fn block(&mut self, bytes: String, same: bool) {
        self.blocks.push(Block { bytes, same });
    }

    /// An event of one of the two kinds that have no types.
    fn chunk(&mut self, choices: &str, same: bool) {
        self.number += usize::from(self.numbered);
        let chunk = format!(
            "data: {{\"id\":\"c{}\",\"x\": [1, \"\\u0031\"],\"choices\":[{choices}],\"usage\":null}}\n\n",
            self.number
        );
        self.block(chunk, same);
    }

    /// An event with a type.
    fn typed(&mut self, kind: &str, rest: &str, same: bool) {
        self.number += 1;
        let number = if self.numbered { self.number } else { 0 };
        let event = format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"sequence_number\":{number},{rest}}}\n\n"
        );
        self.block(event, same);
    }

    fn open(&mut self) {
        match self.endpoint {
            Endpoint::Messages => {
                self.typed("message_start", "\"message\":{\"content\":[]}", true);
            }
            Endpoint::Responses => {
                self.typed("response.created", "\"response\":{\"output\":[]}", true);
            }
            _ => {}
        }
    }

    fn begin(&mut self, line: &Line) {
        let Line { choice, slot, .. } = line;
        match (self.endpoint, line.kind) {
            (Endpoint::ChatCompletions, Kind::Arguments) => {
                let call = format!(
                    "{{\"index\":{choice},\"delta\":{{\"tool_calls\":[{{\"index\":{slot},\"id\":\"call_{choice}_{slot}\",\
                     \"type\":\"function\",\"function\":{{\"name\":\"f\",\"arguments\":\"\"}}}}]}},\"finish_reason\":null}}"
                );
                self.chunk(&call, true);
            }
            (Endpoint::Messages, kind) => {
                let block = match kind {
                    Kind::Reasoning => {
                        "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"
                    }
                    Kind::Arguments => {
                        "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}"
                    }
                    _ => "{\"type\":\"text\",\"text\":\"\"}",
                };
                let rest = format!("\"index\":{slot},\"content_block\":{block}");
                self.typed("content_block_start", &rest, true);
            }
            _ => {}
        }
    }

    fn piece(&mut self, line: &Line, range: Range<usize>) {
        let Line { choice, slot, .. } = line;
        let same = !line
            .hidden
            .iter()
            .any(|hidden| hidden.start < range.end && range.start < hidden.end);
        let piece = &line.text[range];
        let text = self.quoted(piece);
        match self.endpoint {
            Endpoint::ChatCompletions => {
                let delta = match line.kind {
                    Kind::Content => format!("\"content\":{text}"),
                    Kind::Reasoning => format!("\"reasoning_content\":{text}"),
                    Kind::Refusal => format!("\"refusal\": {text}"),
                    Kind::Arguments => format!(
                        "\"tool_calls\":[{{\"index\":{slot},\"function\":{{\"arguments\":{text}}}}}]"
                    ),
                };
                let mut logprobs = String::new();
                if self.tokens && line.kind == Kind::Content && !piece.is_empty() {
                    let token = self.quoted(piece);
                    let bytes = piece.as_bytes();
                    logprobs = format!(
                        ",\"logprobs\":{{\"content\":[{{\"token\":{token},\"logprob\":-0.5,\"bytes\":{bytes:?},\"top_logprobs\":[]}}]}}"
                    );
                }
                let choice = format!(
                    "{{\"index\":{choice},\"delta\":{{{delta}}}{logprobs},\"finish_reason\":{}}}",
                    self.finish
                );
                self.chunk(&choice, same);
            }
            Endpoint::Messages => {
                let delta = match line.kind {
                    Kind::Reasoning => format!("\"type\":\"thinking_delta\",\"thinking\":{text}"),
                    Kind::Arguments => {
                        format!("\"type\":\"input_json_delta\",\"partial_json\":{text}")
                    }
                    _ => format!("\"type\":\"text_delta\",\"text\":{text}"),
                };
                let rest = format!("\"index\":{slot},\"delta\":{{{delta}}}");
                self.typed("content_block_delta", &rest, same);
            }
            Endpoint::Responses => {
                let kind = format!("response.{}.delta", response_type(line.kind));
                let rest = format!(
                    "\"item_id\":\"i{choice}\",\"output_index\":{choice},\"content_index\":0,\"delta\":{text}"
                );
                self.typed(&kind, &rest, same);
            }
            _ => {
                let choice = format!(
                    "{{\"text\":{text},\"index\":{choice},\"finish_reason\":{}}}",
                    self.finish
                );
                self.chunk(&choice, same);
            }
        }
    }

    /// Ends a line, where the endpoint says so.
    fn finish(&mut self, line: &Line) {
        let Line { choice, slot, .. } = line;
        match self.endpoint {
            Endpoint::Messages => {
                self.typed("content_block_stop", &format!("\"index\":{slot}"), true);
            }
            Endpoint::Responses => {
                let name = match line.kind {
                    Kind::Arguments => "arguments",
                    Kind::Refusal => "refusal",
                    _ => "text",
                };
                let text = self.quoted(&line.text);
                let kind = format!("response.{}.done", response_type(line.kind));
                let rest = format!(
                    "\"item_id\":\"i{choice}\",\"output_index\":{choice},\"content_index\":0,\"{name}\":{text}"
                );
                self.typed(&kind, &rest, line.hidden.is_empty());
                let item = self.item(line);
                let rest = format!("\"output_index\":{choice},\"item\":{item}");
                self.typed("response.output_item.done", &rest, line.hidden.is_empty());
            }
            _ => {}
        }
    }

    fn item(&mut self, line: &Line) -> String {
        let text = self.quoted(&line.text);
        match line.kind {
            Kind::Content => format!(
                "{{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{{\"type\":\"output_text\",\"text\":{text}}}]}}"
            ),
            Kind::Refusal => format!(
                "{{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{{\"type\":\"refusal\",\"refusal\":{text}}}]}}"
            ),
            Kind::Reasoning => format!(
                "{{\"type\":\"reasoning\",\"summary\":[],\"content\":[{{\"type\":\"reasoning_text\",\"text\":{text}}}]}}"
            ),
            Kind::Arguments => {
                format!(
                    "{{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":{text}}}"
                )
            }
        }
    }

    fn finish_choice(&mut self, choice: usize) {
        match self.endpoint {
            Endpoint::ChatCompletions => {
                let finish =
                    format!("{{\"index\":{choice},\"delta\":{{}},\"finish_reason\":\"stop\"}}");
                self.chunk(&finish, true);
            }
            Endpoint::Completions => {
                let finish =
                    format!("{{\"text\":\"\",\"index\":{choice},\"finish_reason\":\"stop\"}}");
                self.chunk(&finish, true);
            }
            _ => {}
        }
    }

    fn close(&mut self, lines: &[Line]) {
        match self.endpoint {
            Endpoint::Messages => {
                self.typed(
                    "message_delta",
                    "\"delta\":{\"stop_reason\":\"end_turn\"}",
                    true,
                );
                self.typed("message_stop", "\"x\":1", true);
            }
            Endpoint::Responses => {
                let items: Vec<String> = lines.iter().map(|line| self.item(line)).collect();
                let same = lines.iter().all(|line| line.hidden.is_empty());
                let rest = format!(
                    "\"response\":{{\"output\":[{}],\"status\":\"completed\"}}",
                    items.join(", ")
                );
                self.typed("response.completed", &rest, same);
            }
            _ => self.block("data: [DONE]\n\n".into(), true),
        }
    }
}

pub(crate) fn response_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Content => "output_text",
        Kind::Reasoning => "reasoning_text",
        Kind::Refusal => "refusal",
        Kind::Arguments => "function_call_arguments",
    }
}
