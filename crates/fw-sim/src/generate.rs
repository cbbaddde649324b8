//! What the simulated model says: a pure function of the request and the knobs.
//!
//! The rules are in the crate documentation; tests rely on them.

use crate::instance;
use crate::json::{Json, object};
use crate::knobs::{Knobs, Reasoning};
use crate::tokens;

/// Tokens of the last message that the reasoning repeats.
const REASONING_ECHO: u64 = 64;

/// The most tokens made for one request, whatever it asks; its choices share them.
pub(crate) const MAX_REPLY_TOKENS: u64 = 1_048_576;

/// A request in the words of no particular endpoint.
#[derive(Debug, Default)]
pub(crate) struct Ask<'a> {
    /// The text to answer: the last user or tool message, or the prompt.
    pub(crate) last: String,
    /// Whether that was a tool's result.
    pub(crate) from_tool: bool,
    pub(crate) tools: Vec<Tool<'a>>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel_tools: bool,
    pub(crate) format: Format<'a>,
    pub(crate) max_tokens: u64,
    pub(crate) stop: Vec<&'a str>,
    pub(crate) seed: u64,
    pub(crate) ignore_eos: bool,
    pub(crate) reasoning: bool,
    pub(crate) max_reasoning_tokens: Option<u64>,
    /// What ids are made from.
    pub(crate) identity: u64,
}

#[derive(Debug)]
pub(crate) struct Tool<'a> {
    pub(crate) name: &'a str,
    pub(crate) parameters: Option<&'a Json>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    None,
    Required,
    Named(String),
}

#[derive(Debug, Default)]
pub(crate) enum Format<'a> {
    #[default]
    Text,
    JsonObject,
    Schema(&'a Json),
}

/// One reply.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// The prompt, or its end, when the request asked for an echo. Not counted as completion.
    pub(crate) echo: String,
    pub(crate) reasoning: String,
    pub(crate) content: String,
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) finish: Finish,
    pub(crate) tokens: u64,
    pub(crate) reasoning_tokens: u64,
    /// The stop string that ended the text.
    pub(crate) stopped_by: Option<String>,
}

#[derive(Debug)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON text.
    pub(crate) arguments: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Finish {
    #[default]
    Stop,
    Length,
    ToolCalls,
}

// === impl Finish ===

impl Finish {
    pub(crate) fn chat(self) -> &'static str {
        match self {
            Finish::Stop => "stop",
            Finish::Length => "length",
            Finish::ToolCalls => "tool_calls",
        }
    }
}

// === impl Ask ===

impl Ask<'_> {
    /// The reply with that index.
    pub(crate) fn choice(&self, index: u64, knobs: &Knobs) -> Choice {
        let mut budget = self.max_tokens.clamp(1, MAX_REPLY_TOKENS);
        let mut choice = Choice::default();
        self.reason(knobs, &mut budget, &mut choice);
        let calls = if budget == 0 {
            Vec::new()
        } else {
            self.calls(index)
        };
        if calls.is_empty() {
            self.write(index, knobs, budget, &mut choice);
        } else {
            choice.finish = Finish::ToolCalls;
            choice.tokens += calls
                .iter()
                .map(|c| tokens::count(&c.name) + tokens::count(&c.arguments))
                .sum::<u64>();
            choice.tool_calls = calls;
        }
        if knobs.think_tags && !choice.reasoning.is_empty() {
            let reasoning = std::mem::take(&mut choice.reasoning);
            choice.content = format!("<think>{reasoning}</think>{}", choice.content);
        }
        choice
    }

    fn reason(&self, knobs: &Knobs, budget: &mut u64, choice: &mut Choice) {
        let text = match &knobs.reasoning {
            Reasoning::Off => return,
            Reasoning::Asked if !self.reasoning => return,
            Reasoning::Text(text) => text.clone(),
            Reasoning::Asked | Reasoning::On => {
                let (end, _) = tokens::prefix(&self.last, REASONING_ECHO);
                format!("The last message is: {}", &self.last[..end])
            }
        };
        let limit = self
            .max_reasoning_tokens
            .map_or(*budget, |max| max.min(*budget));
        let (end, taken) = tokens::prefix(&text, limit);
        choice.reasoning = text[..end].to_owned();
        choice.reasoning_tokens = taken;
        choice.tokens = taken;
        *budget -= taken;
    }

    fn calls(&self, index: u64) -> Vec<ToolCall> {
        let mut chosen: Vec<&Tool<'_>> = match &self.tool_choice {
            ToolChoice::None => return Vec::new(),
            ToolChoice::Named(name) => self
                .tools
                .iter()
                .filter(|t| t.name == name)
                .take(1)
                .collect(),
            ToolChoice::Auto | ToolChoice::Required if !self.from_tool => self
                .tools
                .iter()
                .filter(|t| self.last.contains(t.name))
                .collect(),
            ToolChoice::Auto | ToolChoice::Required => Vec::new(),
        };
        if chosen.is_empty() && self.tool_choice == ToolChoice::Required {
            chosen.extend(self.tools.first());
        }
        if !self.parallel_tools {
            chosen.truncate(1);
        }
        let call = |(i, tool): (usize, &&Tool<'_>)| {
            let id = tokens::hash_from(
                self.identity,
                format!("{index}/{i}/{}", tool.name).as_bytes(),
            );
            let arguments = tool.parameters.map_or_else(|| object! {}, instance::of);
            ToolCall {
                id: format!("call_{id:016x}"),
                name: tool.name.to_owned(),
                arguments: arguments.to_text(),
            }
        };
        chosen.iter().enumerate().map(call).collect()
    }

    fn write(&self, index: u64, knobs: &Knobs, budget: u64, choice: &mut Choice) {
        let mut text = self.natural(index, knobs, budget);
        let mut target = if self.ignore_eos {
            Some(budget)
        } else {
            knobs.reply_tokens
        };
        if let Some(target) = &mut target {
            *target = (*target).min(budget.saturating_add(1));
            self.pad(&mut text, *target);
        }
        if let Some((at, stop)) = self.first_stop(&text) {
            choice.stopped_by = Some(stop.to_owned());
            text.truncate(at);
        }
        let (end, taken) = tokens::prefix(&text, budget);
        let cut = end < text.len() || (self.ignore_eos && choice.stopped_by.is_none());
        text.truncate(end);
        if cut {
            choice.finish = Finish::Length;
            choice.stopped_by = None;
        }
        choice.tokens += taken;
        choice.content = text;
    }

    /// The text before padding and limits; at most a little more than the budget.
    fn natural(&self, index: u64, knobs: &Knobs, budget: u64) -> String {
        if let Some(reply) = &knobs.reply {
            return reply.clone();
        }
        let (end, _) = tokens::prefix(&self.last, budget);
        let said = &self.last[..end];
        let who = if self.from_tool {
            "The tool said: "
        } else {
            "You said: "
        };
        let text = if self.last.is_empty() {
            "Hello.".to_owned()
        } else {
            format!("{who}{said}")
        };
        match self.format {
            Format::Schema(schema) => instance::of(schema).to_text(),
            Format::JsonObject => object! { "reply" => text }.to_text(),
            Format::Text if index > 0 => format!("{text} (choice {index})"),
            Format::Text => text,
        }
    }

    /// Adds filler up to a number of tokens, or cuts.
    fn pad(&self, text: &mut String, target: u64) {
        let (end, have) = tokens::prefix(text, target);
        text.truncate(end);
        if have == target {
            return;
        }
        // White space at the end would join the next token.
        let trimmed = text.trim_end().len();
        let have = if trimmed < text.len() {
            text.truncate(trimmed);
            tokens::count(text)
        } else {
            have
        };
        for i in have..target {
            text.push_str(tokens::filler(self.seed.wrapping_add(i)));
        }
    }

    fn first_stop(&self, text: &str) -> Option<(usize, &str)> {
        let found = self
            .stop
            .iter()
            .filter(|s| !s.is_empty())
            .filter_map(|s| text.find(s).map(|at| (at, *s)));
        found.min_by_key(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests;
