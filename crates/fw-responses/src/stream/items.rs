//! Output items while they grow, and the events that tell of it.
//!
//! A message or a piece of reasoning is closed when something else begins; calls stay open to the end, because the
//! fragments of parallel calls may take turns.

use crate::object::Object;
use crate::response::head::Head;
use crate::response::output::{FunctionCall, Output, Part, Stage, Thoughts, reasoning_part};

use super::events::{At, Events};

/// The kinds of text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reasoning,
    Content,
    Refusal,
}

/// All items so far.
#[derive(Default)]
pub(super) struct Items {
    pub(super) outputs: Vec<Output>,
    /// Which of them are still open, by index.
    open: Vec<usize>,
    /// The message or reasoning that text is added to.
    current: Option<usize>,
}

// === impl Items ===

impl Items {
    /// Adds text to the item that is open for it, or begins one.
    pub(super) fn text(&mut self, kind: Kind, text: &str, head: &Head, events: &mut Events) {
        let fits = self.current.and_then(|at| self.outputs.get(at));
        let fits = match fits {
            Some(Output::Reasoning(_)) => kind == Kind::Reasoning,
            Some(Output::Message(_)) => kind != Kind::Reasoning,
            _ => false,
        };
        if !fits {
            self.close_current(head, events);
            let item = match kind {
                Kind::Reasoning => Output::Reasoning(String::new()),
                _ => Output::Message(Vec::new()),
            };
            self.current = Some(self.begin(item, head, events));
        }
        let Some(at) = self.current else { return };
        let Some(output) = self.outputs.get_mut(at) else {
            return;
        };
        let id = output.id(&head.id, at);
        match output {
            Output::Reasoning(all) => {
                let place = reasoning_place(&id, at, head.thoughts);
                if all.is_empty() {
                    reasoning_part_event("added", "", place, head.thoughts, events);
                }
                all.push_str(text);
                let name = match head.thoughts {
                    Thoughts::Content => "response.reasoning_text.delta",
                    Thoughts::Summary => "response.reasoning_summary_text.delta",
                };
                events.write(name, |event| place.write(event).text("delta", text));
            }
            Output::Message(parts) => add_to_message(parts, kind, text, &id, at, events),
            Output::Call(_) => {}
        }
    }

    /// Begins a call. Returns its index.
    pub(super) fn call(
        &mut self,
        call_id: String,
        name: String,
        head: &Head,
        events: &mut Events,
    ) -> usize {
        self.close_current(head, events);
        let call = FunctionCall {
            call_id,
            name,
            arguments: String::new(),
        };
        self.begin(Output::Call(call), head, events)
    }

    /// Adds to a call's arguments.
    pub(super) fn arguments(&mut self, at: usize, text: &str, head: &Head, events: &mut Events) {
        let Some(output) = self.outputs.get_mut(at) else {
            return;
        };
        let id = output.id(&head.id, at);
        if let Output::Call(call) = output
            && !text.is_empty()
        {
            call.arguments.push_str(text);
            events.write("response.function_call_arguments.delta", |event| {
                call_place(&id, at).write(event).text("delta", text)
            });
        }
    }

    /// Closes what is open, in order. Of a reply that is cut short the last item is too.
    pub(super) fn close_all(&mut self, cut_short: bool, head: &Head, events: &mut Events) {
        self.current = None;
        for at in std::mem::take(&mut self.open) {
            let is_last = at + 1 == self.outputs.len();
            let stage = if cut_short && is_last {
                Stage::CutShort
            } else {
                Stage::Completed
            };
            self.close(at, stage, head, events);
        }
    }

    fn begin(&mut self, output: Output, head: &Head, events: &mut Events) -> usize {
        let at = self.outputs.len();
        let json = output.json(&output.id(&head.id, at), Stage::Begun, head.thoughts);
        events.write("response.output_item.added", |event| {
            event.number("output_index", at as u64).raw("item", json)
        });
        self.outputs.push(output);
        self.open.push(at);
        at
    }

    fn close_current(&mut self, head: &Head, events: &mut Events) {
        if let Some(at) = self.current.take() {
            self.open.retain(|open| *open != at);
            self.close(at, Stage::Completed, head, events);
        }
    }

    fn close(&self, at: usize, stage: Stage, head: &Head, events: &mut Events) {
        let Some(output) = self.outputs.get(at) else {
            return;
        };
        let id = output.id(&head.id, at);
        match output {
            Output::Reasoning(text) => {
                let place = reasoning_place(&id, at, head.thoughts);
                let name = match head.thoughts {
                    Thoughts::Content => "response.reasoning_text.done",
                    Thoughts::Summary => "response.reasoning_summary_text.done",
                };
                events.write(name, |event| place.write(event).text("text", text));
                reasoning_part_event("done", text, place, head.thoughts, events);
            }
            Output::Message(parts) => close_part(parts, &id, at, events),
            Output::Call(call) => {
                events.write("response.function_call_arguments.done", |event| {
                    let event = call_place(&id, at).write(event).text("name", &call.name);
                    event.text("arguments", &call.arguments)
                });
            }
        }
        let json = output.json(&id, stage, head.thoughts);
        events.write("response.output_item.done", |event| {
            event.number("output_index", at as u64).raw("item", json)
        });
    }
}

// === parts ===

fn call_place(item_id: &str, output_index: usize) -> At<'_> {
    At {
        item_id,
        output_index,
        part: None,
    }
}

fn part_place(item_id: &str, output_index: usize, part: usize) -> At<'_> {
    At {
        part: Some(("content_index", part)),
        ..call_place(item_id, output_index)
    }
}

fn reasoning_place(item_id: &str, output_index: usize, thoughts: Thoughts) -> At<'_> {
    let name = match thoughts {
        Thoughts::Content => "content_index",
        Thoughts::Summary => "summary_index",
    };
    At {
        part: Some((name, 0)),
        ..call_place(item_id, output_index)
    }
}

fn reasoning_part_event(
    what: &str,
    text: &str,
    place: At<'_>,
    thoughts: Thoughts,
    events: &mut Events,
) {
    let name = match thoughts {
        Thoughts::Content => "content_part",
        Thoughts::Summary => "reasoning_summary_part",
    };
    events.write(&format!("response.{name}.{what}"), |event| {
        place
            .write(event)
            .raw("part", reasoning_part(text, thoughts))
    });
}

fn add_to_message(
    parts: &mut Vec<Part>,
    kind: Kind,
    text: &str,
    item_id: &str,
    output_index: usize,
    events: &mut Events,
) {
    let fits = match parts.last() {
        Some(Part::Text(_)) => kind == Kind::Content,
        Some(Part::Refusal(_)) => kind == Kind::Refusal,
        None => false,
    };
    if !fits {
        close_part(parts, item_id, output_index, events);
        let part = match kind {
            Kind::Refusal => Part::Refusal(String::new()),
            _ => Part::Text(String::new()),
        };
        let place = part_place(item_id, output_index, parts.len());
        events.write("response.content_part.added", |event| {
            place.write(event).raw("part", part.json())
        });
        parts.push(part);
    }
    let place = part_place(item_id, output_index, parts.len().saturating_sub(1));
    match parts.last_mut() {
        Some(Part::Text(all)) => {
            all.push_str(text);
            events.write("response.output_text.delta", |event| {
                place.write(event).text("delta", text).raw("logprobs", "[]")
            });
        }
        Some(Part::Refusal(all)) => {
            all.push_str(text);
            events.write("response.refusal.delta", |event| {
                place.write(event).text("delta", text)
            });
        }
        None => {}
    }
}

/// Closes the last part of a message.
fn close_part(parts: &[Part], item_id: &str, output_index: usize, events: &mut Events) {
    let Some(part) = parts.last() else { return };
    let place = part_place(item_id, output_index, parts.len() - 1);
    let (name, key, text) = match part {
        Part::Text(text) => ("response.output_text.done", "text", text),
        Part::Refusal(text) => ("response.refusal.done", "refusal", text),
    };
    events.write(name, |event| {
        let event: Object = place.write(event).text(key, text);
        match part {
            Part::Text(_) => event.raw("logprobs", "[]"),
            Part::Refusal(_) => event,
        }
    });
    events.write("response.content_part.done", |event| {
        place.write(event).raw("part", part.json())
    });
}
