//! What the simulated model says: a pure function of the request and the knobs.
//!
//! The rules are in the crate documentation; tests rely on them.

use crate::instance;
use crate::json::{Json, object};
use crate::knobs::{Knobs, Reasoning};
use crate::tokens;

/// Tokens of the last message that the reasoning repeats.
const REASONING_ECHO: u64 = 64;

/// The most choices and tokens made for one request, whatever it asks.
const MAX_TOKENS: u64 = 1_048_576;

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
        let mut budget = self.max_tokens.clamp(1, MAX_TOKENS);
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
mod tests {
    use super::*;

    fn ask(last: &str) -> Ask<'_> {
        Ask {
            last: last.into(),
            max_tokens: 100,
            parallel_tools: true,
            ..Ask::default()
        }
    }

    #[test]
    fn the_reply_repeats_the_last_message() {
        let choice = ask("hello there").choice(0, &Knobs::default());
        assert_eq!(
            (choice.content.as_str(), choice.finish),
            ("You said: hello there", Finish::Stop)
        );
        assert_eq!(choice.tokens, tokens::count(&choice.content));
        assert_eq!(
            ask("x").choice(2, &Knobs::default()).content,
            "You said: x (choice 2)"
        );
        assert_eq!(
            Ask {
                from_tool: true,
                ..ask("7")
            }
            .choice(0, &Knobs::default())
            .content,
            "The tool said: 7"
        );
    }

    #[test]
    fn the_limit_cuts_at_a_token() {
        let choice = Ask {
            max_tokens: 4,
            ..ask("hello there")
        }
        .choice(0, &Knobs::default());
        assert_eq!(
            (choice.content.as_str(), choice.finish, choice.tokens),
            ("You said: hello", Finish::Length, 4)
        );
    }

    #[test]
    fn ignore_eos_fills_the_limit() {
        let choice = Ask {
            ignore_eos: true,
            max_tokens: 50,
            ..ask("x ")
        }
        .choice(0, &Knobs::default());
        assert_eq!(
            (tokens::count(&choice.content), choice.tokens, choice.finish),
            (50, 50, Finish::Length)
        );
    }

    #[test]
    fn a_stop_string_is_not_part_of_the_text() {
        let choice = Ask {
            stop: vec!["there", "said"],
            ..ask("hello there")
        }
        .choice(0, &Knobs::default());
        assert_eq!(
            (choice.content.as_str(), choice.finish),
            ("You ", Finish::Stop)
        );
        assert_eq!(choice.stopped_by.as_deref(), Some("said"));
    }

    #[test]
    fn reply_tokens_pads_and_cuts() {
        for n in [1, 3, 40] {
            let knobs = Knobs {
                reply_tokens: Some(n),
                ..Knobs::default()
            };
            let choice = ask("hello").choice(0, &knobs);
            assert_eq!((choice.tokens, choice.finish), (n, Finish::Stop));
        }
    }

    #[test]
    fn reasoning_counts_against_the_limit() {
        let ask = Ask {
            reasoning: true,
            max_tokens: 3,
            ..ask("hello")
        };
        let choice = ask.choice(0, &Knobs::default());
        assert_eq!(
            (choice.reasoning.as_str(), choice.content.as_str()),
            ("The last messag", "")
        );
        assert_eq!(
            (choice.finish, choice.reasoning_tokens),
            (Finish::Length, 3)
        );
    }

    #[test]
    fn a_message_that_names_tools_calls_them() {
        let tools = || {
            vec![
                Tool {
                    name: "get_time",
                    parameters: None,
                },
                Tool {
                    name: "get_weather",
                    parameters: None,
                },
            ]
        };
        let both = Ask {
            tools: tools(),
            ..ask("get_weather and get_time please")
        }
        .choice(0, &Knobs::default());
        let names: Vec<&str> = both.tool_calls.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            (names, both.finish),
            (vec!["get_time", "get_weather"], Finish::ToolCalls)
        );
        assert_ne!(both.tool_calls[0].id, both.tool_calls[1].id);

        let none = Ask {
            tools: tools(),
            tool_choice: ToolChoice::None,
            ..ask("get_time")
        };
        assert!(none.choice(0, &Knobs::default()).tool_calls.is_empty());
        let required = Ask {
            tools: tools(),
            tool_choice: ToolChoice::Required,
            ..ask("hi")
        };
        assert_eq!(
            required.choice(0, &Knobs::default()).tool_calls[0].name,
            "get_time"
        );
        let named = Ask {
            tools: tools(),
            tool_choice: ToolChoice::Named("get_weather".into()),
            ..ask("hi")
        };
        assert_eq!(
            named.choice(0, &Knobs::default()).tool_calls[0].name,
            "get_weather"
        );
        let single = Ask {
            tools: tools(),
            parallel_tools: false,
            ..ask("get_weather and get_time")
        };
        assert_eq!(single.choice(0, &Knobs::default()).tool_calls.len(), 1);
    }
}
