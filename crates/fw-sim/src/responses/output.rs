//! Output items, whole and as the events of a stream.

use crate::generate::{Choice, Finish};
use crate::json::{Json, object};
use crate::steps::{Step, Unit};

/// What a response puts out.
#[derive(Debug)]
pub(super) struct Output<'a> {
    choice: &'a Choice,
    unique: u64,
    echoed: &'a [Json],
}

impl<'a> Output<'a> {
    pub(super) fn new(choice: &'a Choice, unique: u64, echoed: &'a [Json]) -> Self {
        Self {
            choice,
            unique,
            echoed,
        }
    }

    pub(super) fn status(&self) -> &'static str {
        if self.choice.finish == Finish::Length {
            "incomplete"
        } else {
            "completed"
        }
    }

    pub(super) fn incomplete(&self) -> Option<&'static str> {
        (self.choice.finish == Finish::Length).then_some("max_output_tokens")
    }

    /// All items, finished.
    pub(super) fn items(&self) -> Vec<Json> {
        let mut items = self.echoed.to_vec();
        if !self.choice.reasoning.is_empty() {
            items.push(self.reasoning(Some(&self.choice.reasoning)));
        }
        if self.choice.tool_calls.is_empty() {
            items.push(self.message(self.status(), vec![text_part(&self.choice.content)]));
        }
        for (i, call) in self.choice.tool_calls.iter().enumerate() {
            items.push(self.call(i, "completed", &call.arguments));
        }
        items
    }

    /// The events from `response.created` to the last.
    pub(super) fn steps(&self, begun: &Json, whole: &Json) -> Vec<Step> {
        let mut steps = vec![
            Step::event("response.created", &object! { "response" => begun.clone() }),
            Step::event(
                "response.in_progress",
                &object! { "response" => begun.clone() },
            ),
        ];
        let mut index = 0;
        for item in self.echoed {
            self.item(&mut steps, &mut index, item.clone(), item.clone(), |_| {
                Vec::new()
            });
        }
        if !self.choice.reasoning.is_empty() {
            let text = &self.choice.reasoning;
            let id = self.id("rs", 0);
            self.item(&mut steps, &mut index, self.reasoning(None), self.reasoning(Some(text)), |index| {
                let at = object! { "item_id" => &id, "output_index" => index, "content_index" => 0usize };
                let mut done = at.clone();
                push(&mut done, "text", Json::from(text));
                vec![
                    Step::deltas("response.reasoning_text.delta", &at, "delta", text, Unit::Tokens),
                    Step::event("response.reasoning_text.done", &done),
                ]
            });
        }
        if self.choice.tool_calls.is_empty() {
            let whole = self.message(self.status(), vec![text_part(&self.choice.content)]);
            let begun = self.message("in_progress", Vec::new());
            self.item(&mut steps, &mut index, begun, whole, |index| {
                self.text_steps(index)
            });
        }
        for (i, call) in self.choice.tool_calls.iter().enumerate() {
            let begun = self.call(i, "in_progress", "");
            let whole = self.call(i, "completed", &call.arguments);
            let id = self.id("fc", i as u64);
            self.item(&mut steps, &mut index, begun, whole, |index| {
                let at = object! { "item_id" => &id, "output_index" => index };
                let mut done = at.clone();
                push(&mut done, "arguments", Json::from(&call.arguments));
                let name = "response.function_call_arguments.delta";
                vec![
                    Step::deltas(name, &at, "delta", &call.arguments, Unit::Characters),
                    Step::event("response.function_call_arguments.done", &done),
                ]
            });
        }
        let last = match self.incomplete() {
            Some(_) => "response.incomplete",
            None => "response.completed",
        };
        steps.push(Step::event(last, &object! { "response" => whole.clone() }));
        steps
    }

    fn item(
        &self,
        steps: &mut Vec<Step>,
        index: &mut usize,
        begun: Json,
        whole: Json,
        between: impl FnOnce(usize) -> Vec<Step>,
    ) {
        steps.push(Step::event(
            "response.output_item.added",
            &object! { "output_index" => *index, "item" => begun },
        ));
        steps.extend(between(*index));
        steps.push(Step::event(
            "response.output_item.done",
            &object! { "output_index" => *index, "item" => whole },
        ));
        *index += 1;
    }

    fn text_steps(&self, index: usize) -> Vec<Step> {
        let text = &self.choice.content;
        let at = object! { "item_id" => self.id("msg", 0), "output_index" => index, "content_index" => 0usize };
        let with = |key: &str, value: Json| {
            let mut object = at.clone();
            push(&mut object, key, value);
            object
        };
        vec![
            Step::event("response.content_part.added", &with("part", text_part(""))),
            Step::deltas(
                "response.output_text.delta",
                &at,
                "delta",
                text,
                Unit::Tokens,
            ),
            Step::event("response.output_text.done", &with("text", Json::from(text))),
            Step::event("response.content_part.done", &with("part", text_part(text))),
        ]
    }

    fn message(&self, status: &str, content: Vec<Json>) -> Json {
        object! {
            "id" => self.id("msg", 0),
            "type" => "message",
            "role" => "assistant",
            "status" => status,
            "content" => content,
        }
    }

    fn reasoning(&self, text: Option<&str>) -> Json {
        let content = text.map(|text| object! { "type" => "reasoning_text", "text" => text });
        object! {
            "id" => self.id("rs", 0),
            "type" => "reasoning",
            "summary" => Vec::new(),
            "content" => content.into_iter().collect::<Vec<Json>>(),
        }
    }

    fn call(&self, index: usize, status: &str, arguments: &str) -> Json {
        let call = &self.choice.tool_calls[index];
        object! {
            "id" => self.id("fc", index as u64),
            "type" => "function_call",
            "call_id" => &call.id,
            "name" => &call.name,
            "arguments" => arguments,
            "status" => status,
        }
    }

    fn id(&self, kind: &str, index: u64) -> String {
        format!(
            "{kind}_{:016x}",
            crate::tokens::hash_from(self.unique, &index.to_le_bytes())
        )
    }
}

fn text_part(text: &str) -> Json {
    object! { "type" => "output_text", "text" => text, "annotations" => Vec::new() }
}

fn push(object: &mut Json, key: &str, value: Json) {
    if let Json::Object(members) = object {
        members.push((key.to_owned(), value));
    }
}
